"""Tickers, status, candles and trades, followed by a client, against brute force over the engine's own events."""

import itertools
import random

import msgspec
import pytest

from cse.gateway.present_market import candles_json, ticker_json, trade_json
from cse.gateway.problems import ApiProblem
from cse.gateway.ws.channels.names import ChannelKind, ChannelName
from cse.gateway.ws.channels.public import Interest, PublicChannel, Sources
from cse.gateway.ws.frames import Encoding
from cse.market_data import INTERVALS, open_time
from cse.market_data.candles import Candle, candle_of
from cse.market_data.grouped import MAX_STEPS
from cse.market_data.tape import TapeTrade
from cse.messages import commands as c
from cse.messages.events import Trade
from cse.messages.wire import MarketStatus, Side
from tests.unit.gateway.ws.channels.folding import (
    Candles,
    Follows,
    Message,
    Status,
    Ticker,
    Tickers,
    Trades,
)
from tests.unit.gateway.ws.stage import Stage
from tests.unit.projections.live.streams import ACCOUNTS, GOLD, USD, place

M = "GOLD-USD1"
ALICE, BOB = ACCOUNTS[:2]


def as_json(struct: msgspec.Struct) -> Message:
    decoded: Message = msgspec.json.decode(msgspec.json.encode(struct))
    return decoded


class Trading:
    """Random orders in the first market, and all trades that came of them."""

    def __init__(self, seed: int) -> None:
        self.stage, self.dice = Stage(), random.Random(seed)
        self.trades: list[TapeTrade] = []
        self.stage.follower = _Watching(self.stage, self.trades)  # type: ignore[assignment]  # has what Stage calls

    def go(self, commands: int, step_ms: int) -> None:
        for _ in range(commands):
            side = self.dice.choice(tuple(Side))
            order = place(
                self.dice.choice(ACCOUNTS),
                side,
                self.dice.randrange(980, 1_020),
                self.dice.randrange(1, 9),
            )
            self.stage.do(order, after_ms=self.dice.randrange(1, step_ms))


class _Watching:
    def __init__(self, stage: Stage, trades: list[TapeTrade]) -> None:
        self._inner, self._trades = stage.follower, trades

    def apply(self, batch: list[object]) -> None:
        for applied in batch:
            for event in applied.events:  # type: ignore[attr-defined]  # they are Applied
                if isinstance(event, Trade):
                    made = TapeTrade.of_event(event, applied.sequence, applied.time_ms)  # type: ignore[attr-defined]  # as above
                    self._trades.append(made)
        self._inner.apply(batch)  # type: ignore[arg-type]  # as above


def brute_force_candles(trades: list[TapeTrade], interval_ms: int) -> dict[int, Candle]:
    made: dict[int, Candle] = {}
    for trade in trades:
        began = open_time(trade.time_ms, interval_ms)
        if began in made:
            made[began].add(trade)
        else:
            made[began] = candle_of(trade, began)
    return made


@pytest.mark.parametrize("seed", range(3))
def test_candles_of_every_interval_are_those_of_all_trades(seed: int) -> None:
    """Followed from the start or from a late snapshot: the same candles, as adding all trades up gives."""
    trading = Trading(seed)
    stage = trading.stage
    followers = [Candles(stage, f"candles.{M}.{name}") for name in INTERVALS]
    for round_ in range(12):
        trading.go(15, 40_000)
        stage.schedule.turn()
        if round_ % 3:
            stage.schedule.beat()
        if round_ == 5:
            followers += [Candles(stage, f"candles.{M}.{name}") for name in INTERVALS]
        for candles in followers:
            candles.resync() if trading.dice.random() < 0.2 else None
    stage.schedule.turn()
    stage.schedule.beat()
    market = stage.catalog.markets[1]
    for candles in followers:
        interval_ms = INTERVALS[candles.channel.name.rpartition(".")[2]]
        expected = brute_force_candles(trading.trades, interval_ms)
        latest = dict(list(expected.items())[-100:])
        told = {began: candles.known[began] for began in latest}
        assert told == {
            began: as_json(candles_json([each], market)[0]) for began, each in latest.items()
        }


@pytest.mark.parametrize("seed", range(3))
def test_trades_are_all_trades(seed: int) -> None:
    """In order, none twice, none lost, whoever asks again in between."""
    trading = Trading(seed)
    first = Trades(trading.stage, f"trades.{M}")
    for _ in range(10):
        trading.go(10, 1_000)
        late = Trades(trading.stage, f"trades.{M}")
        trading.go(10, 1_000)
        trading.stage.schedule.turn()
        expected = [
            as_json(trade_json(each, trading.stage.catalog.markets[1])) for each in trading.trades
        ]
        assert first.trades == expected
        assert late.trades == expected[-len(late.trades) :]


@pytest.mark.parametrize("seed", range(3))
def test_tickers_are_the_views(seed: int) -> None:
    """One market's channel and that of all say what the views say, whenever nothing is due."""
    trading = Trading(seed)
    stage = trading.stage
    ticker, tickers = Ticker(stage, f"ticker.{M}"), Tickers(stage, "tickers")
    for _ in range(20):
        trading.go(5, 1_000_000)
        stage.schedule.turn()
        stage.schedule.beat()
        late = Tickers(stage, "tickers")
        for market_id, market in stage.catalog.markets.items():
            view = stage.hub.ticker(market_id).view(stage.now_ms())
            expected = as_json(ticker_json(view, market))
            for told in (tickers.known[market.symbol], late.known[market.symbol]):
                assert _content(told) == _content(expected)
            if market_id == 1:
                assert _content(ticker.ticker) == _content(expected)


def _content(ticker: Message) -> Message:
    return {key: value for key, value in ticker.items() if key not in {"sequence", "time"}}


def test_tickers_tell_only_the_markets_that_changed_once_a_second() -> None:
    """A snapshot of all, then the one that traded; a change deep in the book says nothing."""
    stage = Stage()
    tickers = Tickers(stage, "tickers")
    assert set(tickers.known) == {"GOLD-USD1", "GOLD-USD2"}
    stage.do(place(ALICE, Side.SELL, 1_000, 5))
    stage.schedule.turn()
    assert stage.schedule.beat(999) == 0
    assert stage.schedule.beat(1_000) == 1
    assert [each["market"] for each in tickers.messages[-1]["tickers"]] == ["GOLD-USD1"]
    stage.do(place(ALICE, Side.SELL, 1_001, 5))
    stage.schedule.turn()
    stage.schedule.beat()
    assert len(tickers.messages) == 2


def test_each_market_is_told_of_its_own() -> None:
    """A change in the second market reaches its channels and those of all markets, not the first market's."""
    stage = Stage()
    tickers = Tickers(stage, "tickers")
    names = ("bbo.GOLD-USD1", "bbo.GOLD-USD2", "orderbook.GOLD-USD2.5@100ms")
    first, second, top = (stage.listen(name) for name in names)
    stage.do(place(ALICE, Side.SELL, 1_000, 5, market_id=2))
    stage.schedule.turn()
    stage.schedule.beat()
    assert [each["market"] for each in tickers.messages[-1]["tickers"]] == ["GOLD-USD2"]
    assert [len(listener.messages) for listener in (first, second, top)] == [0, 1, 1]


def test_trades_from_before_a_start_come_in_later() -> None:
    """Once history is in, tickers and candles show it to who listens already and to who asks then."""
    stage = Stage()
    data = stage.hub.market(1)
    data.seeded = False  # as after a start
    names = (f"ticker.{M}", f"candles.{M}.1h")
    ticker, candles = Ticker(stage, names[0]), Candles(stage, names[1])
    stage.do(place(ALICE, Side.SELL, 1_000, 5), place(BOB, Side.BUY, 1_000, 5))
    hour = open_time(stage.now_ms(), INTERVALS["1h"])
    minute = open_time(stage.now_ms(), INTERVALS["1m"]) - 2 * INTERVALS["1m"]
    earlier = Candle(hour - INTERVALS["1h"], 900, 950, 890, 940, 7, 6_580, 2)
    data.seed([], {"1h": [earlier], "1m": [msgspec.structs.replace(earlier, open_time_ms=minute)]})
    late = Ticker(stage, names[0]), Candles(stage, names[1])
    for told in (ticker, late[0]):
        assert (told.ticker["volume"], told.ticker["open"]) == ("0.12", "0.0900")
    market = stage.catalog.markets[1]
    for listening in (candles, late[1]):
        assert list(listening.known) == [hour - INTERVALS["1h"], hour]
        assert listening.known[hour - INTERVALS["1h"]] == as_json(
            candles_json([earlier], market)[0]
        )


def test_the_24_hours_move_on_while_nothing_happens() -> None:
    """A day after the last trade the minute's look tells that there was none, with the sequence as it was."""
    stage = Stage()
    stage.do(place(ALICE, Side.SELL, 1_000, 5), place(BOB, Side.BUY, 1_000, 5))
    ticker, tickers = Ticker(stage, f"ticker.{M}"), Tickers(stage, "tickers")
    assert ticker.ticker["volume"] == "0.05"
    sequence = ticker.sequence
    for minutes in (23 * 60, 24 * 60 + 2):
        stage.ahead_ms = minutes * 60_000
        stage.schedule.beat(60_000)
        stage.schedule.turn()
        stage.schedule.beat()
        expected = "0.05" if minutes < 24 * 60 else "0.00"
        assert (ticker.ticker["volume"], tickers.known[M]["volume"]) == (expected, expected)
    assert (ticker.sequence, len(ticker.messages), len(tickers.messages)) == (sequence, 2, 2)
    ticker.leave()
    tickers.leave()
    assert stage.schedule.beat(60_000) == 1, "the last look"
    assert stage.schedule.beat(60_000) == 0


def test_status_tells_each_change_at_once() -> None:
    """New limits, a halt, a listing: a message per command, without waiting for a turn; a snapshot holds all."""
    stage = Stage()
    status = Status(stage, "status")
    assert {each["status"] for each in status.known.values()} == {"open"}
    stage.do(c.SetMarketStatus(1, MarketStatus.HALTED))
    assert [each["status"] for each in status.messages[-1]["markets"]] == ["halted"]
    stage.do(c.SetMarketStatus(1, MarketStatus.OPEN), c.UpdateMarket(2, 2, 9_000, 1, 400_000, 40))
    stage.do(
        c.CreateMarket(9, "LATE-USD", GOLD, USD, 4, 1, 100, 1, 9_999, 1, 500_000, 1_000, 50, MarketStatus.CANCEL_ONLY)
    )  # fmt: skip
    assert len(status.messages) == 5
    assert (
        status.known["GOLD-USD2"]["min_quantity"],
        status.known["GOLD-USD2"]["max_open_orders"],
    ) == ("0.02", 40)
    assert status.known["LATE-USD"]["status"] == "cancel_only"
    assert Status(stage, "status").known == status.known


def test_nobody_who_asks_again_makes_others_work() -> None:
    """Snapshots of paced channels are what was sent last: asking a hundred times sends the others nothing."""
    stage = Stage()
    names = [f"ticker.{M}", "tickers", f"candles.{M}.1m", f"orderbook.{M}.20@250ms", "status"]
    names.append(f"orderbook.{M}.step=0.001")
    Follows(stage, names[-1])
    patient = [stage.listen(name) for name in names]
    stage.do(place(ALICE, Side.SELL, 1_000, 5), place(BOB, Side.BUY, 1_000, 3))
    for name in names:
        channel = stage.streams.find(name, None)
        impatient = stage.listen(name)
        for _ in range(100):
            channel.open(impatient, None)
        assert len({id(outgoing) for outgoing in impatient.outgoing}) == 1, "made and encoded once"
    assert [listener.messages for listener in patient] == [[]] * len(names)


@pytest.mark.parametrize(
    ("step", "why"),
    [("0", "between 1"), ("0.00001", "decimals"), ("100001", "1,000,000,000"), ("9" * 19, "large")],
)
def test_a_step_that_the_market_does_not_have_is_not_found(step: str, why: str) -> None:
    """No multiple of the tick, none at all, or beyond any price: 404, saying so."""
    with pytest.raises(ApiProblem) as refused:
        Stage().listen(f"orderbook.{M}.step={step}")
    assert (refused.value.status, refused.value.code) == (404, "not_found")
    assert why in refused.value.detail


def test_a_market_keeps_only_so_many_unusual_steps() -> None:
    """Past them `rate_limited`; round ones are always to be had; one that nobody uses makes room after a minute."""
    stage = Stage()
    listeners = [stage.listen(f"orderbook.{M}.step=0.00{n}") for n in range(11, 11 + MAX_STEPS)]
    with pytest.raises(ApiProblem) as refused:
        stage.streams.find(f"orderbook.{M}.step=0.0077", None)
    assert (refused.value.status, refused.value.code) == (429, "rate_limited")
    for n, power in itertools.product((1, 2, 5), ("0.000", "0.00", "0.0", "0.")):
        stage.listen(f"orderbook.{M}.step={power}{n}")
    name = f"orderbook.{M}.step=0.0011"
    stage.streams.unsubscribe(stage.streams.find(name, None), listeners[0])
    with pytest.raises(ApiProblem):
        stage.streams.find(f"orderbook.{M}.step=0.0077", None)
    stage.ahead_ms = 61_000
    assert stage.streams.find(f"orderbook.{M}.step=0.0077", None).name.endswith("7")


def test_another_kind_is_one_factory() -> None:
    """Extension: a channel with its own interests, registered, found by name, told, sent, forgotten."""

    class Echo(PublicChannel):
        interests = Interest.TRADES | Interest.MOVED

        def __init__(self, name: ChannelName, sources: Sources) -> None:
            super().__init__(name, sources, sources.market(name), 0)
            self.log: list[str] = []

        def traded(self, trade: object) -> None:
            self.log.append("trade")
            self.due()

        def moved(self, market_id: int) -> None:
            self.log.append(f"moved {market_id}")

        def flush(self) -> None:
            self.log.append("flush")

        def open(self, subscriber: object, since: int | None) -> bool:
            return True

        def begin(self) -> None:
            self.log.append("begin")

        def close(self) -> None:
            self.log.append("close")

    stage = Stage()
    name = f"indicators.{M}.1m.sma(timeperiod=3)"
    with pytest.raises(ApiProblem):
        stage.streams.find(name, None)
    stage.streams.register(ChannelKind.INDICATORS, Echo)
    listener = stage.listen(name)
    channel = stage.streams.find(name, None)
    assert isinstance(channel, Echo)
    stage.do(place(ALICE, Side.SELL, 1_000, 5), place(BOB, Side.BUY, 1_000, 5))
    stage.schedule.turn()
    stage.streams.unsubscribe(channel, listener)
    stage.do(place(ALICE, Side.SELL, 1_000, 5), place(BOB, Side.BUY, 1_000, 5))
    stage.schedule.turn()
    assert sorted(channel.log[:4]) == ["begin", "flush", "moved 1", "trade"]
    assert channel.log[4:] == ["close"]


def test_messages_of_all_markets_are_encoded_once() -> None:
    """However many listen to `tickers`, they share one text."""
    stage = Stage()
    crowd = [stage.listen("tickers") for _ in range(4)]
    stage.do(place(ALICE, Side.SELL, 1_000, 5))
    stage.schedule.turn()
    stage.schedule.beat()
    (shared,) = {id(listener.outgoing[0]): listener.outgoing[0] for listener in crowd}.values()
    assert shared.payload(Encoding.JSON) is shared.payload(Encoding.JSON)


def test_what_a_slow_reader_may_miss() -> None:
    """Books, tickers, candles conflate to a fresh snapshot; trades, status and private messages never do."""
    stage = Stage()
    conflated = [f"orderbook.{M}{how}" for how in ("", ".20@100ms", ".step=0.01")]
    conflated += [f"bbo.{M}", f"ticker.{M}", "tickers", f"candles.{M}.1h"]
    never = [f"trades.{M}", "status", "user.orders", "user.balances"]
    assert [name for name in (*conflated, *never) if stage.streams.find(name, ALICE).conflates] == (
        conflated
    )


def test_a_channel_that_asks_for_what_it_does_not_take_is_no_class() -> None:
    """An interest without its hook would be events that nobody takes: it is refused when the class is made."""
    with pytest.raises(TypeError, match="asks for TRADES and has no `traded`"):

        class Deaf(PublicChannel):
            interests = Interest.TRADES
