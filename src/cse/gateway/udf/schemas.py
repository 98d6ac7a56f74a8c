"""What the UDF calls take and answer; names are the specification's. Times are Unix seconds."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cse.gateway.feeds.literals import Number

EXCHANGE: Final = "CSE"
SYMBOL_TYPE: Final = "crypto"
MAX_SYMBOLS: Final = 100
"""Symbols of one `quotes` call, results of one `search`."""

Symbol = Annotated[
    str,
    Meta(max_length=64, description="`NOVA-USDC` or `CSE:NOVA-USDC`.", examples=["NOVA-USDC"]),
]
Resolution = Annotated[str, Meta(max_length=8, description="`1S`, `1` (minutes), `1D`, `1W`.")]
Seconds = Annotated[int, Meta(ge=-(2**43), le=2**43, description="Unix time in seconds.")]


class SymbolQuery(msgspec.Struct, frozen=True):
    """Which symbol."""

    symbol: Symbol


class SearchQuery(msgspec.Struct, frozen=True):
    """What the user typed."""

    query: Annotated[str, Meta(max_length=64)] = ""
    type: Annotated[str, Meta(max_length=32)] = ""
    exchange: Annotated[str, Meta(max_length=32)] = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_SYMBOLS)] = 30


class HistoryQuery(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Which bars: the last `countback` that open before `to`; without it those that open in [from, to)."""

    symbol: Symbol
    resolution: Resolution
    to: Seconds
    from_: Annotated[Seconds | None, Meta(description="Ignored when `countback` is given.")] = None
    countback: Annotated[int, Meta(ge=1, le=2**31)] | None = None


class QuotesQuery(msgspec.Struct, frozen=True):
    """Which symbols, with commas between them."""

    symbols: Annotated[str, Meta(max_length=4_096)]


class MarksQuery(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Which marks: those on bars that open in [from, to]."""

    symbol: Symbol
    resolution: Resolution
    from_: Seconds
    to: Seconds


class Choice(msgspec.Struct, frozen=True):
    """An exchange to choose from."""

    value: str
    name: str
    desc: str


class TypeChoice(msgspec.Struct, frozen=True):
    """A kind of symbol to choose from."""

    name: str
    value: str


class Config(msgspec.Struct, frozen=True):
    """What this datafeed can do."""

    supported_resolutions: list[str]
    supports_group_request: bool
    supports_marks: bool
    supports_search: bool
    supports_timescale_marks: bool
    supports_time: bool
    exchanges: list[Choice]
    symbols_types: list[TypeChoice]


class SymbolInfo(msgspec.Struct, frozen=True):
    """A market as the chart wants to know it (LibrarySymbolInfo)."""

    name: str
    ticker: str
    description: str
    type: str
    exchange: str
    listed_exchange: str
    session: str
    timezone: str
    minmov: int
    """One tick is minmov / pricescale."""
    pricescale: int
    minmov2: int
    has_intraday: bool
    has_seconds: bool
    has_daily: bool
    has_weekly_and_monthly: bool
    seconds_multipliers: list[str]
    intraday_multipliers: list[str]
    daily_multipliers: list[str]
    weekly_multipliers: list[str]
    supported_resolutions: list[str]
    volume_precision: int
    currency_code: str
    data_status: str
    format: str


class Found(msgspec.Struct, frozen=True):
    """A result of a search."""

    symbol: str
    full_name: str
    description: str
    exchange: str
    ticker: str
    type: str


class Bars(msgspec.Struct, frozen=True, omit_defaults=True):
    """Bars as a table, oldest first; prices in quote, volume in base."""

    s: Literal["ok", "no_data"]
    t: list[int] | UnsetType = UNSET
    o: list[Number] | UnsetType = UNSET
    h: list[Number] | UnsetType = UNSET
    l: list[Number] | UnsetType = UNSET  # noqa: E741  # the specification's name
    c: list[Number] | UnsetType = UNSET
    v: list[Number] | UnsetType = UNSET
    nextTime: int | UnsetType = UNSET  # noqa: N815  # the specification's name
    """With `no_data`: when the closest bar before the range opened; absent: there is none."""


class QuoteValues(msgspec.Struct, frozen=True, omit_defaults=True):
    """A market's last 24 hours and its best prices; what there is not is left out."""

    short_name: str
    exchange: str
    original_name: str
    description: str
    volume: Number
    ch: Number | UnsetType = UNSET
    """Last price minus the one 24 hours ago."""
    chp: Number | UnsetType = UNSET
    """The same in percent, halves rounded away from zero."""
    lp: Number | UnsetType = UNSET
    ask: Number | UnsetType = UNSET
    bid: Number | UnsetType = UNSET
    spread: Number | UnsetType = UNSET
    open_price: Number | UnsetType = UNSET
    high_price: Number | UnsetType = UNSET
    low_price: Number | UnsetType = UNSET
    prev_close_price: Number | UnsetType = UNSET


class Quote(msgspec.Struct, frozen=True, omit_defaults=True):
    """One symbol's quote, or why there is none."""

    s: Literal["ok", "error"]
    n: str
    """As it was asked for."""
    v: QuoteValues | UnsetType = UNSET
    errmsg: str | UnsetType = UNSET


class Quotes(msgspec.Struct, frozen=True):
    """One quote for each symbol asked for, in that order."""

    s: Literal["ok"]
    d: list[Quote]


class Marks(msgspec.Struct, frozen=True):
    """Marks on bars, as a table."""

    id: list[str]
    time: list[int]
    color: list[str]
    text: list[str]
    label: list[str]
    labelFontColor: list[str]  # noqa: N815  # the specification's name
    minSize: list[int]  # noqa: N815  # the specification's name


class TimescaleMark(msgspec.Struct, frozen=True):
    """A mark on the time axis."""

    id: str
    time: int
    color: str
    label: str
    tooltip: list[str]
