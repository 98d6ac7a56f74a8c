"""Values of indicators: the same for a candle on every page, computed once, bounded, and never on the event loop."""

import asyncio
import threading

import pytest

from cse.core.errors import Unavailable
from cse.gateway.indicators import service as service_module
from cse.gateway.indicators.service import Window
from cse.gateway.indicators.workers import Workers
from cse.gateway.problems import ApiProblem
from cse.market_data.indicators import Unusable, catalogue, choose, parse_one
from cse.market_data.indicators.blocks import BLOCK
from tests.unit.gateway.indicators.trading import BEGIN, MINUTE, Trading

FADING = ("rsi(14)", "ema(200)", "macd(12,26,9)", "adx(14)", "kama(30)", "sar(0.02,0.2)", "ha")
WHOLE = ("obv", "vwap", "ad")


@pytest.mark.parametrize("name", [*FADING, *WHOLE, "sma(30)", "bbands(20,2,2,sma)", "cdldoji"])
async def test_a_candle_has_the_same_value_on_every_page(name: str) -> None:
    """Pages of many sizes and beginnings, each asked of a service that knows nothing: equal to the last digit."""
    minutes = 1_600
    whole = await Trading(minutes).values(name, 0, minutes)
    assert len(whole.times) == minutes
    assert any(value is not None for value in whole.columns[0])
    for begin, end in ((0, 1), (1_590, 1_600), (1_300, 1_500), (BLOCK - 1, BLOCK + 1), (7, 1_100)):
        page = await Trading(minutes).values(name, begin, end)
        assert page == whole.between(BEGIN + begin * MINUTE, BEGIN + end * MINUTE)
        assert page.times[0] == BEGIN + begin * MINUTE
        assert len(page.times) == end - begin


@pytest.mark.parametrize("name", FADING)
async def test_where_a_block_begins_cannot_be_seen(name: str) -> None:
    """A function that fades: computed from the market's first candle it is the same to nine digits in every block."""
    trading = Trading(3_000)
    blocks = await trading.values(name, 0, 3_000)
    at_once = Trading(3_000)
    # One block that holds everything is a computation from the first candle on.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cse.market_data.indicators.blocks.BLOCK", 10**8)
        patch.setattr("cse.market_data.indicators.blocks.MAX_WARM_UP", 10**7)
        whole = await at_once.values(name, 0, 3_000)
    assert blocks.times == whole.times
    for ours, theirs in zip(blocks.columns, whole.columns, strict=True):
        assert [value is None for value in ours] == [value is None for value in theirs]
        numbers = [value for value in ours if value is not None]
        wanted = [value for value in theirs if value is not None]
        assert numbers == pytest.approx(wanted, rel=1e-9, abs=1e-9)


async def test_sums_begin_anew_at_midnight() -> None:
    """On-balance volume of minutes is of the UTC day: its first value is that minute's volume, up or down."""
    day = 1_440
    trading = Trading(2 * day + 10, idle=0)
    found = await trading.values("obv", day - 1, day + 2)
    first, second = (trading.candles[n] for n in (day, day + 1))
    volume = first.volume / 100
    assert found.columns[0][1] == volume
    sign = (second.close > first.close) - (second.close < first.close)
    assert found.columns[0][2] == pytest.approx(volume + sign * second.volume / 100)


async def test_every_indicator_is_served_from_candles() -> None:
    """All of the catalogue, from a market that is younger than many a lookback and from one that is not."""
    for minutes in (1, 40, 700):
        trading = Trading(minutes)
        for name in catalogue():
            found = await trading.values(choose(name, {}).name, 0, minutes)
            assert {len(column) for column in found.columns} == {minutes}, name


async def test_values_of_closed_blocks_are_computed_once() -> None:
    """The same page again, and another page of the same blocks, cost no computation, after new trades either."""
    trading = Trading(1_200)
    await trading.values("rsi(14)", 0, 500)
    computed, asked = trading.workers.computed, trading.world.history.asked
    await trading.values("rsi(14)", 0, 500)
    await trading.values("rsi(14)", 20, 180)
    trading.trade(trading.bar(1_200))
    await trading.values("rsi(14)", 0, 100)
    assert (trading.workers.computed, trading.world.history.asked) == (computed, asked)


async def test_the_current_candle_is_computed_anew_after_a_trade() -> None:
    """Without a trade the newest page is kept; with one its last value is another, and a new service agrees."""
    trading = Trading(1_200, idle=0)
    trading.trade(trading.bar(1_200))
    before = await trading.values("ema(10)", 1_150, 1_201)
    computed = trading.workers.computed
    assert await trading.values("ema(10)", 1_150, 1_201) == before
    assert trading.workers.computed == computed
    trading.trade(trading.bar(1_200))
    after = await trading.values("ema(10)", 1_150, 1_201)
    assert after.columns[0][:-1] == before.columns[0][:-1]
    assert after.columns[0][-1] != before.columns[0][-1]


async def test_time_alone_adds_flat_candles() -> None:
    """A minute in which nothing traded has a value once it has begun."""
    trading = Trading(60)
    chosen = parse_one("sma(2)")
    window = await trading.service.window(1, "1m", BEGIN, BEGIN + 10**9, 1_000)
    assert (window.end_ms - BEGIN) // MINUTE == 61  # the current one, too
    trading.at(63)
    window = await trading.service.window(1, "1m", BEGIN, BEGIN + 10**9, 1_000)
    found = await trading.service.values(trading.market, "1m", chosen, window)
    assert len(found.times) == 64
    assert found.columns[0][-1] == found.columns[0][-2] == trading.candles[-1].close / 10_000


async def test_equal_questions_at_one_time_are_one() -> None:
    """Twenty who ask together have it computed once; one who goes away takes nothing from the others."""
    trading = Trading(700)
    asking = [asyncio.ensure_future(trading.values("rsi(14)", 0, 400)) for _ in range(20)]
    await asyncio.sleep(0)
    asking[0].cancel()
    found = await asyncio.gather(*asking[1:])
    assert all(each == found[0] for each in found)
    assert trading.workers.computed == 1


async def test_what_is_kept_is_bounded() -> None:
    """Blocks are forgotten, the oldest first, once they hold more numbers than the bound."""
    trading = Trading(1_600, max_cached_values=1_300)
    await trading.values("sma(3)", 0, 400)
    await trading.values("sma(4)", 0, 400)
    computed = trading.workers.computed
    await trading.values("sma(4)", 0, 400)
    assert trading.workers.computed == computed
    for period in range(5, 9):
        await trading.values(f"sma({period})", 0, 400)
        assert trading.service._cached_values <= 1_300
    await trading.values("sma(4)", 0, 400)
    assert trading.workers.computed == computed + 5


async def test_remembered_needs_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for ever more parameters does not fill memory."""
    monkeypatch.setattr(service_module, "MAX_REACHES", 5)
    trading = Trading(10)
    for period in range(2, 20):
        await trading.values(f"sma({period})", 0, 5)
        assert len(trading.service._reaches) <= 5


async def test_too_much_at_once_is_refused_and_can_be_tried_again() -> None:
    """More jobs than may wait: 503, retryable; the threads are not the event loop's, and there are few of them."""
    workers, release = Workers(threads=2, max_waiting=3), threading.Event()
    seen: set[str] = set()

    def job() -> None:
        seen.add(threading.current_thread().name)
        release.wait(30)

    running = [asyncio.ensure_future(workers.run(job)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(ApiProblem) as caught:
        await workers.run(job)
    assert (caught.value.status, caught.value.retryable) == (503, True)
    assert caught.value.headers["Retry-After"] == "1"
    release.set()
    await asyncio.gather(*running)
    await workers.run(job)
    assert 1 <= len(seen) <= 2
    assert threading.current_thread().name not in seen


async def test_what_needs_more_candles_than_a_value_may_cost_is_refused() -> None:
    """A moving average of moving averages of 500 candles: refused by name, with the bound."""
    with pytest.raises(Unusable) as caught:
        await Trading(10).values("macdext(500,t3,500,t3,500,t3)", 0, 5)
    assert caught.value.field == "name"
    assert "at most 5000" in caught.value.reason


async def test_history_out_of_reach_is_told_and_nothing_wrong_is_kept() -> None:
    """While the database is away it is Unavailable; afterwards values are right."""
    trading = Trading(1_200)
    trading.world.history.failure = Unavailable("away")
    with pytest.raises(Unavailable):
        await trading.values("rsi(14)", 0, 300)
    trading.world.history.failure = None
    assert await trading.values("rsi(14)", 0, 300) == await Trading(1_200).values("rsi(14)", 0, 300)


async def test_a_market_without_trades_has_no_values() -> None:
    """No candle, no value, no question to the database more than needed."""
    trading = Trading(1)
    trading.world.history.candle_rows = []
    trading.service._candles._first.clear()
    window = await trading.service.window(2, "1m", BEGIN, BEGIN + MINUTE, 100)
    assert window == Window(0, 0)


@pytest.mark.parametrize("at_most", [1, 2, 3])
async def test_candles_that_are_dropped_while_others_are_read_leave_no_hole(at_most: int) -> None:
    """A block known before, dropped for room by a block before it: every value as without bounds."""
    minutes = 4 * BLOCK
    trading = Trading(minutes)
    trading.service._chunks._max_chunks = at_most  # type: ignore[misc]  # what is proved for few holds for many
    wanted = await Trading(minutes).values("sma(5)", 0, minutes)
    for begin, end in ((3 * BLOCK, minutes), (0, minutes), (BLOCK, minutes - 100), (0, minutes)):
        trading.service._known.clear()  # values are computed anew, from the candles that are kept
        found = await trading.values("sma(5)", begin, end)
        assert found == wanted.between(BEGIN + begin * MINUTE, BEGIN + end * MINUTE)
        assert len(trading.service._chunks) <= at_most
