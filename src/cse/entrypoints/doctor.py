"""The doctor: looks at everything that a start depends on and says how to mend what is wrong."""

import asyncio
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from cse.core.errors import CseError
from cse.engine.backend import engine_in_use
from cse.engine.native import EngineUnusable
from cse.entrypoints.data_dir import ENGINE_LOCK, holder
from cse.entrypoints.exits import CannotStart
from cse.entrypoints.listen import listen, port_holder
from cse.settings import Settings
from cse.settings.reference import mask_url

_LOW_BYTES, _FULL_BYTES = 2_000_000_000, 200_000_000
_SLOW_SYNC_MS = 20.0
_SYNCS = 15
_FILES = 4_096
_EARLIEST = datetime(2025, 1, 1, tzinfo=UTC).timestamp()
"""No clock that is right shows less: this software is younger."""
_AHEAD_S = 2.0


class Verdict(StrEnum):
    """How a check ended."""

    GOOD = "ok"
    WARNING = "warn"
    BAD = "FAIL"


class Check(NamedTuple):
    """What was looked at, what was found, and what to do about it."""

    name: str
    verdict: Verdict
    found: str
    mend: str = ""


def examine(settings: Settings) -> list[Check]:
    """Run every check; none of them changes anything but a test file that goes at once."""
    checks: list[Callable[[Settings], Iterator[Check]]] = [
        _mode,
        _engine,
        _data_directory,
        _disk,
        _port,
        _clock,
        _open_files,
        _database,
        _redis,
        _streamers,
    ]
    return [found for check in checks for found in check(settings)]


def _mode(settings: Settings) -> Iterator[Check]:
    if development := settings.development_only():
        yield Check("mode", Verdict.WARNING, f"{settings.mode}; " + "; ".join(development))
    else:
        yield Check("mode", Verdict.GOOD, settings.mode)


def _engine(settings: Settings) -> Iterator[Check]:
    try:
        found = engine_in_use(settings.engine)
    except EngineUnusable as error:
        mend = "run `make native` where there is a Rust toolchain, or set CSE_ENGINE=python"
        yield Check("engine", Verdict.BAD, str(error), mend)
        return
    reason = f": {found.reason}" if found.reason else ""
    yield Check("engine", Verdict.GOOD, f"{found.name}{reason}")


def _data_directory(settings: Settings) -> Iterator[Check]:
    folder = settings.data_dir.absolute()
    if not folder.exists():
        yield Check(
            "data directory", Verdict.GOOD, f"{folder} does not exist yet; `cse up` makes it"
        )
        return
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        mend = f"give this user the directory (chown, chmod u+rwx {folder}), or choose another: --data-dir"
        yield Check("data directory", Verdict.BAD, f"{folder} is not writable", mend)
        return
    pid = holder(folder / ENGINE_LOCK)
    use = f"in use by process {pid}" if pid else "not in use"
    if folder.stat().st_mode & 0o077:
        mend = f"chmod 700 {folder}"
        yield Check(
            "data directory", Verdict.WARNING, f"{folder}: other users may look inside; {use}", mend
        )
    else:
        yield Check("data directory", Verdict.GOOD, f"{folder}: {use}")


def _disk(settings: Settings) -> Iterator[Check]:
    folder = _existing(settings.data_dir.absolute())
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free at {folder}"
    mend = "free some space, or move the data directory (CSE_DATA_DIR) to a larger disk"
    if free < _FULL_BYTES:
        yield Check(
            "disk space", Verdict.BAD, f"{found}: the journal could stop at any moment", mend
        )
    elif free < _LOW_BYTES:
        yield Check("disk space", Verdict.WARNING, found, mend)
    else:
        yield Check("disk space", Verdict.GOOD, found)
    try:
        took_ms = _sync_ms(folder)
    except OSError as error:
        yield Check(
            "disk sync",
            Verdict.BAD,
            f"{folder}: {error.strerror}",
            "choose a disk that can be written",
        )
        return
    found = f"fdatasync takes {took_ms:.2f} ms (median of {_SYNCS})"
    if took_ms > _SLOW_SYNC_MS:
        mend = "every order waits for a sync: use a local SSD for the data directory"
        yield Check("disk sync", Verdict.WARNING, found, mend)
    else:
        yield Check("disk sync", Verdict.GOOD, found)


def _existing(folder: Path) -> Path:
    return folder if folder.is_dir() else _existing(folder.parent)


def _sync_ms(folder: Path) -> float:
    with tempfile.TemporaryFile(dir=folder) as file:
        took = []
        for _ in range(_SYNCS):
            file.write(bytes(4_096))
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1_000)
    return statistics.median(took)


def _port(settings: Settings) -> Iterator[Check]:
    where = f"{settings.http.host}:{settings.http.port}"
    try:
        listen(settings.http.host, settings.http.port).close()
    except CannotStart as error:
        found = port_holder(settings.http.port)
        if found and found[0] == holder(settings.data_dir / ENGINE_LOCK):
            yield Check(
                "port", Verdict.GOOD, f"{where}: this data directory's exchange is running there"
            )
        else:
            yield Check(
                "port", Verdict.BAD, str(error), "stop that program, or set CSE_HTTP_PORT or --port"
            )
    else:
        yield Check("port", Verdict.GOOD, f"{where} is free")


def _clock(settings: Settings) -> Iterator[Check]:
    now = time.time()
    shown = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    written = [file.stat().st_mtime for file in (settings.data_dir / "journal").glob("*")]
    mend = "set the clock (timedatectl set-ntp true) before starting"
    if now < _EARLIEST:
        yield Check("clock", Verdict.BAD, f"{shown}: that is long past", mend)
    elif written and max(written) > now + _AHEAD_S:
        behind = max(written) - now
        found = f"{shown}: {behind:.0f} s before the journal's last command; time would stand still until then"
        yield Check("clock", Verdict.BAD, found, mend)
    else:
        yield Check("clock", Verdict.GOOD, shown)


def _open_files(_: Settings) -> Iterator[Check]:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # a start raises the soft limit by itself
    if hard != resource.RLIM_INFINITY and hard < _FILES:
        mend = "raise the hard limit (LimitNOFILE= in systemd, limits.conf elsewhere)"
        yield Check("open files", Verdict.WARNING, f"at most {hard}: so many connections", mend)
    else:
        yield Check("open files", Verdict.GOOD, f"up to {hard}")


def _database(settings: Settings) -> Iterator[Check]:
    from cse.adapters.sql.schema import SchemaMismatch, check, current  # noqa: PLC0415  # takes a second

    where = mask_url(settings.database_url)
    file = settings.data_dir / "cse.db"
    if not settings.database.url.get_secret_value() and not file.exists():
        yield Check("database", Verdict.GOOD, f"{where} does not exist yet; `cse up` makes it")
        return
    try:
        if asyncio.run(current(settings.database_url)) is None:
            mend = "run `cse migrate` (`cse up` does it by itself)"
            yield Check("database", Verdict.WARNING, f"{where}: reachable, without tables", mend)
            return
        asyncio.run(check(settings.database_url))
    except SchemaMismatch as error:
        yield Check(
            "database",
            Verdict.BAD,
            f"{where}: {error}",
            "run `cse migrate` with the newest software",
        )
    except CseError as error:
        mend = "start the server, or correct CSE_DATABASE_URL; trading goes on without it, history waits"
        yield Check("database", Verdict.BAD, f"{where}: {error}", mend)
    else:
        yield Check("database", Verdict.GOOD, f"{where}: reachable, schema current")


def _redis(settings: Settings) -> Iterator[Check]:
    url = settings.redis.url.get_secret_value()
    if not url:
        yield Check(
            "redis", Verdict.GOOD, "not configured: sessions and limits live in the process"
        )
        return
    from redis import Redis, RedisError  # noqa: PLC0415  # only where it is used

    try:
        with Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
            version = client.info("server")["redis_version"]
    except (RedisError, OSError) as error:
        mend = "start the server, or correct CSE_REDIS_URL"
        yield Check("redis", Verdict.BAD, f"{mask_url(url)}: {error}", mend)
    else:
        yield Check("redis", Verdict.GOOD, f"{mask_url(url)}: Redis {version}")


def _streamers(settings: Settings) -> Iterator[Check]:
    place = f"{settings.streamer.host}:{settings.streamer.port}"
    if not settings.redis.url.get_secret_value():
        found = "none can run without Redis (CSE_REDIS_URL); `cse up` serves /ws itself"
        yield Check("streamers", Verdict.GOOD, found)
        return
    orders = f"orders go to {settings.streamer_gateway}"
    yield Check("streamers", Verdict.GOOD, f"`cse streamer` would listen on {place}; {orders}")
