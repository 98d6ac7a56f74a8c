"""One fleet for the tests of a module: starting it takes seconds."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.streamer.world import Fleet, running_fleet
from tests.servers import PrivateRedis


@pytest.fixture(scope="module")
def fleet(run_folder: Path) -> Iterator[Fleet]:
    """An exchange and two streamers on a Redis of their own, which a test may kill and start again."""
    folder = Path(tempfile.mkdtemp(dir=run_folder))
    redis = PrivateRedis(folder / "redis")
    redis.start()
    try:
        with running_fleet(folder, redis) as made:
            yield made
    finally:
        redis.kill()
