"""What `make soak-web` calls flat: its verdict on made-up samples."""

import pytest

from tests.browser.soak import Sample, verdict


def samples(held_per_minute: float = 0.0, nodes_per_minute: float = 0.0) -> list[Sample]:
    """Half an hour of a page of 20 MB, whose first minutes fill caches."""
    return [
        Sample(
            minute,
            30e6 + minute * 1e5,
            20e6 + (min(minute, 5) * 3e6) + held_per_minute * minute + (minute % 3) * 1e5,
            4_000 + nodes_per_minute * minute,
            300,
        )
        for minute in range(31)
    ]


def test_a_page_that_fills_its_caches_and_stays_so_is_flat() -> None:
    """Warming up and the noise of collections are no growth."""
    assert verdict(samples()) == []


def test_a_slow_leak_is_found() -> None:
    """100 kB a minute on 35.5 MB, with the noise of collections: 2.8 % in ten minutes."""
    assert verdict(samples(held_per_minute=1e5)) == ["what is held grows by 2.8% in ten minutes"]


def test_nodes_that_pile_up_are_found() -> None:
    """20 nodes a minute, more than a tenth in the end."""
    assert verdict(samples(nodes_per_minute=20)) == ["nodes grew from 4100 to 4600"]


def test_too_few_samples_tell_nothing() -> None:
    """A run of a few minutes is no verdict."""
    with pytest.raises(ValueError, match="five minutes"):
        verdict(samples()[:8])
