"""Requests are counted as prometheus_client's own histogram would."""

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.exposition import generate_latest

from cse.gateway.http.metrics import BUCKETS_S, RequestMetrics

NAME = "cse_http_request_seconds"


def exposed(registry: CollectorRegistry) -> set[bytes]:
    """The lines that GET /metrics shows, but for when the series began."""
    lines = generate_latest(registry).splitlines()
    return {line for line in lines if b"_created" not in line}


def test_it_shows_what_a_histogram_shows() -> None:
    """On, between, below and beyond the bounds, and made-up methods and routes: line for line the same."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    metrics = RequestMetrics(ours)
    histogram = Histogram(
        NAME,
        "Time from the request's head to the end of its answer.",
        ("method", "route", "status"),
        buckets=BUCKETS_S,
        registry=theirs,
    )
    asked = [("GET", "/api/time", 200), ("POST", "/api/orders", 201), ("BREW", "", 404)]
    seconds = [0.0, 0.0005, 0.0007, 0.25, 4.9, 5.0, 5.1, 1e9]
    for at, took in enumerate(seconds):
        method, route, status = asked[at % len(asked)]
        metrics.observe(method, route, status, took)
        known = method if method != "BREW" else "other"
        histogram.labels(known, route or "other", str(status)).observe(took)
    assert exposed(ours) == exposed(theirs)


def test_nothing_is_shown_before_anything_was_asked() -> None:
    """The name and its help are there from the start."""
    registry = CollectorRegistry()
    RequestMetrics(registry)
    assert exposed(registry) == {
        b"# HELP cse_http_request_seconds Time from the request's head to the end of its answer.",
        b"# TYPE cse_http_request_seconds histogram",
    }
