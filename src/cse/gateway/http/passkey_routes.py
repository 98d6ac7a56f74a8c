"""/api/auth/passkeys: passkeys (WebAuthn) that people make, name, remove and log in with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.auth_routes import refusals
from cse.gateway.http.operations import Call, Operation
from cse.gateway.http.passkey_json import (
    AssertionJson,
    AttestationJson,
    Options,
    PasskeyJson,
    passkey_json,
)
from cse.gateway.http.session_cookie import session_cookies
from cse.gateway.limits import RouteClass
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import ApiProblem, edge_problem, not_found
from cse.gateway.requests import decode
from cse.users.audit import origin
from cse.users.devices import Device, printable
from cse.users.errors import UnknownUser
from cse.users.factor_errors import WrongProof
from cse.users.model import Guarded
from cse.users.passkeys.desk import PasskeyDesk
from cse.users.passkeys.errors import (
    LastFactor,
    PasskeyKnown,
    PasskeyRefused,
    TooManyPasskeys,
)
from cse.users.passkeys.service import MAX_LABEL_LENGTH

TAG: Final = "people"
PASSKEY_CODES: Final[dict[str, tuple[int, str]]] = {
    "wrong_passkey": (401, "The passkey was not accepted; ask for new options and try again."),
    "passkey_refused": (400, "The new passkey was not accepted; ask for new options, try again."),
    "passkey_known": (409, "This passkey is registered already."),
    "too_many_passkeys": (409, "There are as many passkeys as one may have; remove one."),
    "last_factor": (409, "It is the last second factor; removing it takes the password, too."),
}
"""Codes of these calls besides problems.EDGE_CODES: status and meaning."""
_PATH: Final = "/api/auth/passkeys"
_ID: Final = {"passkey_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"}}

Label = Annotated[str, Meta(min_length=1, max_length=MAX_LABEL_LENGTH, examples=["My phone"])]


class PasskeyRequest(Guarded, frozen=True, forbid_unknown_fields=True):
    """A passkey that a browser made."""

    credential: AttestationJson
    label: Label


class PasskeyRename(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What you call it."""

    label: Label


class PasskeyRemoval(Guarded, frozen=True, forbid_unknown_fields=True):
    """Who removes their last second factor."""

    password: Annotated[str, Meta(max_length=1024)]


class PasskeyLogIn(Guarded, frozen=True, forbid_unknown_fields=True):
    """Somebody's passkey, used for options of this log-in."""

    credential: AssertionJson


class PasskeyOptions(msgspec.Struct, frozen=True):
    """What a browser takes; good for five minutes, once."""

    public_key: Options
    """For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`."""


class PasskeyAnswer(msgspec.Struct, frozen=True):
    """One passkey."""

    passkey: PasskeyJson


class NewPasskeyAnswer(Guarded, frozen=True):
    """A passkey that was added."""

    passkey: PasskeyJson
    recovery_codes: list[str] | None
    """Ten codes, each good once, shown here only. Null: the account had a second factor, and its codes, before."""


class PasskeyList(msgspec.Struct, frozen=True):
    """All own passkeys, oldest first: never more than 20, so there are no pages."""

    passkeys: list[PasskeyJson]


class PasskeyTokens(Guarded, frozen=True, kw_only=True):
    """A fresh pair of tokens."""

    access_token: str
    refresh_token: str | msgspec.UnsetType = msgspec.UNSET
    """Not for the web app (`X-CSE-Client: web`): it gets a cookie."""
    expires_in: int
    """Seconds."""


class PasskeyCalls:
    """Passkeys over HTTP. Own ones are for people who logged in, never for API keys."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the user service."""
        self._deps = deps
        self._cookies = session_cookies(deps)

    async def registration_options(self, call: Call) -> Answer:
        """Return what `navigator.credentials.create()` takes, for this session and the next five minutes.

        The passkey is to be discoverable, and its authenticator is to verify who uses it; no attestation is asked for.
        """
        with _refusals():
            made = await self._desk.own.registration_options(_person(call), call.caller.session_id)
        return _options(made)

    async def add(self, call: Call) -> Answer:
        """Add a passkey that was made for options of this session; log-ins ask for a second factor from now on.

        The first second factor of an account brings ten recovery codes, which are shown once.
        """
        asked = decode(PasskeyRequest, call.body)
        with _refusals():
            passkey, codes = await self._desk.own.add(
                _person(call), call.caller.session_id, asked.credential.parsed(), asked.label
            )
        return Answer(201, encode(NewPasskeyAnswer(passkey_json(passkey), codes)))

    async def all(self, call: Call) -> Answer:
        """Return all own passkeys, oldest first."""
        found = await self._desk.own.of(_person(call))
        return Answer(200, encode(PasskeyList([passkey_json(each) for each in found])))

    async def rename(self, call: Call) -> Answer:
        """Give an own passkey another label."""
        label = decode(PasskeyRename, call.body).label
        with _refusals():
            passkey = await self._desk.own.rename(_person(call), call.path["passkey_id"], label)
        if passkey is None:
            raise not_found("passkey")
        return Answer(200, encode(PasskeyAnswer(passkey_json(passkey))))

    async def remove(self, call: Call) -> Answer:
        """Remove an own passkey for good; a letter tells of it. The last second factor is 409 `last_factor`."""
        return await self._removed(call, None)

    async def remove_last(self, call: Call) -> Answer:
        """Remove an own passkey that is the last second factor, with the password; recovery codes go with it."""
        return await self._removed(call, decode(PasskeyRemoval, call.body).password)

    async def step_up_options(self, call: Call) -> Answer:
        """Return what `navigator.credentials.get()` takes, for a proof in this session (POST /api/auth/step-up)."""
        own = self._desk.own
        return _options(await own.step_up_options(_person(call), call.caller.session_id))

    async def log_in_options(self, call: Call) -> Answer:
        """Return what `navigator.credentials.get()` takes, for whoever has a passkey of the exchange."""
        desk = await self._admit(call)
        return _options(await desk.log_ins.options())

    async def log_in(self, call: Call) -> Answer:
        """Log in with a passkey alone. What was wrong with one that is not accepted is not told."""
        desk = await self._admit(call)
        self._cookies.is_browser(call.context)
        used = decode(PasskeyLogIn, call.body).credential.parsed()
        user_agent = printable(call.context.headers.get(b"user-agent"))
        try:
            with refusals():
                pair = await desk.log_ins.log_in(used, Device(origin.get().ip, user_agent))
        except PasskeyRefused as error:
            raise ApiProblem(401, "wrong_passkey", str(error)) from error
        tokens = PasskeyTokens(
            access_token=pair.access_token,
            refresh_token=self._cookies.given_out(call.context, pair) or msgspec.UNSET,
            expires_in=pair.expires_in,
        )
        return Answer(200, encode(tokens))

    async def _removed(self, call: Call, password: str | None) -> Answer:
        with _refusals():
            gone = await self._desk.own.remove(_person(call), call.path["passkey_id"], password)
        if gone is None:
            raise not_found("passkey")
        return Answer(200, encode(PasskeyAnswer(passkey_json(gone))))

    async def _admit(self, call: Call) -> PasskeyDesk:
        """Let log-ins pay as all log-ins do."""
        verdict = await self._deps.limiter.take(RouteClass.AUTH, call.caller.address)
        if not verdict.allowed:
            raise verdict.problem()
        return self._desk

    @property
    def _desk(self) -> PasskeyDesk:
        desk = self._deps.concerns.passkeys
        if desk is None:
            why = "This exchange has no passkeys: passkeys.rp_id and passkeys.origins are not set."
            raise edge_problem("unavailable", why)
        return desk


def passkey_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about passkeys; those of `http.step_up` are not guarded yet. Fixed paths come first."""
    calls = PasskeyCalls(deps)
    return [*_log_ins(calls), *_own(calls)]


def _log_ins(calls: PasskeyCalls) -> list[Operation]:
    return [
        Operation(
            "POST",
            f"{_PATH}/login/options",
            calls.log_in_options,
            "Begin to log in with a passkey",
            TAG,
            PasskeyOptions,
        ),
        Operation(
            "POST",
            f"{_PATH}/login",
            calls.log_in,
            "Log in with a passkey",
            TAG,
            PasskeyTokens,
            body=PasskeyLogIn,
            statuses=(401, 403),
        ),
        Operation(
            "POST",
            f"{_PATH}/step-up/options",
            calls.step_up_options,
            "Begin to prove anew who uses this session, with a passkey",
            TAG,
            PasskeyOptions,
            Need.READ,
        ),
    ]


def _own(calls: PasskeyCalls) -> list[Operation]:
    read, one = Need.READ, _PATH + "/{passkey_id}"
    return [
        Operation("GET", _PATH, calls.all, "Own passkeys", TAG, PasskeyList, read),
        Operation(
            "POST",
            f"{_PATH}/options",
            calls.registration_options,
            "Begin to add a passkey",
            TAG,
            PasskeyOptions,
            read,
            statuses=(409,),
        ),
        Operation(
            "POST",
            _PATH,
            calls.add,
            "Add a passkey",
            TAG,
            NewPasskeyAnswer,
            read,
            body=PasskeyRequest,
            status=201,
            statuses=(409,),
        ),
        Operation(
            "PATCH",
            one,
            calls.rename,
            "Name a passkey",
            TAG,
            PasskeyAnswer,
            read,
            body=PasskeyRename,
            statuses=(404,),
            parameters=_ID,
        ),
        Operation(
            "DELETE",
            one,
            calls.remove,
            "Remove a passkey",
            TAG,
            PasskeyAnswer,
            read,
            statuses=(404, 409),
            parameters=_ID,
        ),
        Operation(
            "POST",
            one + "/remove",
            calls.remove_last,
            "Remove the passkey that is the last second factor",
            TAG,
            PasskeyAnswer,
            read,
            body=PasskeyRemoval,
            statuses=(404,),
            parameters=_ID,
        ),
    ]


def _options(made: object) -> Answer:
    return Answer(200, msgspec.json.encode({"public_key": made}))


def _person(call: Call) -> int:
    """Return who is logged in; API keys are not people."""
    if not call.caller.user_id:
        raise edge_problem("forbidden", "This is for people who log in, not for API keys.")
    return call.caller.user_id


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell refusals as the API tells them; what is no refusal passes through."""
    try:
        with refusals():
            yield
    except PasskeyRefused as error:
        raise ApiProblem(400, "passkey_refused", str(error)) from error
    except PasskeyKnown as error:
        raise ApiProblem(409, "passkey_known", str(error)) from error
    except TooManyPasskeys as error:
        raise ApiProblem(409, "too_many_passkeys", str(error)) from error
    except LastFactor as error:
        raise ApiProblem(409, "last_factor", str(error)) from error
    except WrongProof as error:
        raise ApiProblem(403, "wrong_proof", str(error)) from error
    except UnknownUser as error:
        raise ApiProblem(401, "invalid_token", str(error)) from error
