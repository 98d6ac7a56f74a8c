"""What an account had at the end of every step of time, kept as thin as each range of the history needs it.

Each range has steps of one length; of every asset only the steps in which it changed are kept, for the range's time.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

_MINUTE: Final = 60_000
DAY_MS: Final = 24 * 60 * _MINUTE


class Range(NamedTuple):
    """A length of history."""

    step_ms: int
    steps: int
    """How many steps are shown; of "all", at most this many."""


RANGES: Final = {
    "1h": Range(_MINUTE, 60),
    "1d": Range(15 * _MINUTE, 96),
    "1w": Range(60 * _MINUTE, 168),
    "1m": Range(4 * 60 * _MINUTE, 186),
    "3m": Range(12 * 60 * _MINUTE, 184),
    "1y": Range(DAY_MS, 366),
    "all": Range(DAY_MS, 366),
}
_STEPS: Final = {each.step_ms: each.steps for name, each in RANGES.items() if name != "all"}


class Stand(NamedTuple):
    """What an account had of an asset at the end of a step."""

    step: int
    """Counts steps since 1970."""
    quantity: int
    invested: int


class Timeline:
    """Is told what changed, in the order of time. A step that still goes on is written again when it changes again."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._series: Final[dict[int, dict[int, list[Stand]]]] = {step: {} for step in _STEPS}
        self._changed: Final[dict[int, tuple[int, int]]] = {}
        self._finest = min(_STEPS)
        self.size = 0
        """How many entries are kept."""
        self._now_ms = 0
        self.first_ms: int | None = None
        """When the account first had something to do."""

    def put(self, asset_id: int, time_ms: int, quantity: int, invested: int) -> None:
        """Note what there is of an asset from now on."""
        if self.first_ms is None:
            self.first_ms = time_ms
        if time_ms // self._finest != self._now_ms // self._finest:
            self._write()
        self._now_ms = time_ms
        self._changed[asset_id] = (quantity, invested)

    def stands(self, step_ms: int, ends_ms: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
        """Return (quantity, invested) of each asset at each of these times: whole steps, rising.

        Before an asset's first change, and before what is kept, both are 0.
        """
        self._write()
        ends = [end // step_ms for end in ends_ms]
        return {
            asset_id: [_at(series, end) for end in ends]
            for asset_id, series in self._series[step_ms].items()
        }

    def _write(self) -> None:
        for step_ms, steps in _STEPS.items():
            of_asset, step = self._series[step_ms], self._now_ms // step_ms
            for asset_id, (quantity, invested) in self._changed.items():
                series = of_asset.setdefault(asset_id, [])
                self.size -= len(series)
                if series and series[-1].step == step:
                    series.pop()
                series.append(Stand(step, quantity, invested))
                if step_ms != DAY_MS and len(series) > 2 * steps:
                    _forget(series, step - steps - 1)
                self.size += len(series)
        self._changed.clear()


def ends(span: Range, now_ms: int) -> Iterator[int]:
    """Yield the times between which a range's steps lie, oldest first; the last is not after now."""
    last = now_ms // span.step_ms
    for step in range(max(0, last - span.steps), last + 1):
        yield step * span.step_ms


def whole_range(first_ms: int, now_ms: int) -> Range:
    """Return the steps of "all": whole days, as many together as leave no more than the range's steps."""
    most = RANGES["all"].steps
    days = now_ms // DAY_MS - first_ms // DAY_MS + 1
    together = -(-days // most)
    return Range(together * DAY_MS, min(most, -(-days // together)))


def _at(series: list[Stand], end: int) -> tuple[int, int]:
    """Return what there was when a step began: the last change in a step before it."""
    index = bisect_left(series, end, key=_step) - 1
    return (series[index].quantity, series[index].invested) if index >= 0 else (0, 0)


def _forget(series: list[Stand], before: int) -> None:
    """Drop what lies before a step, but for the last change: it is what there was then."""
    del series[: max(0, bisect_left(series, before, key=_step) - 1)]


def _step(stand: Stand) -> int:
    return stand.step
