"""A chart can be drawn from /udf alone: a client that knows only the public specification gets what traded."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cse.core.errors import Unavailable
from cse.gateway.udf.bars import MAX_BARS, RESOLUTIONS
from cse.messages import commands as c
from cse.messages.wire import MarketStatus, Side
from tests.integration.feeds.past import (
    DAY_MS,
    MINUTE_MS,
    MONDAY_MS,
    WEEK_MS,
    MovedClock,
    Past,
    past_exchange,
)
from tests.integration.feeds.udf_client import (
    QUOTE_FIELDS,
    SYMBOL_FIELDS,
    Bar,
    UdfClient,
    UdfError,
)
from tests.integration.http_exchange import MARKET

MONDAY = MONDAY_MS // 1_000
MINUTE, DAY, WEEK = MINUTE_MS // 1_000, DAY_MS // 1_000, WEEK_MS // 1_000


@pytest.fixture
async def past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Past]:
    async with past_exchange(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def chart(past: Past) -> UdfClient:
    return UdfClient(past.exchange.client())


async def test_the_configuration_says_what_is_served(chart: UdfClient) -> None:
    """Every member of the specification is there, and exactly the resolutions that history answers."""
    config = await chart.get("config")
    assert config["supports_search"] is True
    assert config["supports_group_request"] is False
    assert config["supports_time"] is True
    assert config["supports_marks"] is True
    assert config["supports_timescale_marks"] is True
    assert [set(each) for each in config["exchanges"]] == [{"value", "name", "desc"}] * 2
    assert [set(each) for each in config["symbols_types"]] == [{"name", "value"}] * 2
    for resolution in [*config["supported_resolutions"], "D", "W"]:
        page = await chart.bars(MARKET, resolution, to=MONDAY, countback=1)
        assert page.no_data


async def test_symbols_have_exact_price_steps(past: Past, chart: UdfClient) -> None:
    """A tick of 0.0001 is 1/10000 and one of 0.0005 is 5/10000; names with and without the exchange."""
    await past.exchange.queue.submit(
        c.CreateMarket(
            market_id=50,
            symbol="NOVA-ECHO",
            base_asset_id=2,
            quote_asset_id=4,
            price_scale=4,
            tick_size=5,
            lot_size=10_000,
            min_quantity=1,
            max_quantity=1_000_000,
            min_notional=0,
            band_ppm=200_000,
            reference_price=100,
            max_open_orders=20,
            status=MarketStatus.OPEN,
        )
    )
    symbol = await chart.resolve(MARKET)
    assert set(symbol) >= SYMBOL_FIELDS
    assert (symbol["minmov"], symbol["pricescale"], symbol["volume_precision"]) == (1, 10_000, 2)
    assert (symbol["session"], symbol["timezone"]) == ("24x7", "Etc/UTC")
    assert set(symbol["intraday_multipliers"]) == {name for name in RESOLUTIONS if name.isdigit()}
    assert await chart.resolve(f"CSE:{MARKET}") == symbol
    coarse = await chart.resolve("NOVA-ECHO")
    assert (coarse["minmov"], coarse["pricescale"]) == (5, 10_000)


async def test_search_finds_by_part_of_a_name(chart: UdfClient) -> None:
    """Whatever the case and the separator; filters and the limit count."""
    found = await chart.get("search", query="nova/us", type="", exchange="", limit=10)
    assert [each["symbol"] for each in found] == [MARKET]
    assert set(found[0]) == {"symbol", "full_name", "description", "exchange", "ticker", "type"}
    assert len(await chart.get("search", query="usdc", limit=3)) == 3
    assert await chart.get("search", query="usdc", exchange="NYSE") == []
    assert await chart.get("search", query="usdc", type="stock") == []
    assert await chart.get("search", query="nothing like it") == []


async def test_scrolling_back_ends_at_the_first_bar(past: Past, chart: UdfClient) -> None:
    """Page by page into the past every minute comes once, empty ones with the close before; then no data."""
    for index, ticks in ((0, 12_500), (1, 12_600), (7, 12_400), (19, 12_450)):
        await past.trade(MONDAY_MS + index * MINUTE_MS, ticks)
    MovedClock.time_ms = MONDAY_MS + 20 * MINUTE_MS
    bars = await chart.scroll_back(MARKET, "1", MONDAY + 21 * MINUTE, countback=6)
    assert [bar.time for bar in bars] == [MONDAY + minute * MINUTE for minute in range(21)]
    assert bars[0] == Bar(MONDAY, "1.2500", "1.2500", "1.2500", "1.2500", "1.00")
    assert bars[3] == Bar(bars[3].time, "1.2600", "1.2600", "1.2600", "1.2600", "0.00")
    assert {bar.close for bar in bars[7:19]} == {"1.2400"}
    before = await chart.bars(MARKET, "1", from_=MONDAY - WEEK, to=MONDAY, countback=10)
    assert before == ([], True, None)


async def test_ranges_are_half_open_and_countback_comes_first(past: Past, chart: UdfClient) -> None:
    """`from` counts, `to` does not; with `countback` the last bars before `to`, whatever `from` says."""
    for minute in range(5):
        await past.trade(MONDAY_MS + minute * MINUTE_MS, 12_500 + minute)
    inside = await chart.bars(MARKET, "1", from_=MONDAY + MINUTE, to=MONDAY + 3 * MINUTE)
    assert [bar.time for bar in inside.bars] == [MONDAY + MINUTE, MONDAY + 2 * MINUTE]
    counted = await chart.bars(
        MARKET, "1", from_=MONDAY + 2 * MINUTE, to=MONDAY + 3 * MINUTE, countback=3
    )
    assert [bar.time for bar in counted.bars] == [MONDAY, MONDAY + MINUTE, MONDAY + 2 * MINUTE]
    last = await chart.bars(MARKET, "1", from_=MONDAY, to=MONDAY + WEEK)
    assert last.bars[-1].time == MONDAY + 4 * MINUTE, "no bar lies in the future"


async def test_a_gap_names_the_bar_before_it(past: Past, chart: UdfClient) -> None:
    """A range without a bar: `no_data` and when the closest earlier bar opened; none before the first."""
    await past.trade(MONDAY_MS, 12_500)
    within = await chart.bars(MARKET, "60", from_=MONDAY + 60, to=MONDAY + 120)
    assert within == ([], True, MONDAY)
    future = await chart.bars(MARKET, "60", from_=MONDAY + WEEK, to=MONDAY + WEEK + DAY)
    assert future == ([], True, MONDAY)
    earlier = await chart.bars(MARKET, "60", from_=MONDAY - WEEK, to=MONDAY - DAY)
    assert earlier == ([], True, None)


async def test_weeks_begin_on_mondays_and_days_at_midnight(past: Past, chart: UdfClient) -> None:
    """Weekly and daily bars hold what traded in them, over weeks without a trade."""
    await past.trade(MONDAY_MS + 3 * DAY_MS, 12_500, 100)
    await past.trade(MONDAY_MS + 6 * DAY_MS, 12_700, 150)
    await past.trade(MONDAY_MS + 2 * WEEK_MS + DAY_MS, 12_600, 80)
    weeks = await chart.scroll_back(MARKET, "1W", MONDAY + 3 * WEEK, countback=2)
    assert weeks == [
        Bar(MONDAY, "1.2500", "1.2700", "1.2500", "1.2700", "2.50"),
        Bar(MONDAY + WEEK, "1.2700", "1.2700", "1.2700", "1.2700", "0.00"),
        Bar(MONDAY + 2 * WEEK, "1.2600", "1.2600", "1.2600", "1.2600", "0.80"),
    ]
    days = await chart.scroll_back(MARKET, "D", MONDAY + 3 * WEEK, countback=5)
    assert [bar.time for bar in days] == [MONDAY + day * DAY for day in range(3, 16)]
    seconds = await chart.bars(MARKET, "1S", to=MONDAY + 3 * DAY + 2, countback=10)
    assert [bar.time for bar in seconds.bars] == [MONDAY + 3 * DAY, MONDAY + 3 * DAY + 1]


async def test_an_answer_is_bounded_and_the_newest_bars_count(past: Past, chart: UdfClient) -> None:
    """However many bars are asked for, at most MAX_BARS come, and asking on from there leaves no gap."""
    await past.trade(MONDAY_MS, 12_500)
    MovedClock.time_ms = MONDAY_MS + DAY_MS
    page = await chart.bars(MARKET, "1S", to=MONDAY + DAY, countback=2**31)
    ranged = await chart.bars(MARKET, "1S", from_=0, to=MONDAY + DAY)
    assert page == ranged
    times = [bar.time for bar in page.bars]
    assert times == list(range(MONDAY + DAY - MAX_BARS, MONDAY + DAY))
    older = await chart.bars(MARKET, "1S", to=times[0], countback=3)
    assert older.bars[-1].time == times[0] - 1


async def test_quotes_of_several_symbols(past: Past, chart: UdfClient) -> None:
    """All in one call, each under the name that was asked for; unknown ones say so and spoil nothing."""
    await past.trade(MONDAY_MS, 12_500)
    await past.trade(MONDAY_MS + MINUTE_MS, 12_000)
    await past.rest(Side.BUY, 11_900)
    await past.rest(Side.SELL, 12_100)
    asked = (f"CSE:{MARKET}", "NYSE:AA", "LUMEN-USDC")
    quotes = await chart.quotes(*asked)
    assert tuple(quotes) == asked
    values = quotes[asked[0]]["v"]
    assert set(values) == QUOTE_FIELDS
    assert (values["lp"], values["ch"], values["chp"]) == ("1.2000", "-0.0500", "-4.00")
    assert (values["bid"], values["ask"], values["spread"]) == ("1.1900", "1.2100", "0.0200")
    assert (values["high_price"], values["low_price"], values["volume"]) == (
        "1.2500",
        "1.2000",
        "2.00",
    )
    assert (values["open_price"], values["prev_close_price"]) == ("1.2500", "1.2500")
    assert quotes["NYSE:AA"]["s"] == "error"
    assert "NYSE:AA" in quotes["NYSE:AA"]["errmsg"]
    quiet = quotes["LUMEN-USDC"]
    assert (quiet["s"], quiet["v"].get("lp"), quiet["v"]["volume"]) == ("ok", None, "0.00")


async def test_marks_show_the_first_trade(past: Past, chart: UdfClient) -> None:
    """As tables and lists of the specification, on the time of a bar; nothing outside the range."""
    period = {"symbol": MARKET, "from": MONDAY - WEEK, "to": MONDAY + WEEK}
    assert (await chart.get("marks", resolution="60", **period))["id"] == []
    await past.trade(MONDAY_MS + MINUTE_MS, 12_500)
    await past.trade(MONDAY_MS + DAY_MS, 12_600)
    marks = await chart.get("marks", resolution="60", **period)
    assert marks["time"] == [MONDAY]
    assert {len(column) for column in marks.values()} == {1}
    assert set(marks) == {"id", "time", "color", "text", "label", "labelFontColor", "minSize"}
    [mark] = await chart.get("timescale_marks", resolution="1", **period)
    assert set(mark) == {"id", "time", "color", "label", "tooltip"}
    assert mark["time"] == MONDAY + MINUTE
    later = {**period, "from": MONDAY + DAY}
    assert await chart.get("timescale_marks", resolution="1", **later) == []


async def test_time_is_plain_seconds(past: Past, chart: UdfClient) -> None:
    """Text, not JSON; seconds, not milliseconds."""
    answer = await past.exchange.client().get("/udf/time")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == str(MONDAY)
    assert await chart.time() == MONDAY


async def test_errors_are_the_specifications_and_ours(past: Past, chart: UdfClient) -> None:
    """`s: error` with `errmsg`, in a problem document with its status; parameters of others pass."""
    for params, status, code in (
        ({"symbol": "NO-SUCH"}, 404, "market_not_found"),
        ({}, 400, "invalid_request"),
    ):
        answer = await past.exchange.client().get("/udf/symbols", params=params)
        told = answer.json()
        assert (answer.status_code, told["s"], told["code"]) == (status, "error", code)
        assert told["errmsg"] == told["detail"]
        assert answer.headers["content-type"] == "application/problem+json"
    with pytest.raises(UdfError, match="NO-SUCH"):
        await chart.resolve("NO-SUCH")
    for bad in ({"to": 1}, {"to": 1, "from_": 0, "countback": 0}):
        with pytest.raises(UdfError):
            await chart.bars(MARKET, "1", **bad)
    with pytest.raises(UdfError, match="resolution"):
        await chart.bars(MARKET, "1M", to=MONDAY, countback=1)
    assert (await chart.get("symbols", symbol=MARKET, currencyCode="USD"))["name"] == MARKET


async def test_bars_of_a_database_that_is_away_are_an_error_not_a_gap(
    past: Past, chart: UdfClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What memory has is drawn; what lies behind is refused as retryable, never told as no data."""
    await past.trade(MONDAY_MS, 12_500)
    past.exchange.deps.market_data.market(1).seed_to = 1  # type: ignore[misc]  # as after a restart
    monkeypatch.setattr(past.exchange.deps.gate, "reach", _away)
    answer = await past.exchange.client().get(
        "/udf/history",
        params={"symbol": MARKET, "resolution": "1", "to": MONDAY - 1, "countback": 1},
    )
    assert (answer.status_code, answer.json()["s"]) == (503, "error")


async def _away(_sequence: int) -> None:
    raise Unavailable("History does not answer.")
