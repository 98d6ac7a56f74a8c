"""What the gateway counts: requests and their latency by method, route and status. Never by user."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

BUCKETS_S: Final = (
    0.0005,
    0.001,
    0.002,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
)

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
"""What clients make up must not become labels: their number has to stay bounded."""


class _Series:
    """One method, route and status: plain numbers, as only the event loop's thread writes them."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_S) + 1)
        """By bucket, each for itself; the last one is for what took longer."""
        self.seconds = 0.0


class RequestMetrics(Collector):
    """One histogram; its count is the number of requests.

    prometheus_client's own takes a lock twice for each request, which costs as much as reading an order.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register with `registry`; once per registry."""
        self._series: Final[dict[tuple[str, str, int], _Series]] = {}
        registry.register(self)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        series = self._series.get((method, route, status))
        if series is None:
            series = self._begin(method, route, status)
        series.counts[bisect_left(BUCKETS_S, seconds)] += 1
        series.seconds += seconds

    def _begin(self, method: str, route: str, status: int) -> _Series:
        key = (method if method in _METHODS else "other", route or "other", status)
        return self._series.setdefault(key, _Series())

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """Return the histogram as of now."""
        family = HistogramMetricFamily(
            "cse_http_request_seconds",
            "Time from the request's head to the end of its answer.",
            labels=("method", "route", "status"),
        )
        names = [*map(str, BUCKETS_S), "+Inf"]
        for (method, route, status), series in self._series.items():
            buckets = list(zip(names, accumulate(series.counts), strict=True))
            family.add_metric((method, route, str(status)), buckets, series.seconds)
        return [family]
