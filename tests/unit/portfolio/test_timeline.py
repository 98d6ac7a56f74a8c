"""Holdings over time, against a plain look-up in everything that was ever told."""

from hypothesis import given
from hypothesis import strategies as st

from cse.portfolio.timeline import DAY_MS, RANGES, Timeline, ends, whole_range

STEPS = sorted({span.step_ms: span for span in RANGES.values()}.values())


@given(
    changes=st.lists(
        st.tuples(st.integers(1, 3), st.integers(0, 3 * 3_600_000), st.integers(0, 99)), max_size=60
    ),
    later_ms=st.integers(0, 2 * DAY_MS),
    span=st.sampled_from(STEPS),
)
def test_stands_are_what_was_told_last(
    changes: list[tuple[int, int, int]], later_ms: int, span: tuple[int, int]
) -> None:
    """At the end of every step that is shown, each asset has what it had before that moment."""
    timeline, told, now_ms = Timeline(), [], 40 * 365 * DAY_MS
    for asset_id, wait_ms, quantity in changes:
        now_ms += wait_ms
        timeline.put(asset_id, now_ms, quantity, -quantity)
        told.append((now_ms, asset_id, quantity))
    now_ms += later_ms
    times = list(ends(next(r for r in RANGES.values() if r == span), now_ms))
    stands = timeline.stands(span[0], times)
    for asset_id in {each[1] for each in told}:
        expected = [
            next((q for t, a, q in reversed(told) if a == asset_id and t < end), 0) for end in times
        ]
        assert stands[asset_id] == [(quantity, -quantity) for quantity in expected]


def test_only_what_ranges_show_is_kept() -> None:
    """A change every minute for a month keeps a bounded number of steps, and still knows the last day."""
    timeline, begin_ms = Timeline(), 40 * 365 * DAY_MS
    for minute in range(30 * 24 * 60):
        timeline.put(1, begin_ms + minute * 60_000, minute, 0)
    shown = sum(span.steps for name, span in RANGES.items() if name != "all")
    assert timeline.size < 2 * shown + len(RANGES)
    now_ms = begin_ms + 30 * DAY_MS
    times = list(ends(RANGES["1d"], now_ms))
    assert len(times) == 97
    assert timeline.stands(RANGES["1d"].step_ms, times)[1] == [
        ((end - begin_ms) // 60_000 - 1, 0) for end in times
    ]


def test_all_is_in_whole_days() -> None:
    """Up to 366 steps, of as many days as it takes."""
    assert whole_range(0, DAY_MS - 1) == (DAY_MS, 1)
    assert whole_range(0, 366 * DAY_MS - 1) == (DAY_MS, 366)
    assert whole_range(0, 366 * DAY_MS) == (2 * DAY_MS, 184)
    step_ms, steps = whole_range(0, 20 * 365 * DAY_MS)
    assert steps <= 366
    assert step_ms * steps >= 20 * 365 * DAY_MS
