"""Real PostgreSQL and Redis for tests, private to a test run.

Tests use the fixtures of `tests/conftest.py`; outage tests use `PrivatePostgres` and `PrivateRedis`,
which can be stopped, killed and restarted on the same port and data.
"""

from tests.servers.postgres import PrivatePostgres
from tests.servers.process import ServerUnavailableError
from tests.servers.redis import PrivateRedis

__all__ = ["PrivatePostgres", "PrivateRedis", "ServerUnavailableError"]
