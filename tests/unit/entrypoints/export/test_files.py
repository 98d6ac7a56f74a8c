"""A file is there whole or not at all, whatever ends the export."""

import subprocess
import sys
from pathlib import Path

import pytest

from cse.entrypoints.export.files import whole_file
from cse.entrypoints.export.tables import CannotExport

_WRITES_AND_WAITS = """
import sys
from cse.entrypoints.export.files import whole_file
with whole_file(sys.argv[1], force=True) as file:
    file.write(b"half"); file.flush()
    print("half", flush=True)
    sys.stdin.read()
"""


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    """Until then nothing has it; afterwards nothing else is left, and it can be read like any new file."""
    path = tmp_path / "out.csv"
    with whole_file(str(path), force=False) as file:
        file.write(b"all")
        assert not path.exists()
    assert [each.name for each in tmp_path.iterdir()] == ["out.csv"]
    assert path.read_bytes() == b"all"


def write(path: Path, end: type[BaseException]) -> None:
    """Half a file, and then this error."""
    with whole_file(str(path), force=True) as file:
        file.write(b"half")
        raise end


def write_beside(path: Path) -> None:
    """A file, while another of that name appears."""
    with whole_file(str(path), force=False) as file:
        file.write(b"mine")
        path.write_bytes(b"theirs")


@pytest.mark.parametrize("end", [KeyboardInterrupt, OSError, RuntimeError])
def test_what_is_interrupted_leaves_nothing(tmp_path: Path, end: type[BaseException]) -> None:
    """No file at all, or the old one as it was."""
    path = tmp_path / "out.csv"
    for before in (None, b"old"):
        if before:
            path.write_bytes(before)
        with pytest.raises(end):
            write(path, end)
        assert [each.name for each in tmp_path.iterdir()] == (["out.csv"] if before else [])
    assert path.read_bytes() == b"old"


def test_a_kill_leaves_the_old_file(tmp_path: Path) -> None:
    """SIGKILL in the middle: the name still stands for what was there before."""
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    with subprocess.Popen(
        [sys.executable, "-c", _WRITES_AND_WAITS, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half\n"
        process.kill()
    assert path.read_bytes() == b"old"
    hidden = [each.name for each in tmp_path.iterdir() if each != path]
    assert all(name.startswith(".out.csv.") and name.endswith(".part") for name in hidden)


def test_a_file_that_appears_meanwhile_stays(tmp_path: Path) -> None:
    """Without --force nothing is replaced, not even what came while the export went on."""
    path = tmp_path / "out.csv"
    with pytest.raises(CannotExport, match="--force"):
        write_beside(path)
    assert path.read_bytes() == b"theirs"
    with pytest.raises(CannotExport, match="--force"), whole_file(str(path), force=False):
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["out.csv"]
