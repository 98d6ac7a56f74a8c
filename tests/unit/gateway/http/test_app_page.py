"""The web app's page: where it is served, its policy and nonce, what link previews show."""

import re
from pathlib import Path

import pytest

from cse.gateway.http.app_page import CLIENT_ROUTES, client_route
from cse.gateway.http.link_previews import Preview, preview_tags
from tests.unit.gateway.built_app import build
from tests.unit.gateway.world import World
from tests.unit.house.sources import ROOT

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{}'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(web_app=build(tmp_path))


def test_the_server_knows_the_apps_addresses() -> None:
    """The list of the server is the router's list."""
    router = (ROOT / "web/src/app/router.tsx").read_text(encoding="utf-8")
    routes = re.findall(r"""\b(?:at|own)\(\s*"([^"]+)"|\bpath: "([^"]+)\"""", router)
    assert sorted(one or other for one, other in routes) == sorted(CLIENT_ROUTES)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/markets/", "/markets"),
        ("/trade/NOVA-USDC", "/trade/$market"),
        ("/admin/users/7", "/admin/$section/$id"),
        ("/admin/users/7/8", None),
        ("/trade//", None),
        ("/markets/x", None),
        ("/Markets", None),
        ("//", None),
        ("//elsewhere.example/", None),
    ],
)
def test_addresses_are_matched_by_segment(path: str, route: str | None) -> None:
    """Parameters take one segment that is not empty; a slash at the end does not matter."""
    assert client_route(path) == route


@pytest.mark.parametrize(
    "path", ["/", "/trade/NOVA-USDC", "/account/security", "/oauth/callback/x"]
)
async def test_an_address_of_the_app_answers_with_its_page_and_policy(
    world: World, path: str
) -> None:
    """200, HTML that is asked for again each time, and exactly this policy, whose nonce stands in the page."""
    answer = await world.client(None).get(path, headers=BROWSER)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    nonce = re.search(r'<meta property="csp-nonce" nonce="([^"]+)"', answer.text)
    assert nonce is not None
    assert answer.headers["content-security-policy"] == POLICY.format(nonce[1])
    assert "__CSP_NONCE__" not in answer.text
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "publickey-credentials-get=(self)" in answer.headers["permissions-policy"]


async def test_each_answer_has_a_nonce_of_its_own(world: World) -> None:
    """A nonce that somebody has seen is good for nothing."""
    client = world.client(None)
    seen = {(await client.get("/")).headers["content-security-policy"] for _ in range(20)}
    assert len(seen) == 20


async def test_head_tells_the_length_only(world: World) -> None:
    """HEAD has the headers of GET and no body; other methods are refused."""
    client = world.client(None)
    whole, head = await client.get("/markets"), await client.head("/markets")
    assert head.content == b""
    assert head.headers["content-length"] == str(len(whole.content))
    assert (await client.post("/")).status_code == 405
    assert (await client.post("/markets", json={})).status_code == 404


@pytest.mark.parametrize("path", ["/nowhere", "/account/a/b", "/apix"])
async def test_an_unknown_address_is_404_and_still_the_app_for_browsers(
    world: World, path: str
) -> None:
    """People see the app's own page about it; programs get a problem document."""
    client = world.client(None)
    page, problem = await client.get(path, headers=BROWSER), await client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert (problem.status_code, problem.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/api/nowhere", "/assets/gone.js", "/static/gone", "/dev/gone"])
async def test_what_is_the_servers_is_never_the_page(world: World, path: str) -> None:
    """A script that is not there must not be answered with HTML."""
    answer = await world.client(None).get(path, headers=BROWSER)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_the_api_stays_what_it_is(world: World) -> None:
    """Calls and the reference page are found before the app's addresses, methods that are not there stay 405."""
    client = world.client(None)
    assert (await client.get("/api/markets", headers=BROWSER)).json()["markets"]
    assert "swagger" in (await client.get("/api/docs", headers=BROWSER)).text
    assert (await client.get("/api/auth/login", headers=BROWSER)).status_code == 405


async def test_a_link_to_a_market_shows_the_market(world: World) -> None:
    """Title and Open Graph tags name the pair; a market that is not there shows the exchange."""
    client = world.client(None)
    market, none = await client.get("/trade/NOVA-USDC"), await client.get("/trade/NOPE-USDC")
    assert "<title>NOVA/USDC · CS Exchange</title>" in market.text
    assert '<meta property="og:title" content="NOVA/USDC · CS Exchange" />' in market.text
    assert market.text.count("<title>") == 1
    assert "<title>CS Exchange</title>" in none.text
    assert "NOPE" not in none.text


async def test_a_hostile_address_is_nowhere_in_the_page(world: World) -> None:
    """What stands in an address is looked up, never written."""
    for hostile in ('"><script>alert(1)</script>', "%22%3E%3Cscript%3E", "__CSP_NONCE__"):
        answer = await world.client(None).get(f"/trade/{hostile}", headers=BROWSER)
        assert "alert" not in answer.text
        assert answer.text.count("<script") == 1


def test_names_are_escaped_in_previews() -> None:
    """Even a market that somebody named so cannot bring a tag, an attribute or a nonce into the page."""
    tags = preview_tags(Preview('</title><script>"x"', "' onload=a& <b>")).decode()
    assert tags.count("<script") == 0
    assert "&lt;/title&gt;&lt;script&gt;&quot;x&quot;" in tags
    assert 'content="&#x27; onload=a&amp; &lt;b&gt;"' in tags
    assert len(re.findall("<", tags)) == 8  # title twice, six meta tags


async def test_without_a_built_app_there_are_plain_pages(tmp_path: Path) -> None:
    """The plain home page says how the app is built; providers find the plain callback page."""
    for folder in (None, tmp_path / "nothing"):
        client = World(web_app=folder).client(None)
        home = await client.get("/", headers=BROWSER)
        assert "make web" in home.text
        assert (await client.get("/oauth/callback/x")).status_code == 200
        assert (await client.get("/markets", headers=BROWSER)).status_code == 404
