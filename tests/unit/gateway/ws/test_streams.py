"""Channels without sockets: what gathers, when it is sent, how often it is encoded, and what is forgotten."""

import msgspec
import pytest

from cse.gateway.problems import ApiProblem
from cse.gateway.ws.frames import Encoding
from cse.gateway.ws.messages import (
    BalancesMessage,
    BookMessage,
    CandlesMessage,
    OrdersMessage,
    TickerMessage,
    TradesMessage,
)
from cse.gateway.ws.options import WsOptions
from cse.messages import commands as c
from cse.messages.wire import MarketStatus, Side
from tests.unit.gateway.ws.client import ClientBook
from tests.unit.gateway.ws.listening import Listener
from tests.unit.gateway.ws.stage import Stage
from tests.unit.projections.live.streams import ACCOUNTS, GOLD, USD, place

ALICE, BOB = ACCOUNTS[:2]


def test_two_who_found_a_channel_before_either_subscribed_share_it() -> None:
    """The second gets the first one's channel, and both hear what happens."""
    stage = Stage()
    found = [stage.streams.find("trades.GOLD-USD1", None) for _ in range(2)]
    heard = [Listener(), Listener()]
    used = [
        stage.streams.subscribe(channel, who) for channel, who in zip(found, heard, strict=True)
    ]
    assert used[0] is used[1] is found[0]
    stage.do(place(ALICE, Side.SELL, 1_000, 5), place(BOB, Side.BUY, 1_000, 5))
    stage.schedule.turn()
    assert [len(listener.messages) for listener in heard] == [1, 1]


def test_a_turns_changes_are_one_message_of_absolute_levels() -> None:
    """Many commands, one message: each level once, with what it holds now; gone ones with zero."""
    stage = Stage()
    listener = stage.listen("orderbook.GOLD-USD1")
    stage.do(
        place(ALICE, Side.BUY, 990, 5), place(BOB, Side.BUY, 990, 2), place(BOB, Side.BUY, 980, 2)
    )
    stage.do(c.CancelOrder(BOB, 3, ""))
    assert listener.messages == []
    assert stage.schedule.turn() == 1, "asked for once"
    (message,) = listener.messages
    assert isinstance(message, BookMessage)
    assert message.bids == [("0.0990", "0.07"), ("0.0980", "0.00")]
    assert message.sequence == stage.venue.engine.sequence
    assert stage.schedule.turn() == 0


def test_a_message_is_encoded_once_per_encoding() -> None:
    """However many listen, they share the one text and the one binary frame."""
    stage = Stage()
    crowd = [stage.listen("trades.GOLD-USD1") for _ in range(5)]
    stage.do(place(ALICE, Side.SELL, 1_000, 5), place(BOB, Side.BUY, 1_000, 5))
    stage.schedule.turn()
    outgoing = {id(listener.outgoing[0]) for listener in crowd}
    assert len(outgoing) == 1
    shared = crowd[0].outgoing[0]
    for encoding in Encoding:
        assert shared.payload(encoding) is shared.payload(encoding)


def test_a_snapshot_is_made_once_between_two_changes() -> None:
    """A crowd that subscribes together gets one snapshot; the next change makes a new one."""
    stage = Stage()
    channel = stage.streams.find("orderbook.GOLD-USD1", None)
    crowd = [Listener() for _ in range(3)]
    for listener in crowd:
        stage.streams.subscribe(channel, listener)
        channel.open(listener, None)
    assert len({id(listener.outgoing[0]) for listener in crowd}) == 1
    stage.do(place(ALICE, Side.BUY, 990, 5))
    channel.open(crowd[0], None)
    assert crowd[0].messages[-1].type == "snapshot"
    assert crowd[0].messages[-1].sequence == stage.venue.engine.sequence
    assert crowd[1].messages[-1].type == "update", (
        "the change was sent before the snapshot was made"
    )


def test_tickers_and_candles_keep_a_pace() -> None:
    """Any number of turns within the pace is one message, and it chains."""
    stage = Stage()
    ticker, candles = stage.listen("ticker.GOLD-USD1"), stage.listen("candles.GOLD-USD1.1m")
    for _ in range(5):
        stage.do(place(ALICE, Side.SELL, 1_000, 5), place(BOB, Side.BUY, 1_000, 5))
        stage.schedule.turn()
    assert ticker.messages == candles.messages == []
    assert stage.schedule.beat() == 1
    stage.do(place(ALICE, Side.SELL, 1_001, 5), place(BOB, Side.BUY, 1_001, 5))
    stage.schedule.turn()
    stage.schedule.beat()
    for listener in (ticker, candles):
        first, second = listener.messages
        assert second.previous == first.sequence
    assert isinstance(ticker.messages[1], TickerMessage)
    assert ticker.messages[1].ticker.volume == "0.30"
    assert isinstance(candles.messages[1], CandlesMessage)
    assert candles.messages[1].candles[-1].close == "0.1001"


def test_more_trades_than_the_tape_keeps_all_arrive() -> None:
    """A turn with 1,200 trades is one message with 1,200 trades, in order."""
    stage = Stage()
    listener = stage.listen("trades.GOLD-USD1")
    for _ in range(30):
        stage.do(*(place(ALICE, Side.SELL, 1_000, 1) for _ in range(40)))
        stage.do(place(BOB, Side.BUY, 1_000, 40))
    stage.schedule.turn()
    (message,) = listener.messages
    assert isinstance(message, TradesMessage)
    assert [trade.trade_id for trade in message.trades] == list(range(1, 1_201))


def test_private_messages_are_one_per_command() -> None:
    """Each shows the order as that very command left it, although all came in one batch."""
    stage = Stage()
    orders = stage.listen("user.orders", ALICE)
    balances = stage.listen("user.balances", ALICE)
    stage.do(
        place(ALICE, Side.SELL, 1_000, 5),
        place(BOB, Side.BUY, 1_000, 2),
        c.CancelOrder(ALICE, 1, ""),
    )
    told = [message for message in orders.messages if isinstance(message, OrdersMessage)]
    assert [message.orders[0].status for message in told] == [
        "open", "partially_filled", "cancelled",
    ]  # fmt: skip
    assert [len(message.fills) for message in told] == [0, 1, 0]
    assert told[1].fills[0].liquidity == "maker"
    money = [message for message in balances.messages if isinstance(message, BalancesMessage)]
    assert [[balance.asset for balance in message.balances] for message in money] == [
        ["GOLD"], ["GOLD", "USD"], ["GOLD"],
    ]  # fmt: skip


def test_transfers_and_withdrawals_show_in_balances() -> None:
    """Both sides of a transfer, and each step of a withdrawal."""
    stage = Stage()
    alice, bob = stage.listen("user.balances", ALICE), stage.listen("user.balances", BOB)
    key = b"k" * 16
    stage.do(
        c.Transfer(ALICE, BOB, USD, 1_000_000, b"t" * 16), c.HoldWithdrawal(BOB, GOLD, 10_000, key),
        c.SettleWithdrawal(key),
    )  # fmt: skip
    assert len(alice.messages) == 1
    (last,) = bob.messages[-1].balances  # type: ignore[attr-defined]  # a balances message
    assert (last.asset, last.available, last.held) == ("GOLD", "4999.0000", "0.0000")
    assert len(bob.messages) == 3


def test_a_balance_that_goes_to_zero_is_told() -> None:
    """The last unit that leaves is an update with zeros, not silence."""
    stage = Stage()
    listener = stage.listen("user.balances", ALICE)
    stage.do(c.Transfer(ALICE, BOB, USD, 50_000_000, b"t" * 16))
    (told,) = listener.messages[-1].balances  # type: ignore[attr-defined]  # a balances message
    assert (told.asset, told.available) == ("USD", "0.000000")


def test_idle_accounts_are_forgotten_first() -> None:
    """Only so many accounts are followed; one with a listener stays."""
    stage = Stage(WsOptions(replay_accounts=2))
    kept = stage.listen("user.orders", ACCOUNTS[0])
    for account_id in ACCOUNTS[1:]:
        stage.streams.find("user.orders", account_id)
    assert len(stage.streams._users) == 2
    stage.do(place(ACCOUNTS[0], Side.BUY, 990, 1))
    assert len(kept.messages) == 1


def test_channels_without_listeners_cost_nothing() -> None:
    """The last one to leave takes the channel along; events then ask for no turn at all."""
    stage = Stage()
    names = [f"{kind}.GOLD-USD1" for kind in ("orderbook", "trades", "ticker", "candles")]
    names[-1] += ".1h"
    listeners = {name: stage.listen(name) for name in names}
    for name, listener in listeners.items():
        stage.streams.unsubscribe(stage.streams.find(name, None), listener)
    stage.do(place(ALICE, Side.SELL, 1_000, 5), place(BOB, Side.BUY, 1_000, 5))
    assert stage.schedule.turn() == stage.schedule.beat() == 0


@pytest.mark.parametrize(
    "name",
    [
        "", "x", "orderbook", "orderbook.", "orderbook.NONE-USD", "orderbook.GOLD-USD1.x", "trades.GOLD-USD1.1m",
        "ticker..GOLD-USD1", "candles.GOLD-USD1", "candles.GOLD-USD1.2m", "candles.GOLD-USD1.1m.1m", "user.fills",
    ],
)  # fmt: skip
def test_what_is_no_channel_is_not_found(name: str) -> None:
    """Names with a part too many, too few or unknown."""
    with pytest.raises(ApiProblem) as refused:
        Stage().streams.find(name, ALICE)
    assert refused.value.status == 404


def test_a_command_that_comes_twice_is_told_once() -> None:
    """A feed that repeats itself after a reconnect does not repeat trades to clients."""
    stage = Stage()
    listener = stage.listen("trades.GOLD-USD1")
    stage.do(place(ALICE, Side.SELL, 1_000, 5))
    applied = stage.venue.apply(place(BOB, Side.BUY, 1_000, 5))
    stage.follower.apply([applied])
    stage.follower.apply([applied])
    stage.schedule.turn()
    (message,) = listener.messages
    assert isinstance(message, TradesMessage)
    assert len(message.trades) == 1


def test_a_market_listed_later_can_be_subscribed() -> None:
    """Listings come with events, too."""
    stage = Stage()
    with pytest.raises(ApiProblem):
        stage.streams.find("trades.LATE-USD", None)
    market = c.CreateMarket(
        9, "LATE-USD", GOLD, USD, 4, 1, 100, 1, 9_999, 1, 500_000, 1_000, 50, MarketStatus.OPEN
    )
    stage.do(market)
    assert stage.streams.find("trades.LATE-USD", None).name == "trades.LATE-USD"


def test_a_deep_book_is_not_made_anew_for_everyone_who_asks() -> None:
    """The snapshot is shared until a quarter of the levels has changed; the updates since come with it."""
    stage = Stage()
    first = stage.listen("orderbook.GOLD-USD1")
    channel = stage.streams.find("orderbook.GOLD-USD1", None)
    stage.do(*(place(account, Side.BUY, 900 + n, 1) for n in range(40) for account in ACCOUNTS[:1]))
    channel.open(first, None)
    late = first
    for turn in range(1, 30):
        stage.do(place(BOB, Side.BUY, 900 + turn, 1))
        stage.schedule.turn()
        late = Listener()
        channel.open(late, None)
        book = ClientBook()
        for outgoing in late.outgoing:
            book.take(msgspec.json.decode(outgoing.payload(Encoding.JSON)))
        assert book.sequence == stage.venue.engine.sequence
        assert len(late.messages) <= 11
    assert len({id(first.outgoing[1])} & {id(late.outgoing[0])}) == 0, "it was renewed in time"


def test_what_is_kept_for_replays_is_bounded_in_all() -> None:
    """The oldest message of all accounts goes first; whoever asks for it gets a snapshot instead."""
    stage = Stage(WsOptions(replay_messages=3, replay_total=8))
    alice, bob = (stage.streams.find("user.orders", account) for account in (ALICE, BOB))
    began = alice.sequence
    for price in range(990, 995):
        stage.do(place(ALICE, Side.BUY, price, 1))
    listener = Listener()
    alice.open(listener, alice.sequence - 3)
    assert [message.type for message in listener.messages] == ["update"] * 3
    stage.do(*(place(BOB, Side.BUY, price, 1) for price in range(990, 993)))
    for account, since, kinds in (
        (alice, alice.sequence - 1, ["update"]),
        (alice, alice.sequence - 2, ["snapshot"]),
        (alice, began, ["snapshot"]),
        (bob, bob.sequence - 3, ["update"] * 3),
    ):
        listener = Listener()
        account.open(listener, since)
        assert [message.type for message in listener.messages] == kinds


def test_one_more_account_than_are_kept_is_followed_when_all_others_are_listened_to() -> None:
    """Nobody can be forgotten then: the newest neither, which somebody is about to listen to."""
    stage = Stage(WsOptions(replay_accounts=1))
    first = stage.listen("user.orders", ACCOUNTS[0])
    second = stage.listen("user.orders", ACCOUNTS[1])
    for account_id in ACCOUNTS[:2]:
        stage.do(place(account_id, Side.BUY, 990, 1))
    assert (len(first.messages), len(second.messages)) == (1, 1)
