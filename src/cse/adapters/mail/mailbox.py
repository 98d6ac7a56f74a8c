"""The sandbox's mailer: nothing leaves the machine, the latest letters lie in one file in the data directory."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import structlog

from cse.core.errors import Unavailable
from cse.users.mail import Letter, letter

KEPT: Final = 100
"""The newest so many letters are kept."""

log = structlog.get_logger(__name__)


class Mailbox:
    """All letters to everybody, readable by the file's owner only. One process writes it."""

    def __init__(self, path: Path) -> None:
        """Keep them in this file; it need not exist."""
        self._path = path
        self._lock = asyncio.Lock()

    async def send(self, to: str, subject: str, text: str) -> None:
        new = letter(to, subject, text)
        async with self._lock:
            try:
                await asyncio.to_thread(self._keep, new)
            except OSError as error:
                raise Unavailable(f"the mailbox cannot be written: {error.strerror}") from error
        log.info("letter_in_mailbox", page="/dev/mailbox", subject=subject)

    def letters(self) -> Sequence[Letter]:
        """Return the letters, oldest first; none if the file cannot be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=list[Letter])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.DecodeError) as error:
            log.warning("mailbox_not_read", error=type(error).__name__)
            return []

    def _keep(self, new: Letter) -> None:
        data = msgspec.json.encode([*self.letters(), new][-KEPT:])
        beside = self._path.with_suffix(".new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
        beside.replace(self._path)
