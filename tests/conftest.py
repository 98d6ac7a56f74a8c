"""What every test may use: either engine, and real servers, started when the first test asks for one.

The first of pytest's processes makes a folder for the run and a guard that clears it away; its xdist
workers find the folder in the environment. One PostgreSQL serves all workers, each worker has a Redis
of its own, since channels of pub/sub are not kept apart by database numbers.
"""

import fcntl
import gc
import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from fastapi.dependencies import models as dependency_models
from hypothesis import settings
from redis import Redis

from cse.engine.backend import Choice
from tests import secrets_watch
from tests.engines import ENGINES, running_on
from tests.servers import PrivatePostgres, PrivateRedis
from tests.servers.databases import fresh_database
from tests.servers.guard import Guard
from tests.servers.migrated import drop_templates

_FOLDER = "CSE_TEST_RUN_FOLDER"
_guard = pytest.StashKey[Guard]()

# How long an example takes is the machine's affair, not the test's.
settings.register_profile("cse", deadline=None)
settings.load_profile("cse")


def pytest_configure(config: pytest.Config) -> None:
    secrets_watch.listen()
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="cse-test-")
        os.environ[_FOLDER] = folder
        config.stash[_guard] = Guard(Path(folder))


def pytest_unconfigure(config: pytest.Config) -> None:
    if guard := config.stash.get(_guard, None):
        guard.close()


def pytest_collection_finish() -> None:
    settle()


def settle() -> None:
    """Collect garbage, then never look at what is left again.

    Thousands of tests in one process leave hundreds of megabytes that live to the end (their own code first of all);
    going through them again and again took half of the run's time.
    """
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail tests that print secrets (tests/secrets_watch.py)."""
    report = yield
    secrets_watch.look_through(item, report)
    return report


@pytest.fixture(scope="session", autouse=True)
def no_secrets_in_shared_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Set up first and so torn down last: logs of servers that modules share hold no secrets either."""
    yield
    found = secrets_watch.found_in_shared_folders(tmp_path_factory.getbasetemp())
    assert not found, f"log files of shared folders hold secrets: {sorted(set(found))}"


@pytest.fixture(scope="module", autouse=True)
def applications_end_with_their_module() -> Iterator[None]:
    """FastAPI remembers what kind each dependency is, and with it the whole application: 6 MB that nobody needs."""
    yield
    for each in vars(dependency_models).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()
    settle()


@pytest.fixture(params=ENGINES)
def either_engine(request: pytest.FixtureRequest) -> Iterator[Choice]:
    """The test runs on the Python engine and once more on the native one (tests/engines.py)."""
    with running_on(request.param) as choice:
        yield choice


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """A temporary folder that all workers share; it goes when the run ends."""
    return Path(os.environ[_FOLDER])


@pytest.fixture(scope="session")
def postgres_server(run_folder: Path) -> str:
    """The URL of a PostgreSQL server where databases may be created; shared by all workers."""
    if given := os.environ.get("CSE_TEST_DATABASE_URL"):
        return given
    note = run_folder / "postgres.url"
    with (run_folder / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not note.exists():
            server = PrivatePostgres(run_folder / f"postgres-{os.getpid()}")
            server.start()
            note.write_text(server.url)
            server.leave_to_guard()
        return note.read_text()


@pytest.fixture(scope="session", autouse=True)
def patient_database_clients() -> Iterator[None]:
    """A PostgreSQL that is slow for five seconds is away to an exchange; here it is a busy machine's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cse.adapters.sql.engine.CONNECT_TIMEOUT_S", 60)
        yield


@pytest.fixture(scope="session", autouse=True)
def templates_are_dropped() -> Iterator[None]:
    """What databases were copied from goes with the worker."""
    yield
    drop_templates()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh, empty database for this test, as `postgresql+asyncpg://...`."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="module")
def module_postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh, empty database for all tests of a module (each xdist worker has its own)."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def redis_server(run_folder: Path) -> str:
    """The URL of a Redis that only this worker uses (of a database number in a given one)."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    if given := os.environ.get("CSE_TEST_REDIS_URL"):
        return f"{given.rpartition('/')[0] if given.count('/') > 2 else given}/{int(worker[2:])}"
    server = PrivateRedis(run_folder / f"redis-{worker}")
    server.start()
    server.leave_to_guard()
    return server.url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """An empty Redis. With CSE_TEST_REDIS_URL workers share the server, and with it pub/sub."""
    with Redis.from_url(redis_server, socket_timeout=60, socket_connect_timeout=60) as client:
        client.flushdb()
    return redis_server


@pytest.fixture
def private_postgres(run_folder: Path) -> Iterator[PrivatePostgres]:
    """A running PostgreSQL of this test's own, to stop, kill and restart."""
    server = PrivatePostgres(Path(tempfile.mkdtemp(dir=run_folder)) / "postgres")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def private_redis(run_folder: Path) -> Iterator[PrivateRedis]:
    """A running Redis of this test's own, to stop, kill and restart; it keeps its data."""
    server = PrivateRedis(Path(tempfile.mkdtemp(dir=run_folder)) / "redis", persist=True)
    server.start()
    yield server
    server.kill()
