"""Pages and their files, all from this machine: the interactive API reference, and what stands in for a web app that is
not built (`http.app_page` serves the one that is).

Files are read once at the start and served from memory with an entity tag; no script or style comes from
anywhere else, and none is inline, so the content security policy can be strict.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from importlib.resources import files
from typing import Final

from starlette.routing import Route

from cse.gateway.http.context import RawHeaders, Receive, Scope, Send, context_of
from cse.gateway.http.replies import send_problem
from cse.gateway.problems import edge_problem
from cse.users.linked.model import ProviderName

_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Swagger UI sets style attributes; its scripts are held to the same rule as ours.
_DOCS_POLICY: Final = _POLICY.replace(b"style-src 'self'", b"style-src 'self' 'unsafe-inline'")
_ISOLATED: Final[RawHeaders] = [
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
]
_MEDIA: Final = {
    "html": b"text/html; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "css": b"text/css; charset=utf-8",
    "png": b"image/png",
    "svg": b"image/svg+xml",
    "json": b"application/json",
}


class Page:
    """One file at one path: GET and HEAD, 304 for those who have it."""

    def __init__(self, path: str, name: str, body: bytes, policy: bytes = _POLICY) -> None:
        """Serve `body` at `path`; `name` ends in what it is (.html, .js, ...)."""
        self._path = path
        self._body = body
        self._tag = b'"%s"' % blake2b(body, digest_size=12).hexdigest().encode("ascii")
        self._headers: RawHeaders = [
            (b"content-type", _MEDIA[name.rpartition(".")[2]]),
            (b"etag", self._tag),
            (b"cache-control", b"no-cache"),
            (b"content-security-policy", policy),
            *_ISOLATED,
        ]

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        context, method = context_of(scope), scope["method"]
        context.route = self._path
        if method not in {"GET", "HEAD"}:
            problem = edge_problem("method_not_allowed")
            problem.headers["Allow"] = "GET, HEAD"
            await send_problem(send, context, problem)
            return
        known = context.headers.get(b"if-none-match") == self._tag
        length = [] if known else [(b"content-length", b"%d" % len(self._body))]
        await send(
            {
                "type": "http.response.start",
                "status": 304 if known else 200,
                "headers": self._headers + length,
            }
        )
        body = b"" if known or method == "HEAD" else self._body
        await send({"type": "http.response.body", "body": body})


def page_routes(documents: Mapping[str, bytes], *, stand_ins: bool) -> list[Route]:
    """Return the routes of all pages; `documents` are made at the start (path to JSON).

    With `stand_ins` there is a plain page at `/`, and one that finishes signing in through a provider: what there is
    without a web app.
    """
    own = files("cse.gateway.http") / "static"
    swagger = files("fastapi_offline") / "static"
    callbacks = [f"/oauth/callback/{name.value}" for name in ProviderName]
    pages = [
        *([("/", "home.html", own, _POLICY)] if stand_ins else ()),
        *((path, "oauth.html", own, _POLICY) for path in callbacks if stand_ins),
        ("/static/home.js", "home.js", own, _POLICY),
        ("/static/house.css", "house.css", own, _POLICY),
        ("/static/mark.svg", "mark.svg", own, _POLICY),
        ("/api/docs", "docs.html", own, _DOCS_POLICY),
        ("/static/docs.js", "docs.js", own, _POLICY),
        ("/static/oauth.js", "oauth.js", own, _POLICY),
        ("/static/docs.css", "docs.css", own, _POLICY),
        ("/static/swagger-ui-bundle.js", "swagger-ui-bundle.js", swagger, _POLICY),
        ("/static/swagger-ui.css", "swagger-ui.css", swagger, _POLICY),
    ]
    served = [
        Page(path, name, (folder / name).read_bytes(), policy)
        for path, name, folder, policy in pages
    ]
    served += [Page(path, path, body) for path, body in documents.items()]
    return list(_routes(served, [*(path for path, *_ in pages), *documents]))


def _routes(served: Iterable[Page], paths: Iterable[str]) -> Iterable[Route]:
    for page, path in zip(served, paths, strict=True):
        yield Route(path, page, name=path, include_in_schema=False)
