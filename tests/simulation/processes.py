"""Runs the program that crash tests kill, and reads what it left behind without any code of ours."""

import multiprocessing
import signal
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from google_crc32c import value as crc32c

from cse.messages.codec import encode_frame
from tests.simulation.flow import START_MS, commands
from tests.simulation.program import Note, Plan, run

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(["tests.simulation.program"])
_TIMEOUT_S = 60


@dataclass
class Outcome:
    """What a run said before it ended."""

    exit_code: int
    notes: list[Note] = field(default_factory=list)

    @property
    def acknowledged(self) -> list[int]:
        return [note.sequence for note in self.notes if note.kind == "acknowledged"]

    @property
    def failures(self) -> list[str]:
        return [note.text for note in self.notes if note.kind == "failed"]

    @property
    def killed(self) -> bool:
        return self.exit_code == -signal.SIGKILL

    def last(self, kind: str) -> Note:
        return [note for note in self.notes if note.kind == kind][-1]


def play(plan: Plan, kill_when: Callable[[Note], bool] | None = None) -> Outcome:
    """One run to its end; `kill_when` looks at each note and says whether to kill the process now."""
    ours, theirs = _server.Pipe(duplex=False)
    process = _server.Process(target=run, args=(plan, theirs))
    process.start()
    theirs.close()
    notes: list[Note] = []
    try:
        while True:
            assert ours.poll(_TIMEOUT_S), f"nothing said for {_TIMEOUT_S} s after {notes[-3:]}"
            notes.append(ours.recv())
            if kill_when is not None and kill_when(notes[-1]):
                process.kill()
    except (EOFError, ConnectionResetError):
        process.join(_TIMEOUT_S)
    finally:
        process.kill()
        process.join()
        ours.close()
    assert process.exitcode is not None
    outcome = Outcome(process.exitcode, notes)
    process.close()
    return outcome


_SEGMENT_HEADER = 52
_RECORD = struct.Struct("<III")
_FRAME = struct.Struct("<IBBHQQ")


def journal_frames(data_dir: Path) -> list[bytes]:
    """The frames of all whole records, from the description in docs/reference/journal.md alone.

    What stands behind the last whole record of the last segment is left out; anywhere else a record
    that is not whole fails the test.
    """
    frames: list[bytes] = []
    paths = sorted((data_dir / "journal").glob("*.seg"))
    for path in paths:
        data = path.read_bytes()
        at = _SEGMENT_HEADER
        while at + _RECORD.size + _FRAME.size <= len(data):
            head_crc, frame_crc, _ = _RECORD.unpack_from(data, at)
            start = at + _RECORD.size
            assert head_crc == crc32c(data[at + 4 : start + _FRAME.size]), f"{path} at {at}"
            end = start + _FRAME.unpack_from(data, start)[0]
            if end > len(data):
                break
            assert frame_crc == crc32c(data[start:end]), f"{path} at {at}"
            frames.append(data[start:end])
            at = end
        assert at == len(data) or path == paths[-1], f"{path}: torn at {at}, and not the last"
    return frames


def expected_frames(plan: Plan, count: int) -> list[bytes]:
    """The frames of a journal with the first `count` commands of a plan's flow."""
    flow = commands(plan.seed, count)
    return [encode_frame(command, i, START_MS) for i, command in enumerate(flow, start=1)]
