"""`cse up` on a database that belongs to another journal: log-ins would open other people's accounts."""

import shutil
from pathlib import Path

from cse.entrypoints.exits import ExitCode
from tests.integration.exchange import Exchange, deposit


def test_a_journal_that_is_not_the_databases_own_is_refused(tmp_path: Path) -> None:
    """The journal is gone (a wrong copy, a lost disk) and the database is there: nobody is let at any money."""
    with Exchange(tmp_path) as running:
        with running.person("ann") as ann:
            deposit(ann, "USDC", "1000", "a")
        running.settle()
        assert running.stop() == ExitCode.OK
    for folder in ("journal", "snapshots"):
        shutil.rmtree(running.data_dir / folder, ignore_errors=True)
    again = Exchange(tmp_path).launch()
    assert again.wait() == ExitCode.FAILED
    assert "history and log-ins of another venue" in again.err
    assert "is running" not in again.out


def test_a_journal_that_ends_before_history_is_refused(tmp_path: Path) -> None:
    """The last command, acknowledged and in history, is cut off the journal: nobody trades on what is left."""
    with Exchange(tmp_path) as running:
        with running.person("ann") as ann:
            deposit(ann, "USDC", "1000", "a")
        running.settle()
        assert running.stop() == ExitCode.OK
    last = max((running.data_dir / "journal").glob("*.seg"))
    with last.open("r+b") as file:
        file.truncate(last.stat().st_size - 1)
    again = Exchange(tmp_path).launch()
    assert again.wait() == ExitCode.FAILED
    assert "the database's history goes up to" in again.err
    assert "is running" not in again.out
