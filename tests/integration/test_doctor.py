"""The doctor and `cse migrate` against a real Redis and a real PostgreSQL."""

from pathlib import Path

from cse.entrypoints.doctor import Verdict, examine
from cse.entrypoints.migrate import run
from cse.settings import load_settings
from tests.servers.process import free_port


def test_a_reachable_redis_tells_its_version(tmp_path: Path, redis_url: str) -> None:
    """Good, with what answered."""
    env = {
        "CSE_DATA_DIR": str(tmp_path / "data"),
        "CSE_HTTP_PORT": str(free_port()),
        "CSE_REDIS_URL": redis_url,
    }
    found = {check.name: check for check in examine(load_settings(environ=env))}["redis"]
    assert (found.verdict, "Redis " in found.found) == (Verdict.GOOD, True)


def test_a_database_is_migrated_once_and_then_current(tmp_path: Path, postgres_url: str) -> None:
    """Without tables it is a warning; migrated it is good; migrating again changes nothing."""
    env = {
        "CSE_DATA_DIR": str(tmp_path / "data"),
        "CSE_HTTP_PORT": str(free_port()),
        "CSE_DATABASE_URL": postgres_url,
    }
    settings = load_settings(environ=env)

    def verdict() -> Verdict:
        return {check.name: check for check in examine(settings)}["database"].verdict

    assert verdict() is Verdict.WARNING
    assert "empty -> " in run(settings)
    assert "already" in run(settings)
    assert verdict() is Verdict.GOOD
