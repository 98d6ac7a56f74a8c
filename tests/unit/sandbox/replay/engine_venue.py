"""A venue without servers: steps of a replay go straight into the engine, and its book comes out."""

from cse.engine.backend import new_engine
from cse.messages.catalog import Catalog
from cse.messages.commands import AmendOrder, CancelOrder, CreditDeposit, OpenAccount, PlaceOrder
from cse.messages.events import Event, LevelChanged, Rejected, Trade
from cse.messages.wire import (
    Command,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from cse.sandbox.replay.steps import Action, BookSides, Place, Recording, Role, Step, TapeEntry
from cse.sandbox.venue import bootstrap_commands

ACCOUNTS = {Role.MAKER: 1_001, Role.TAKER: 1_002}
SIDES = {"buy": Side.BUY, "sell": Side.SELL}


class EngineVenue:
    """The sandbox's markets in a bare engine; prices and quantities in the recording's units."""

    def __init__(self, market: str, recording: Recording) -> None:
        self.engine = new_engine()
        self._catalog = Catalog()
        self.levels: dict[str, dict[int, int]] = {"buy": {}, "sell": {}}
        self.tape: list[TapeEntry] = []
        for command in bootstrap_commands():
            self._apply(command)
        self._market = self._catalog.markets_by_symbol[market]
        self._price_unit = 10 ** (recording.price_scale - self._market.price_scale)
        self._lot = 10 ** (recording.quantity_scale - self._market.quantity_scale)
        for number, account in enumerate(ACCOUNTS.values()):
            self._apply(OpenAccount(account, 0))
            for asset in (self._market.base, self._market.quote):
                key = bytes([number, asset.asset_id]) + bytes(14)
                self._apply(CreditDeposit(account, asset.asset_id, 10**17, key))

    def play(self, step: Step) -> None:
        """Apply all actions of a step; a refusal fails the test."""
        for action in step.actions:
            for event in self._apply(self._command(action)):
                assert not isinstance(event, Rejected), f"{action} was refused: {event.code.name}"
                self._see(event)

    def book(self, depth: int) -> BookSides:
        """Return the best levels as the engine's events tell them."""
        bids = sorted(self.levels["buy"].items(), reverse=True)[:depth]
        return BookSides(bids=bids, asks=sorted(self.levels["sell"].items())[:depth])

    def _command(self, action: Action) -> Command:
        account = ACCOUNTS[action.role]
        if isinstance(action, Place):
            taker = action.role is Role.TAKER
            return PlaceOrder(
                account, self._market.market_id, SIDES[action.side], OrderType.LIMIT,
                TimeInForce.IOC if taker else TimeInForce.GTC, SelfTradePrevention.NONE, not taker,
                action.price // self._price_unit, 0, action.quantity // self._lot, 0, 0,
                action.client_order_id,
            )  # fmt: skip
        quantity = 0 if not hasattr(action, "quantity") else action.quantity // self._lot
        if quantity:
            return AmendOrder(account, 0, action.client_order_id, 0, 0, quantity)
        return CancelOrder(account, 0, action.client_order_id)

    def _apply(self, command: Command) -> list[Event]:
        events = self.engine.apply(self.engine.sequence + 1, 1_000, command)
        for event in events:
            self._catalog.apply(event)
        return events

    def _see(self, event: Event) -> None:
        if isinstance(event, LevelChanged):
            side = "buy" if event.side is Side.BUY else "sell"
            price = event.price * self._price_unit
            self.levels[side][price] = event.quantity * self._lot
            if not event.quantity:
                del self.levels[side][price]
        elif isinstance(event, Trade):
            side = "buy" if event.taker_side is Side.BUY else "sell"
            quantity = event.quantity * self._lot
            self.tape.append(TapeEntry(event.price * self._price_unit, quantity, side))
