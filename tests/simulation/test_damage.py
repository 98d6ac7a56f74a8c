"""Every byte of a small journal is cut at, and every byte gets a bit flipped: what was acknowledged comes
back unchanged, or the journal refuses to open and names file and offset. It never opens as something else.

A cut is an incomplete write and is mended, back to the last whole record, and reported. A flipped bit is
damage wherever it is, the very last acknowledged record included. Both with the synced mark there (the
process was killed) and without it (a power cut may take it).
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cse.adapters.journal.format import HEAD_SIZE, SEGMENT_HEADER_SIZE
from cse.adapters.journal.mark import NAME, read_mark
from cse.adapters.journal.segments import list_segments, segment_path
from cse.adapters.journal.writer import FileJournal
from cse.messages.codec import HEADER, encode_frame
from cse.sequencer.ports import JournalDamaged
from tests.simulation.flow import START_MS, commands

FLOW = commands(seed=5, count=60)
BATCHES = (1, 1, 17, 2, 12, 1, 5, 1)
LAST = sum(BATCHES)
SEGMENT_BYTES = 1_200


def frame(sequence: int) -> bytes:
    return encode_frame(FLOW[sequence - 1], sequence, START_MS + sequence)


@pytest.fixture(params=["mark kept", "mark lost"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A closed journal of several segments."""
    folder = tmp_path / "journal"
    with FileJournal(folder, segment_bytes=SEGMENT_BYTES) as journal:
        first = 1
        for size in BATCHES:
            journal.append(b"".join(frame(i) for i in range(first, first + size)))
            first += size
    assert len(list_segments(folder)) == 3
    if request.param == "mark lost":
        (folder / NAME).unlink()
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


def fresh(folder: Path, copy: Path) -> Path:
    shutil.rmtree(copy, ignore_errors=True)
    return Path(shutil.copytree(folder, copy))


def contents(folder: Path) -> list[bytes]:
    """The frames of a journal, read with nothing of ours but the frame's header layout."""
    found = []
    for path in sorted(folder.glob("*.seg")):
        data = path.read_bytes()
        at = SEGMENT_HEADER_SIZE
        while at < len(data):
            at += HEAD_SIZE - HEADER.size
            length = HEADER.unpack_from(data, at)[0]
            found.append(data[at : at + length])
            at += length
    return found


def ends_of_records(path: Path) -> Iterator[int]:
    """Where each record of a segment ends, beginning with the end of the header."""
    data = path.read_bytes()
    at = SEGMENT_HEADER_SIZE
    while at < len(data):
        yield at
        at += HEAD_SIZE - HEADER.size + HEADER.unpack_from(data, at + HEAD_SIZE - HEADER.size)[0]
    yield at


def test_a_tail_cut_anywhere_is_cut_back_to_the_last_whole_record(folder: Path, copy: Path) -> None:
    """The last segment ends at every possible byte; opening keeps all whole records, says what it cut,
    takes new commands, and opens again without a word.
    """
    first = list_segments(folder)[-1]
    path = segment_path(folder, first)
    ends = list(ends_of_records(path))
    for size in range(SEGMENT_HEADER_SIZE, path.stat().st_size):
        cut = segment_path(fresh(folder, copy), first)
        with cut.open("r+b") as file:
            file.truncate(size)
        whole = [end for end in ends if end <= size]
        last = first + len(whole) - 2
        with FileJournal(copy) as journal:
            opening = journal.opening
            assert opening.last_sequence == last
            assert (opening.torn is not None) == (size != whole[-1])
            if opening.torn is not None:
                assert (opening.torn.path, opening.torn.offset) == (str(cut), whole[-1])
                assert opening.torn.bytes_cut == size - whole[-1]
            assert opening.lost_after == (LAST if read_mark(folder) else None)
            journal.append(frame(last + 1))
        assert contents(copy) == [frame(i) for i in range(1, last + 2)]
        with FileJournal(copy) as journal:
            assert (journal.opening.torn, journal.opening.lost_after) == (None, None)
            assert journal.last_sequence == last + 1


def test_a_header_that_is_cut_off_is_damage(folder: Path, copy: Path) -> None:
    """A segment appears with its whole header or not at all, so no crash leaves half of one."""
    first = list_segments(folder)[-1]
    for size in range(SEGMENT_HEADER_SIZE):
        cut = segment_path(fresh(folder, copy), first)
        with cut.open("r+b") as file:
            file.truncate(size)
        with pytest.raises(JournalDamaged, match=re.escape(str(cut))):
            FileJournal(copy)


def test_a_flipped_bit_anywhere_is_refused_by_file_and_offset(folder: Path) -> None:
    """One bit of every byte of every segment; the message leads to the record that holds it, and the
    files are left as they were.
    """
    for first in list_segments(folder):
        path = segment_path(folder, first)
        ends = list(ends_of_records(path))
        for at in range(path.stat().st_size):
            damage = refusal(folder, path, at, at % 8)
            assert damage.offset == max((end for end in ends if end <= at), default=0)
            assert str(damage.offset) in str(damage)


def test_every_bit_of_the_last_acknowledged_record_counts(folder: Path) -> None:
    """The record that a careless reader would take for a torn write and drop."""
    path = segment_path(folder, list_segments(folder)[-1])
    *_, begin, end = ends_of_records(path)
    for bit in range((end - begin) * 8):
        assert refusal(folder, path, begin + bit // 8, bit % 8).offset == begin


def refusal(folder: Path, path: Path, at: int, bit: int) -> JournalDamaged:
    """What opening says while this bit is flipped; it has to leave the file alone."""
    flip(path, at, bit)
    flipped = path.read_bytes()
    with pytest.raises(JournalDamaged) as raised:
        FileJournal(folder)
    assert raised.value.path == str(path)
    assert path.read_bytes() == flipped
    flip(path, at, bit)
    return raised.value


def test_a_flipped_bit_in_the_mark_changes_nothing(folder: Path, copy: Path) -> None:
    """The mark is advice: a damaged one is passed over, and written anew."""
    if read_mark(folder) is None:
        assert not (folder / NAME).exists()
        return
    for bit in range((folder / NAME).stat().st_size * 8):
        flip(fresh(folder, copy) / NAME, bit // 8, bit % 8)
        with FileJournal(copy) as journal:
            assert journal.last_sequence == LAST
            assert journal.opening.torn is journal.opening.lost_after is None
        assert read_mark(copy) == read_mark(folder)


def test_a_missing_segment_is_named(folder: Path, copy: Path) -> None:
    """Whichever it is; the last one can only be missed while the mark remembers it."""
    firsts = list_segments(folder)
    for first in firsts if read_mark(folder) else firsts[:-1]:
        gone = segment_path(fresh(folder, copy), first)
        gone.unlink()
        with pytest.raises(JournalDamaged) as refusal:
            FileJournal(copy)
        assert "missing" in str(refusal.value) or "vouches" in str(refusal.value)


def test_a_segment_of_another_venue_is_refused(folder: Path, copy: Path, tmp_path: Path) -> None:
    """Two journals that look alike do not mix."""
    with FileJournal(tmp_path / "other", segment_bytes=SEGMENT_BYTES) as other:
        first = 1
        for size in BATCHES:
            other.append(b"".join(frame(i) for i in range(first, first + size)))
            first += size
    for first in list_segments(folder):
        path = segment_path(fresh(folder, copy), first)
        shutil.copy(segment_path(tmp_path / "other", first), path)
        with pytest.raises(JournalDamaged):
            FileJournal(copy)


def flip(path: Path, at: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))


def zero_sector(path: Path, sector: int) -> None:
    """As a file looks whose block was never written though its length was."""
    data = bytearray(path.read_bytes())
    data[sector * 512 : (sector + 1) * 512] = bytes(512)
    path.write_bytes(data)


def test_a_batch_with_blocks_that_were_never_written_is_torn(tmp_path: Path) -> None:
    """After a power cut a file can have its length but not all of its blocks: where the last batch holds
    a sector of zeros it is cut back to the record before it.
    """
    folder = tmp_path / "journal"
    with FileJournal(folder) as journal:
        journal.append(frame(1))
        mark = (folder / NAME).read_bytes()
        journal.append(b"".join(frame(i) for i in range(2, 40)))
    zero_sector(segment_path(folder, 1), 2)
    (folder / NAME).write_bytes(mark)
    with FileJournal(folder) as journal:
        assert journal.opening.torn is not None
        assert journal.opening.torn.reason == "a part of the file was never written"
        last = journal.last_sequence
    assert 1 < last < 39
    assert contents(folder) == [frame(i) for i in range(1, last + 1)]


def test_zeros_behind_the_last_record_are_torn(tmp_path: Path) -> None:
    """The file was made longer and nothing of the batch was written: all before it is there."""
    folder = tmp_path / "journal"
    with FileJournal(folder) as journal:
        journal.append(frame(1))
    for zeros in (1, HEAD_SIZE - 1, HEAD_SIZE, 5_000):
        with segment_path(folder, 1).open("ab") as file:
            file.write(bytes(zeros))
        with FileJournal(folder) as journal:
            assert journal.opening.torn is not None
            assert journal.opening.torn.bytes_cut == zeros
            assert journal.last_sequence == 1


@pytest.mark.parametrize("proof", ["a later batch", "the mark"])
def test_zeros_in_what_was_synced_are_damage(tmp_path: Path, proof: str) -> None:
    """The same sector of zeros, but the mark, or a batch behind it, proves that it had been written."""
    folder = tmp_path / "journal"
    with FileJournal(folder) as journal:
        journal.append(b"".join(frame(i) for i in range(1, 40)))
        if proof == "a later batch":
            journal.append(frame(40))
    if proof == "a later batch":
        (folder / NAME).unlink()
    zero_sector(segment_path(folder, 1), 2)
    with pytest.raises(JournalDamaged):
        FileJournal(folder)
