"""What the gateway counts: requests and their latency by method, route and status. Never by user."""

from typing import Final

from prometheus_client import CollectorRegistry, Histogram

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


class RequestMetrics:
    """One histogram; its count is the number of requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register with `registry`; once per registry."""
        self._seconds: Final = Histogram(
            "cse_http_request_seconds",
            "Time from the request's head to the end of its answer.",
            ("method", "route", "status"),
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._children: Final[dict[tuple[str, str, int], Histogram]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        key = (method if method in _METHODS else "other", route or "other", status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._seconds.labels(*map(str, key))
        child.observe(seconds)
