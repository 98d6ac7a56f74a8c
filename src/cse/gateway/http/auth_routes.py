"""POST /api/auth/register, login, refresh, logout: ordinary FastAPI around the user service."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse

from cse.gateway.auth import Authenticator
from cse.gateway.client_address import ClientAddresses
from cse.gateway.concerns import Concerns, served
from cse.gateway.http.auth_schemas import (
    LoginBody,
    RefreshBody,
    RegisterAnswer,
    RegisterBody,
    RegisteredUser,
    TokenAnswer,
    VerificationSent,
)
from cse.gateway.http.context import RequestContext, context_of
from cse.gateway.http.session_cookie import REPLAY_MS, SessionCookies
from cse.gateway.limits import RateLimiter, RouteClass
from cse.gateway.problems import ApiProblem, SecondFactorAsked, invalid
from cse.gateway.requests import require_json
from cse.users.audit import Origin, origin
from cse.users.devices import Device, printable
from cse.users.errors import (
    AccountNotOpen,
    EmailTaken,
    HandleTaken,
    InvalidField,
    InvalidToken,
    TooManyAttempts,
    WrongCredentials,
)
from cse.users.factor_errors import FactorRequired, WrongFactor
from cse.users.model import TokenPair
from cse.users.service import UserService

AUTH_CODES: Final[dict[str, tuple[int, str]]] = {
    "email_taken": (
        409,
        "This e-mail address is already registered (the sandbox tells, or its owner is told).",
    ),
    "handle_taken": (409, "This handle is already taken."),
    "wrong_credentials": (401, "The e-mail address or the password is wrong."),
    "too_many_attempts": (429, "Too many failed attempts to log in; wait as Retry-After says."),
    "invalid_token": (401, "The access token is none of ours; log in again."),
    "token_expired": (401, "The access token has expired; refresh it."),
    "session_revoked": (401, "The session has ended; log in again."),
    "invalid_refresh_token": (401, "The refresh token is none of ours; log in again."),
    "session_expired": (401, "The session has reached its longest time; log in again."),
    "refresh_token_expired": (401, "The refresh token has expired; log in again."),
    "refresh_token_reused": (401, "The refresh token was used twice, so its session was ended."),
}
"""Codes of these calls besides problems.EDGE_CODES and the engine's `account_frozen` and `account_closed`."""


_OVER: Final = 401
"""What a refresh is told when there is no such session (any more)."""


class AuthCalls:
    """The four calls. They run inside the Edge (request context) and raise ApiProblem."""

    def __init__(
        self,
        users: UserService,
        authenticator: Authenticator,
        limiter: RateLimiter,
        addresses: ClientAddresses,
        concerns: Callable[[], Concerns],
        cookies: SessionCookies,
    ) -> None:
        """Answer from these; `concerns` returns those that are served when it is asked."""
        self._cookies = cookies
        self._users = users
        self._authenticator = authenticator
        self._limiter = limiter
        self._addresses = addresses
        self._concerns = concerns

    async def admit(self, request: Request) -> None:
        """Note the route and take from the caller's bucket."""
        context = context_of(request.scope)
        context.route = request.scope["path"]
        origin.set(Origin(self._ip(request)))
        verdict = await self._limiter.take(RouteClass.AUTH, self._network(request))
        if not verdict.allowed:
            raise verdict.problem()
        context.verdict = verdict

    async def takes_json(self, request: Request) -> None:
        """Refuse bodies that do not say that they are JSON."""
        require_json(context_of(request.scope).headers.get(b"content-type"))

    async def register(self, body: RegisterBody) -> RegisterAnswer | Response:
        """Addresses and handles are unique without regard to case.

        Where addresses are proved first (production) the answer is 202, the same whether the address is registered or
        not: a letter says how it goes on. In the sandbox it is 201 and one can log in at once; there only a taken
        address is told (409 `email_taken`).
        """
        with refusals():
            user = await served(self._concerns().registration).register(
                body.email, body.password.get_secret_value(), body.handle
            )
        if user is None:
            return JSONResponse(VerificationSent().model_dump(), 202)
        return RegisterAnswer(
            user=RegisteredUser(
                id=user.user_id, email=user.email, handle=user.handle, account_id=user.account_id
            )
        )

    async def login(self, body: LoginBody, request: Request) -> TokenAnswer:
        """Whether the address or the password was wrong is not told. Failures are counted per address.

        An account with a second factor is told 401 `second_factor_required` when the password was right and no factor
        came (with the kinds it has, and the options for a passkey), `wrong_second_factor` when a wrong one did.
        """
        context = context_of(request.scope)
        self._cookies.is_browser(context)  # or it is refused before there is a session
        with refusals():
            pair = await self._users.login(
                body.email,
                body.password.get_secret_value(),
                self._network(request),
                self._device(request),
                body.proof(),
            )
        return self._tokens(context, pair)

    async def refresh(self, body: RefreshBody, request: Request) -> TokenAnswer | Response:
        """A refresh token is good once. One that comes a second time ends its session: it was copied.

        The web app sends none: its cookie counts, and may come again for 30 seconds as long as nobody used the token
        that it was changed for. A browser without a cookie is told 204: nobody is logged in there.
        """
        context = context_of(request.scope)
        is_browser = self._cookies.is_browser(context)
        token = _token_of(body)
        if token is None and not is_browser:
            raise invalid({"refresh_token": "Field required"})
        token = token or self._cookies.kept(context)
        if token is None:
            return Response(status_code=204)
        replay_ms = REPLAY_MS if is_browser else 0
        try:
            with refusals():
                pair = await self._users.refresh(token, self._ip(request), replay_ms=replay_ms)
        except ApiProblem as problem:
            if is_browser and problem.status == _OVER:
                self._cookies.forget(context)
            raise
        return self._tokens(context, pair)

    async def logout(
        self,
        request: Request,
        body: RefreshBody | None = None,
        authorization: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Ends the session of the refresh token in the body or, without one, of the access token.

        The session's access tokens are refused everywhere within a second. For the web app it is the session of its
        cookie, which goes with it; there is no error where nobody was logged in.
        """
        token = _token_of(body)
        context = context_of(request.scope)
        if self._cookies.is_browser(context):
            await self._log_browser_out(context, token)
            return Response(status_code=204)
        with refusals():
            if token is not None:
                await self._users.logout_by_refresh_token(token)
            elif body is not None:
                raise invalid({"refresh_token": "Field required"})
            else:
                principal = self._authenticator.authenticate(authorization)
                await self._users.logout(principal.session_id, principal.user_id)
        return Response(status_code=204)

    async def _log_browser_out(self, context: RequestContext, token: str | None) -> None:
        token = token or self._cookies.kept(context)
        if token is not None:
            with suppress(InvalidToken):  # there is no such session, so nobody is logged in
                await self._users.logout_by_refresh_token(token)
        self._cookies.forget(context)

    def _tokens(self, context: RequestContext, pair: TokenPair) -> TokenAnswer:
        return TokenAnswer(
            access_token=pair.access_token,
            refresh_token=self._cookies.given_out(context, pair),
            expires_in=pair.expires_in,
        )

    def _device(self, request: Request) -> Device:
        user_agent = context_of(request.scope).headers.get(b"user-agent")
        return Device(self._ip(request), printable(user_agent))

    def _ip(self, request: Request) -> str:
        peer = request.client.host if request.client else None
        return self._addresses.address(peer, request.headers.get("x-forwarded-for")) or ""

    def _network(self, request: Request) -> str:
        peer = request.client.host if request.client else None
        return self._addresses.bucket(peer, request.headers.get("x-forwarded-for"))


def auth_router(calls: AuthCalls) -> APIRouter:
    """Return the routes of the four calls."""
    router = APIRouter(prefix="/api/auth", tags=["people"], dependencies=[Depends(calls.admit)])
    takes_json = [Depends(calls.takes_json)]
    router.add_api_route(
        "/register",
        calls.register,
        methods=["POST"],
        status_code=201,
        response_model=RegisterAnswer,
        summary="Register a person and open their account",
        responses={
            202: {"model": VerificationSent, "description": "A letter with a link was sent."},
            **_problems(400, 409, 415, 429, 503),
        },
        dependencies=takes_json,
    )
    router.add_api_route(
        "/login",
        calls.login,
        methods=["POST"],
        response_model_exclude_none=True,
        summary="Log in",
        responses=_problems(400, 401, 403, 415, 429, 503),
        dependencies=takes_json,
    )
    router.add_api_route(
        "/refresh",
        calls.refresh,
        methods=["POST"],
        response_model=TokenAnswer,
        response_model_exclude_none=True,
        summary="Exchange a refresh token for the next pair of tokens",
        responses={
            204: {"description": "The web app asks, and nobody is logged in in this browser."},
            **_problems(400, 401, 403, 415, 429, 503),
        },
        dependencies=takes_json,
    )
    router.add_api_route(
        "/logout",
        calls.logout,
        methods=["POST"],
        status_code=204,
        summary="End the session",
        responses=_problems(400, 401, 403, 429, 503),
    )
    return router


@contextmanager
def refusals() -> Iterator[None]:
    """Tell the user service's refusals as the API tells them; what is no refusal passes through."""
    try:
        yield
    except InvalidField as error:
        raise invalid({error.field: error.reason}) from error
    except EmailTaken as error:
        raise ApiProblem(409, "email_taken", str(error)) from error
    except HandleTaken as error:
        raise ApiProblem(409, "handle_taken", str(error)) from error
    except AccountNotOpen as error:
        raise ApiProblem(403, error.code, str(error)) from error
    except WrongCredentials as error:
        raise ApiProblem(401, "wrong_credentials", str(error)) from error
    except FactorRequired as error:
        options = error.passkey_options
        asked = SecondFactorAsked(list(error.kinds), None if options is None else dict(options))
        raise ApiProblem(401, "second_factor_required", str(error), second_factor=asked) from error
    except WrongFactor as error:
        raise ApiProblem(401, "wrong_second_factor", str(error)) from error
    except InvalidToken as error:
        raise ApiProblem(401, error.code, str(error)) from error
    except TooManyAttempts as error:
        seconds = -(-error.retry_after_ms // 1000)
        raise ApiProblem(
            429,
            "too_many_attempts",
            str(error),
            retryable=True,
            headers={"Retry-After": str(seconds)},
        ) from error


def _token_of(body: RefreshBody | None) -> str | None:
    if body is None or body.refresh_token is None:
        return None
    return body.refresh_token.get_secret_value()


_MEANINGS: Final = {
    400: "The request is malformed; `fields` names what is wrong.",
    401: "Not, or no longer, who they say.",
    403: "The account is frozen or closed (`account_frozen`, `account_closed`), or a foreign page calls (`forbidden`).",
    409: "Somebody else has it: `email_taken` or `handle_taken`.",
    415: "The body must be application/json.",
    429: "Too many requests or failed attempts; wait as Retry-After says.",
    503: "The exchange cannot do this now; try again.",
}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's responses for problem documents."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {
            "description": _MEANINGS[status],
            "content": {"application/problem+json": schema},
        }
        for status in statuses
    }
