"""Public calls about books and tickers: bounded memory, price steps, and 304 for those who have the answer."""

from collections import defaultdict
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import httpx
import pytest

from cse.gateway.http import market_data
from cse.gateway.http.market_data import BookQuery, MarketDataCalls
from cse.market_data.grouped import MAX_STEPS
from cse.messages.events import LevelChanged
from cse.messages.wire import Side
from tests.unit.gateway.world import ANN, BOB, MARKET, World

BOOK = f"/api/orderbook/{MARKET}"


def rest(world: World, side: Side, price: int, lots: int) -> None:
    """Set a level of the first market's book (ticks, lots)."""
    book = world.hub.depth(1)
    book.apply(LevelChanged(1, side, price, lots, 1), book.sequence + 1, world.clock.time_ms)


async def trade(world: World, price: str = "1.2400") -> None:
    order = {"market": MARKET, "side": "sell", "type": "limit", "price": price, "quantity": "1.00"}
    for account, side in ((ANN, "sell"), (BOB, "buy")):
        answer = await world.client(account).post("/api/orders", json={**order, "side": side})
        assert answer.status_code == 201, answer.text


async def test_printed_books_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that asks for every depth does not fill the memory; each answer is as good as uncached."""
    monkeypatch.setattr(market_data, "MAX_CACHED_BYTES", 2_000)
    calls = MarketDataCalls(World().deps)
    for depth in [*range(1, 200), *range(1, 200)]:
        query = BookQuery(depth)
        call: Any = SimpleNamespace(
            path={"market": MARKET}, query=lambda _, query=query: query,
            context=SimpleNamespace(headers={}),
        )  # fmt: skip
        answer = await calls.orderbook(call)
        assert MARKET.encode() in answer.body
        assert sum(len(body) for _, body in calls._books.values()) <= 2_000
    assert calls._books, "the latest are kept"


@pytest.mark.parametrize("step", ["0.0001", "0.0002", "0.0007", "0.001", "0.0250", "1"])
async def test_a_book_by_price_step_is_the_levels_put_together(step: str) -> None:
    """Bids rounded down, asks up, over the whole book; cut after that; the checksum is that of what is shown."""
    world = World()
    for number in range(60):
        rest(world, Side.BUY, 12_400 - 7 * number, number + 1)
        rest(world, Side.SELL, 12_500 + 9 * number, number + 1)
    whole = (await world.client().get(BOOK, params={"depth": 1_000})).json()
    answer = (await world.client().get(BOOK, params={"step": step, "depth": 12})).json()
    for side, rounding in (("bids", ROUND_FLOOR), ("asks", ROUND_CEILING)):
        sums: dict[Decimal, Decimal] = defaultdict(Decimal)
        for price, quantity in whole[side]:
            steps = (Decimal(price) / Decimal(step)).to_integral_value(rounding)
            sums[steps * Decimal(step)] += Decimal(quantity)
        levels = sorted(sums.items(), reverse=side == "bids")[:12]
        assert answer[side] == [[f"{price:.4f}", f"{lots:.2f}"] for price, lots in levels]
    assert answer["sequence"] == whole["sequence"]
    best = [f"{p}:{q}" for p, q in [*answer["bids"][:10], *answer["asks"][:10]]]
    assert answer["checksum"] == crc32("|".join(best).encode())


async def test_a_book_by_price_step_follows_the_book() -> None:
    """What changes between two polls is in the second, although only the changes are added up."""
    world = World()
    rest(world, Side.BUY, 12_345, 100)
    client = world.client()
    assert (await client.get(BOOK, params={"step": "0.01"})).json()["bids"] == [["1.2300", "1.00"]]
    rest(world, Side.BUY, 12_301, 50)
    rest(world, Side.BUY, 12_345, 0)
    rest(world, Side.BUY, 12_200, 25)
    assert (await client.get(BOOK, params={"step": "0.01"})).json()["bids"] == [
        ["1.2300", "0.50"], ["1.2200", "0.25"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("step", "why"),
    [("0.00001", "decimals"), ("0", "between 1"), ("100001", "1,000,000,000"), ("-1", "step"), ("x", "step")],
)  # fmt: skip
async def test_a_step_that_is_none_is_refused(step: str, why: str) -> None:
    """400, naming the field."""
    answer = await World().client().get(BOOK, params={"step": step})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert why in answer.json()["fields"]["step"] or step in "-1x"


async def test_unusual_steps_are_limited() -> None:
    """Past them 429 with Retry-After; the round ones go on."""
    world = World()
    for number in range(MAX_STEPS):
        answer = await world.client().get(BOOK, params={"step": f"0.00{number + 11}"})
        assert answer.status_code == 200
    refused = await world.client().get(BOOK, params={"step": "0.0077"})
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.headers["retry-after"] == "60"
    assert (await world.client().get(BOOK, params={"step": "0.05"})).status_code == 200


POLLED = [
    BOOK,
    f"{BOOK}?step=0.01&depth=5",
    f"/api/trades?market={MARKET}",
    f"/api/ticker/{MARKET}",
    "/api/tickers",
    "/api/markets",
    f"/api/markets/{MARKET}",
]


@pytest.mark.parametrize("path", POLLED)
async def test_who_polls_gets_304_until_something_changed(path: str) -> None:
    """The tag that came brings 304 without a body as long as nothing changed, then the new answer with a new tag."""
    world = World()
    await trade(world)
    first = await world.client().get(path)
    assert first.headers["cache-control"] == "no-cache"
    tag = first.headers["etag"]
    for given in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        same = await world.client().get(path, headers={"if-none-match": given})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    other = await world.client().get(path, headers={"if-none-match": '"other"'})
    assert (other.status_code, other.json()) == (200, first.json())
    await trade(world, "1.2500")
    changed = await world.client().get(path, headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    assert changed.json() != first.json()


async def test_tickers_change_by_time_alone() -> None:
    """A day later the same tag no longer holds, although no command came."""
    world = World()
    await trade(world)
    paths = (f"/api/ticker/{MARKET}", "/api/tickers")
    tags = [(await world.client().get(path)).headers["etag"] for path in paths]
    world.clock.time_ms += 25 * 60 * 60 * 1_000
    for path, tag in zip(paths, tags, strict=True):
        answer = await world.client().get(path, headers={"if-none-match": tag})
        assert answer.status_code == 200
        assert '"trades":0' in answer.text


async def test_another_process_answers_anew() -> None:
    """Tags hold within one process: the same numbers after a restart are not taken for the same answer."""
    worlds = World(), World()
    tag = (await worlds[0].client().get(BOOK)).headers["etag"]
    answer = await worlds[1].client().get(BOOK, headers={"if-none-match": tag})
    assert answer.status_code == 200


async def test_what_is_not_polled_is_not_kept() -> None:
    """Later pages of trades, own orders and the time carry no tag and are not stored by anybody on the way."""
    world = World()
    await trade(world)
    await trade(world)
    page = await world.client().get(f"/api/trades?market={MARKET}&limit=1")
    cursor = page.json()["next_cursor"]
    answers: list[httpx.Response] = [
        await world.client().get(path)
        for path in (
            f"/api/trades?market={MARKET}&limit=1&cursor={cursor}",
            "/api/orders",
            "/api/time",
        )
    ]
    for answer in answers:
        assert (answer.headers["cache-control"], "etag" in answer.headers) == ("no-store", False)
    listing = await world.client().get("/api/assets")
    assert listing.headers["cache-control"] == "public, max-age=60"
