"""The web app's refresh token: a cookie that no script can read, in the place of a field of the answer.

A call says by the header `X-CSE-Client: web` that it is the web app's. Pages of other sites cannot send that header: it
would take a preflight, which grants it to nobody (`http.cors`). Nor do browsers send the cookie for them (SameSite).
And where a browser says what page calls (Origin), it must be ours.
"""

from collections.abc import Collection
from typing import Any, Final

from cse.gateway.client_address import ClientAddresses
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.context import RequestContext
from cse.gateway.problems import edge_problem
from cse.gateway.ws.handshake import is_allowed
from cse.users.model import TokenPair

HEADER: Final = "X-CSE-Client"
SECURE_NAME: Final = "__Host-cse_refresh"
"""Browsers take a cookie of such a name only from https, for one host and all its paths (RFC 6265bis, 4.1.3.2)."""
PLAIN_NAME: Final = "cse_refresh"
"""Over plain http, where there is play money only: on 127.0.0.1 and in demos on a local network."""
REPLAY_MS: Final = 30_000
"""How long a browser may use a refresh token again whose successor it never used: a page that is loaded anew while it
refreshes does not get the answer."""
_ATTRIBUTES: Final = "Path=/; HttpOnly; SameSite=Strict"
_WEB: Final = b"web"


class SessionCookies:
    """Takes and gives refresh tokens of browsers; programs are left alone."""

    def __init__(
        self, addresses: ClientAddresses, *, production: bool, origins: Collection[str] = ()
    ) -> None:
        """Believe proxies as `addresses` does; `origins` are ours besides the one that the request names (Host)."""
        self._addresses = addresses
        self._production = production
        self._origins = origins

    def is_browser(self, context: RequestContext) -> bool:
        """Tell whether the web app calls.

        Raises:
            ApiProblem: 403, a page of another origin does; or a browser without TLS, in production.
        """
        if context.headers.get(b"x-cse-client") != _WEB:
            return False
        origin = _text(context, b"origin")
        if origin and not is_allowed(origin, _text(context, b"host"), self._origins):
            raise edge_problem("forbidden", "Pages of this origin may not log in here.")
        if self._production and not self._is_secure(context):
            raise edge_problem("forbidden", "Browsers log in over https only.")
        return True

    def given_out(self, context: RequestContext, pair: TokenPair) -> str | None:
        """Return the refresh token for the answer's body; None: it is the web app's, and went into the cookie."""
        if not self.is_browser(context):
            return pair.refresh_token
        self._set(context, pair.refresh_token, pair.session_seconds)
        return None

    def kept(self, context: RequestContext) -> str | None:
        """Return the refresh token that a browser holds."""
        held = dict(_cookies(_text(context, b"cookie")))
        plain = None if self._production else held.get(PLAIN_NAME)
        return held.get(SECURE_NAME) or plain or None

    def forget(self, context: RequestContext) -> None:
        """Take the cookie away from a browser whose session is over."""
        self._set(context, "", 0)

    def _set(self, context: RequestContext, value: str, seconds: int) -> None:
        secure = self._is_secure(context)
        name = SECURE_NAME if secure else PLAIN_NAME
        line = f"{name}={value}; Max-Age={seconds}; {_ATTRIBUTES}{'; Secure' if secure else ''}"
        context.answer_headers.append((b"set-cookie", line.encode("ascii")))

    def _is_secure(self, context: RequestContext) -> bool:
        """Tell whether the browser speaks TLS: with us, with a proxy that we trust, or by what it says of its page."""
        if context.secure or _text(context, b"origin").startswith("https://"):
            return True
        proxy = context.client
        trusted = proxy is None or self._addresses.is_trusted(proxy)
        return trusted and _text(context, b"x-forwarded-proto").strip().lower() == "https"


def session_cookies(deps: GatewayDeps) -> SessionCookies:
    """Return the cookies of a gateway."""
    own = deps.options.public_url
    return SessionCookies(
        deps.addresses, production=not deps.options.sandbox, origins=[own] if own else []
    )


def describe_cookies(paths: dict[str, Any]) -> None:
    """Write the header and the cookie into the calls of an OpenAPI document that know them."""
    header = {
        "name": HEADER,
        "in": "header",
        "required": False,
        "description": "`web`: the refresh token goes into an HttpOnly cookie and is read from there, as browsers need"
        " it; the answer's body has none. Only pages of the exchange itself may send it.",
        "schema": {"type": "string"},
    }
    for path in _CALLS:
        paths[path]["post"].setdefault("parameters", []).append(header)


_CALLS: Final = (
    "/api/auth/login",
    "/api/auth/refresh",
    "/api/auth/logout",
    "/api/auth/passkeys/login",
    "/api/auth/oauth/{provider}/finish",
    "/api/account/close",
)


def _text(context: RequestContext, name: bytes) -> str:
    return context.headers.get(name, b"").decode("latin-1")


def _cookies(line: str) -> list[tuple[str, str]]:
    pairs = [part.strip().partition("=") for part in line.split(";")]
    return [(name, value) for name, _, value in pairs]
