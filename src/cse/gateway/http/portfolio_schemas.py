"""What the calls about a portfolio take and answer (docs/reference/portfolio.md says how each number is made).

Amounts of money are in the reference currency and its decimals unless a field says otherwise.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cse.gateway.http.lists import MarketName
from cse.gateway.schemas import Decimal, Id, TimeMs

MethodName = Literal["fifo", "average"]
RangeName = Literal["1h", "1d", "1w", "1m", "3m", "1y", "all"]
BasisName = Literal["traded", "market", "none"]
MovementKind = Literal["deposit", "withdrawal", "transfer", "trade", "fee"]
DisposalKind = Literal["sale", "transfer", "withdrawal"]
Ppm = Annotated[int, Meta(description="Parts per million.")]
Method = Annotated[
    MethodName, Meta(description="Which lots a disposal takes: the oldest, or a share of all.")
]
AssetName = Annotated[str, Meta(max_length=16, examples=["NOVA"])]


class PortfolioQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which cost basis."""

    method: Method = "fifo"


class PortfolioAsset(msgspec.Struct, frozen=True):
    """What the account has of an asset, what it cost, and what it earned; also assets that were sold since."""

    asset: str
    quantity: Decimal
    """Available and held together, in the asset's own units."""
    cost_basis: Decimal
    average_cost: Decimal | None
    """Of one whole unit, with nine decimals, rounded half up; null while there is none."""
    basis: BasisName | None
    """How sure the cost is, by its least sure part: `traded` was paid in trades, `market` is what came in by deposit or
    transfer was worth then, `none` came in when no market priced it and counts as free. Null: the quantity is zero."""
    last_price: Decimal | None
    """Of one whole unit: the last trade's, or what its market was listed with; null while no market prices it."""
    value: Decimal | None
    """Null while no market prices it."""
    allocation_ppm: Ppm | None
    """Share in `total.value`; null for assets without a price, and while the total is zero."""
    unrealised: Decimal | None
    """`value` - `cost_basis`, signed; null while no market prices it."""
    unrealised_ppm: Ppm | None
    """`unrealised` in parts of `cost_basis`; null also while that is zero."""
    realised: Decimal
    """Of trades: proceeds - cost of what was sold, signed."""
    realised_by_moves: Decimal
    """Of withdrawals and transfers, which leave at market value; signed."""
    fees: Decimal
    """Fees that were taken in this asset, in its own units. (They are in `quantity`, cost and profit already.)"""
    fees_value: Decimal
    """What they were worth when they were taken."""


class PortfolioTotal(msgspec.Struct, frozen=True):
    """Sums over the assets; of those without a price `cost_basis`, `realised` and `fees` alone."""

    value: Decimal
    cost_basis: Decimal
    """Of the assets that have a price."""
    unrealised: Decimal
    realised: Decimal
    realised_by_moves: Decimal
    fees_value: Decimal
    net_deposits: Decimal
    """What came in minus what went out by deposits, withdrawals and transfers, each at its value then; signed."""
    profit: Decimal
    """`unrealised` + `realised` + `realised_by_moves`; where every asset has a price: `value` - `net_deposits`."""
    unpriced_assets: int
    """Assets that the account has and no market prices: they are in no sum but `unpriced_cost_basis`."""
    unpriced_cost_basis: Decimal


class Portfolio(msgspec.Struct, frozen=True):
    """An account's portfolio."""

    method: MethodName
    reference: str
    """The asset that everything is valued in."""
    sequence: Id
    """The account's last movement that is in it."""
    time: TimeMs
    """When the prices were looked at."""
    assets: list[PortfolioAsset]
    """By falling value, those without a price last."""
    total: PortfolioTotal


class PortfolioHistoryQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far back."""

    range: Annotated[
        RangeName,
        Meta(
            description="1h: 60 steps of 1 minute, 1d: 96 of 15 minutes, 1w: 168 of 1 hour, 1m: 186 of 4 hours,"
            " 3m: 184 of 12 hours, 1y: 366 of 1 day, all: at most 366 equal steps of whole days."
        ),
    ] = "1w"


class PortfolioPoint(msgspec.Struct, frozen=True):
    """What the account was worth at one time."""

    time: TimeMs
    value: Decimal
    net_deposits: Decimal
    profit: Decimal
    """`value` - `net_deposits` of the assets that had a price then."""


class PortfolioMover(msgspec.Struct, frozen=True):
    """What one asset added to the profit over the range."""

    asset: str
    value: Decimal
    """At the range's end."""
    profit: Decimal
    """Signed: gains and losses, realised and not, fees taken off."""


class PortfolioHistory(msgspec.Struct, frozen=True):
    """Value over time."""

    range: RangeName
    reference: str
    sequence: Id
    step_ms: int
    points: list[PortfolioPoint]
    """Oldest first, one per step and one for now; none before the account's first movement."""
    movers: list[PortfolioMover]
    """What made the range's profit, largest gain first. Assets without a price are left out."""
    unpriced: list[str]
    """Assets that were left out of values because no market prices them."""


class PeriodQuery(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}
):
    """Movements from `from` (inclusive) to `to` (exclusive), Unix ms; at most 366 days."""

    from_: TimeMs
    to: TimeMs


class StatementLine(msgspec.Struct, frozen=True):
    """All movements of one kind, in the asset's units."""

    kind: MovementKind
    received: Decimal
    paid: Decimal
    count: int


class StatementAsset(msgspec.Struct, frozen=True):
    """What became of one asset: `opening` + all `received` - all `paid` = `closing`, to the unit."""

    asset: str
    opening: Decimal
    closing: Decimal
    lines: list[StatementLine]


class Statement(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """What an account had, what moved, and what it had then. Available and held together: holds move nothing."""

    from_: TimeMs
    to: TimeMs
    assets: list[StatementAsset]
    """By symbol; those that the account had nothing of and that did not move are left out."""


class ExportQuery(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}
):
    """Which rows: all, or those from `from` (inclusive) to `to` (exclusive), Unix ms."""

    from_: TimeMs | None = None
    to: TimeMs | None = None


class MarketExportQuery(ExportQuery, frozen=True, forbid_unknown_fields=True):
    """Which rows, of one market or all."""

    market: MarketName | None = None


class LedgerExportQuery(ExportQuery, frozen=True, forbid_unknown_fields=True):
    """Which rows, of one asset or all."""

    asset: AssetName | None = None


class TaxQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which disposals: those of a calendar year (UTC)."""

    year: Annotated[int, Meta(ge=1970, le=9999, examples=[2026])]
    method: Method = "fifo"


class SparklinesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which closes."""

    markets: (
        Annotated[
            str,
            Meta(
                max_length=7_000,
                description="Symbols with commas between; without it all, the first 1,000 by symbol.",
            ),
        ]
        | None
    ) = None
    interval: Annotated[
        Literal["1m", "5m", "15m", "1h", "4h", "1d"], Meta(description="Length of a step.")
    ] = "1h"
    points: Annotated[int, Meta(ge=2, le=100, description="How many closes.")] = 24


class Sparkline(msgspec.Struct, frozen=True, gc=False):
    """A market's closes; for drawing, so integers: a price is `close` / 10^`scale`."""

    market: str
    scale: int
    closes: list[int | None]
    """Oldest first, `points` of them; the last is of the step that is still going on. A step without a trade has the
    close before it; null before the market's first trade."""


class Sparklines(msgspec.Struct, frozen=True):
    """Closes of many markets at once."""

    interval: str
    points: int
    time: TimeMs
    """When the last step began."""
    sparklines: list[Sparkline]
    """By symbol."""
