"""Channels of indicators: what a client folds is what REST answers; computed at a pace, shared, bounded."""

import asyncio
import random

import pytest

from cse.core.errors import Unavailable
from cse.gateway.history_gate import HistoryGate
from cse.gateway.indicators.reading import Candles
from cse.gateway.indicators.service import IndicatorService
from cse.gateway.market_history import MarketHistory
from cse.gateway.problems import ApiProblem
from cse.gateway.ws.channel import Channel
from cse.gateway.ws.channels.names import ChannelKind
from cse.gateway.ws.indicator_channel import SNAPSHOT_VALUES, IndicatorChannel, IndicatorChannels
from cse.gateway.ws.messages import IndicatorMessage
from cse.market_data import INTERVALS, open_time
from cse.market_data.indicators import parse_one
from cse.messages.wire import Side
from tests.unit.gateway.world import ListedHistory
from tests.unit.gateway.ws.listening import Listener
from tests.unit.gateway.ws.stage import Stage
from tests.unit.projections.live.streams import ACCOUNTS, place
from tests.waiting import wait_until_async

M = "GOLD-USD1"
MINUTE = INTERVALS["1m"]
RSI = f"indicators.{M}.1m.rsi(14)"


class Patient(Listener):
    """Opens when what it lacked has come; not before."""

    def __init__(self) -> None:
        super().__init__()
        self.reopened = 0

    def reopen(self, channel: Channel) -> None:
        self.reopened += 1
        channel.open(self, None)


class Watching:
    """A market that trades, and channels of its indicators."""

    def __init__(self, max_channels: int = 200) -> None:
        self.stage, self.chance = Stage(), random.Random(3)
        self.history = ListedHistory()
        hub = self.stage.hub
        gate = HistoryGate(self.history, 40)
        candles = Candles(MarketHistory(hub, self.history, gate))
        self.service = IndicatorService(hub, self.stage, candles)
        self.channels = IndicatorChannels(self.service, max_channels)
        self.stage.streams.register(ChannelKind.INDICATORS, self.channels)
        self.trades, self.price = 0, 1_000

    def trade(self, count: int = 1, after_ms: int = 20_000) -> None:
        for _ in range(count):
            self.trades += 1
            self.price += self.chance.randint(-9, 9)
            seller, buyer = ACCOUNTS[:2] if self.trades % 2 else ACCOUNTS[1::-1]
            quantity = self.chance.randint(1, 50)
            self.stage.do(place(seller, Side.SELL, self.price, quantity), after_ms=after_ms)
            self.stage.do(place(buyer, Side.BUY, self.price, quantity), after_ms=0)

    def subscribe(self, name: str = RSI) -> tuple[IndicatorChannel, Patient]:
        """Listen, and ask for the opening."""
        listener = Patient()
        found = self.stage.streams.find(name, None)
        channel = self.stage.streams.subscribe(found, listener)
        assert isinstance(channel, IndicatorChannel)
        channel.open(listener, None)
        return channel, listener

    async def rest(self, channel: IndicatorChannel) -> None:
        """Let what is being computed be sent."""
        await wait_until_async(lambda: channel._computing is None, what="the computation")

    async def beat(self, channel: IndicatorChannel) -> None:
        """Let the pace pass."""
        self.stage.schedule.beat()
        await self.rest(channel)


def folded(listener: Listener) -> dict[str, dict[int, float | None]]:
    """What a client knows: by output, value by candle; the chain of sequences is checked on the way."""
    known: dict[str, dict[int, float | None]] = {}
    sequence = None
    for message in listener.messages:
        assert isinstance(message, IndicatorMessage)
        if message.type == "snapshot":
            known = {}
        else:
            assert message.previous == sequence
        sequence = message.sequence
        for output, column in message.values.items():
            known.setdefault(output, {}).update(zip(message.times, column, strict=True))
    return known


@pytest.mark.parametrize("function", ["rsi(14)", "macd(12,26,9)", "obv", "cdldoji"])
async def test_a_client_knows_what_rest_answers(function: str) -> None:
    """Snapshot and updates, folded, are the service's own values of the same candles, whatever traded between."""
    watching = Watching()
    watching.trade(90)
    channel, listener = watching.subscribe(f"indicators.{M}.1m.{function}")
    await watching.rest(channel)
    assert [message.type for message in listener.messages] == ["snapshot"]
    for step_ms in (1, 500, 61_000, 1, 200_000, 59_000, 60_000):
        watching.trade(3, after_ms=step_ms)
        await watching.beat(channel)
    known = folded(listener)
    assert {message.type for message in listener.messages} == {"snapshot", "update"}
    last_ms = open_time(watching.stage.venue.time_ms, MINUTE)
    times = sorted(known[channel._chosen.function.outputs[0].name])
    assert times[-1] == last_ms
    assert times == list(range(times[0], last_ms + 1, MINUTE))
    market = watching.stage.catalog.markets[1]
    window = await watching.service.window(1, "1m", times[0], last_ms + 1, 1_000)
    wanted = await watching.service.values(market, "1m", parse_one(function), window)
    for output, column in zip(channel._chosen.function.outputs, wanted.columns, strict=True):
        assert [known[output.name][time_ms] for time_ms in times] == column


async def test_a_snapshot_has_the_latest_hundred() -> None:
    """A late subscriber gets at most so many, as they were sent last, and goes on with the same updates."""
    watching = Watching()
    watching.trade(400)
    channel, first = watching.subscribe()
    await watching.rest(channel)
    watching.trade(30)
    await watching.beat(channel)
    again, late = watching.subscribe()
    assert again is channel
    assert late.messages[0].type == "snapshot"
    assert isinstance(late.messages[0], IndicatorMessage)
    assert len(late.messages[0].times) == SNAPSHOT_VALUES
    watching.trade(3)
    await watching.beat(channel)
    assert first.outgoing[-1] is late.outgoing[-1]
    mine, theirs = folded(late)["value"], folded(first)["value"]
    assert mine == {time_ms: theirs[time_ms] for time_ms in mine}


async def test_updates_hold_what_changed_and_come_at_a_pace() -> None:
    """Any number of trades within a pace is one computation and one message, of the candles that are another."""
    watching = Watching()
    watching.trade(90)
    channel, listener = watching.subscribe()
    await watching.rest(channel)
    for _ in range(50):
        watching.trade(1, after_ms=1)
    assert len(listener.messages) == 1
    await watching.beat(channel)
    assert len(listener.messages) == 2
    update = listener.messages[-1]
    assert isinstance(update, IndicatorMessage)
    assert len(update.times) == 1
    await watching.beat(channel)
    assert len(listener.messages) == 2  # nothing traded


async def test_after_a_long_silence_it_begins_anew() -> None:
    """More empty candles than a snapshot holds: a snapshot, not an update with a hole."""
    watching = Watching()
    watching.trade(60)
    channel, listener = watching.subscribe()
    await watching.rest(channel)
    watching.trade(1, after_ms=MINUTE * (SNAPSHOT_VALUES + 50))
    await watching.beat(channel)
    assert [message.type for message in listener.messages] == ["snapshot", "snapshot"]
    times = sorted(folded(listener)["value"])
    assert times == list(range(times[0], times[-1] + 1, MINUTE))


async def test_trades_during_a_computation_are_in_the_next() -> None:
    """Never two computations of a channel at a time; what came meanwhile is not lost."""
    watching = Watching()
    watching.trade(60)
    channel, listener = watching.subscribe()
    watching.trade(1)
    watching.stage.schedule.beat()  # the first one is still under way
    task = channel._computing
    watching.trade(1)
    watching.stage.schedule.beat()
    assert channel._computing is task
    await watching.rest(channel)
    await watching.beat(channel)
    known = folded(listener)["value"]
    assert max(known) == open_time(watching.stage.venue.time_ms, MINUTE)


async def test_a_market_without_trades_begins_empty() -> None:
    """A snapshot without values; the first trade brings the first candle."""
    watching = Watching()
    channel, listener = watching.subscribe()
    await watching.rest(channel)
    assert folded(listener) == {"value": {}}
    watching.trade(1)
    await watching.beat(channel)
    assert list(folded(listener)["value"].values()) == [None]


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("rsi", "written rsi(14)"),
        ("rsi(period=14)", "written rsi(14)"),
        ("bbands(20,2.0)", "written bbands(20,2,2,sma)"),
        ("rsi(1)", "from 2 to 500"),
        ("nope(3)", "no indicator 'nope'"),
    ],
)
async def test_only_the_canonical_spelling_is_a_channel(function: str, words: str) -> None:
    """Another spelling is 404 and says the right one, so that nobody computes the same twice."""
    with pytest.raises(ApiProblem) as caught:
        Watching().stage.streams.find(f"indicators.{M}.1m.{function}", None)
    assert caught.value.status == 404
    assert words in caught.value.detail


async def test_there_are_no_more_channels_than_the_bound() -> None:
    """One too many is 429; when somebody leaves there is room again, and nothing of a channel stays."""
    watching = Watching(max_channels=2)
    first, listener = watching.subscribe()
    second, _ = watching.subscribe(f"indicators.{M}.1m.sma(3)")
    with pytest.raises(ApiProblem) as caught:
        watching.subscribe(f"indicators.{M}.1m.sma(4)")
    assert (caught.value.status, caught.value.code) == (429, "rate_limited")
    watching.subscribe()  # one that is there takes no room
    for subscriber in list(first.subscribers):
        watching.stage.streams.unsubscribe(first, subscriber)
    third, opened = watching.subscribe(f"indicators.{M}.1m.sma(4)")
    for channel in (second, third):
        await watching.rest(channel)
    assert len(opened.messages) == 1
    assert listener.messages == []  # it left before the values came


async def test_many_channels_compute_in_turns() -> None:
    """A hundred that are due at once: all of them get their values, and never more than the queue has room for."""
    watching = Watching()
    watching.trade(90)
    names = [f"indicators.{M}.1m.sma({period})" for period in range(2, 102)]
    opened = [watching.subscribe(name) for name in names]
    for channel, _ in opened:
        await watching.rest(channel)
    watching.trade(1)
    watching.stage.schedule.beat()
    for channel, _ in opened:
        await watching.rest(channel)
        assert not channel._failing
    kinds = [[message.type for message in listener.messages] for _, listener in opened]
    assert kinds[:20] == [["snapshot", "update"]] * 20


async def test_history_out_of_reach_is_waited_for() -> None:
    """The subscription stays, and opens once the database is back."""
    watching = Watching()
    watching.trade(30)
    watching.stage.hub.market(1).seed_to = 1  # type: ignore[misc]  # some is in history only
    watching.history.failure = Unavailable("away")
    channel, listener = watching.subscribe()
    passing = Patient()
    assert not channel.open(passing, None)  # it listens to nothing, as one that has left meanwhile
    await watching.rest(channel)
    assert (listener.messages, listener.ended) == ([], [])
    assert passing.ended == [(RSI, "unavailable")]
    assert list(channel._waiting) == [listener]
    watching.history.failure = None
    await watching.beat(channel)
    assert [message.type for message in listener.messages] == ["snapshot"]
    assert not channel._waiting


async def test_what_cannot_be_computed_ends_the_subscription() -> None:
    """Parameters that need too many candles: the client is told why."""
    watching = Watching()
    watching.trade(3)
    name = f"indicators.{M}.1m.macdext(500,t3,500,t3,500,t3)"
    channel, listener = watching.subscribe(name)
    await watching.rest(channel)
    assert listener.ended == [(name, "invalid_request")]


async def test_who_leaves_stops_the_computing() -> None:
    """The last listener's leaving cancels what is under way."""
    watching = Watching()
    watching.trade(30)
    channel, listener = watching.subscribe()
    task = channel._computing
    watching.stage.streams.unsubscribe(channel, listener)
    assert task is not None
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not watching.channels.open


async def test_one_message_that_names_many_meets_the_bound() -> None:
    """What is found and not subscribed yet counts, as long as somebody is about to; not for longer."""
    watching = Watching(max_channels=2)
    find = watching.stage.streams.find
    names = [f"indicators.{M}.1m.rsi({period})" for period in (10, 11, 12)]
    with pytest.raises(ApiProblem) as refused:
        [find(name, None) for name in names]
    assert refused.value.code == "rate_limited"
    del refused
    assert [find(name, None).name for name in names[:2]] == names[:2]
