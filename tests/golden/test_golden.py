"""Golden journals: recorded commands give exactly the recorded events and states, in every version and engine."""

import gzip
import json

import pytest

from cse.messages.codec import decode_frames
from tests.golden.make import COMMANDS, FOLDER, SEEDS, STEP, checkpoints


@pytest.mark.parametrize("seed", SEEDS)
def test_golden_journal_is_reproduced(seed: int) -> None:
    """Every hundredth command's events digest and state hash are the recorded ones."""
    data = gzip.decompress((FOLDER / f"random-{seed}.journal.gz").read_bytes())
    expected = json.loads((FOLDER / f"random-{seed}.expected.json").read_text(encoding="utf-8"))
    assert len(expected) == COMMANDS // STEP
    assert checkpoints(decode_frames(data)) == expected
