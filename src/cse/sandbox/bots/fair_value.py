"""What a token is "worth": a seeded path that market makers quote around. An opinion, not money: floats."""

from math import exp, log
from random import Random
from typing import Final

STEP_S: Final = 0.5
_VOLATILITY: Final = 0.0004
"""Standard deviation of one step, as a fraction: about 3 % an hour."""
_PULL: Final = 0.0002
"""How much of the distance to its anchor each step takes back."""


class FairValue:
    """A market's latent value in ticks: a function of seed, market, anchor, start and time alone."""

    def __init__(self, seed: int, market: str, anchor: int, start: int) -> None:
        """Begin at `start` ticks; stay around `anchor`."""
        self._rng = Random(f"fair value {seed} {market}")
        self._anchor = anchor
        self._logs = [log(start / anchor)]
        """Logarithm of value / anchor, by step."""

    def at(self, elapsed_s: float) -> float:
        """Return the value at a time after the beginning."""
        step = max(int(elapsed_s / STEP_S), 0)
        while len(self._logs) <= step:
            last = self._logs[-1]
            self._logs.append(last * (1 - _PULL) + self._rng.gauss(0.0, _VOLATILITY))
        return self._anchor * exp(self._logs[step])
