"""Who a program is on the exchange: made once, kept in a file that only its owner can read."""

import os
import secrets
from pathlib import Path

import msgspec

from cse.core.errors import CseError


class Credentials(msgspec.Struct, frozen=True, omit_defaults=True):
    """A log-in of the sandbox."""

    email: str
    password: str
    handle: str
    fresh: bool = False
    """Made by this process: nobody has registered it yet. Never stored."""

    def __repr__(self) -> str:
        """Show no password in logs and tracebacks."""
        return f"Credentials({self.email})"


def new_credentials(name: str) -> Credentials:
    """Make a log-in nobody else has; `name` begins its handle (at most 13 characters)."""
    handle = f"{name}_{secrets.token_hex(3)}"
    return Credentials(f"{handle}@sandbox.example", secrets.token_urlsafe(24), handle, fresh=True)


class CredentialStore:
    """A JSON file of log-ins by name."""

    def __init__(self, path: Path) -> None:
        """Read the file if it is there.

        Raises:
            CseError: it is there and holds something else.
        """
        self._path = path
        self._known: dict[str, Credentials] = {}
        if path.exists():
            try:
                self._known = msgspec.json.decode(path.read_bytes(), type=dict[str, Credentials])
            except msgspec.MsgspecError as error:
                raise CseError(f"{path} holds no log-ins: {error}") from error

    def get(self, name: str) -> Credentials:
        """Return the log-in of this name, made and stored now if there was none."""
        if name not in self._known:
            self._known[name] = new_credentials(name)
            self._save()
        return self._known[name]

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(self._path.name + ".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            known = {
                name: msgspec.structs.replace(login, fresh=False)
                for name, login in self._known.items()
            }
            file.write(msgspec.json.format(msgspec.json.encode(known)))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
