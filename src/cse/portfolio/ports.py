"""What the portfolio reads of history besides fills and candles. Implemented in adapters.sql."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from cse.portfolio.model import Moved


class Moment(NamedTuple):
    """When something happened: its command, and the time of that."""

    sequence: int
    time_ms: int


class Sum(NamedTuple):
    """All movements of an asset for one reason."""

    asset_id: int
    reason: str
    """"deposit", "withdrawal", "transfer", "trade" or "fee"."""
    received: int
    paid: int
    entries: int


class Close(NamedTuple):
    """What a market closed an interval at."""

    market_id: int
    open_time_ms: int
    close: int
    """Ticks."""


class PortfolioReader(Protocol):
    """Every method raises cse.core.errors.Unavailable while the database is out of reach."""

    async def moves_after(
        self, account_id: int, after: int, until: int, limit: int
    ) -> Sequence[Moved]:
        """Return an account's deposits, withdrawals and transfers of the commands in (after, until], oldest first."""
        ...

    async def prices_before(self, market_id: int, moments: Sequence[Moment]) -> list[int | None]:
        """Return a market's last price (ticks) before each of these commands; None: it had not traded."""
        ...

    async def sequence_at(self, account_id: int, time_ms: int) -> int:
        """Return a command that divides an account's ledger: all before it is before `time_ms`, and nothing else."""
        ...

    async def balances_before(self, account_id: int, sequence: int) -> Mapping[int, int]:
        """Return what an account had of each asset, available and held, before a command."""
        ...

    async def sums(self, account_id: int, begin: int, end: int) -> Sequence[Sum]:
        """Return the sums of an account's movements of the commands in [begin, end); holds are none."""
        ...

    async def closes(
        self, market_ids: Sequence[int], interval_ms: int, from_ms: int, to_ms: int
    ) -> Sequence[Close]:
        """Return closes of candles that open in [from, to), and of each market's last one before; by market, time."""
        ...
