"""A Redis of our own."""

import shutil
import socket
from pathlib import Path

from cse.adapters.cache.redis_client import RETRY_S, RedisClient
from tests.servers.process import PrivateServer, ServerUnavailableError

MISSING = (
    "these tests need Redis: apt-get install redis-server (make test does it as root), "
    "or set CSE_TEST_REDIS_URL to one that may be flushed"
)


def patient_client(url: str, *, retry_s: float = RETRY_S) -> RedisClient:
    """One that does not take a machine (or disk) that stands still for a moment for a Redis that is away."""
    return RedisClient(url, timeout_s=10, retry_s=retry_s)


class PrivateRedis(PrivateServer):
    """In memory only, unless `persist`: then every write is on disk before it is answered."""

    name = "Redis"

    def __init__(self, folder: Path, *, persist: bool = False) -> None:
        super().__init__(folder)
        self._persist = persist

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _prepare(self) -> None:
        if shutil.which("redis-server") is None:
            raise ServerUnavailableError(MISSING)
        self.folder.mkdir(parents=True)

    def _command(self) -> list[str]:
        options = {
            "--bind": "127.0.0.1",
            "--port": str(self.port),
            "--dir": str(self.folder),
            "--save": "",
            "--appendonly": "yes" if self._persist else "no",
            "--appendfsync": "always",
        }
        return ["redis-server", *(part for option in options.items() for part in option)]

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(5) == b"+PONG"
        except OSError:
            return False
