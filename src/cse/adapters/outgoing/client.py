"""The guarded HTTP client: small answers from public https servers, within bounds of size and time.

Each request makes a connection of its own. Nothing of the environment counts: no proxies, no netrc. Answers are asked
for, and taken, uncompressed only: what arrives is what is counted.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

import httpcore
import httpx

from cse.adapters.outgoing.errors import AnswerRefused, TargetRefused
from cse.adapters.outgoing.guard import GuardedBackend, Resolver, system_resolver
from cse.adapters.outgoing.targets import NO_ORIGINS, Origin, check_target
from cse.core.errors import Unavailable

MAX_REDIRECTS: Final = 3
_FIRST_REDIRECT: Final = 300
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_NO_HEADERS: Final[Mapping[str, str]] = {}
_OWN: Final = {
    "accept-encoding": "identity",
    "connection": "close",
    "user-agent": "cs-exchange",
}
_JSON: Final = frozenset({"application/json", "application/jwk-set+json"})


class Bounds(NamedTuple):
    """What is taken of one answer, redirects included."""

    max_bytes: int = 262_144
    """Of the body."""
    seconds: float = 10.0
    """From the look-up of the name to the last byte."""
    types: frozenset[str] = _JSON
    """Media types without parameters; empty: any."""
    redirects: int = 0
    """How many are followed, each checked like the first URL; at most MAX_REDIRECTS."""


class Wanted(NamedTuple):
    """A request."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = _NO_HEADERS
    body: bytes = b""


class Fetched(NamedTuple):
    """An answer within its bounds."""

    status: int
    media_type: str
    """In lower case, without parameters."""
    body: bytes


JSON_BOUNDS: Final = Bounds()


class OutgoingHttp:
    """Fetches for us what others name. Holds no connections and no cookies."""

    def __init__(
        self,
        private: Iterable[Origin] = NO_ORIGINS,
        *,
        resolver: Resolver = system_resolver,
        connector: Callable[[], httpcore.AsyncNetworkBackend] = httpcore.AnyIOBackend,
        tls: ssl.SSLContext | None = None,
        bounds: Bounds = JSON_BOUNDS,
    ) -> None:
        """`private` are origins from the settings, never from a request, that may be http or lie at any address.

        What people name is fetched by a client that has none.
        """
        self._private = frozenset(private)
        self._resolver = resolver
        self._connector = connector
        self._bounds = bounds
        self._tls = tls or httpx.create_ssl_context(trust_env=False)

    async def fetch(self, wanted: Wanted, bounds: Bounds | None = None) -> Fetched:
        """Send a request and return the answer, whatever its status, within `bounds` (None: the client's own).

        Raises:
            TargetRefused: the URL, or where it leads, is not for us; nothing was sent there.
            AnswerRefused: the answer exceeds its bounds.
            Unavailable: no answer, or not in time.
        """
        bounds = bounds or self._bounds
        try:
            async with asyncio.timeout(bounds.seconds):
                return await self._follow(wanted, bounds)
        except TimeoutError as error:
            raise Unavailable("the other side did not answer in time") from error
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            raise AnswerRefused(f"the answer is no HTTP: {error}") from error
        except (httpcore.NetworkError, httpcore.TimeoutException, OSError) as error:
            raise Unavailable(f"the other side is out of reach: {error}") from error

    async def _follow(self, wanted: Wanted, bounds: Bounds) -> Fetched:
        url, left = _parsed(wanted.url), min(bounds.redirects, MAX_REDIRECTS)
        while True:
            answer, location = await self._once(wanted, url, bounds)
            if location is None or not bounds.redirects:
                return answer
            if not left:
                raise AnswerRefused("there are too many redirects")
            left -= 1
            url = url.join(_parsed(location)).copy_with(fragment=None)
            # Whatever was meant for the first host (a body, credentials) is not for the next one.
            wanted = Wanted(str(url))

    async def _once(
        self, wanted: Wanted, url: httpx.URL, bounds: Bounds
    ) -> tuple[Fetched, str | None]:
        """Send one request; return the answer and where it redirects to, if it does."""
        origin = check_target(url, self._private)
        guard = GuardedBackend(self._resolver, self._connector(), unguarded=origin in self._private)
        request = httpcore.Request(
            wanted.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=list(_headers(wanted, url)),
            content=wanted.body or None,
        )
        async with httpcore.AsyncConnectionPool(
            ssl_context=self._tls, max_connections=1, http2=False, network_backend=guard
        ) as pool:
            answer = await pool.handle_async_request(request)
            try:
                return await _read(answer, bounds)
            finally:
                await answer.aclose()


async def _read(answer: httpcore.Response, bounds: Bounds) -> tuple[Fetched, str | None]:
    headers = httpx.Headers(answer.headers)
    if bounds.redirects and answer.status in _REDIRECTS and "location" in headers:
        return Fetched(answer.status, "", b""), headers["location"]
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise AnswerRefused("the answer is compressed, which was not asked for")
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length[:20]) > bounds.max_bytes:
        raise AnswerRefused("the answer is too large")
    body = bytearray()
    async for chunk in answer.aiter_stream():
        body += chunk
        if len(body) > bounds.max_bytes:
            raise AnswerRefused("the answer is too large")
    if answer.status < _FIRST_REDIRECT and bounds.types and media not in bounds.types:
        raise AnswerRefused("the answer is of another type than was asked for")
    return Fetched(answer.status, media, bytes(body)), None


def _headers(wanted: Wanted, url: httpx.URL) -> Iterable[tuple[bytes, bytes]]:
    lines = {"host": url.netloc.decode("ascii"), **_OWN}
    lines.update((name.lower(), value) for name, value in wanted.headers.items())
    if wanted.body:
        lines["content-length"] = str(len(wanted.body))
    for name, value in lines.items():
        yield name.encode("ascii"), value.encode("latin-1")


def _parsed(text: str) -> httpx.URL:
    try:
        return httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise TargetRefused("the URL cannot be read") from error
