"""A PostgreSQL of our own."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.servers.process import PrivateServer, ServerUnavailableError, identity

MISSING = (
    "these tests need PostgreSQL: apt-get install postgresql (make test does it as root), "
    "or set CSE_TEST_DATABASE_URL to a server where databases may be created"
)


class PrivatePostgres(PrivateServer):
    """`fsync=False` survives a kill of the server but not of the machine, and is much faster.

    `settings` are further server settings, such as `{"max_connections": "20"}`.
    """

    name = "PostgreSQL"

    def __init__(
        self, folder: Path, *, fsync: bool = False, settings: dict[str, str] | None = None
    ) -> None:
        super().__init__(folder)
        self._settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "100",
            "shared_buffers": "32MB",
            "fsync": "on" if fsync else "off",
            "timezone": "UTC",
        } | (settings or {})

    @property
    def url(self) -> str:
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{name}"

    def _prepare(self) -> None:
        programs = _programs()
        self.folder.mkdir(parents=True)
        user = self._user()
        if user is not None:
            _let_in(user, self.folder)
        options = [
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]
        done = subprocess.run(
            [str(programs / "initdb"), *options, "--pgdata", str(self.folder / "data")],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **identity(user),
        )
        if done.returncode:
            raise ServerUnavailableError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _command(self) -> list[str]:
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        folder = str(self.folder / "data")
        return [str(_programs() / "postgres"), "-D", folder, "-p", str(self.port), *settings]

    def _answers(self) -> bool:
        asked = [str(_programs() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0

    def _stop_signal(self) -> signal.Signals:
        return signal.SIGINT  # "fast": it does not wait for clients to leave

    def _user(self) -> pwd.struct_passwd | None:
        """PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return None
        users = {user.pw_name: user for user in pwd.getpwall()}
        return users.get("postgres") or users["nobody"]


def _programs() -> Path:
    """The folder of the newest server programs: Debian's, else those on PATH."""
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin/postgres")
    newest = sorted(debian, key=lambda path: int(re.sub(r"\D", "", path.parts[4])))
    if newest:
        return newest[-1].parent
    on_path = shutil.which("postgres")
    if on_path is None:
        raise ServerUnavailableError(MISSING)
    return Path(on_path).resolve().parent


def _let_in(user: pwd.struct_passwd, folder: Path) -> None:
    """Gives `folder` to `user`, and the right to pass through the temporary folders above it."""
    os.chown(folder, user.pw_uid, user.pw_gid)
    temporary = Path(tempfile.gettempdir()).resolve()
    for parent in folder.resolve().parents:
        if parent.is_relative_to(temporary) and parent != temporary:
            parent.chmod(parent.stat().st_mode | 0o011)
