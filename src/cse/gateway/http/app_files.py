"""The built web app's files (scripts, styles, fonts, icons, service worker, docs), read once and served from memory.

Only what was there at the start is served, each file by its exact path: there is no way from a request to the disk.
Builds bring files compressed already (`.br`, `.gz` beside them).
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from cse.gateway.http.context import RawHeaders, Receive, RequestContext, Scope, Send, context_of
from cse.gateway.http.replies import send_problem
from cse.gateway.problems import edge_problem

BUILT_APP: Final = Path(__file__).parent / "web_app"
"""Where `make web` writes the app; it need not be there."""
INDEX: Final = "index.html"
ASSETS: Final = "/assets/"
"""Files below it have a digest of what is in them in their names, so that each may be kept for ever."""

_MEDIA: Final = {
    "css": b"text/css; charset=utf-8",
    "html": b"text/html; charset=utf-8",
    "ico": b"image/x-icon",
    "jpg": b"image/jpeg",
    "js": b"text/javascript; charset=utf-8",
    "json": b"application/json",
    "map": b"application/json",
    "md": b"text/plain; charset=utf-8",
    "png": b"image/png",
    "svg": b"image/svg+xml",
    "txt": b"text/plain; charset=utf-8",
    "webmanifest": b"application/manifest+json",
    "webp": b"image/webp",
    "woff2": b"font/woff2",
}
_COMPRESSED: Final = {"br": b"br", "gz": b"gzip"}
"""What a build adds to names, and what clients call it; the first that a client takes is sent."""
# A worker is held to the policy of its own script, not to the page's.
_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    b"base-uri 'none'; frame-ancestors 'none'"
)
# Pages that stand for themselves: the documentation. Unlike the app's page they have no inline styles.
_PAGE_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE: Final = ".html"
_FOR_EVER: Final = b"public, max-age=31536000, immutable"
_ASK_AGAIN: Final = b"no-cache"
_SERVICE_WORKER: Final = "/sw.js"


class _Form(NamedTuple):
    """A file as it is sent: as it is, or compressed."""

    body: bytes
    tag: bytes
    headers: RawHeaders


class AppFile:
    """One file at one path: GET and HEAD, compressed for who takes that, 304 for who has it."""

    def __init__(self, path: str, body: bytes, compressed: Mapping[bytes, bytes]) -> None:
        """Serve `body`, or one of `compressed` (by its content coding)."""
        is_page = path.endswith(_PAGE)
        self._route = "/assets/{file}" if path.startswith(ASSETS) else path.removesuffix(_PAGE)
        digest = blake2b(body, digest_size=12).hexdigest().encode("ascii")
        common: RawHeaders = [
            (b"content-type", _MEDIA.get(path.rpartition(".")[2], b"application/octet-stream")),
            (b"cache-control", _FOR_EVER if path.startswith(ASSETS) else _ASK_AGAIN),
            (b"content-security-policy", _PAGE_POLICY if is_page else _POLICY),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]
        if path == _SERVICE_WORKER:
            common.append((b"service-worker-allowed", b"/"))
        if compressed:
            common.append((b"vary", b"accept-encoding"))
        self._plain = _form(body, b'"%b"' % digest, common)
        self._compressed = {
            coding: _form(
                packed, b'"%b-%b"' % (digest, coding), [*common, (b"content-encoding", coding)]
            )
            for coding, packed in compressed.items()
        }

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        context = context_of(scope)
        context.route = self._route
        if not await reads(context, send):
            return
        form = self._form_for(context.headers.get(b"accept-encoding", b""))
        known = _has(context.headers.get(b"if-none-match"), form.tag)
        length = [] if known else [(b"content-length", b"%d" % len(form.body))]
        status = 304 if known else 200
        headers = form.headers + length
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = b"" if known or context.method == "HEAD" else form.body
        await send({"type": "http.response.body", "body": body})

    def _form_for(self, accepted: bytes) -> _Form:
        if self._compressed and accepted:
            codings = _codings(accepted[:256])
            for coding, form in self._compressed.items():
                if coding in codings:
                    return form
        return self._plain


async def reads(context: RequestContext, send: Send) -> bool:
    """Tell whether a request only reads; any other is refused here."""
    if context.method in {"GET", "HEAD"}:
        return True
    problem = edge_problem("method_not_allowed")
    problem.headers["Allow"] = "GET, HEAD"
    await send_problem(send, context, problem)
    return False


def app_files(folder: Path) -> dict[str, AppFile]:
    """Read the app's files but for its page, by path; an app that is not built has none."""
    return dict(_read(folder))


def _read(folder: Path) -> Iterator[tuple[str, AppFile]]:
    for file in sorted(folder.rglob("*")) if (folder / INDEX).is_file() else ():
        if not file.is_file() or file.suffix[1:] in _COMPRESSED or file == folder / INDEX:
            continue
        compressed = {
            coding: packed.read_bytes()
            for ending, coding in _COMPRESSED.items()
            if (packed := file.with_name(f"{file.name}.{ending}")).is_file()
        }
        path = "/" + file.relative_to(folder).as_posix()
        yield _address(path), AppFile(path, file.read_bytes(), compressed)


def _address(path: str) -> str:
    """Return where a file is served: pages without their ending, `/docs/index.html` at `/docs`."""
    return (
        path.removesuffix("/" + INDEX) if path.endswith("/" + INDEX) else path.removesuffix(_PAGE)
    )


def _form(body: bytes, tag: bytes, headers: RawHeaders) -> _Form:
    return _Form(body, tag, [*headers, (b"etag", tag)])


@lru_cache(maxsize=256)
def _codings(accepted: bytes) -> frozenset[bytes]:
    """Return the content codings that a client takes (RFC 9110, 12.5.3); `q=0` means that it does not."""
    found = set()
    for item in accepted.lower().split(b","):
        coding, _, weight = item.partition(b";")
        if weight.replace(b" ", b"").rstrip(b"0") not in {b"q=", b"q=0."}:
            found.add(coding.strip())
    return frozenset(found)


def _has(asked: bytes | None, tag: bytes) -> bool:
    """Tell whether If-None-Match names this tag; proxies that compress make tags weak, which does not matter here."""
    if asked is None:
        return False
    return any(one.strip().removeprefix(b"W/") in {tag, b"*"} for one in asked.split(b","))
