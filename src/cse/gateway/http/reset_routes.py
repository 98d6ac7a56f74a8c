"""POST /api/auth/password-reset and .../confirm: a new password for who forgot the old one."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cse.core.errors import Unavailable
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.operations import Call, Operation
from cse.gateway.limits import RouteClass
from cse.gateway.order_entry import Answer
from cse.gateway.problems import invalid
from cse.gateway.requests import decode
from cse.users.errors import InvalidField
from cse.users.model import Guarded
from cse.users.password_reset import PasswordReset

TAG: Final = "people"


class PasswordResetRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose password."""

    email: Annotated[str, Meta(max_length=254, examples=["ada@example.com"])]


class PasswordResetConfirm(Guarded, frozen=True, forbid_unknown_fields=True):
    """The link's token, and the password that is to be."""

    token: Annotated[str, Meta(min_length=1, max_length=128)]
    password: Annotated[str, Meta(min_length=10, max_length=1024)]


class PasswordResetAsked(msgspec.Struct, frozen=True):
    """If the address is registered, a letter is on its way."""

    accepted: bool = True


class PasswordSet(msgspec.Struct, frozen=True):
    """The new password is good from now on."""

    changed: bool = True


class ResetCalls:
    """The two calls; both paid as log-ins are."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the user service."""
        self._deps = deps

    async def ask(self, call: Call) -> Answer:
        """Send a link to an address. The answer is the same, at the same time, whether it is registered or not.

        A link is good once and for 30 minutes; a person gets three within an hour at most.
        """
        asked = decode(PasswordResetRequest, call.body)
        reset = await self._admit(call)
        try:
            reset.ask(asked.email)
        except InvalidField as error:
            raise invalid({error.field: error.reason}) from error
        return Answer(202, msgspec.json.encode(PasswordResetAsked()))

    async def confirm(self, call: Call) -> Answer:
        """Set a new password with a link's token. All sessions and all other links end; API keys do not.

        Whoever has an authenticator still needs it to log in.
        """
        asked = decode(PasswordResetConfirm, call.body)
        reset = await self._admit(call)
        try:
            await reset.confirm(asked.token, asked.password)
        except InvalidField as error:
            raise invalid({error.field: error.reason}) from error
        return Answer(200, msgspec.json.encode(PasswordSet()))

    async def _admit(self, call: Call) -> PasswordReset:
        verdict = await self._deps.limiter.take(RouteClass.AUTH, call.caller.address)
        if not verdict.allowed:
            raise verdict.problem()
        reset = self._deps.users.password_reset
        if reset is None:
            raise Unavailable("This exchange sends no mails.")
        return reset


def reset_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about a forgotten password."""
    calls = ResetCalls(deps)
    return [
        Operation(
            "POST",
            "/api/auth/password-reset",
            calls.ask,
            "Ask for a link that resets a password",
            TAG,
            PasswordResetAsked,
            Need.NOBODY,
            body=PasswordResetRequest,
            status=202,
        ),
        Operation(
            "POST",
            "/api/auth/password-reset/confirm",
            calls.confirm,
            "Set a new password with a link's token",
            TAG,
            PasswordSet,
            Need.NOBODY,
            body=PasswordResetConfirm,
        ),
    ]
