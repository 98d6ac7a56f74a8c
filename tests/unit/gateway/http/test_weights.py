"""What calls weigh: told in OpenAPI and on the page of limits, taken from every bucket, and nothing when refused."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from cse.gateway.http.access import Need
from cse.gateway.http.context import RequestContext
from cse.gateway.http.weights import WEIGHTS
from cse.gateway.limits import RouteClass
from tests.unit.gateway.world import MARKET, World

PAGE = Path(__file__).parents[4] / "docs/reference/limits.md"
DOCUMENT: dict[str, Any] = World().app.app.openapi()
TOLD = {
    (method.upper(), path): call
    for path, methods in DOCUMENT["paths"].items()
    for method, call in methods.items()
}
ADDRESS = "127.0.0.1"
AUTH_BODIES: dict[str, Any] = {
    "/api/auth/register": {"email": "a@example.com", "password": "nine words", "handle": "ann"},
    "/api/auth/login": {"email": "a@example.com", "password": "nine words"},
    "/api/auth/refresh": {"refresh_token": "r" * 43},
    "/api/auth/logout": {"refresh_token": "r" * 43},
    "/api/auth/password-reset": {"email": "a@example.com"},
    "/api/auth/password-reset/confirm": {"token": "t" * 43, "password": "nine words"},
    "/api/auth/verify-email": {"token": "t" * 43},
    "/api/auth/verify-email/resend": {"email": "a@example.com"},
    "/api/auth/email/confirm": {"token": "t" * 43},
    "/api/auth/oauth/{provider}/start": {"purpose": "sign_in"},
    "/api/auth/oauth/{provider}/finish": {"state": "s" * 43, "code": "c"},
    "/api/auth/passkeys/login/options": None,
    "/api/auth/passkeys/login": {},
}
"""Every call that changes something and needs nobody, with a body of the right shape."""


def left(answer: httpx.Response) -> int:
    return int(answer.headers["ratelimit-remaining"])


def test_every_weight_is_of_a_call_and_every_call_tells_its_weight() -> None:
    """OpenAPI's `x-weight` is the table, and 1 for the rest."""
    assert WEIGHTS.keys() <= TOLD.keys()
    for name, call in TOLD.items():
        assert call["x-weight"] == WEIGHTS.get(name, 1), name


def test_the_page_of_limits_tells_every_weight() -> None:
    """docs/reference/limits.md has the table as it is."""
    lines = re.findall(r"^\| `([A-Z]+) (/\S+)` \| (\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {(method, path): int(weight) for method, path, weight in lines} == dict(WEIGHTS)


def test_pages_of_history_cost_more_than_commands() -> None:
    """Orders and what WebSockets share with REST weigh 1: no WebSocket is cheaper than its call."""
    for name in ("POST /api/orders", "PATCH /api/orders/{order_id}", "DELETE /api/orders"):
        method, _, path = name.partition(" ")
        assert TOLD[method, path]["x-weight"] == 1
    for path in ("/api/fills", "/api/ledger", "/api/orders", "/api/transfers", "/api/admin/audit"):
        assert TOLD["GET", path]["x-weight"] > 1


async def test_a_heavy_call_empties_a_bucket_sooner() -> None:
    """Fills take ten of 25, balances one; what was refused took nothing; the account pays as the address does."""
    world = World(limits=(1, 25))
    async with world.client() as ann:
        assert left(await ann.get("/api/fills")) == 15
        assert left(await ann.get("/api/balances")) == 14
        assert left(await ann.get("/api/ledger")) == 4
        asked = world.history.asked
        refused = await ann.get("/api/fills")
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert (left(refused), int(refused.headers["retry-after"])) == (4, 6)
        assert world.history.asked == asked, "refused before the history was asked"
        assert left(await ann.get("/api/balances")) == 3, "the refused call took nothing"
    async with world.client(account_id=1002) as bob:
        assert (await bob.get("/api/fills")).status_code == 429, "the address has paid, too"


async def test_public_calls_take_their_weight_from_the_address() -> None:
    """An order book takes two, the clock one."""
    async with World(limits=(1, 10)).client(None) as nobody:
        assert left(await nobody.get(f"/api/orderbook/{MARKET}")) == 8
        assert left(await nobody.get("/api/time")) == 7


async def test_indicators_take_their_weight_each() -> None:
    """Two in one call cost as two calls: ten, so that of twelve one is left after the clock."""
    path = f"/api/indicators/{MARKET}?interval=1m&name=sma(2),ema(3)"
    async with World(limits=(1, 12)).client(None) as nobody:
        await nobody.get(path)
        assert left(await nobody.get("/api/time")) == 1


def test_the_way_past_asgi_takes_the_same_weight() -> None:
    """`admit_now` charges what it is told, as `admit` does."""
    world = World(limits=(1, 25))
    calls = world.app.direct_calls
    assert calls is not None
    access = calls.access
    context = RequestContext("POST", "/api/orders", "id", {}, ADDRESS, secure=False)
    access.admit_now(context, Need.NOBODY, 10)
    assert context.verdict is not None
    assert context.verdict.remaining == 15


def test_the_table_of_bodies_has_every_post_that_needs_nobody() -> None:
    """A new one has to be entered here, and so to pay as log-ins do."""
    open_posts = {
        path
        for (method, path), call in TOLD.items()
        if method == "POST" and not call.get("security")
    }
    assert open_posts == AUTH_BODIES.keys()


@pytest.mark.parametrize("path", AUTH_BODIES)
async def test_whoever_is_nobody_pays_from_the_bucket_of_log_ins_first(path: str) -> None:
    """With that bucket empty it is 429, although nobody is there who could do the work: nothing was begun."""
    world = World()
    world.deps.limiter.take_local(RouteClass.AUTH, ADDRESS, weight=100_000)
    body = {} if AUTH_BODIES[path] is None else {"json": AUTH_BODIES[path]}
    async with world.client(None) as nobody:
        answer = await nobody.post(path.replace("{provider}", "discord"), **body)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited"), answer.text
