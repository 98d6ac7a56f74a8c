"""The web app's files: types, caching, compression, and that nothing else can be read."""

import gzip
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.unit.gateway.built_app import BROTLI, SCRIPT, build
from tests.unit.gateway.world import World

JS = "/assets/index-AbC123.js"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(web_app=build(tmp_path))


@pytest.mark.parametrize(
    ("path", "media", "caching"),
    [
        (JS, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/assets/geist-AbC123.woff2", "font/woff2", "public, max-age=31536000, immutable"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
    ],
)
async def test_files_say_what_they_are_and_how_long_they_keep(
    world: World, path: str, media: str, caching: str
) -> None:
    """What has a digest in its name is kept for ever; the rest is asked for again."""
    answer = await world.client(None).get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media
    assert answer.headers["cache-control"] == caching
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_service_worker_may_look_after_the_whole_app(world: World) -> None:
    """Only sw.js says so."""
    client = world.client(None)
    assert (await client.get("/sw.js")).headers["service-worker-allowed"] == "/"
    assert "service-worker-allowed" not in (await client.get(JS)).headers


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("br;q=0.5, gzip", "br"),
        ("gzip", "gzip"),
        ("br;q=0, GZIP", "gzip"),
        ("br;q=0.000, gzip; q=0", None),
        ("identity", None),
        ("", None),
    ],
)
async def test_files_come_compressed_for_who_takes_it(
    world: World, accepted: str, coding: str | None
) -> None:
    """The best form that the client takes, its length, and a word to caches between."""
    request = world.client(None).stream("GET", JS, headers={"accept-encoding": accepted})
    async with request as answer:
        body = b"".join([piece async for piece in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.headers["content-length"] == str(len(body))
    assert {"br": body == BROTLI, None: body == SCRIPT}.get(
        coding, gzip.decompress(body) == SCRIPT if coding == "gzip" else False
    )


@pytest.mark.parametrize(
    ("path", "name"), [("/docs", "index"), ("/docs/guides/begin", "guides/begin")]
)
async def test_the_docs_are_pages_without_inline_anything(
    world: World, path: str, name: str
) -> None:
    """At addresses without an ending, under a policy of their own, asked for anew each time."""
    answer = await world.client(None).get(path)
    assert (answer.status_code, answer.text) == (200, f"<title>{name}</title>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "path",
    ["/docs/index", "/docs/index.html", "/docs/guides/begin.html", "/docs/x", "/docs/guides"],
)
async def test_the_docs_have_one_address_each(world: World, path: str) -> None:
    """Any other one is the app's page that says so, with status 404."""
    answer = await world.client(None).get(path, headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "/assets/index-AbC123.js" in answer.text


async def test_who_has_a_file_gets_304(world: World) -> None:
    """By the tag of the same form, also when a proxy has made it weak, or among others; not by another's."""
    client = world.client(None)
    plain = {"accept-encoding": "identity"}
    tag = (await client.get(JS, headers=plain)).headers["etag"]
    packed = (await client.get(JS, headers={"accept-encoding": "gzip"})).headers["etag"]
    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = await client.get(JS, headers={**plain, "if-none-match": asked})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    assert packed != tag
    other = await client.get(JS, headers={**plain, "if-none-match": packed})
    assert other.status_code == 200


async def test_head_has_no_body_and_nothing_else_is_taken(world: World) -> None:
    """HEAD tells the length; POST is refused."""
    client = world.client(None)
    head = await client.head(JS, headers={"accept-encoding": "identity"})
    assert (head.content, head.headers["content-length"]) == (b"", str(len(SCRIPT)))
    refused = await client.post(JS)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/..%5c..%5csecret.txt",
        "/../secret.txt",
        "//secret.txt",
        "/assets/./index-AbC123.js",
        "/assets//index-AbC123.js",
        "/assets/index-AbC123.js%00.txt",
        "/assets/",
        "/assets",
        "/index.html",
        "/assets/index-AbC123.js.gz",
    ],
)
async def test_no_way_leads_past_the_list_of_files(world: World, path: str) -> None:
    """What is not a file of the app under exactly its own path is not there."""
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    # Past httpx, which tidies paths up; servers hand over the path with its escapes undone.
    scope = {
        "type": "http",
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
    }
    await world.app(scope, nothing, send)
    assert sent[0]["status"] == 404
    assert b"not for you" not in sent[1]["body"]


async def nothing() -> MutableMapping[str, Any]:
    """A request without a body."""
    return {"type": "http.request", "body": b"", "more_body": False}
