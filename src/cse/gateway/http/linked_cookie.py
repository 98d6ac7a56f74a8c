"""What a browser holds of a flow that it began: a cookie that scripts cannot read and other sites cannot send.

Programs hold the same value themselves and send it as `binding`. One cookie for each flow, named after its state, so
that two flows in two tabs do not disturb each other.
"""

import hashlib
from typing import Final

from cse.gateway.http.context import RequestContext

_PATH: Final = "/api/auth/oauth"
_SECONDS: Final = 600


def binding_cookie(state: str, binding: str, *, secure: bool) -> str:
    """Return the Set-Cookie line of a flow."""
    kept = f"{_name(state)}={binding}; Path={_PATH}; Max-Age={_SECONDS}; HttpOnly; SameSite=Strict"
    return f"{kept}; Secure" if secure else kept


def forgotten_cookie(state: str) -> str:
    """Return the Set-Cookie line that ends it."""
    return f"{_name(state)}=; Path={_PATH}; Max-Age=0; HttpOnly; SameSite=Strict"


def binding_of(context: RequestContext, state: str) -> str | None:
    """Return what the browser holds of the flow; None: nothing."""
    line = context.headers.get(b"cookie", b"").decode("latin-1")
    wanted = f"{_name(state)}="
    for part in line.split(";"):
        if part.strip().startswith(wanted):
            return part.strip().removeprefix(wanted) or None
    return None


def _name(state: str) -> str:
    return f"cse_oauth_{hashlib.sha256(state.encode('utf-8', 'replace')).hexdigest()[:16]}"
