"""The lists in use: the operator's files or the bundled ones, read at the start, and again when they change."""

from importlib.resources import files
from pathlib import Path
from typing import Final

import structlog

from cse.users.identity_checks.jurisdictions import Jurisdictions, read_jurisdictions
from cse.users.identity_checks.sanctions import ListDamaged, SanctionsList, read_sanctions

MAX_BYTES: Final = 200_000_000
_DATA: Final = files("cse.users.identity_checks") / "data"

log = structlog.get_logger(__name__)


class Lists:
    """Sanctions and jurisdictions as they are now. A file that got damaged leaves what was read before in use."""

    sanctions: SanctionsList
    jurisdictions: Jurisdictions

    def __init__(
        self,
        sanctions_file: Path | None = None,
        jurisdictions_file: Path | None = None,
        *,
        example: bool = True,
    ) -> None:
        """Read them; without a file of the operator's the bundled countries, and an example of sanctions if `example`.

        Raises:
            ListDamaged: a file is missing, or not of its form.
        """
        self._sanctions_file = sanctions_file
        self._jurisdictions_file = jurisdictions_file
        self._example = example
        if not example and sanctions_file is None:
            log.warning("no_sanctions_list", setting="identity.sanctions_file")
        self._seen = self._marks()
        self._load()

    def _load(self) -> None:
        sanctions = SanctionsList((), b"\0" * 32)
        if self._example or self._sanctions_file is not None:
            sanctions = read_sanctions(_bytes(self._sanctions_file, "sanctions.example.csv"))
        self.jurisdictions = read_jurisdictions(
            _bytes(self._jurisdictions_file, "jurisdictions.csv")
        )
        self.sanctions = sanctions

    def refresh(self) -> bool:
        """Read what changed since; return whether anything did. Blocking: call it in a thread."""
        marks = self._marks()
        if marks == self._seen:
            return False
        self._seen = marks
        try:
            self._load()
        except ListDamaged as error:
            log.warning("identity_list_not_read", error=str(error), in_use="what was read before")
            return False
        log.info(
            "identity_lists_read",
            sanctions=len(self.sanctions.entries),
            countries=len(self.jurisdictions),
        )
        return True

    def _marks(self) -> tuple[object, ...]:
        return tuple(_mark(path) for path in (self._sanctions_file, self._jurisdictions_file))


def _mark(path: Path | None) -> object:
    if path is None:
        return None
    try:
        seen = path.stat()
    except OSError:
        return "missing"
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


def _bytes(path: Path | None, bundled: str) -> bytes:
    if path is None:
        return (_DATA / bundled).read_bytes()
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ListDamaged(f"{path} is larger than {MAX_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise ListDamaged(f"{path} cannot be read: {error.strerror}") from error
