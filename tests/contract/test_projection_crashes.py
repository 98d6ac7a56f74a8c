"""Proves that a real projector process goes on exactly where it stopped: after kill -9, after outages.

The journal is real and grows meanwhile; in the end every table equals that of an undisturbed rebuild
from the first command.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest

from cse.adapters.journal.places import open_journal
from cse.adapters.sql.engine import make_engine
from cse.adapters.sql.history import SqlHistoryReader
from cse.adapters.sql.schema import migrate
from cse.core.errors import Unavailable
from cse.messages.codec import encode_frame
from cse.messages.events import Applied
from tests.contract.projecting import contents, rebuilt
from tests.servers import PrivatePostgres
from tests.unit.projections.flow import Flow
from tests.waiting import wait_until, wait_until_async

PORTION = 4_000
KILLS = 4
MAX_RSS_KB = 300_000


class Venue:
    """A data directory with a journal that grows by portions, and a projector process on it."""

    def __init__(self, data_dir: Path, url: str) -> None:
        self.data_dir = data_dir
        self.url = url
        self.applied: list[Applied] = []
        self._flow = Flow(41).run(1_000_000)
        self._journal = open_journal(data_dir)
        self.process: subprocess.Popen[bytes] | None = None

    def grow(self) -> int:
        """Make a portion of commands durable; returns the last one's sequence."""
        fresh = list(islice(self._flow, PORTION))
        self._journal.append(
            b"".join(encode_frame(one.command, one.sequence, one.time_ms) for one in fresh)
        )
        self.applied += fresh
        return fresh[-1].sequence

    def start(self) -> None:
        """Start `cse projector`."""
        with (self.data_dir / "projector.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cse.cli", "projector", "--data-dir", str(self.data_dir)],
                env={**os.environ, "CSE_DATABASE_URL": self.url},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def end(self, how: signal.Signals) -> int:
        """Send the signal and return how the process ended."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(60)

    def memory_kb(self) -> int:
        """The projector's resident memory."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1])

    def close(self) -> None:
        """Leave nothing running."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._journal.close()


@contextmanager
def venue(data_dir: Path, url: str) -> Iterator[Venue]:
    made = Venue(data_dir, url)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'cse.db'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
async def history(url: str) -> AsyncIterator[SqlHistoryReader]:
    await migrate(url)
    engine = make_engine(url)
    yield SqlHistoryReader(engine)
    await engine.dispose()


async def reaches(history: SqlHistoryReader, sequence: int) -> int:
    """Wait until history has come to this command, or beyond; returns where it is."""
    position = 0

    async def there() -> bool:
        nonlocal position
        position = await history.position()
        return position >= sequence

    await wait_until_async(there, timeout_s=60, what=f"history to reach command {sequence}")
    return position


async def same_as_rebuilt(url: str, applied: Sequence[Applied], folder: Path) -> None:
    engine = make_engine(url)
    found = await contents(engine)
    await engine.dispose()
    expected = await rebuilt(f"sqlite:///{folder / 'rebuilt.db'}", applied)
    for table in expected:
        if table != "projection_positions":  # the venue's name differs
            assert found[table] == expected[table], table
    assert len(found["ledger_entries"]) > len(applied)


async def test_killed_again_and_again_it_goes_on_exactly(
    url: str, history: SqlHistoryReader, tmp_path: Path
) -> None:
    """Killed by force in the middle of writing, four times, while the journal grows: nothing lost or doubled."""
    with venue(tmp_path / "data", url) as exchange:
        killed_at, left = 0, []
        for _ in range(KILLS):
            last = exchange.grow()
            exchange.start()
            killed_at = await reaches(history, killed_at + 1)
            assert exchange.end(signal.SIGKILL) == -signal.SIGKILL
            left.append(last - await history.position())
        assert any(left), "it was never killed in the middle"
        exchange.start()
        await reaches(history, last)
        assert exchange.end(signal.SIGTERM) == 0
        await same_as_rebuilt(url, exchange.applied, tmp_path)


async def test_an_outage_is_waited_out_in_little_memory(
    private_postgres: PrivatePostgres, tmp_path: Path
) -> None:
    """PostgreSQL dies under the projector and comes back: the same process goes on, with bounded memory."""
    url = private_postgres.url
    await migrate(url)
    engine = make_engine(url)
    history = SqlHistoryReader(engine)
    with venue(tmp_path / "data", url) as exchange:
        exchange.grow()
        exchange.start()
        await reaches(history, 1)
        private_postgres.kill()
        with pytest.raises(Unavailable):
            await history.position()
        exchange.grow()  # it may have been through with all that there was
        log = tmp_path / "data" / "projector.log"
        wait_until(lambda: "database is away" in log.read_text(), what="the projector to notice")
        for _ in range(5):
            last = exchange.grow()
        assert exchange.memory_kb() < MAX_RSS_KB
        private_postgres.start()
        await reaches(history, last)
        assert exchange.memory_kb() < MAX_RSS_KB
        assert exchange.end(signal.SIGTERM) == 0
        await same_as_rebuilt(url, exchange.applied, tmp_path)
    await engine.dispose()


async def test_a_database_that_is_locked_is_waited_for(tmp_path: Path) -> None:
    """Somebody holds SQLite's write lock for a while: the projector waits and goes on."""
    url = f"sqlite:///{tmp_path / 'cse.db'}"
    await migrate(url)
    engine = make_engine(url)
    history = SqlHistoryReader(engine)
    with venue(tmp_path / "data", url) as exchange:
        last = exchange.grow()
        async with engine.begin():
            exchange.start()
            await asyncio.sleep(0)
            assert await history.position() == 0
        await reaches(history, last)
        assert exchange.end(signal.SIGTERM) == 0
        await same_as_rebuilt(url, exchange.applied, tmp_path)
    await engine.dispose()
