"""What the naive model knows: plain lists and dicts, with everything that can be computed computed anew.

Written from docs/reference/matching.md and the message definitions alone; it shares no line with the engine.
"""

from dataclasses import dataclass, field

from cse.messages.reject_codes import RejectCode
from cse.messages.wire import (
    AccountStatus,
    CloseReason,
    MarketStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
    WithdrawalStatus,
)

LARGEST = 2**63 - 1
HOUSE = 1
DAY_MS = 86_400_000

WITH_PRICE = {OrderType.LIMIT, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT_LIMIT}
STOP_LOSSES = {OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT}
WITH_TRIGGER = {*STOP_LOSSES, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT}


class Refused(Exception):
    """The whole command is refused; `order_id` is the order that it collided with."""

    def __init__(self, code: RejectCode, order_id: int = 0) -> None:
        super().__init__(code.name)
        self.code = code
        self.order_id = order_id


def refuse_if(condition: object, code: RejectCode) -> None:
    """Refuse with this code if the condition holds."""
    if condition:
        raise Refused(code)


@dataclass
class Asset:
    symbol: str
    scale: int
    custody: int = 0


@dataclass
class Account:
    id: int
    tier: int
    status: AccountStatus = AccountStatus.OPEN
    cancel_after: int = 0


@dataclass
class Market:
    id: int
    symbol: str
    base: int
    quote: int
    price_scale: int
    tick_size: int
    lot_size: int
    min_quantity: int
    max_quantity: int
    min_notional: int
    band_ppm: int
    reference: int
    max_open_orders: int
    status: MarketStatus
    unit: int
    last_price: int = 0
    last_trade_id: int = 0

    @property
    def middle(self) -> int:
        """The price that the band lies around."""
        return self.last_price or self.reference

    def band(self, around: int) -> tuple[int, int]:
        """The lowest and the highest price allowed around a price (MATCH-071)."""
        width = max(1, around * self.band_ppm // 1_000_000)
        return max(1, around - width), around + width


@dataclass
class Order:
    id: int
    account: int
    market: Market
    side: Side
    type: OrderType
    tif: TimeInForce
    stp: SelfTradePrevention
    post_only: bool
    price: int
    trigger: int
    quantity: int
    budget: int
    is_budget: bool
    expires_at: int
    client_id: str
    created_at: int
    updated_at: int
    worst_price: int = 0
    """The price that a buy by quantity holds its money at."""
    filled: int = 0
    quote_filled: int = 0
    place: int = 0
    """Its place among all orders that ever came to rest; 0: not in the book."""

    @property
    def remaining(self) -> int:
        """Lots that it still wants; 0 for a budget."""
        return 0 if self.is_budget else self.quantity - self.filled

    @property
    def held(self) -> int:
        """What it needs at most, in units of the asset it pays with (MATCH-060)."""
        if self.side is Side.SELL:
            return self.remaining * self.market.lot_size
        if self.is_budget:
            return self.budget - self.quote_filled
        return self.remaining * self.worst_price * self.market.unit

    @property
    def pays(self) -> int:
        return self.market.quote if self.side is Side.BUY else self.market.base

    @property
    def rises(self) -> bool:
        """Whether its trigger is passed by a rising price (MATCH-030)."""
        return (self.type in STOP_LOSSES) == (self.side is Side.BUY)

    def reached_by(self, price: int) -> bool:
        """Whether this price sets it off; 0 is no price."""
        if not price:
            return False
        return price >= self.trigger if self.rises else price <= self.trigger


@dataclass
class MoneyKey:
    type_number: int
    account: int
    to_account: int
    asset: int
    amount: int
    status: WithdrawalStatus


@dataclass
class Answer:
    """What came of one command, as far as the comparison goes."""

    code: RejectCode | None = None
    order_id: int = 0
    trades: list[tuple[int, ...]] = field(default_factory=list)
    """(market, trade id, maker order, taker order, price, quantity, maker fee, taker fee)."""
    closes: list[tuple[int, CloseReason]] = field(default_factory=list)


@dataclass
class World:
    """The whole venue."""

    sequence: int = 0
    now: int = 0
    orders_made: int = 0
    places_given: int = 0
    assets: dict[int, Asset] = field(default_factory=dict)
    tiers: dict[int, tuple[int, int]] = field(default_factory=lambda: {0: (0, 0)})
    markets: dict[int, Market] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=lambda: {HOUSE: Account(HOUSE, 0)})
    money: dict[tuple[int, int], int] = field(default_factory=dict)
    """(account, asset) -> everything that is its own, held or not."""
    orders: list[Order] = field(default_factory=list)
    """All open orders, by id."""
    queue: list[int] = field(default_factory=list)
    """Triggered orders that wait for their turn."""
    keys: dict[bytes, MoneyKey] = field(default_factory=dict)
    client_ids: dict[int, list[tuple[str, int, int]]] = field(default_factory=dict)
    """account -> (client order id, order, fingerprint), oldest first."""
    answer: Answer = field(default_factory=Answer)

    def held(self, account: int, asset: int) -> int:
        """What open orders and withdrawals under way of an account hold."""
        orders = sum(o.held for o in self.orders if o.account == account and o.pays == asset)
        withdrawals = sum(
            key.amount
            for key in self.keys.values()
            if key.status is WithdrawalStatus.HELD and (key.account, key.asset) == (account, asset)
        )
        return orders + withdrawals

    def available(self, account: int, asset: int) -> int:
        return self.money.get((account, asset), 0) - self.held(account, asset)

    def give(self, account: int, asset: int, amount: int) -> None:
        """Change what an account owns."""
        self.money[account, asset] = self.money.get((account, asset), 0) + amount

    def resting(self, market: Market, side: Side) -> list[Order]:
        """One side of a market's book in the order in which it trades (MATCH-010, MATCH-011)."""
        found = [o for o in self.orders if o.market is market and o.side is side and o.place]
        direction = 1 if side is Side.SELL else -1
        return sorted(found, key=lambda o: (direction * o.price, o.place))

    def close(self, order: Order, reason: CloseReason) -> None:
        """An order is over and holds nothing any more."""
        self.answer.closes.append((order.id, reason))
        self.orders.remove(order)
        if order.id in self.queue:
            self.queue.remove(order.id)

    def rest(self, order: Order) -> None:
        """An order joins its price's queue at the end."""
        self.places_given += 1
        order.place = self.places_given
