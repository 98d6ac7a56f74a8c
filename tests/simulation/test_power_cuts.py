"""Power cuts, seeded: whatever was synced is there, of what was not synced any part may be. The journal
opens with every command whose append had returned, none twice and none changed, takes new ones, and is
whole; where blocks were lost in a way that cannot be told from damage it may refuse, and nothing else.
"""

import random
import shutil
from pathlib import Path

import pytest

from cse.adapters.journal.writer import FileJournal
from cse.messages.codec import encode_frame
from cse.sequencer.ports import JournalDamaged
from tests.simulation.appenders import APPENDERS, native_of
from tests.simulation.flow import START_MS, commands
from tests.simulation.power import ForgetfulDisk
from tests.simulation.test_damage import contents

FLOW = commands(seed=6, count=1_000)
CUTS = 150


class PowerCut(Exception):
    """The lights go out."""


class CutDisk(ForgetfulDisk):
    """Goes dark before or after one of its syncs."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._left = chance.randrange(12)
        self._before = chance.random() < 0.7

    def sync(self, fd: int) -> None:
        self._left -= 1
        if self._left < 0 and self._before:
            raise PowerCut
        super().sync(fd)
        if self._left < 0:
            raise PowerCut


def frames(first: int, count: int) -> list[bytes]:
    return [encode_frame(FLOW[i - 1], i, START_MS + i) for i in range(first, first + count)]


def trade(folder: Path, disk: ForgetfulDisk, chance: random.Random, appender: str) -> int:
    """Appends until the lights go out; returns the last command that was acknowledged."""
    last = 0
    try:
        with FileJournal(
            folder, segment_bytes=4_000, disk=disk, native=native_of(appender)
        ) as journal:
            while True:
                size = chance.choice((1, 1, 2, 10, 40))
                journal.append(b"".join(frames(last + 1, size)))
                last += size
    except PowerCut:
        return last


@pytest.mark.parametrize("appender", APPENDERS)
@pytest.mark.parametrize("ordered", [True, False], ids=["prefixes", "lost sectors"])
def test_what_was_acknowledged_survives(tmp_path: Path, ordered: bool, appender: str) -> None:
    """150 cuts, each at a moment and with losses of its own."""
    refused = 0
    for seed in range(CUTS):
        chance = random.Random(seed)
        before, after = tmp_path / f"before-{seed}", tmp_path / f"after-{seed}"
        disk = CutDisk(chance)
        acknowledged = trade(before, disk, chance, appender)
        unclear = disk.cut(before, after, chance, ordered=ordered)
        for leftover in after.glob("*.seg"):
            if leftover.stat().st_size == 0:
                pytest.fail("a segment got its name before its header was durable")
        try:
            journal = FileJournal(after, segment_bytes=4_000, native=native_of(appender))
        except JournalDamaged:
            assert unclear, f"seed {seed}: refused without need"
            refused += 1
            continue
        with journal:
            last = journal.last_sequence
            assert last >= acknowledged, f"seed {seed}: acknowledged and gone"
            assert journal.opening.lost_after is None
            journal.append(b"".join(frames(last + 1, 3)))
            assert journal.verify().whole
        assert contents(after) == frames(1, last + 3)
        shutil.rmtree(before)
        shutil.rmtree(after)
    assert refused <= (0 if ordered else CUTS // 5)
