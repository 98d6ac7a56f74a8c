"""How channels are called: the one grammar, for whoever makes channels and whoever relays them.

    orderbook.MARKET                     every level
    orderbook.MARKET.DEPTH@PACE          the best so many levels, at a pace
    orderbook.MARKET.step=DECIMAL        levels put together by price step
    bbo.MARKET                           best bid and offer
    trades.MARKET
    ticker.MARKET      tickers           one market, all markets
    status                               all markets
    candles.MARKET.INTERVAL
    indicators.MARKET.INTERVAL.FUNCTION  FUNCTION: sma(20), as GET /api/indicators spells it
    user.orders        user.balances

Whether there is such a market (or such a step of its prices) is for the catalog to say, not for the grammar. Every
channel has exactly one name: `step=0.010` is refused, not taken for `step=0.01`.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from cse.gateway.problems import ApiProblem, edge_problem
from cse.market_data import INTERVALS

MAX_LENGTH: Final = 128
"""Characters of a name."""
DEPTHS: Final = (5, 10, 20, 50)
PACES_MS: Final = {"100ms": 100, "250ms": 250, "1000ms": 1_000}
RESERVED: Final = ("liquidations", "auctions")
"""Kinds to come; nothing else will ever take these names."""


class ChannelKind(StrEnum):
    """What a channel tells; each kind has one factory in a registry."""

    BOOK = "orderbook"
    TOP = "orderbook.top"
    """`orderbook.MARKET.20@100ms`: parameters ("20", "100ms")."""
    STEP = "orderbook.step"
    """`orderbook.MARKET.step=0.01`: parameters ("0.01",)."""
    BBO = "bbo"
    TRADES = "trades"
    TICKER = "ticker"
    TICKERS = "tickers"
    STATUS = "status"
    CANDLES = "candles"
    """`candles.MARKET.1m`: parameters ("1m",)."""
    INDICATORS = "indicators"
    """`indicators.MARKET.1m.sma(20)`: parameters ("1m", "sma(20)")."""
    USER_ORDERS = "user.orders"
    USER_BALANCES = "user.balances"


OF_ALL_MARKETS: Final = frozenset({ChannelKind.TICKERS, ChannelKind.STATUS})
OF_AN_ACCOUNT: Final = frozenset({ChannelKind.USER_ORDERS, ChannelKind.USER_BALANCES})
_WITHOUT_MARKET: Final = OF_ALL_MARKETS | OF_AN_ACCOUNT


class ChannelName(NamedTuple):
    """A name taken apart."""

    kind: ChannelKind
    symbol: str
    """The market's; empty for channels that are of no single market."""
    parameters: tuple[str, ...]
    """What stands after the market; see ChannelKind."""

    def __str__(self) -> str:
        """Return the name as clients write it."""
        if self.kind in _WITHOUT_MARKET:
            return self.kind.value
        if self.kind is ChannelKind.TOP:
            return f"orderbook.{self.symbol}.{'@'.join(self.parameters)}"
        if self.kind is ChannelKind.STEP:
            return f"orderbook.{self.symbol}.step={self.parameters[0]}"
        return ".".join((self.kind.value, self.symbol, *self.parameters))


_SYMBOL: Final = re.compile(r"[^.:*?\[\]\s\x00-\x1f]{1,33}")
"""No dot, and nothing that a bus could take for a pattern."""
_STEP: Final = re.compile(r"step=((?:0|[1-9][0-9]{0,18})(?:\.[0-9]{0,18}[1-9])?)", re.ASCII)
_FUNCTION: Final = re.compile(r"[a-z][a-z0-9_]*(?:\([A-Za-z0-9_=.,:+-]*\))?", re.ASCII)
_DEPTH_TEXTS: Final = tuple(str(depth) for depth in DEPTHS)


def parse(name: str) -> ChannelName:
    """Take a channel's name apart.

    Raises:
        ApiProblem: 404 `not_found`, saying what is wrong with it: nothing is called that.
    """
    if len(name) > MAX_LENGTH:
        raise edge_problem("not_found", f"No channel has a name of more than {MAX_LENGTH} letters.")
    if name in _WITHOUT_MARKET:
        return ChannelName(ChannelKind(name), "", ())
    head, _, rest = name.partition(".")
    symbol, dot, tail = rest.partition(".")
    if head in RESERVED:
        raise edge_problem("not_found", f"There is no channel {name!r}: {head} are yet to come.")
    read = _TAILS.get(head)
    if read is None or not _SYMBOL.fullmatch(symbol) or (dot and not tail):
        raise no_channel(name)
    kind, parameters = read(name, tail)
    return ChannelName(kind, symbol, parameters)


def no_channel(name: str, why: str = "") -> ApiProblem:
    """Return the 404 for a name that is no channel's."""
    return edge_problem("not_found", f"There is no channel {name!r}{': ' if why else ''}{why}.")


_Read = Callable[[str, str], tuple[ChannelKind, tuple[str, ...]]]


def _bare(kind: ChannelKind) -> _Read:
    def read(name: str, tail: str) -> tuple[ChannelKind, tuple[str, ...]]:
        if tail:
            raise no_channel(name)
        return kind, ()

    return read


def _book(name: str, tail: str) -> tuple[ChannelKind, tuple[str, ...]]:
    if not tail:
        return ChannelKind.BOOK, ()
    if tail.startswith("step="):
        step = _STEP.fullmatch(tail)
        if step is None:
            raise no_channel(name, "the step is a plain decimal without needless zeros, as in 0.01")
        return ChannelKind.STEP, (step[1],)
    depth, _, pace = tail.partition("@")
    if depth not in _DEPTH_TEXTS or pace not in PACES_MS:
        depths, paces = ", ".join(_DEPTH_TEXTS), ", ".join(PACES_MS)
        raise no_channel(
            name, f"after the market stands a depth of {depths}, @, and one of {paces}"
        )
    return ChannelKind.TOP, (depth, pace)


def _candles(name: str, tail: str) -> tuple[ChannelKind, tuple[str, ...]]:
    return ChannelKind.CANDLES, (_interval(name, tail),)


def _indicators(name: str, tail: str) -> tuple[ChannelKind, tuple[str, ...]]:
    interval, _, function = tail.partition(".")
    if not _FUNCTION.fullmatch(function):
        raise no_channel(name, "after the interval stands a function, as in sma(20)")
    return ChannelKind.INDICATORS, (_interval(name, interval), function)


def _interval(name: str, interval: str) -> str:
    if interval not in INTERVALS:
        raise no_channel(name, f"the interval is one of {' '.join(INTERVALS)}")
    return interval


_TAILS: Final[dict[str, _Read]] = {
    "orderbook": _book,
    "bbo": _bare(ChannelKind.BBO),
    "trades": _bare(ChannelKind.TRADES),
    "ticker": _bare(ChannelKind.TICKER),
    "candles": _candles,
    "indicators": _indicators,
}
