"""The way from the journal to an engine without objects: frames are taken out of records by the native module as by
Python, and what is wrong with a record is told as exactly as on the other way.
"""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from google_crc32c import value as crc32c

from cse.adapters.journal.format import PREFIX, SEGMENT_HEADER_SIZE, encode_batch
from cse.adapters.journal.places import open_journal, open_reader, open_snapshots
from cse.adapters.journal.segments import segment_path
from cse.adapters.journal.strip import strip_records
from cse.engine.backend import native_module
from cse.messages.codec import HEADER_SIZE, encode_frame
from cse.sequencer.follower import Follower
from cse.sequencer.ports import JournalDamaged
from cse.sequencer.recovery import recover
from tests.engines import running_on
from tests.simulation.flow import START_MS, commands

FLOW = commands(seed=41, count=60)
FRAMES = [encode_frame(x, n, START_MS + n) for n, x in enumerate(FLOW, 1)]
RECORDS = encode_batch(b"".join(FRAMES)).data


def same(data: bytes, at: int, limit: int, sequence: int, time_ms: int) -> tuple[bytes, int]:
    """What Python and the native module say, which is the same."""
    with running_on("native"):
        module = native_module("native")
    assert module is not None
    ours = strip_records(data, at, limit, sequence, time_ms)
    assert tuple(ours) == module.strip_records(data, at, limit, sequence, time_ms)
    return ours.frames, ours.taken


def test_whole_records_give_their_frames() -> None:
    """All of them, or as many as are wanted, from any record on."""
    assert same(RECORDS, 0, 1_000, 1, 0) == (b"".join(FRAMES), 60)
    assert same(RECORDS, 0, 7, 1, 0) == (b"".join(FRAMES[:7]), 7)
    behind = PREFIX.size + len(FRAMES[0])
    assert same(RECORDS, behind, 2, 2, START_MS) == (b"".join(FRAMES[1:3]), 2)
    assert same(RECORDS, 0, 0, 1, 0) == (b"", 0)
    assert same(b"", 0, 9, 1, 0) == (b"", 0)


def test_it_ends_before_what_is_not_the_next_whole_record() -> None:
    """A wrong sequence, a time that goes back, a cut at any byte, a flipped bit at any place."""
    assert same(RECORDS, 0, 9, 2, 0) == (b"", 0)
    assert same(RECORDS, 0, 9, 1, START_MS + 2) == (b"", 0)
    for cut in range(0, len(RECORDS), 11):
        frames, count = same(RECORDS[:cut], 0, 1_000, 1, 0)
        assert frames == b"".join(FRAMES[:count])
    rng = random.Random(1)
    for _ in range(300):
        spoilt = bytearray(RECORDS)
        spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
        _, count = same(bytes(spoilt), 0, 1_000, 1, 0)
        assert count < len(FRAMES)


def with_foreign_value(data: bytes) -> bytes:
    """The record of the 31st command given a message type that there is not, with checksums that are right."""
    at = SEGMENT_HEADER_SIZE + sum(PREFIX.size + len(frame) for frame in FRAMES[:30])
    spoilt = bytearray(data)
    frame_at, end = at + PREFIX.size, at + PREFIX.size + len(FRAMES[30])
    spoilt[frame_at + 5] = 63
    spoilt[at + 4 : at + 8] = crc32c(bytes(spoilt[frame_at:end])).to_bytes(4, "little")
    head = bytes(spoilt[at + 4 : frame_at + HEADER_SIZE])
    spoilt[at : at + 4] = crc32c(head).to_bytes(4, "little")
    return bytes(spoilt)


def with_flipped_bit(data: bytes) -> bytes:
    """The same command with one bit wrong."""
    at = SEGMENT_HEADER_SIZE + sum(PREFIX.size + len(frame) for frame in FRAMES[:30])
    return data[: at + 20] + bytes([data[at + 20] ^ 1]) + data[at + 21 :]


@pytest.mark.usefixtures("either_engine")
@pytest.mark.parametrize("spoil", [with_foreign_value, with_flipped_bit])
def test_damage_is_named_by_file_and_place(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    """Recovery and followers, which look at no objects on either engine, still say which byte of which file it is."""
    with open_journal(tmp_path) as journal:
        journal.append(b"".join(FRAMES))
    path = segment_path(tmp_path / "journal", 1)
    path.write_bytes(spoil(path.read_bytes()))
    place = SEGMENT_HEADER_SIZE + sum(PREFIX.size + len(frame) for frame in FRAMES[:30])
    with pytest.raises(JournalDamaged) as caught:
        recover(open_reader(tmp_path), open_snapshots(tmp_path))
    assert (caught.value.path, caught.value.offset) == (str(path), place)
    follower = Follower(open_reader(tmp_path), open_snapshots(tmp_path), 0)
    follower.start()
    with pytest.raises(JournalDamaged) as caught:
        list(follower.catch_up())
    follower.close()
    assert caught.value.offset == place
