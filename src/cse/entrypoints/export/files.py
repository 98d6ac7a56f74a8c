"""A file that is there whole or not at all: written under another name, synced, then renamed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from cse.entrypoints.export.tables import CannotExport

STDOUT: Final = "-"


@contextmanager
def whole_file(output: str, *, force: bool) -> Iterator[IO[bytes]]:
    """Give a file to write; it gets its name when the block ends without an error, else it goes.

    Whoever is killed in the middle leaves a hidden `.NAME.PID.part` beside it, never the name itself.

    Raises:
        CannotExport: something has the name already, and `force` does not let it be replaced.
    """
    if output == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    refuse_existing(path, force=force)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        refuse_existing(path, force=force)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raise CannotExport if there is such a file and it must stay, or no folder to put it into."""
    if not path.parent.is_dir():
        raise CannotExport(f"there is no folder {path.parent}; make it first")
    if path.exists() and not force:
        raise CannotExport(f"{path} exists; give --force to replace it")
    if path.is_dir():
        raise CannotExport(f"{path} is a folder; give the name of a file")
