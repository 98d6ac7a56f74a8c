"""/api/auth/totp, recovery-codes and step-up: a person's second factors, and proving anew who they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.operations import Call, Operation
from cse.gateway.http.passkey_json import AssertionJson
from cse.gateway.order_entry import Answer
from cse.gateway.present import encode
from cse.gateway.problems import ApiProblem, edge_problem
from cse.gateway.requests import decode
from cse.gateway.schemas import TimeMs
from cse.users.errors import InvalidToken, TooManyAttempts, UnknownUser
from cse.users.factor_errors import NoTotp, TotpActive, WrongProof
from cse.users.factor_ports import Proof
from cse.users.factors import FactorStatus
from cse.users.model import Guarded

TAG: Final = "people"
FACTOR_CODES: Final[dict[str, tuple[int, str]]] = {
    "second_factor_required": (
        401,
        "The password was right: send a second factor, too; `second_factor` says which.",
    ),
    "wrong_second_factor": (401, "The second factor is wrong, has run out or was used."),
    "wrong_proof": (403, "What proves who you are is missing, wrong, or was used before."),
    "step_up_required": (403, "Prove anew that it is you (POST /api/auth/step-up), then retry."),
    "totp_active": (409, "There is an authenticator already; disable it first."),
    "no_totp": (409, "There is no authenticator, or other factor, that this could be about."),
}
"""Codes of log-ins and of these calls besides problems.EDGE_CODES: status and meaning."""

TotpCode = Annotated[str, Meta(pattern="^[0-9]{6}$", examples=["492039"])]
RecoveryCode = Annotated[str, Meta(max_length=64, examples=["x3k9-0p7d-w2mc-81za"])]
Password = Annotated[str, Meta(max_length=1024)]


class TotpConfirmRequest(Guarded, frozen=True, forbid_unknown_fields=True):
    """The first code of an authenticator."""

    code: TotpCode


class TotpDisableRequest(Guarded, frozen=True, forbid_unknown_fields=True):
    """Who wants to do without: the password, and one of the two codes."""

    password: Password
    totp: TotpCode | None = None
    recovery_code: RecoveryCode | None = None
    """In the place of `totp`, for whoever has lost the authenticator."""
    passkey: AssertionJson | None = None
    """In the place of `totp`: an assertion for POST /api/auth/passkeys/step-up/options."""


class StepUpRequest(Guarded, frozen=True, forbid_unknown_fields=True):
    """What proves that it is still you: a code, a passkey, or the password of an account without a second factor."""

    password: Password | None = None
    totp: TotpCode | None = None
    recovery_code: RecoveryCode | None = None
    passkey: AssertionJson | None = None
    """An assertion for POST /api/auth/passkeys/step-up/options."""


class TotpAnswer(msgspec.Struct, frozen=True):
    """An account's second factors."""

    confirmed_at: TimeMs | None
    """Null: log-ins ask for no code of one."""
    is_waiting: bool
    """Whether an authenticator was enrolled and waits for its first code."""
    recovery_codes_left: int
    passkeys: int
    """How many there are: GET /api/auth/passkeys lists them."""


class EnrolmentAnswer(Guarded, frozen=True):
    """What goes into an authenticator app; it is not shown again."""

    secret: Annotated[str, Meta(pattern="^[A-Z2-7]{32}$")]
    """In base 32, for typing."""
    otpauth_uri: str
    """For a QR code."""


class RecoveryCodesAnswer(Guarded, frozen=True):
    """Ten codes, each good once; they are not shown again, and all earlier ones are good no more."""

    recovery_codes: list[str]


class StepUpAnswer(msgspec.Struct, frozen=True):
    """The session has proved who uses it."""

    good_until: TimeMs


class FactorCalls:
    """Own second factors over HTTP. Only a person's log-in opens these calls, never an API key."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Ask the user service."""
        self._deps = deps

    async def totp(self, call: Call) -> Answer:
        """Return which second factors the account has."""
        return Answer(200, encode(_status(await self._deps.users.factors.status(_person(call)))))

    async def enroll(self, call: Call) -> Answer:
        """Make the secret for an authenticator app (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds).

        Log-ins ask for its codes after `confirm`. Enrolling again before that makes a new secret in its place.
        """
        with _refusals():
            made = await self._deps.users.factors.enrol(_person(call))
        return Answer(200, encode(EnrolmentAnswer(made.secret, made.uri)))

    async def confirm(self, call: Call) -> Answer:
        """Let log-ins ask for the authenticator from now on; returns the recovery codes, once.

        Sessions other than this one prove anew who uses them before they can change keys or factors.
        """
        code = decode(TotpConfirmRequest, call.body).code
        with _refusals():
            codes = await self._deps.users.factors.confirm(
                _person(call), call.caller.session_id, code
            )
        return Answer(200, encode(RecoveryCodesAnswer(codes)))

    async def disable(self, call: Call) -> Answer:
        """Remove the authenticator. Takes the password, and a code of either kind or a passkey.

        Recovery codes go with the last second factor.
        """
        asked = decode(TotpDisableRequest, call.body)
        with _refusals():
            await self._deps.users.factors.disable(
                _person(call), _proof(asked), call.caller.session_id
            )
            now = await self._deps.users.factors.status(_person(call))
        return Answer(200, encode(_status(now)))

    async def recovery_codes(self, call: Call) -> Answer:
        """Make ten new recovery codes; all earlier ones are good no more."""
        with _refusals():
            codes = await self._deps.users.factors.make_recovery_codes(_person(call))
        return Answer(200, encode(RecoveryCodesAnswer(codes)))

    async def step_up(self, call: Call) -> Answer:
        """Prove anew who uses this session: by a code or a passkey, or by the password where there is neither.

        The proof is good for ten minutes, and so is a log-in.
        """
        asked = decode(StepUpRequest, call.body)
        proof = _proof(asked)
        with _refusals():
            until = await self._deps.users.step_ups.prove(
                _person(call), call.caller.session_id, proof
            )
        return Answer(200, encode(StepUpAnswer(until)))


def factor_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about second factors; those of `http.step_up` are not guarded yet."""
    calls, read = FactorCalls(deps), Need.READ
    return [
        Operation("GET", "/api/auth/totp", calls.totp, "Own second factors", TAG, TotpAnswer, read),
        Operation(
            "POST",
            "/api/auth/totp/enroll",
            calls.enroll,
            "Begin to use an authenticator",
            TAG,
            EnrolmentAnswer,
            read,
            statuses=(409,),
        ),
        Operation(
            "POST",
            "/api/auth/totp/confirm",
            calls.confirm,
            "Confirm the authenticator",
            TAG,
            RecoveryCodesAnswer,
            read,
            body=TotpConfirmRequest,
            statuses=(409,),
        ),
        Operation(
            "POST",
            "/api/auth/totp/disable",
            calls.disable,
            "Remove the authenticator",
            TAG,
            TotpAnswer,
            read,
            body=TotpDisableRequest,
            statuses=(409,),
        ),
        Operation(
            "POST",
            "/api/auth/recovery-codes",
            calls.recovery_codes,
            "Make new recovery codes",
            TAG,
            RecoveryCodesAnswer,
            read,
            statuses=(409,),
        ),
        Operation(
            "POST",
            "/api/auth/step-up",
            calls.step_up,
            "Prove anew who uses this session",
            TAG,
            StepUpAnswer,
            read,
            body=StepUpRequest,
        ),
    ]


def _person(call: Call) -> int:
    """Return who is logged in; API keys are not people."""
    if not call.caller.user_id:
        raise edge_problem("forbidden", "This is for people who log in, not for API keys.")
    return call.caller.user_id


def _status(status: FactorStatus) -> TotpAnswer:
    return TotpAnswer(status.confirmed_at, status.is_waiting, status.codes_left, status.passkeys)


def _proof(asked: TotpDisableRequest | StepUpRequest) -> Proof:
    passkey = asked.passkey.parsed() if asked.passkey else None
    return Proof(asked.password, asked.totp, asked.recovery_code, passkey)


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell the user service's refusals as the API tells them; what is no refusal passes through."""
    try:
        yield
    except WrongProof as error:
        raise ApiProblem(403, "wrong_proof", str(error)) from error
    except TotpActive as error:
        raise ApiProblem(409, "totp_active", str(error)) from error
    except NoTotp as error:
        raise ApiProblem(409, "no_totp", str(error)) from error
    except InvalidToken as error:
        raise ApiProblem(401, error.code, str(error)) from error
    except UnknownUser as error:
        raise ApiProblem(401, "invalid_token", str(error)) from error
    except TooManyAttempts as error:
        wait = {"Retry-After": str(-(-error.retry_after_ms // 1000))}
        detail = "There were too many wrong codes or passwords; please wait."
        raise ApiProblem(429, "too_many_attempts", detail, retryable=True, headers=wait) from error
