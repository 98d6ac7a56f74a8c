"""Proofs of e-mail addresses and their change: /api/auth/verify-email and /api/auth/email."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.auth_routes import refusals
from cse.gateway.http.operations import Call, Operation
from cse.gateway.limits import RouteClass
from cse.gateway.order_entry import Answer
from cse.gateway.problems import ApiProblem
from cse.gateway.requests import decode
from cse.gateway.schemas import TimeMs
from cse.users.errors import UnknownUser
from cse.users.identity import HANDLE_LENGTH, MAX_EMAIL_LENGTH
from cse.users.model import Guarded, User
from cse.users.registration.model import TooManyLetters

TAG: Final = "people"
REGISTRATION_CODES: Final[dict[str, tuple[int, str]]] = {
    "email_not_verified": (403, "Verify your e-mail address first; ask for a link."),
    "too_many_letters": (429, "You asked for too many letters; wait as Retry-After says."),
}
"""Codes of these calls besides AUTH_CODES and problems.EDGE_CODES: status and meaning."""

Token = Annotated[str, Meta(min_length=1, max_length=128)]
Email = Annotated[str, Meta(max_length=MAX_EMAIL_LENGTH, examples=["ada@example.com"])]
_HANDLE: Final = Meta(
    min_length=HANDLE_LENGTH[0],
    max_length=HANDLE_LENGTH[1],
    pattern="^[A-Za-z][A-Za-z0-9_]*$",
    examples=["ada"],
)


class EmailProof(Guarded, frozen=True, forbid_unknown_fields=True):
    """A link's token."""

    token: Token
    password: Annotated[str, Meta(max_length=1024)] | None = None
    """The one that was chosen at the registration; not needed by accounts that are there already."""
    handle: Annotated[str, _HANDLE] | None = None
    """In the place of the one that was asked for, if somebody else took that meanwhile."""


class EmailChangeProof(Guarded, frozen=True, forbid_unknown_fields=True):
    """A link's token."""

    token: Token


class AddressRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address."""

    email: Email


class LetterAsked(msgspec.Struct, frozen=True):
    """If there is anything to write to the address, a letter is on its way."""

    accepted: bool = True


class ProvedUser(msgspec.Struct, frozen=True):
    """Whose address was proved."""

    id: int
    email: str
    handle: str
    account_id: int
    """The account that orders are placed on and money is booked to."""


class ProvedAnswer(msgspec.Struct, frozen=True):
    """The answer to a proof."""

    user: ProvedUser


class OwnEmail(msgspec.Struct, frozen=True):
    """The own address."""

    email: str
    email_verified: bool
    verified_at: TimeMs | None
    """Null: not yet."""


class RegistrationCalls:
    """All calls that take a letter or cause one are paid as log-ins are."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the concerns."""
        self._deps = deps

    async def verify(self, call: Call) -> Answer:
        """Take the token of a letter: it makes the account (201), or notes the proof of one that is there (200).

        A token is good once and for 24 hours. A registration takes its password, too: who was only written to must
        not open an account that a stranger asked for. If the handle became somebody's meanwhile (409
        `handle_taken`), send the same again with another `handle`.
        """
        asked = decode(EmailProof, call.body)
        await self._charge(call)
        with refusals():
            proved = await served(self._deps.concerns.registration).verify(
                asked.token, asked.password, asked.handle
            )
        user = proved.user
        shown = ProvedUser(user.user_id, user.email, user.handle, user.account_id)
        return Answer(201 if proved.is_new else 200, msgspec.json.encode(ProvedAnswer(shown)))

    async def resend(self, call: Call) -> Answer:
        """Send another link to an address that waits for its proof. The answer is the same, at the same time, for all.

        An address gets three letters with links within an hour at most.
        """
        asked = decode(AddressRequest, call.body)
        await self._charge(call)
        with refusals():
            served(self._deps.concerns.registration).ask_again(asked.email)
        return Answer(202, msgspec.json.encode(LetterAsked()))

    async def own(self, call: Call) -> Answer:
        """Return the own address and whether it was proved."""
        with _own_refusals():
            user = await served(self._deps.concerns.registration).person(call.caller.user_id)
        return Answer(200, msgspec.json.encode(_own(user)))

    async def ask_change(self, call: Call) -> Answer:
        """Ask for another address: it gets a link, the old one a notice. Whose the new one is is not told.

        The address stays what it is until the link is used. Three times within an hour at most.
        """
        asked = decode(AddressRequest, call.body)
        await self._charge(call)
        with refusals(), _own_refusals():
            await served(self._deps.concerns.email_change).ask(
                call.caller.user_id, call.caller.session_id, asked.email
            )
        return Answer(202, msgspec.json.encode(LetterAsked()))

    async def confirm_change(self, call: Call) -> Answer:
        """Change the address with a letter's token. All other links end, and all sessions but the one that asked.

        A token is good once, for 24 hours, and as long as that session goes on. Both addresses are told.
        """
        asked = decode(EmailChangeProof, call.body)
        await self._charge(call)
        with refusals():
            user = await served(self._deps.concerns.email_change).confirm(asked.token)
        return Answer(200, msgspec.json.encode(_own(user)))

    async def _charge(self, call: Call) -> None:
        verdict = await self._deps.limiter.take(RouteClass.AUTH, call.caller.address)
        if not verdict.allowed:
            raise verdict.problem()


def registration_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about own addresses; registration itself is in `auth_routes`."""
    calls = RegistrationCalls(deps)
    return [
        Operation(
            "POST",
            "/api/auth/verify-email",
            calls.verify,
            "Prove an e-mail address with a letter's token",
            TAG,
            ProvedAnswer,
            Need.NOBODY,
            body=EmailProof,
            statuses=(409,),
            also={201: "The account begins now."},
        ),
        Operation(
            "POST",
            "/api/auth/verify-email/resend",
            calls.resend,
            "Ask for another letter",
            TAG,
            LetterAsked,
            Need.NOBODY,
            body=AddressRequest,
            status=202,
        ),
        Operation(
            "GET", "/api/auth/email", calls.own, "The own e-mail address", TAG, OwnEmail, Need.READ
        ),
        Operation(
            "POST",
            "/api/auth/email",
            calls.ask_change,
            "Ask for another e-mail address",
            TAG,
            LetterAsked,
            Need.READ,
            body=AddressRequest,
            status=202,
        ),
        Operation(
            "POST",
            "/api/auth/email/confirm",
            calls.confirm_change,
            "Change the e-mail address with a letter's token",
            TAG,
            OwnEmail,
            Need.NOBODY,
            body=EmailChangeProof,
            statuses=(409,),
        ),
    ]


def _own(user: User) -> OwnEmail:
    return OwnEmail(user.email, user.verified_at is not None, user.verified_at)


@contextmanager
def _own_refusals() -> Iterator[None]:
    """Tell of what only people who are logged in are told."""
    try:
        yield
    except UnknownUser as error:
        raise ApiProblem(401, "invalid_token", str(error)) from error
    except TooManyLetters as error:
        raise ApiProblem(
            429,
            "too_many_letters",
            str(error),
            retryable=True,
            headers={"Retry-After": str(error.retry_after_ms // 1_000)},
        ) from error
