"""What a run of commands adds up to: the rows that one transaction writes."""

from collections.abc import Sized
from typing import NamedTuple

import msgspec

from cse.messages.catalog import Asset, FeeTier, Market
from cse.messages.events import Trade
from cse.messages.wire import AccountStatus
from cse.projections.ledger import Balance
from cse.projections.views import FillView, LedgerEntry, OrderView


class AccountRow(msgspec.Struct, gc=False):
    """An account's standing, and the command that changed it last."""

    account_id: int
    status: AccountStatus
    fee_tier: int
    opened_at: int
    cancel_after: int
    sequence: int


class TradeRow(NamedTuple):
    """A trade with the command that made it."""

    trade: Trade
    time_ms: int
    sequence: int


class Changes(msgspec.Struct):
    """Rows to write over what is there (by id, as they are now) and rows to add.

    It begins after command `after` and ends with command `sequence`; none in between is missing.
    """

    after: int
    sequence: int
    time_ms: int
    assets: dict[int, Asset] = {}
    fee_tiers: dict[int, FeeTier] = {}
    markets: dict[int, Market] = {}
    listed_at: dict[tuple[str, int], int] = {}
    """The command that changed an asset, fee tier or market last: ("market", id) -> sequence."""
    accounts: dict[int, AccountRow] = {}
    orders: dict[int, OrderView] = {}
    balances: dict[tuple[int, int], Balance] = {}
    trades: list[TradeRow] = []
    fills: list[FillView] = []
    ledger: list[LedgerEntry] = []

    @property
    def commands(self) -> int:
        """How many commands these are."""
        return self.sequence - self.after

    @property
    def rows(self) -> int:
        """How many rows these are, the position's not counted."""
        tables: tuple[Sized, ...] = (
            self.assets,
            self.fee_tiers,
            self.markets,
            self.accounts,
            self.orders,
            self.balances,
            self.trades,
            self.fills,
            self.ledger,
        )
        return sum(len(table) for table in tables)
