"""The doctor finds what would keep an exchange from starting, and always says how to mend it."""

import os
import resource
import shutil
import socket
import time
from contextlib import closing
from pathlib import Path

import pytest

from cse.adapters.journal.lock import DirectoryLock
from cse.engine.backend import Choice
from cse.entrypoints import doctor
from cse.entrypoints.doctor import Check, Verdict, examine
from cse.entrypoints.listen import listen
from cse.settings import load_settings
from tests.servers.process import free_port


def _examine(tmp_path: Path, **env: str) -> dict[str, Check]:
    given = {"CSE_DATA_DIR": str(tmp_path / "data"), "CSE_HTTP_PORT": str(free_port()), **env}
    return {check.name: check for check in examine(load_settings(environ=given))}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


def test_a_fresh_machine_is_healthy(tmp_path: Path) -> None:
    """Nothing exists yet: nothing is wrong, and looking has made nothing."""
    checks = _examine(tmp_path)
    bad = [check for check in checks.values() if check.verdict is Verdict.BAD]
    assert bad == []
    assert not (tmp_path / "data").exists()


def test_it_says_which_engine_runs(tmp_path: Path, either_engine: Choice) -> None:
    """Which one, and why; a native engine that is demanded and not there keeps an exchange from starting."""
    assert _examine(tmp_path)["engine"].found.startswith(either_engine)
    chosen = _examine(tmp_path, CSE_ENGINE="python")["engine"]
    assert (chosen.verdict, chosen.found) == (Verdict.GOOD, "python: chosen by CSE_ENGINE=python")
    demanded = _examine(tmp_path, CSE_ENGINE="native")["engine"]
    there = either_engine == "native"
    assert demanded.verdict is (Verdict.GOOD if there else Verdict.BAD)
    assert ("make native" in demanded.mend) is not there


def test_every_complaint_says_how_to_mend_it(tmp_path: Path, data: Path) -> None:
    """Everything wrong at once: port taken, directory open to all, databases away."""
    data.chmod(0o755)
    with listen("127.0.0.1", 0) as taken:
        nowhere = free_port()
        checks = _examine(
            tmp_path,
            CSE_HTTP_PORT=str(taken.getsockname()[1]),
            CSE_DATABASE_URL=f"postgresql://u:hunter2@127.0.0.1:{nowhere}/x",
            CSE_REDIS_URL=f"redis://:hunter2@127.0.0.1:{nowhere}/0",
        )
    wrong = {name for name, check in checks.items() if check.verdict is not Verdict.GOOD}
    assert {"port", "data directory", "database", "redis"} <= wrong
    assert all(checks[name].mend for name in wrong)
    assert f"process {os.getpid()} (" in checks["port"].found
    assert "hunter2" not in str(checks)


def test_a_running_exchange_is_no_fault(tmp_path: Path, data: Path) -> None:
    """The port is held by the process that holds the data directory: that is how it should be."""
    with closing(DirectoryLock(data)), listen("127.0.0.1", 0) as taken:
        checks = _examine(tmp_path, CSE_HTTP_PORT=str(taken.getsockname()[1]))
    assert checks["port"].verdict is Verdict.GOOD
    assert f"in use by process {os.getpid()}" in checks["data directory"].found


def test_a_database_without_tables_is_told_from_one_that_is_away(
    tmp_path: Path, data: Path
) -> None:
    """An empty SQLite file is reachable; `cse migrate` mends it."""
    (data / "cse.db").touch()
    check = _examine(tmp_path)["database"]
    assert (check.verdict, "cse migrate" in check.mend) == (Verdict.WARNING, True)


def test_a_clock_behind_the_journal_is_found(tmp_path: Path, data: Path) -> None:
    """The newest journal file was written in the future: commands would stand still in time."""
    segment = data / "journal" / "segment"
    segment.parent.mkdir()
    segment.touch()
    future = time.time() + 3_600
    os.utime(segment, (future, future))
    check = _examine(tmp_path)["clock"]
    assert (check.verdict, "before the journal's last command" in check.found) == (
        Verdict.BAD,
        True,
    )


@pytest.mark.parametrize(
    ("free", "verdict"),
    [(10**12, Verdict.GOOD), (10**9, Verdict.WARNING), (10**6, Verdict.BAD)],
)
def test_a_full_disk_is_announced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, verdict: Verdict
) -> None:
    """Space as the system tells it; little is a warning, next to nothing a failure."""
    usage = os.statvfs(tmp_path)
    assert usage
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert _examine(tmp_path)["disk space"].verdict is verdict


def test_slow_syncs_and_few_files_are_warnings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order waits for the sync; each connection is an open file."""
    monkeypatch.setattr(doctor, "_sync_ms", lambda _: 50.0)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 1_024))
    checks = _examine(tmp_path)
    assert checks["disk sync"].verdict is Verdict.WARNING
    assert (checks["open files"].verdict, "LimitNOFILE" in checks["open files"].mend) == (
        Verdict.WARNING,
        True,
    )


def test_sockets_of_the_check_are_closed(tmp_path: Path) -> None:
    """After an examination the port can be taken."""
    port = free_port()
    _examine(tmp_path, CSE_HTTP_PORT=str(port))
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_it_says_what_streamers_need(tmp_path: Path) -> None:
    """Without Redis there can be none; with it, where one would listen and where it sends orders."""
    without = _examine(tmp_path)["streamers"]
    assert (without.verdict, "CSE_REDIS_URL" in without.found) == (Verdict.GOOD, True)
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    env = {"CSE_REDIS_URL": nowhere, "CSE_STREAMER_GATEWAY": "https://gateway.example/"}
    found = _examine(tmp_path, **env)["streamers"].found
    assert "127.0.0.1:8001" in found
    assert "https://gateway.example" in found
