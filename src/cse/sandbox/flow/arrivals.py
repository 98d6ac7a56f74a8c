"""When things happen: a self-exciting point process, so that orders come in clusters as they do in markets.

Hawkes process with an exponential kernel (A. G. Hawkes, Biometrika 58, 1971), simulated by thinning
(Y. Ogata, IEEE Transactions on Information Theory 27, 1981): every event raises the rate by
branching x decay, and what it raised decays exponentially. Times are no money: floats are fine here.
"""

import math
from collections.abc import Iterator
from random import Random

import msgspec


class Clustering(msgspec.Struct, frozen=True):
    """How many events, and how much each brings others with it."""

    mean_rate: float = 20.0
    """Events per second in the long run."""
    branching: float = 0.7
    """How many events one event brings about on average; below 1, or the process explodes."""
    decay: float = 50.0
    """Per second: how fast excitement fades."""


def arrivals(rng: Random, clustering: Clustering) -> Iterator[int]:
    """Yield times in nanoseconds from 0 on, ascending, without end."""
    assert 0 <= clustering.branching < 1, "a branching ratio of 1 or more explodes"
    base = clustering.mean_rate * (1 - clustering.branching)
    jump = clustering.branching * clustering.decay
    now_s = excitement = 0.0
    while True:
        bound = base + excitement
        wait_s = rng.expovariate(bound)
        now_s += wait_s
        excitement *= math.exp(-clustering.decay * wait_s)
        if rng.random() * bound <= base + excitement:
            excitement += jump
            yield int(now_s * 1e9)
