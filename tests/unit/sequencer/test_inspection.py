"""What `cse journal dump` and `replay` print: every field of every command, and state hashes that agree
whichever way they were reached.
"""

import json

import pytest

from cse.sequencer.inspection import dump, replay_journal
from cse.sequencer.ports import JournalEnded
from cse.sequencer.snapshotting import take_snapshot
from tests.simulation.flow import START_MS
from tests.simulation.memory import MemorySnapshots
from tests.unit.sequencer.test_recovery import FLOW, engine_after, journal_of

pytestmark = pytest.mark.usefixtures("either_engine")


def test_a_line_for_people_names_command_time_and_fields() -> None:
    """Enumerations by name, keys in hexadecimal."""
    lines = list(dump(journal_of(50), first=4, last=10))
    assert [line.split()[0] for line in lines] == [str(i) for i in range(4, 11)]
    assert lines[0] == "4 2023-11-14T22:13:20.004Z SetFeeTier tier=0 maker_ppm=1000 taker_ppm=2000"
    assert lines[1].endswith("max_open_orders=500 status=open")
    assert lines[4].endswith(
        "asset_id=1 amount=10000000000000 key=00000000000000000000000000002711"
    )


def test_a_line_of_json_holds_every_field() -> None:
    """One object each, with sequence, time and command."""
    lines = [json.loads(line) for line in dump(journal_of(3_000), as_json=True)]
    assert len(lines) == 3_000
    for i, (line, command) in enumerate(zip(lines, FLOW, strict=True), start=1):
        assert (line.pop("sequence"), line.pop("time")) == (i, START_MS + i)
        assert line.pop("command") == type(command).__name__
        assert list(line) == list(command.__struct_fields__)


def test_what_is_not_there_is_not_dumped() -> None:
    """Nothing behind the end; beginning far behind it is an error."""
    assert list(dump(journal_of(50), first=51)) == []
    with pytest.raises(JournalEnded):
        list(dump(journal_of(50), first=60))


def test_hashes_on_the_way_and_at_the_end() -> None:
    """After every so many commands, and of the state at the end."""
    hashes: dict[int, str] = {}
    done = replay_journal(journal_of(2_500), every=1_000, on_hash=hashes.__setitem__)
    assert hashes == {count: engine_after(count).state_hash().hex() for count in (1_000, 2_000)}
    assert (done.sequence, done.began_with, done.replayed) == (2_500, 0, 2_500)
    assert done.state_hash == engine_after(2_500).state_hash().hex()


def test_snapshots_shorten_the_way_and_change_nothing() -> None:
    """Up to a given command too."""
    snapshots = MemorySnapshots()
    take_snapshot(journal_of(1_200), snapshots)
    hashes: dict[int, str] = {}
    done = replay_journal(
        journal_of(2_500), snapshots=snapshots, until=2_100, every=500, on_hash=hashes.__setitem__
    )
    assert (done.began_with, done.replayed) == (1_200, 900)
    assert done.state_hash == engine_after(2_100).state_hash().hex()
    assert hashes == {count: engine_after(count).state_hash().hex() for count in (1_500, 2_000)}
    with pytest.raises(JournalEnded):
        replay_journal(journal_of(100), until=101)
