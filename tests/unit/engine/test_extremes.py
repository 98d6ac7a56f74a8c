"""Commands with values at the edges of their fields, of every kind, on a venue with almost all the money there can be.

A command is durable before it is applied: one that makes the engine raise would stop the exchange for good. So
whatever a field can carry, `apply` returns, what it returns fits the codec and a signed 64-bit column, a refusal
changes nothing, and the state can be written down and read back.
"""

import random
import typing
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from cse.core.money import MAX_AMOUNT
from cse.engine.backend import Engine
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import records as r
from cse.messages.codec import encode_frame
from cse.messages.registry import MESSAGE_TYPES
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import (
    CloseReason,
    Command,
    Event,
    MarketStatus,
    Message,
    OrderType,
    Side,
    TimeInForce,
)
from tests.engines import new_engine, restore_engine
from tests.unit.engine.venue import ANN, BOB, PLENTY, USDC, Venue

COMMANDS: Final = [cls for cls in MESSAGE_TYPES.values() if issubclass(cls, Command)]
HALF: Final = 2**62
TOP_U64: Final = 2**64 - 1
EDGES: Final = (0, 1, 2, 2**31, 2**32 - 1, 2**53, HALF, MAX_AMOUNT, 2**63, TOP_U64)
MID: Final = 1_000
ACCOUNTS: Final = (1, 1001, 1002, 1003)
"""The house trades too."""

PRICES: Final = (0, 1, 2, MID - 1, MID, MID, MID + 1, 2 * MID, 2**31, HALF // 2, *EDGES)
LOTS: Final = (0, 1, 1, 2, 3, 10, 100, 2**40, HALF // MID, *EDGES)
POOLS: Final[dict[str, tuple[Any, ...]]] = {
    "account_id": (*ACCOUNTS * 4, 0, 1004, 2**53, TOP_U64),
    "from_account_id": (*ACCOUNTS * 3, 0, TOP_U64),
    "to_account_id": (*ACCOUNTS * 3, 0, TOP_U64),
    "market_id": (1, 1, 1, 2, 2, 3, 3, 0, 4, 2**32 - 1),
    "asset_id": (1, 1, 2, 2, 3, 0, 4, 2**32 - 1),
    "base_asset_id": (1, 2, 3, 4, 2**32 - 1),
    "quote_asset_id": (1, 2, 3, 4, 2**32 - 1),
    "order_id": (*range(30), TOP_U64),
    "price": PRICES,
    "trigger_price": (0, 0, 0, *PRICES),
    "reference_price": PRICES,
    "quantity": LOTS,
    "quote_quantity": (0, 0, 0, 0, MID, 10**6, *EDGES),
    "expires_at": (0, 0, 0, 0, 5_000, 10_000, *EDGES),
    "amount": (1, MID, 10**12, HALF // 2, *EDGES),
    "timeout_ms": (0, 1, 5_000, 86_400_000, 86_400_001, 2**32 - 1),
    "client_order_id": ("", "", "", "a", "b", "z" * 36),
    "key": tuple(bytes([number]) * 16 for number in range(8)),
    "symbol": ("", "A", "B", "Z" * 16),
    "scale": (0, 6, 9, 10, 255),
    "price_scale": (0, 4, 12, 13, 255),
    "tick_size": (1, 10, 10**9, *EDGES),
    "lot_size": (1, 10, 10**9, *EDGES),
    "tier": (0, 1, 255),
    "fee_tier": (0, 0, 1, 1, 2, 255),
    "maker_ppm": (0, 1, 100_000, 100_001, 2**32 - 1),
    "taker_ppm": (0, 1, 100_000, 100_001, 2**32 - 1),
    "band_ppm": (0, 1, 10**6, 10**9, 10**9 + 1, 2**32 - 1),
    "min_quantity": (1, 1, 1, *EDGES),
    "max_quantity": (1, 100, MAX_AMOUNT, *EDGES),
    "min_notional": (0, 0, 1, *EDGES),
    "max_open_orders": (0, 1, 5, 2**16 - 1),
}

RARE: Final = (c.SetMarketStatus, c.SetAccountStatus, c.UpdateMarket, c.CreateMarket, c.CancelAll)
OFTEN: Final = [c.PlaceOrder] * 40 + [c.AmendOrder] * 10 + [c.Tick, c.Transfer, c.CreditDeposit] * 2
KINDS: Final = [*[kind for kind in COMMANDS if kind not in RARE] * 2, *RARE, *OFTEN]


def _values(cls: type[Message]) -> dict[str, st.SearchStrategy[Any]]:
    """Return what each field of a message may be given: its pool, or every member of its enumeration."""
    hints = typing.get_type_hints(cls)
    return {
        field.name: st.sampled_from(
            POOLS[field.name] if field.name in POOLS else list(members(hints[field.name]))
        )
        for field in msgspec.structs.fields(cls)
    }


def members(kind: Any) -> Iterable[Any]:
    return (False, True) if kind is bool else kind


def _likely_order(order: c.PlaceOrder) -> c.PlaceOrder:
    """Mend what would be refused for its shape: the numbers are what is tried here."""
    waits = order.type not in (OrderType.LIMIT, OrderType.MARKET)
    by_price = order.type in (
        OrderType.LIMIT,
        OrderType.STOP_LOSS_LIMIT,
        OrderType.TAKE_PROFIT_LIMIT,
    )
    at_once = (TimeInForce.IOC, TimeInForce.FOK)
    time_in_force = order.time_in_force
    if not by_price and time_in_force not in at_once:
        time_in_force = TimeInForce.IOC
    by_quote = order.quote_quantity > 0 and not by_price and order.side == Side.BUY
    return msgspec.structs.replace(
        order,
        time_in_force=time_in_force,
        post_only=order.post_only and by_price and time_in_force not in at_once,
        price=(order.price or MID) if by_price else 0,
        trigger_price=(order.trigger_price or MID) if waits else 0,
        quantity=0 if by_quote else order.quantity or 1,
        quote_quantity=order.quote_quantity if by_quote else 0,
        expires_at=(order.expires_at or 9_000) if time_in_force == TimeInForce.GTD else 0,
    )


def _command(kind: type[Command]) -> st.SearchStrategy[Command]:
    built: st.SearchStrategy[Any] = st.builds(kind, **_values(kind))
    return built | built.map(_likely_order) if kind is c.PlaceOrder else built


KIND: Final[st.SearchStrategy[type[Command]]] = st.sampled_from(KINDS)
STEPS: Final = st.tuples(KIND.flatmap(_command), st.sampled_from((0, 0, 1, 2_000)))

LIKELY: Final = {
    **POOLS,
    "account_id": ACCOUNTS,
    "market_id": (1, 2, 3),
    "asset_id": (1, 2, 3),
    "order_id": tuple(range(1, 500)),
    "price": (1, MID - 1, MID, MID, MID + 1, 2**31, HALF // 2, HALF),
    "trigger_price": (1, MID - 1, MID, MID + 1, 2**31, HALF // 2, HALF),
    "quantity": (1, 1, 2, 3, 10, 100, 2**20, HALF // MID, HALF // MID // 100),
    "client_order_id": ("", "", "", *map(str, range(100))),
    "key": tuple(bytes([number]) * 16 for number in range(100)),
}


def _deep_command(rng: random.Random, venue: "Extremes") -> Command:
    """Return a command that has a chance: it names what is there, only its numbers are extreme."""
    kind: Any = rng.choice(KINDS)
    pools = LIKELY if rng.random() < 0.9 else POOLS
    hints = typing.get_type_hints(kind)
    fields = {
        field.name: rng.choice(list(pools.get(field.name) or members(hints[field.name])))
        for field in msgspec.structs.fields(kind)
    }
    if "status" in fields and kind is not c.CreateMarket and rng.random() < 0.9:
        fields["status"] = type(fields["status"])(1)
    open_orders = [x for x in venue.engine.records() if isinstance(x, r.OrderRecord)]
    if kind in (c.AmendOrder, c.CancelOrder) and open_orders and rng.random() < 0.9:
        order = rng.choice(open_orders)
        fields |= {"account_id": order.account_id, "order_id": order.order_id}
        if kind is c.AmendOrder and rng.random() < 0.7:
            fields["trigger_price"] = 0 if order.resting else fields["trigger_price"]
    command: Command = kind(**fields)
    return _likely_order(command) if isinstance(command, c.PlaceOrder) else command


class Extremes:
    """Three markets (one unit a lot and tick, dear lots, a wide band) and owners of nearly 2^63 units each way."""

    def __init__(self) -> None:
        self.engine: Engine = new_engine()
        self.now = 1_000
        for asset in (1, 2, 3):
            self.do(c.CreateAsset(asset, f"ASSET{asset}", 0))
        self.do(c.SetFeeTier(0, 1_000, 100_000))
        self.do(c.SetFeeTier(1, 0, 1))
        plain = (1, 1, MAX_AMOUNT, 0, 10**9, MID, 50, MarketStatus.OPEN)
        self.do(c.CreateMarket(1, "PLAIN", 2, 1, 0, 1, *plain))
        self.do(c.CreateMarket(2, "DEAR", 2, 3, 0, HALF // MID, *plain))
        self.do(c.CreateMarket(3, "NARROW", 3, 1, 0, 10, 10, 2, 1_000, 50, 1, MID, 2, plain[-1]))
        for number, account in enumerate(ACCOUNTS):
            if number:
                self.do(c.OpenAccount(account, number % 2))
            for asset in (1, 2, 3):
                key = bytes([200 + number, asset]) * 8
                self.do(c.CreditDeposit(account, asset, MAX_AMOUNT // len(ACCOUNTS), key))

    def do(self, command: Command, wait_ms: int = 0) -> list[Event]:
        """Apply one command and check all that this module promises."""
        self.now += wait_ms
        before = list(self.engine.records())[1:]
        events = self.engine.apply(self.engine.sequence + 1, self.now, command)
        for event in events:
            check_fits(event)
        after = list(self.engine.records())
        for record in after:
            check_fits(record)
        if events and isinstance(events[0], e.Rejected):
            assert len(events) == 1
            assert before == after[1:], f"{command} was refused and changed something"
        return events


def check_fits(message: Message) -> None:
    """Check that a message can be sent, and written to columns of 64 bits with a sign."""
    encode_frame(message)
    if not isinstance(message, e.Rejected):
        large = {
            name: value
            for name, value in msgspec.structs.asdict(message).items()
            if isinstance(value, int) and not -MAX_AMOUNT <= value <= MAX_AMOUNT
        }
        assert not large, f"{message} does not fit a signed column: {large}"


@seed(20261122)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=False,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
@given(st.lists(STEPS, min_size=20, max_size=60))
def test_no_command_breaks_the_engine(steps: list[tuple[Command, int]]) -> None:
    """Whatever the fields hold: no exception, everything fits, refusals change nothing, the state reads back."""
    venue = Extremes()
    for command, wait_ms in steps:
        venue.do(command, wait_ms)
    restored = restore_engine(venue.engine.records())
    assert restored.state_hash() == venue.engine.state_hash()
    assert list(restored.records()) == list(venue.engine.records())


@pytest.mark.parametrize("number", range(12))
def test_no_long_story_breaks_the_engine(number: int) -> None:
    """As above with 400 commands that mostly name what is there, so that extreme orders meet and are amended."""
    rng = random.Random(number)
    venue = Extremes()
    for _ in range(400):
        venue.do(_deep_command(rng, venue), rng.choice((0, 0, 1, 50)))
    assert restore_engine(venue.engine.records()).state_hash() == venue.engine.state_hash()


def dear_market() -> Venue:
    """Return a venue whose market 2 has dear prices, where Bob has nearly all the USDC that there can be."""
    venue = Venue(band_ppm=10**9)
    venue.list_market(
        2,
        "DEAR",
        lot_size=1,
        tick_size=10_000,
        max_quantity=MAX_AMOUNT,
        band_ppm=10**9,
        reference_price=MAX_AMOUNT // 4,
    )
    venue.deposit(BOB, USDC, MAX_AMOUNT - 4 * PLENTY)
    return venue


def buy_one(venue: Venue, price: int) -> None:
    """Let Bob buy one lot from Ann, who then gives him the money back."""
    venue.buy(BOB, 1, price, market=2, tif=TimeInForce.IOC)
    gained = venue.balance(ANN, USDC)[0] - PLENTY
    venue.do(c.Transfer(ANN, BOB, USDC, gained, venue.new_key()))


def test_an_order_cannot_trade_for_more_than_a_number_holds() -> None:
    """MATCH-074: amended again and again while the same money goes round, a sell earns at most 2^63-1 in all."""
    venue = dear_market()
    most = MAX_AMOUNT - PLENTY * 4
    order = venue.sell(ANN, 2, most // 2, market=2)
    for quantity in (3, 4, 5):
        buy_one(venue, most // (quantity - 1))
        venue.amend(ANN, order, price=most // quantity, quantity=quantity)
        for record in venue.engine.records():
            check_fits(record)
    assert venue.refused(venue.last) == RejectCode.AMOUNT_TOO_LARGE


def test_what_could_trade_for_too_much_does_not_rest() -> None:
    """MATCH-074: a sell that took nearly 2^63 units at once is closed: its rest could bring it over 2^63-1."""
    venue = dear_market()
    most = MAX_AMOUNT - PLENTY * 4
    venue.buy(BOB, 1, most, market=2)
    order = venue.sell(ANN, 2, most // 2, market=2)
    assert venue.closed()[order] == CloseReason.NO_LIQUIDITY
    assert venue.order(order) is None
