"""The self-exciting process has the rate it is asked for, and clusters only when it is asked to."""

from itertools import islice, pairwise
from random import Random

from cse.sandbox.flow.arrivals import Clustering, arrivals


def times(clustering: Clustering, count: int = 20_000) -> list[int]:
    return list(islice(arrivals(Random(1), clustering), count))


def test_the_long_run_rate_is_the_mean_rate() -> None:
    """20,000 events at 20 per second take about 1,000 seconds."""
    seconds = times(Clustering(mean_rate=20.0, branching=0.5, decay=10.0))[-1] / 1e9
    assert 900 < seconds < 1_100


def test_without_branching_waits_are_exponential() -> None:
    """Then mean and standard deviation of the waits are the same; with it they are far apart."""
    assert 0.95 < spread_of_waits(Clustering(branching=0.0)) < 1.05
    assert spread_of_waits(Clustering(branching=0.8)) > 1.5


def spread_of_waits(clustering: Clustering) -> float:
    waits = [b - a for a, b in pairwise(times(clustering))]
    mean = sum(waits) / len(waits)
    deviation: float = (sum((wait - mean) ** 2 for wait in waits) / len(waits)) ** 0.5
    return deviation / mean


def test_times_never_go_back() -> None:
    """They are nanoseconds, ascending."""
    found = times(Clustering(), 5_000)
    assert found == sorted(found)
