"""The web app's one HTML page, at each of its addresses, with a nonce in each answer, and what link previews show.

The page begins the app, which then shows what belongs to the address; `CLIENT_ROUTES` are those that it knows
(web/src/app/router.tsx; a test compares both). Whoever asks for another one gets the page with status 404.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.app_files import INDEX, AppFile, app_files, reads
from cse.gateway.http.context import AsgiApp, RawHeaders, Receive, Scope, Send, context_of
from cse.gateway.http.link_previews import LinkPreviews, Preview, preview_tags

CLIENT_ROUTES: Final = (
    "/",
    "/markets",
    "/trade",
    "/trade/$market",
    "/creators",
    "/people/$handle",
    "/portfolio",
    "/portfolio/$section",
    "/wallet",
    "/account",
    "/account/$section",
    "/admin",
    "/admin/$section",
    "/admin/$section/$id",
    "/login",
    "/signup",
    "/verify-email",
    "/confirm-email",
    "/forgot-password",
    "/reset-password",
    "/oauth/callback/$provider",
    "/status",
)
"""`$name` stands for one segment."""
_SERVERS_OWN: Final = ("/api/", "/assets/", "/dev/", "/static/", "/udf/", "/ws/", "/feeds/")
"""Below these there are no pages: what is not there is a problem document for everybody."""
_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-%b'; img-src 'self' data: blob:; "
    b"font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final[RawHeaders] = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), geolocation=(), microphone=(), payment=(), %b"
        % b"publickey-credentials-get=(self), publickey-credentials-create=(self)",
    ),
]
_NONCE: Final = b"__CSP_NONCE__"
_SANDBOX: Final = b'<meta name="cse-sandbox" content="true">'
_TITLE: Final = re.compile(rb"<title>[^<]*</title>")
_MANY_SEGMENTS: Final = 4
"""More than any address of the app has."""

Previews = Callable[[str], Preview]
"""What a preview of an address shows."""


class WebApp:
    """The built app: its files by path, and the page at all other addresses."""

    def __init__(self, folder: Path, previews: Previews, *, sandbox: bool = False) -> None:
        """Read everything; the page of a sandbox says that its money is play money.

        Raises:
            FileNotFoundError: the app is not built there.
        """
        page = (folder / INDEX).read_bytes()
        title = _TITLE.search(page)
        head, tail = (page[: title.start()], page[title.end() :]) if title else (b"", page)
        self._head, self._tail = head.split(_NONCE), tail.split(_NONCE)
        self._previews = previews
        self._about = _SANDBOX if sandbox else b""
        self.files: Final[Mapping[str, AppFile]] = app_files(folder)

    async def page(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer with the page: 200 at the app's own addresses, 404 elsewhere."""
        context = context_of(scope)
        route = client_route(context.path)
        context.route = route or "/{page}"
        if not await reads(context, send):
            return
        nonce = secrets.token_urlsafe(18).encode("ascii")
        tags = preview_tags(self._previews(context.path))
        body = nonce.join(self._head) + tags + self._about + nonce.join(self._tail)
        headers = [
            *_HEADERS,
            (b"content-security-policy", _POLICY % nonce),
            (b"content-length", b"%d" % len(body)),
        ]
        status = 404 if route is None else 200
        await send({"type": "http.response.start", "status": status, "headers": headers})
        shown = b"" if context.method == "HEAD" else body
        await send({"type": "http.response.body", "body": shown})

    def behind(self, not_found: AsgiApp) -> AsgiApp:
        """Return what answers requests that nothing else takes: the page for browsers, `not_found` for the rest."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            takes_page = scope["type"] == "http" and self._is_for_page(scope)
            await (self.page if takes_page else not_found)(scope, receive, send)

        return answer

    @staticmethod
    def _is_for_page(scope: Scope) -> bool:
        context = context_of(scope)
        if context.method not in {"GET", "HEAD"} or context.path.startswith(_SERVERS_OWN):
            return False
        accepted = context.headers.get(b"accept", b"*/*")
        if client_route(context.path) is None:
            return b"text/html" in accepted  # programs get a problem document
        return b"text/html" in accepted or b"*/*" in accepted


def built_app(deps: GatewayDeps) -> WebApp | None:
    """Return the web app if it is built."""
    folder = deps.options.web_app
    if folder is None or not (folder / INDEX).is_file():
        return None
    previews = LinkPreviews(deps.catalog, deps.market_data, deps.clock).of
    return WebApp(folder, previews, sandbox=deps.options.sandbox)


def client_route(path: str) -> str | None:
    """Return the app's route that an address belongs to; None: it has none."""
    segments = path[1:].split("/", _MANY_SEGMENTS)
    if segments[0] and not segments[-1]:
        del segments[-1]  # "/markets/" is "/markets"
    return next((name for name, parts in _PARTS if _fits(parts, segments)), None)


def _fits(parts: list[str], segments: list[str]) -> bool:
    return len(parts) == len(segments) and all(
        part == given or (part.startswith("$") and given)
        for part, given in zip(parts, segments, strict=True)
    )


_PARTS: Final = [(route, route[1:].split("/")) for route in CLIENT_ROUTES]
