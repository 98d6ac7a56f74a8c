"""Candles by brute force, and histories of trades at the places where candles go wrong."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from cse.core.money import MAX_AMOUNT
from cse.market_data import INTERVALS
from cse.messages import events as e
from cse.messages.wire import Side
from cse.projections.changes import TradeRow

MARKETS = (1, 2, 3)
START_MS = 1_709_164_800_000
"""2024-02-29, a Thursday."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_GAPS = (0, 0, 0, 0, 1, 300, 1_000, 59_000, 3_600_000, 86_400_000, 23 * 86_400_000)
"""Bursts within one millisecond, seconds, and weeks of silence."""


class Made(NamedTuple):
    """One trade of a history: where, when (ms), at what price, how much."""

    market_id: int
    time_ms: int
    price: int
    quantity: int
    quote_amount: int


_amounts = st.one_of(st.integers(1, 1_000), st.sampled_from([2**32, MAX_AMOUNT]))


@st.composite
def histories(draw: st.DrawFn) -> list[Made]:
    """Trades in rising time: after a gap, at the first or at the last millisecond of some interval."""
    time_ms, found = START_MS, []
    borders = sorted(INTERVALS.values())
    for _ in range(draw(st.sampled_from([0, 1, 3, 10, 40, 40]))):
        time_ms += draw(st.sampled_from(_GAPS))
        place = draw(st.sampled_from(["here", "here", "first", "last"]))
        if place != "here":
            next_ms = begins(time_ms, draw(st.sampled_from(borders)), intervals=1)
            time_ms = next_ms if place == "first" else max(time_ms, next_ms - 1)
        price, quantity, quote = draw(st.integers(1, 50)), draw(_amounts), draw(_amounts)
        found.append(Made(draw(st.sampled_from(MARKETS)), time_ms, price, quantity, quote))
    return found


def rows_of(history: list[Made]) -> list[TradeRow]:
    """The trades with ids counted in each market, one command each."""
    counts = dict.fromkeys(MARKETS, 0)
    rows = []
    for sequence, made in enumerate(history, 1):
        counts[made.market_id] += 1
        event = e.Trade(
            made.market_id,
            counts[made.market_id],
            made.price,
            made.quantity,
            1,
            made.quote_amount,
            Side.BUY,
            1,
            2,
            1000,
            1001,
            0,
            0,
            0,
        )
        rows.append(TradeRow(event, made.time_ms, sequence))
    return rows


def begins(time_ms: int, interval_ms: int, intervals: int = 0) -> int:
    """When the interval of a time began, by the calendar; or the one that many later."""
    moment = _EPOCH + time_ms * _MS
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if interval_ms == 7 * 86_400_000:
        began = day - timedelta(days=day.weekday())
    else:
        length = timedelta(milliseconds=interval_ms)
        began = day + (moment - day) // length * length
    return (began - _EPOCH) // _MS + intervals * interval_ms


def stored_rows(rows: list[TradeRow]) -> list[tuple[int, ...]]:
    """What the table of candles must hold, in the order of its key."""
    groups: dict[tuple[int, int, int], list[TradeRow]] = {}
    for row in rows:
        for interval_ms in INTERVALS.values():
            key = (row.trade.market_id, interval_ms, begins(row.time_ms, interval_ms))
            groups.setdefault(key, []).append(row)
    return sorted((*key, *_values(group)) for key, group in groups.items())


def _values(group: list[TradeRow]) -> tuple[int, ...]:
    prices = [row.trade.price for row in group]
    quantities = [row.trade.quantity for row in group]
    quotes = [row.trade.quote_amount for row in group]
    return (
        prices[0],
        max(prices),
        min(prices),
        prices[-1],
        sum(quantity // 2**32 for quantity in quantities),
        sum(quantity % 2**32 for quantity in quantities),
        sum(quote // 2**32 for quote in quotes),
        sum(quote % 2**32 for quote in quotes),
        len(group),
        group[-1].sequence,
    )
