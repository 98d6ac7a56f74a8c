"""A small venue to write engine tests in: readable calls in, events out, invariants checked after every command."""

from collections.abc import Sequence
from typing import Any, TypeVar

from cse.core.ids import FEE_ACCOUNT
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import records as r
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import (
    CloseReason,
    Command,
    Event,
    MarketStatus,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tests.engines import new_engine

USDC, NOVA = 1, 2
MARKET = 1
ANN, BOB, CLEO, DAN = 1001, 1002, 1003, 1004
PLENTY = 10**12
REFERENCE = 1_000
EventT = TypeVar("EventT", bound=Event)


class Venue:
    """One engine with NOVA-USDC (one lot at one tick costs 10 units) and four rich accounts."""

    def __init__(
        self, *, band_ppm: int = 500_000, maker_ppm: int = 0, taker_ppm: int = 0, **limits: int
    ) -> None:
        """List the market; `limits` override the fields of CreateMarket."""
        self.engine = new_engine()
        self.now = 1_000
        self.keys = 0
        self.last: list[Event] = []
        self.do(c.CreateAsset(USDC, "USDC", 6))
        self.do(c.CreateAsset(NOVA, "NOVA", 6))
        self.do(c.SetFeeTier(0, maker_ppm, taker_ppm))
        self.list_market(MARKET, "NOVA-USDC", band_ppm=band_ppm, **limits)
        for account in (ANN, BOB, CLEO, DAN):
            self.do(c.OpenAccount(account, 0))
            self.deposit(account, USDC, PLENTY)
            self.deposit(account, NOVA, PLENTY)

    def list_market(self, market_id: int, symbol: str, **changes: Any) -> list[Event]:
        """List a market of NOVA against USDC."""
        fields: dict[str, Any] = {
            "market_id": market_id,
            "symbol": symbol,
            "base_asset_id": NOVA,
            "quote_asset_id": USDC,
            "price_scale": 4,
            "tick_size": 1,
            "lot_size": 100_000,
            "min_quantity": 1,
            "max_quantity": 1_000_000,
            "min_notional": 0,
            "band_ppm": 500_000,
            "reference_price": REFERENCE,
            "max_open_orders": 200,
            "status": MarketStatus.OPEN,
        }
        return self.do(c.CreateMarket(**{**fields, **changes}))

    def do(self, command: Command) -> list[Event]:
        """Apply one command and check that money still adds up."""
        self.last = self.engine.apply(self.engine.sequence + 1, self.now, command)
        self.check_money()
        return self.last

    def deposit(self, account: int, asset: int, amount: int) -> list[Event]:
        """Credit a deposit under a fresh key."""
        return self.do(c.CreditDeposit(account, asset, amount, self.new_key()))

    def new_key(self) -> bytes:
        """Return a key that was not used before."""
        self.keys += 1
        return self.keys.to_bytes(16, "big")

    def place(
        self, account: int, side: Side, quantity: int = 0, price: int = 0, **fields: Any
    ) -> list[Event]:
        """Place an order: a limit order if it has a price, else a market order, unless `type` says more."""
        order_type = fields.pop("type", OrderType.LIMIT if price else OrderType.MARKET)
        default_tif = TimeInForce.GTC if price else TimeInForce.IOC
        command = c.PlaceOrder(
            account_id=account,
            market_id=fields.pop("market", MARKET),
            side=side,
            type=order_type,
            time_in_force=fields.pop("tif", default_tif),
            stp=fields.pop("stp", SelfTradePrevention.NONE),
            post_only=fields.pop("post_only", False),
            price=price,
            trigger_price=fields.pop("trigger", 0),
            quantity=quantity,
            quote_quantity=fields.pop("quote", 0),
            expires_at=fields.pop("expires_at", 0),
            client_order_id=fields.pop("client_id", ""),
        )
        assert not fields, fields
        return self.do(command)

    def buy(self, account: int, quantity: int = 0, price: int = 0, **fields: Any) -> int:
        """Place a buy that must be accepted; returns its id."""
        self.place(account, Side.BUY, quantity, price, **fields)
        return self.only(e.OrderAccepted).order_id

    def sell(self, account: int, quantity: int = 0, price: int = 0, **fields: Any) -> int:
        """Place a sell that must be accepted; returns its id."""
        self.place(account, Side.SELL, quantity, price, **fields)
        return self.only(e.OrderAccepted).order_id

    def cancel(self, account: int, order_id: int = 0, client_id: str = "") -> list[Event]:
        """Cancel one order."""
        return self.do(c.CancelOrder(account, order_id, client_id))

    def amend(
        self, account: int, order_id: int, price: int = 0, quantity: int = 0, trigger: int = 0
    ) -> list[Event]:
        """Amend one order."""
        return self.do(c.AmendOrder(account, order_id, "", price, trigger, quantity))

    def tick(self, at: int | None = None) -> list[Event]:
        """Let time pass to `at`, as the sequencer would."""
        self.now = self.now if at is None else at
        return self.do(c.Tick())

    def trade_at(self, price: int, maker: int = CLEO, taker: int = DAN) -> None:
        """Make the last trade price `price` with a one-lot trade between two bystanders."""
        self.sell(maker, 1, price)
        self.buy(taker, 1, price, tif=TimeInForce.IOC)

    def all_of(self, kind: type[EventT]) -> list[EventT]:
        """Return the last command's events of one kind."""
        return [event for event in self.last if isinstance(event, kind)]

    def only(self, kind: type[EventT]) -> EventT:
        """Return the last command's one event of a kind."""
        found = self.all_of(kind)
        assert len(found) == 1, f"{len(found)} {kind.__name__} in {self.last}"
        return found[0]

    def refused(self, events: Sequence[Event]) -> RejectCode:
        """Return the code of a command that was refused, and nothing else happened."""
        assert len(events) == 1, events
        assert isinstance(events[0], e.Rejected), events
        return events[0].code

    def trades(self) -> list[tuple[int, int, int, int]]:
        """Return the last command's trades as (maker order, taker order, price, quantity)."""
        return [
            (t.maker_order_id, t.taker_order_id, t.price, t.quantity) for t in self.all_of(e.Trade)
        ]

    def closed(self) -> dict[int, CloseReason]:
        """Return which orders the last command closed, and why."""
        return {event.order_id: event.reason for event in self.all_of(e.OrderClosed)}

    def records(self, kind: type[Any]) -> list[Any]:
        """Return the state's records of one kind."""
        return [record for record in self.engine.records() if isinstance(record, kind)]

    def balance(self, account: int, asset: int) -> tuple[int, int]:
        """Return (available, held)."""
        for record in self.records(r.BalanceRecord):
            if (record.account_id, record.asset_id) == (account, asset):
                return record.available, record.held
        return 0, 0

    def order(self, order_id: int) -> r.OrderRecord | None:
        """Return an open order."""
        return next((o for o in self.records(r.OrderRecord) if o.order_id == order_id), None)

    def book(self, side: Side, market: int = MARKET) -> list[tuple[int, int]]:
        """Return (price, lots) per level, best first, added up from the open orders."""
        levels: dict[int, int] = {}
        for o in self.records(r.OrderRecord):
            if o.resting and o.side == side and o.market_id == market:
                levels[o.price] = levels.get(o.price, 0) + o.quantity - o.filled_quantity
        return sorted(levels.items(), reverse=side == Side.BUY)

    def check_money(self) -> None:
        """Check that balances add up to custody and cover what open orders hold (MATCH-063, MATCH-064)."""
        totals: dict[int, int] = {}
        held: dict[tuple[int, int], int] = {}
        for record in self.engine.records():
            if isinstance(record, r.BalanceRecord):
                totals[record.asset_id] = (
                    totals.get(record.asset_id, 0) + record.available + record.held
                )
                held[record.account_id, record.asset_id] = record.held
            elif isinstance(record, r.OrderRecord):
                pays = USDC if record.side == Side.BUY else NOVA
                held[record.account_id, pays] -= record.held
            elif (
                isinstance(record, r.MoneyKeyRecord)
                and record.command_type == 16
                and record.status == 1
            ):
                held[record.account_id, record.asset_id] -= record.amount
        for asset in self.records(r.AssetRecord):
            assert totals.get(asset.asset_id, 0) == asset.custody
        assert not any(held.values()), "something is held for no order and no withdrawal"

    def fees(self, asset: int) -> int:
        """Return what the house has earned of an asset."""
        return self.balance(FEE_ACCOUNT, asset)[0]
