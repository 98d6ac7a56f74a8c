"""POST /api/auth/password: a logged-in person changes their password."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.auth_routes import refusals
from cse.gateway.http.operations import Call, Operation
from cse.gateway.limits import RouteClass
from cse.gateway.order_entry import Answer
from cse.gateway.problems import ApiProblem
from cse.gateway.requests import decode
from cse.users.errors import UnknownUser, WrongCredentials
from cse.users.password_change import ChangedBy

TAG: Final = "people"


class PasswordChangeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password that is, and the one that is to be."""

    old_password: Annotated[str, Meta(max_length=1024)]
    new_password: Annotated[str, Meta(min_length=10, max_length=1024)]
    """Any 10 to 1,024 characters that are not among the first guesses, and not the old ones."""

    def __repr__(self) -> str:
        return "PasswordChangeRequest(...)"


class PasswordChanged(msgspec.Struct, frozen=True):
    """The new password is good from now on."""

    changed: bool = True


class PasswordCalls:
    """The one call."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the user service."""
        self._deps = deps

    async def change(self, call: Call) -> Answer:
        """Change the own password. All other sessions end within a second; the one that asks goes on.

        A wrong old password counts as a failed log-in does, together with those. API keys are not touched.
        """
        asked = decode(PasswordChangeRequest, call.body)
        verdict = await self._deps.limiter.take(RouteClass.AUTH, call.caller.address)
        if not verdict.allowed:
            raise verdict.problem()
        who = ChangedBy(call.caller.user_id, call.caller.session_id, call.caller.address)
        with refusals(), _own_refusals():
            await self._deps.users.password_change.change(
                who, asked.old_password, asked.new_password
            )
        return Answer(200, msgspec.json.encode(PasswordChanged()))


def password_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the call about the own password."""
    return [
        Operation(
            "POST",
            "/api/auth/password",
            PasswordCalls(deps).change,
            "Change the own password",
            TAG,
            PasswordChanged,
            Need.READ,
            body=PasswordChangeRequest,
        )
    ]


@contextmanager
def _own_refusals() -> Iterator[None]:
    """Tell of a wrong password in a session as everywhere: 403, since clients renew their tokens after a 401."""
    try:
        yield
    except WrongCredentials as error:
        raise ApiProblem(403, "wrong_proof", "The old password is wrong.") from error
    except UnknownUser as error:
        raise ApiProblem(401, "invalid_token", str(error)) from error
