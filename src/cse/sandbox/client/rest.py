"""HTTP with keep-alive: log in, stay logged in, ask, and tell a refusal from an unknown outcome."""

import asyncio
import random
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx
import msgspec

from cse.sandbox.client.credentials import Credentials
from cse.sandbox.client.failures import GaveUp, NoAnswer, Refused

_TIMEOUT_S: Final = 10.0
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 2.0


class Patience:
    """Pauses that grow, and an end to them."""

    def __init__(self, patience_s: float) -> None:
        """Begin now; give up `patience_s` from now."""
        self._until = time.monotonic() + patience_s
        self._patience_s = patience_s
        self._pause_s = _FIRST_PAUSE_S

    async def pause(self, why: Exception, at_least_s: float = 0.0) -> None:
        """Wait a little longer than the last time.

        Raises:
            GaveUp: the time is over.
        """
        if time.monotonic() > self._until:
            raise GaveUp(f"no answer for {self._patience_s:.0f} s: {why}") from why
        jitter = random.uniform(0.5, 1.0)  # so that many clients do not come back all at once
        await asyncio.sleep(max(at_least_s, self._pause_s * jitter))
        self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)


class RestClient:
    """One account's connection to the REST API, or nobody's (only public calls) without credentials."""

    def __init__(
        self,
        url: str,
        credentials: Credentials | None = None,
        patience_s: float = 60.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Speak to the exchange at `url` (http://host:port); nothing is sent yet."""
        self.url = url.rstrip("/")
        self.patience_s = patience_s
        self._credentials = credentials
        self._http = httpx.AsyncClient(
            base_url=f"{self.url}/api", timeout=_TIMEOUT_S, trust_env=False, transport=transport
        )
        self._access_token = ""
        self._refresh_token = ""
        self.session_s = 0.0
        """How long the newest access token was good for when it came."""
        self._login_lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Open nothing: connections are made when needed."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self._http.aclose()

    @property
    def access_token(self) -> str:
        """The token of the present session; empty before `log_in`."""
        return self._access_token

    async def log_in(self) -> None:
        """Log in, and register first where this log-in is fresh or not known here.

        Raises:
            Refused: the exchange takes neither; GaveUp: it does not answer.
        """
        assert self._credentials is not None, "a client without credentials has nothing to log in"
        if self._credentials.fresh:
            await self._register(self._credentials)
        try:
            await self._open_session(self._credentials)
        except Refused as refusal:
            if refusal.status != 401 or self._credentials.fresh:
                raise
            await self._register(self._credentials)
            await self._open_session(self._credentials)
        self._credentials = msgspec.structs.replace(self._credentials, fresh=False)

    async def _register(self, who: Credentials) -> None:
        body = {"email": who.email, "password": who.password, "handle": who.handle}
        try:
            await self._public("/auth/register", body)
        except Refused as refusal:
            if refusal.status != 409:  # registered before, and the answer was lost
                raise

    async def _open_session(self, who: Credentials) -> None:
        body = {"email": who.email, "password": who.password}
        self._take_tokens(await self._public("/auth/login", body))

    async def renew(self) -> None:
        """Get a fresh access token, by the refresh token or by logging in again."""
        before = self._access_token
        async with self._login_lock:
            if self._access_token != before:
                return  # somebody else did it meanwhile
            try:
                body = {"refresh_token": self._refresh_token}
                self._take_tokens(await self._public("/auth/refresh", body))
            except Refused:
                await self.log_in()

    async def get(self, path: str, **query: str | int | None) -> Any:
        """Return the answer to a GET, asked again until there is one.

        Raises:
            Refused, GaveUp.
        """
        patience = Patience(self.patience_s)
        params = {name: value for name, value in query.items() if value is not None}
        while True:
            try:
                return await self.request("GET", path, params=params)
            except NoAnswer as failure:
                await patience.pause(failure)

    async def post_once(self, path: str, body: object, key: str) -> Any:
        """POST something that moves money under an idempotency key, sent again until answered.

        Raises:
            Refused, GaveUp.
        """
        patience = Patience(self.patience_s)
        while True:
            try:
                return await self.request("POST", path, body, headers={"Idempotency-Key": key})
            except NoAnswer as failure:
                await patience.pause(failure)

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send one request; waits out rate limits and renews the session, both before anything is done.

        Raises:
            Refused: 4xx; NoAnswer: the outcome is unknown; GaveUp: rate limited for too long.
        """
        patience = Patience(self.patience_s)
        renewed = False
        while True:
            answer = await self._send(method, path, body, params, headers)
            if answer.status_code == 429:
                after_s = float(answer.headers.get("Retry-After", "0"))
                await patience.pause(_refusal(answer), after_s)
            elif answer.status_code == 401 and self._credentials is not None and not renewed:
                renewed = True
                await self.renew()
            else:
                return _read(answer)

    async def _public(self, path: str, body: object) -> Any:
        """POST without a session; what goes this way can be sent twice."""
        patience = Patience(self.patience_s)
        while True:
            try:
                answer = await self._send("POST", path, body, None, None, anonymous=True)
                if answer.status_code != 429:
                    return _read(answer)
                pause: Exception = _refusal(answer)
            except NoAnswer as failure:
                pause = failure
            await patience.pause(pause)

    async def _send(
        self,
        method: str,
        path: str,
        body: object,
        params: Mapping[str, str | int] | None,
        headers: Mapping[str, str] | None,
        *,
        anonymous: bool = False,
    ) -> httpx.Response:
        sent = dict(headers or {})
        if self._access_token and not anonymous:
            sent["Authorization"] = f"Bearer {self._access_token}"
        content = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            content = msgspec.json.encode(body)
        try:
            return await self._http.request(
                method, path, content=content, params=params, headers=sent
            )
        except httpx.HTTPError as error:
            raise NoAnswer(f"{method} {path}: {type(error).__name__} {error}") from error

    def _take_tokens(self, answer: dict[str, Any]) -> None:
        self._access_token = answer["access_token"]
        self._refresh_token = answer["refresh_token"]
        self.session_s = float(answer["expires_in"])


def _read(answer: httpx.Response) -> Any:
    if answer.status_code >= 500:
        raise NoAnswer(f"{answer.request.method} {answer.request.url.path}: {_refusal(answer)}")
    if answer.status_code >= 400:
        raise _refusal(answer)
    return msgspec.json.decode(answer.content) if answer.content else None


def _refusal(answer: httpx.Response) -> Refused:
    try:
        problem = msgspec.json.decode(answer.content)
        return Refused(answer.status_code, problem["code"], problem["detail"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return Refused(answer.status_code, "unreadable", answer.text[:200])
