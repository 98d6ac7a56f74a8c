"""Blocks cut time the same for everybody: every moment is in exactly one, and they begin on the interval's grid."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.market_data import INTERVALS, open_time
from cse.market_data.indicators import blocks_of, catalogue
from cse.market_data.indicators.blocks import BLOCK, MAX_WARM_UP, warm_up

YEAR_2100_MS = 4_102_444_800_000
SMA, OBV, RSI = (catalogue()[name] for name in ("sma", "obv", "rsi"))


def ms(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp() * 1_000)  # type: ignore[arg-type]  # year, month, day, ...


@given(
    st.sampled_from([SMA, OBV]),
    st.sampled_from(list(INTERVALS)),
    st.integers(0, YEAR_2100_MS),
    st.integers(0, 2_000),
)
def test_blocks_cover_a_window_without_holes(
    function: object, interval: str, from_ms: int, candles: int
) -> None:
    """They follow each other, hold the window, begin on the grid, and are the same for any other window."""
    step_ms = INTERVALS[interval]
    begin_ms = open_time(from_ms, step_ms)
    end_ms = begin_ms + candles * step_ms
    found = blocks_of(function, interval, begin_ms, end_ms)  # type: ignore[arg-type]  # one of the two
    assert [block.end_ms for block in found[:-1]] == [block.begin_ms for block in found[1:]]
    if found:
        assert found[0].begin_ms <= begin_ms < found[0].end_ms
        assert found[-1].begin_ms < end_ms <= found[-1].end_ms
    for block in found:
        assert open_time(block.begin_ms, step_ms) == block.begin_ms
        size = (block.end_ms - block.begin_ms) // step_ms
        assert size == BLOCK if function is SMA else 1 <= size <= 3_600
        assert blocks_of(function, interval, block.end_ms - 1, block.end_ms) == [block]  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    ("interval", "at", "begin", "end"),
    [
        ("1s", (2026, 11, 22, 17, 5), (2026, 11, 22, 17), (2026, 11, 22, 18)),
        ("1m", (2026, 11, 22, 17, 5), (2026, 11, 22), (2026, 11, 23)),
        ("1h", (2026, 11, 22, 17, 5), (2026, 11, 16), (2026, 11, 23)),
        ("4h", (2026, 11, 22, 17, 5), (2026, 1, 1), (2027, 1, 1)),
        ("1w", (2026, 11, 22, 17, 5), (2026, 1, 5), (2027, 1, 4)),
        ("1w", (2027, 1, 2), (2026, 1, 5), (2027, 1, 4)),
        ("1d", (2024, 2, 29), (2024, 1, 1), (2025, 1, 1)),
    ],
)
def test_sums_begin_anew_with_the_calendar(
    interval: str, at: tuple[int, ...], begin: tuple[int, ...], end: tuple[int, ...]
) -> None:
    """Hours, days, weeks from Monday, years; of weekly candles the year begins with its first Monday."""
    [block] = blocks_of(OBV, interval, ms(*at), ms(*at) + 1)
    assert block == (ms(*begin), ms(*end))


def test_the_warm_up_is_bounded_and_covers_the_lookback() -> None:
    """Nothing for sums, the lookback for finite functions, 25 times as much for fading ones, never over the bound."""
    assert warm_up(OBV, 0) == 0
    assert warm_up(SMA, 29) == 29
    assert warm_up(RSI, 14) == 550
    assert warm_up(RSI, 400) == MAX_WARM_UP
