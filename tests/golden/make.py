"""Write the golden journals anew: `python -m tests.golden.make`. Only after a deliberate change of behaviour.

A golden journal is a stream of command frames and, beside it, a digest of every hundred commands' event
frames and the state hash after them. Any engine must reproduce it from the file alone.
"""

import gzip
import json
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from cse.messages.codec import Frame, decode_frames, encode_frame
from cse.messages.wire import Command
from tests.engines import new_engine
from tests.unit.engine.flow import random_commands

FOLDER = Path(__file__).parent
SEEDS = (1, 2, 3)
COMMANDS = 2_000
STEP = 100


def checkpoints(frames: Iterator[Frame]) -> list[dict[str, str | int]]:
    """Apply command frames to a new engine; return events digest and state hash every STEP commands."""
    engine, events_digest, found = new_engine(), blake2b(digest_size=16), []
    for frame in frames:
        assert isinstance(frame.message, Command)
        events = engine.apply(frame.sequence, frame.time_ms, frame.message)
        for index, event in enumerate(events):
            events_digest.update(encode_frame(event, frame.sequence, frame.time_ms, index))
        if frame.sequence % STEP == 0:
            state = engine.state_hash().hex()
            found.append(
                {"sequence": frame.sequence, "events": events_digest.hexdigest(), "state": state}
            )
    return found


def main() -> None:
    """Write one journal and its checkpoints per seed."""
    for seed in SEEDS:
        commands = random_commands(seed, COMMANDS)
        data = b"".join(encode_frame(command, n, n) for n, command in enumerate(commands, 1))
        (FOLDER / f"random-{seed}.journal.gz").write_bytes(gzip.compress(data, mtime=0))
        expected = json.dumps(checkpoints(decode_frames(data)), indent=1)
        (FOLDER / f"random-{seed}.expected.json").write_text(expected + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
