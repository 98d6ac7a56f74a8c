"""Trades and candles from memory and history are one list: no holes, no doubles, the fuller candle wins."""

import pytest

from cse.core.errors import Unavailable
from cse.gateway.history_gate import HistoryGate
from cse.gateway.market_history import MarketHistory
from cse.gateway.problems import ApiProblem
from cse.market_data import Candle
from cse.market_data.candles import MAX_CANDLES
from cse.market_data.tape import TapeTrade
from cse.messages.wire import Side
from cse.projections.views import CandleView, TradeView
from tests.unit.gateway.world import START_MS, World

MINUTE = 60_000
BEGIN = START_MS // MINUTE * MINUTE


def world_with(*, memory: range, history: range) -> tuple[World, MarketHistory]:
    world = World()
    data = world.hub.market(1)
    for trade_id in memory:
        data.trades.add(
            TapeTrade(1, trade_id, 100, 1, 100, Side.BUY, START_MS + trade_id, trade_id)
        )
    data.trade_sequence = max([*memory, 0])
    world.history.trade_rows = [
        TradeView(1, trade_id, 100, 1, 100, Side.BUY, START_MS + trade_id, trade_id)
        for trade_id in history
    ]
    return world, MarketHistory(world.hub, world.history, world.deps.gate)


@pytest.mark.parametrize("limit", [1, 3, 7, 30])
async def test_trades_go_on_where_memory_ends(limit: int) -> None:
    """Walking backwards gives every id once, whatever the page size and however the two overlap."""
    _, both = world_with(memory=range(11, 21), history=range(1, 18))
    seen: list[int] = []
    before: int | None = None
    while page := await both.trades(1, before, limit):
        seen += [trade.trade_id for trade in page]
        before = seen[-1]
    assert seen == list(range(20, 0, -1))


async def test_what_memory_holds_needs_no_database() -> None:
    """The newest page is served while the database is away; older ones are refused, not cut short."""
    world, both = world_with(memory=range(11, 21), history=range(1, 18))
    world.history.failure = Unavailable("away")
    assert len(await both.trades(1, None, 10)) == 10
    with pytest.raises(Unavailable):
        await both.trades(1, None, 11)


async def test_a_market_without_trades_asks_nobody() -> None:
    """No trades yet: an empty page without a query."""
    world, both = world_with(memory=range(0), history=range(0))
    assert await both.trades(1, None, 10) == []
    assert world.history.asked == 0


async def test_history_that_is_behind_leaves_no_hole() -> None:
    """While history lacks what memory has forgotten, the page is 503, not a page with a gap."""
    world, both = world_with(memory=range(11, 21), history=range(1, 5))
    world.history.at = 4
    with pytest.raises(ApiProblem) as caught:
        await both.trades(1, None, 15)
    assert caught.value.code == "history_behind"


def candle(open_ms: int, trades: int, close: int = 100) -> Candle:
    return Candle(open_ms, 100, 100, 100, close, trades, trades, trades)


def stored(open_ms: int, trades: int, close: int = 100) -> CandleView:
    return CandleView(1, open_ms, MINUTE, 100, 100, 100, close, trades, trades, trades)


def restarted() -> tuple[World, MarketHistory]:
    """A gateway that began when the market had four trades."""
    world, both = world_with(memory=range(5, 6), history=range(0))
    world.hub.market(1).seed_to = 4  # type: ignore[misc]  # as a market's record says after a restart
    world.hub.market(1).seeded = False
    return world, both


async def test_the_fuller_candle_of_two_wins() -> None:
    """Memory's first candle may lack what was before the start, history's last what came since."""
    world, both = restarted()
    series = world.hub.candles(1, "1m")
    series.extend([candle(BEGIN + 2 * MINUTE, 1), candle(BEGIN + 3 * MINUTE, 9, close=111)])
    world.history.candle_rows = [
        stored(BEGIN, 2),
        stored(BEGIN + 2 * MINUTE, 4, close=105),
        stored(BEGIN + 3 * MINUTE, 8),
    ]
    found = await both.candles(1, "1m", BEGIN, BEGIN + 10 * MINUTE, 100)
    assert [(c.open_time_ms - BEGIN, c.trades, c.close) for c in found] == [
        (0, 2, 100),
        (2 * MINUTE, 4, 105),
        (3 * MINUTE, 9, 111),
    ]
    first = await both.candles(1, "1m", BEGIN, BEGIN + 10 * MINUTE, 2)
    assert list(first) == list(found[:2])
    assert await both.candles(1, "1m", BEGIN + 10, BEGIN + 5, 2) == []


async def test_recent_candles_need_no_database() -> None:
    """A window that memory covers is served while the database is away."""
    world, both = restarted()
    series = world.hub.candles(1, "1m")
    series.extend([candle(BEGIN, 1), candle(BEGIN + MINUTE, 1)])
    world.history.failure = Unavailable("away")
    found = await both.candles(1, "1m", BEGIN + 1, BEGIN + 2 * MINUTE, 100)
    assert [c.open_time_ms for c in found] == [BEGIN + MINUTE]
    with pytest.raises(Unavailable):
        await both.candles(1, "1m", BEGIN - MINUTE, BEGIN + MINUTE, 100)


async def test_a_market_that_memory_holds_whole_needs_no_database() -> None:
    """Since nothing traded before the start and nothing was dropped, charts ask nobody, however far back."""
    world, both = world_with(memory=range(5, 6), history=range(0))
    world.hub.candles(1, "1m").extend([candle(BEGIN, 1)])
    world.history.failure = Unavailable("away")
    found = await both.candles(1, "1m", 0, BEGIN + MINUTE, 100)
    assert [c.open_time_ms for c in found] == [BEGIN]


async def test_candles_that_memory_dropped_wait_for_history() -> None:
    """Once the oldest are forgotten, history must have all that traded before it is asked for them."""
    world, both = world_with(memory=range(5, 6), history=range(0))
    series = world.hub.candles(1, "1m")
    series.extend(
        (candle(BEGIN + n * MINUTE, 1) for n in range(MAX_CANDLES + 1)),
        sequence=world.hub.sequence + 7,
    )
    world.history.candle_rows = [stored(BEGIN, 1), stored(BEGIN + MINUTE, 1)]
    found = await both.candles(1, "1m", BEGIN, BEGIN + 3 * MINUTE, 100)
    assert [c.open_time_ms - BEGIN for c in found] == [0, MINUTE, 2 * MINUTE]
    world.history.at = world.hub.sequence + 6
    both = MarketHistory(world.hub, world.history, HistoryGate(world.history, 40))
    with pytest.raises(ApiProblem) as caught:
        await both.candles(1, "1m", BEGIN, BEGIN + 3 * MINUTE, 100)
    assert caught.value.code == "history_behind"


async def test_a_candle_around_the_start_waits_for_all_of_its_trades() -> None:
    """Neither memory (no trade before the start) nor late history (none after it) has the whole of it."""
    world, both = restarted()
    world.hub.candles(1, "1m").extend([candle(BEGIN, 3), candle(BEGIN + MINUTE, 1)])
    world.hub.market(1).trade_sequence = 99
    world.history.candle_rows = [stored(BEGIN, 4)]
    world.history.at = 98
    gate = HistoryGate(world.history, 40)
    both = MarketHistory(world.hub, world.history, gate)
    for read in (both.candles, both.latest_candles):
        with pytest.raises(ApiProblem) as caught:
            await read(1, "1m", BEGIN, BEGIN + 3 * MINUTE, 100)
        assert caught.value.code == "history_behind"
    world.history.at = 99
    world.history.candle_rows = [stored(BEGIN, 7), stored(BEGIN + MINUTE, 1)]
    for read in (both.candles, both.latest_candles):
        found = await read(1, "1m", BEGIN, BEGIN + 3 * MINUTE, 100)
        assert [(c.open_time_ms - BEGIN, c.trades) for c in found] == [(0, 7), (MINUTE, 1)]


async def test_the_latest_candles_of_memory_and_history() -> None:
    """The newest ones win the limit, oldest first; what memory has is not asked for."""
    world, both = restarted()
    world.hub.market(1).seeded = True
    world.hub.candles(1, "1m").extend([candle(BEGIN + n * MINUTE, n) for n in (5, 6)])
    world.history.candle_rows = [stored(BEGIN + n * MINUTE, n) for n in (1, 2, 3, 5)]
    for limit, expected in ((3, [3, 5, 6]), (2, [5, 6]), (1, [6]), (9, [1, 2, 3, 5, 6])):
        found = await both.latest_candles(1, "1m", 0, BEGIN + 10 * MINUTE, limit)
        assert [c.trades for c in found] == expected
    world.history.failure = Unavailable("away")
    assert len(await both.latest_candles(1, "1m", 0, BEGIN + 10 * MINUTE, 2)) == 2


async def test_older_trades_do_not_wait_for_the_newest() -> None:
    """A projector that is late by a batch holds up no page: history must have what memory forgot, not more."""
    world, both = world_with(memory=range(11, 21), history=range(1, 12))
    world.history.at = 11
    found = await both.trades(1, None, 15)
    assert [trade.trade_id for trade in found] == list(range(20, 5, -1))
    deep = await both.trades(1, 8, 3)
    assert [trade.trade_id for trade in deep] == [7, 6, 5]
