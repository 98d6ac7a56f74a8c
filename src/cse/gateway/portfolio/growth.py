"""Value over time: what an account had at the end of each step, times what it was worth then."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from cse.gateway.http.portfolio_schemas import (
    PortfolioHistory,
    PortfolioMover,
    PortfolioPoint,
    RangeName,
)
from cse.gateway.portfolio.keeping import Kept
from cse.gateway.portfolio.pricing import LivePrices, PastPrices, Venue
from cse.messages.catalog import Catalog
from cse.portfolio.model import Price
from cse.portfolio.timeline import DAY_MS, RANGES, Range, ends, whole_range

MAX_ASSETS: Final = 100
"""How many assets one history values: those with the most money in them; the others are told as left out."""
_INTERVALS: Final = {
    60_000: "1m",
    900_000: "15m",
    3_600_000: "1h",
    14_400_000: "4h",
    43_200_000: "12h",
}
_WEEK: Final = 7


class _Asked(NamedTuple):
    """A range of one account's history."""

    venue: Venue
    span: Range
    times: Sequence[int]
    """The ends of its steps since the account's first movement, without now."""
    began: bool
    """Whether the account began within it: what it had before is nothing."""


class _Line(NamedTuple):
    """One asset: its value and what was invested at each point, now included; None: nobody could say."""

    asset_id: int
    values: Sequence[int | None]
    invested: Sequence[int]


class Growth:
    """Makes the history of a portfolio that is kept."""

    def __init__(self, catalog: Catalog, live: LivePrices, past: PastPrices) -> None:
        """Value by these prices."""
        self._catalog: Final = catalog
        self._live: Final = live
        self._past: Final = past

    async def history(
        self, venue: Venue, kept: Kept, name: RangeName, now_ms: int
    ) -> PortfolioHistory:
        """Return the points of a range up to now; raises Unavailable as candles do."""
        asked = _asked(venue, kept, name, now_ms)
        chosen, left_out = _choose(venue, kept)
        sequence, empty = kept.sequence, kept.timeline.first_ms is None
        stands = kept.timeline.stands(min(asked.span.step_ms, DAY_MS), asked.times)
        held = {  # all of it now: while prices are read, the portfolio may go on
            asset_id: [*stands.get(asset_id, [(0, 0)] * len(asked.times)), _now(kept, asset_id)]
            for asset_id in chosen
        }
        lines = [await self._line(asked, asset_id, stood) for asset_id, stood in held.items()]
        times = [] if empty else [*asked.times, now_ms]
        show = venue.reference.format
        unpriced = {line.asset_id for line in lines if None in line.values} | set(left_out)
        return PortfolioHistory(
            range=name,
            reference=venue.reference.symbol,
            sequence=sequence,
            step_ms=asked.span.step_ms,
            points=[_point(lines, index, time_ms, show) for index, time_ms in enumerate(times)],
            movers=self._movers(asked, lines),
            unpriced=sorted(self._catalog.assets[asset_id].symbol for asset_id in unpriced),
        )

    async def _line(self, asked: _Asked, asset_id: int, stood: Sequence[tuple[int, int]]) -> _Line:
        venue, times = asked.venue, asked.times
        quantities, invested = [each[0] for each in stood], [each[1] for each in stood]
        if asset_id == venue.reference.asset_id or not any(quantities):
            return _Line(asset_id, quantities, invested)
        past: Sequence[Price | None] = []
        if times:
            past = await self._past.at_ends(venue, asset_id, _interval(asked.span), times)
        prices = [*past, self._live.price(venue, asset_id)]
        values = [
            0 if not quantity else None if price is None else price.value(quantity)
            for quantity, price in zip(quantities, prices, strict=True)
        ]
        return _Line(asset_id, values, invested)

    def _movers(self, asked: _Asked, lines: Sequence[_Line]) -> list[PortfolioMover]:
        found: list[tuple[int, int, int]] = []
        for line in lines:
            first, put = (0, 0) if asked.began else (line.values[0], line.invested[0])
            last = line.values[-1]
            if first is None or last is None:
                continue
            profit = (last - line.invested[-1]) - (first - put)
            if line.asset_id != asked.venue.reference.asset_id and (profit or last):
                found.append((-profit, line.asset_id, last))
        show = asked.venue.reference.format
        return [
            PortfolioMover(self._catalog.assets[asset_id].symbol, show(value), show(-loss))
            for loss, asset_id, value in sorted(found)
        ]


def _choose(venue: Venue, kept: Kept) -> tuple[list[int], list[int]]:
    """Return the assets that are valued, and those beyond the bound."""
    positions = sorted(
        kept.book.positions.values(),
        key=lambda each: (
            each.asset_id != venue.reference.asset_id,
            -max(abs(each.invested), each.lots.cost),
            each.asset_id,
        ),
    )
    ids = [position.asset_id for position in positions]
    return ids[:MAX_ASSETS], ids[MAX_ASSETS:]


def _now(kept: Kept, asset_id: int) -> tuple[int, int]:
    position = kept.book.positions[asset_id]
    return position.lots.quantity, position.invested


def _asked(venue: Venue, kept: Kept, name: RangeName, now_ms: int) -> _Asked:
    first_ms = kept.timeline.first_ms
    if first_ms is None:
        return _Asked(venue, RANGES[name], [], began=True)
    span = whole_range(first_ms, now_ms) if name == "all" else RANGES[name]
    steps = list(ends(span, now_ms))
    times = [end for end in steps if first_ms < end < now_ms]
    return _Asked(venue, span, times, began=first_ms >= steps[0])


def _interval(span: Range) -> str:
    """Return the candles whose closes a range is valued by: none is longer than a step."""
    if span.step_ms in _INTERVALS:
        return _INTERVALS[span.step_ms]
    return "1w" if span.step_ms >= _WEEK * DAY_MS else "1d"


def _point(
    lines: Sequence[_Line], index: int, time_ms: int, show: Callable[[int], str]
) -> PortfolioPoint:
    known = [
        (value, line.invested[index]) for line in lines if (value := line.values[index]) is not None
    ]
    value = sum(value for value, _ in known)
    put = sum(invested for _, invested in known)
    return PortfolioPoint(time_ms, show(value), show(put), show(value - put))
