"""/dev/mailbox: the letters that a sandbox sent, for whoever sits at the machine. Production has no such page."""

import re
from collections.abc import Callable, Sequence
from html import escape
from ipaddress import ip_address
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from cse.users.mail import Letter

_PATH: Final = "/dev/mailbox"
_HOSTS: Final = {"localhost", "127.0.0.1", "[::1]"}
"""Names that a browser may call us by here: a page of a name that was rebound to us must not read letters."""
_LINK: Final = re.compile(r"https?://[^\s&<>\"']+")
"""In a letter's escaped text: it ends where anything is escaped."""
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def mailbox_routes(letters: Callable[[], Sequence[Letter]]) -> list[Route]:
    """Return the page's route; `letters` returns them oldest first."""

    def page(request: Request) -> Response:
        if not _is_here(request):
            return PlainTextResponse("Not Found", 404, headers=_HEADERS)
        shown = "".join(_article(one) for one in reversed(letters()))
        body = f"<!doctype html><html lang=en><meta charset=utf-8><title>Mailbox</title><h1>Mailbox</h1>{shown}"
        return HTMLResponse(body, headers=_HEADERS)

    return [Route(_PATH, page, methods=["GET"], name=_PATH, include_in_schema=False)]


def _is_here(request: Request) -> bool:
    """Whether a browser on this machine asks, and no proxy for somebody else."""
    if request.client is None or any(
        name in request.headers for name in ("x-forwarded-for", "forwarded")
    ):
        return False
    try:
        local = ip_address(request.client.host).is_loopback
    except ValueError:
        return False
    host = request.headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return local and name in _HOSTS


def _article(one: Letter) -> str:
    text = _LINK.sub(r'<a href="\g<0>">\g<0></a>', escape(one.text))
    return (
        f"<article><h2>{escape(one.subject)}</h2><p>{escape(one.to)}</p><pre>{text}</pre></article>"
    )
