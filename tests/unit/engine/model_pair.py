"""The engine and the naive model side by side: one command into both, everything compared."""

from collections import Counter
from typing import Any

from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import records as r
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import Command, Event, MarketStatus, Record, WithdrawalStatus
from tests.engines import new_engine, restore_engine
from tests.unit.engine.model import apply
from tests.unit.engine.model_follower import Follower
from tests.unit.engine.model_records import records
from tests.unit.engine.model_specs import BASE, OTHER_BASE, QUOTE, SPARE, USERS
from tests.unit.engine.model_state import Answer, World

COLLISIONS = {RejectCode.ALREADY_APPLIED, RejectCode.DUPLICATE_CLIENT_ORDER_ID}


Story = list[tuple[int, Command]]
"""Commands with their times."""


class Difference(AssertionError):
    """The engine and the model disagree."""


def shortest(story: Story) -> str:
    """Leave out of a story that ends in a difference whatever it does not need (delta debugging), and tell it."""
    size = len(story) // 2
    while size:
        for start in range(len(story) - size, -1, -size):
            shorter = story[:start] + story[start + size :]
            if Pair().replay(shorter):
                story = shorter
        size //= 2
    lines = [f"  {now} {command}" for now, command in story]
    return "\n".join([str(Pair().replay(story)), *lines])


class Pair:
    """Both venues, and what was seen so far."""

    def __init__(self) -> None:
        self.engine = new_engine()
        self.world = World()
        self.follower = Follower()
        self.history: Story = []
        self.seen: Counter[str] = Counter()

    def do(self, command: Command, wait_ms: int = 0) -> Answer:
        """Apply a command to both and compare answers and states."""
        sequence, now = self.world.sequence + 1, self.world.now + wait_ms
        self.history.append((now, command))
        events = self.engine.apply(sequence, now, command)
        expected = apply(self.world, sequence, now, command)
        self._same("answer", answer_of(events), expected)
        after = list(self.engine.records())
        check_money(after)
        try:
            self.follower.check(events, after)
        except (AssertionError, LookupError) as error:
            raise Difference(self._report("events and records", error, events)) from error
        self._same("records", after, list(records(self.world)))
        self._count(command, events)
        return expected

    def replay(self, story: Story) -> Difference | None:
        """Play a story again; returns how it ends if the two disagree."""
        try:
            for now, command in story:
                self.do(command, max(0, now - self.world.now))
        except Difference as difference:
            return difference
        return None

    def restart(self) -> None:
        """Go on with an engine restored from its records (MATCH-090)."""
        before = self.engine.state_hash()
        self.engine = restore_engine(list(self.engine.records()))
        self._same("state hash", self.engine.state_hash(), before)

    def _same(self, what: str, engine: Any, model: Any) -> None:
        if engine != model:
            raise Difference(self._report(what, engine, model))

    def _report(self, what: str, engine: Any, model: Any) -> str:
        if isinstance(engine, list):
            engine, model = (
                [record for record in engine if record not in model],
                [record for record in model if record not in engine],
            )
        return f"{what} differ\nengine: {engine}\nmodel:  {model}"

    def _count(self, command: Command, events: list[Event]) -> None:
        self.seen[type(command).__name__] += 1
        for event in events:
            self.seen[type(event).__name__] += 1
            if isinstance(event, e.Rejected):
                self.seen[event.code.name] += 1
            elif isinstance(event, e.OrderClosed):
                self.seen[f"closed {event.reason.name}"] += 1


def answer_of(events: list[Event]) -> Answer:
    """What a command's events say, in the model's words."""
    answer = Answer()
    for event in events:
        if isinstance(event, e.Rejected):
            if len(events) > 1:
                raise Difference(f"a refusal is a command's only event: {events}")
            answer.code = event.code
            if event.code in COLLISIONS:
                answer.order_id = event.order_id
        elif isinstance(event, e.Trade):
            answer.trades.append(
                (
                    event.market_id,
                    event.trade_id,
                    event.maker_order_id,
                    event.taker_order_id,
                    event.price,
                    event.quantity,
                    event.maker_fee,
                    event.taker_fee,
                )
            )
        elif isinstance(event, e.OrderClosed):
            answer.closes.append((event.order_id, event.reason))
    return answer


def check_money(state: list[Record]) -> None:
    """Nothing negative, sums equal custody, held is what orders and withdrawals hold (MATCH-063)."""
    owned: Counter[int] = Counter()
    held: Counter[tuple[int, int]] = Counter()
    pays = {}
    for record in state:
        if isinstance(record, r.MarketRecord):
            pays[record.market_id] = (record.quote_asset_id, record.base_asset_id)
        elif isinstance(record, r.BalanceRecord):
            if min(record.available, record.held) < 0:
                raise Difference(f"negative: {record}")
            owned[record.asset_id] += record.available + record.held
            held[record.account_id, record.asset_id] += record.held
        elif isinstance(record, r.OrderRecord):
            held[record.account_id, pays[record.market_id][record.side - 1]] -= record.held
        elif isinstance(record, r.MoneyKeyRecord) and record.status is WithdrawalStatus.HELD:
            held[record.account_id, record.asset_id] -= record.amount
    for record in state:
        if isinstance(record, r.AssetRecord) and owned[record.asset_id] != record.custody:
            raise Difference(f"{owned[record.asset_id]} owned of {record}")
    if any(held.values()):
        raise Difference(f"held for nothing, or not held: {held}")


def open_venue(pair: Pair, *, rich: int = 40, max_open_orders: int = 10) -> None:
    """List two markets on one quote asset and give four accounts money for about `rich` lots."""
    pair.do(c.CreateAsset(QUOTE, "USDC", 2), 1_000)
    pair.do(c.CreateAsset(BASE, "NOVA", 1))
    pair.do(c.CreateAsset(OTHER_BASE, "ECHO", 0))
    pair.do(c.SetFeeTier(0, 10_000, 20_001))
    pair.do(c.SetFeeTier(1, 0, 333))
    pair.do(_market(1, "NOVA-USDC", BASE, 1, 2, 3, max_open_orders))
    pair.do(_market(2, "ECHO-USDC", OTHER_BASE, 2, 5, 1, max_open_orders))
    for number, account in enumerate(USERS):
        pair.do(c.OpenAccount(account, number % 2))
        for asset, amount in ((QUOTE, 120 * rich), (BASE, 3 * rich), (OTHER_BASE, rich)):
            key = bytes([99, number, asset]).ljust(16, b"\1")
            pair.do(c.CreditDeposit(account, asset, amount, key))
    pair.do(c.OpenAccount(SPARE, 0))


def _market(
    market_id: int, symbol: str, base: int, price_scale: int, tick: int, lot: int, most: int
) -> Command:
    """One lot at one tick costs 6 units in market 1 and 5 in market 2; prices start at 20 ticks, 10 to 30."""
    return c.CreateMarket(
        market_id=market_id,
        symbol=symbol,
        base_asset_id=base,
        quote_asset_id=QUOTE,
        price_scale=price_scale,
        tick_size=tick,
        lot_size=lot,
        min_quantity=1,
        max_quantity=40,
        min_notional=0,
        band_ppm=500_000,
        reference_price=20,
        max_open_orders=most,
        status=MarketStatus.OPEN,
    )
