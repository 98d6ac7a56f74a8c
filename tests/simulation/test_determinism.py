"""One journal replayed by two interpreters that differ in everything that must not matter (hash seed, time
zone, locale, optimisation) gives the same state hash after every 1,000 commands.
"""

import os
import subprocess
import sys
from pathlib import Path

from cse.adapters.journal.places import open_journal
from cse.messages.codec import encode_frame
from tests.simulation.flow import START_MS, commands

COUNT = 6_000
_REPLAY = """
import sys, time
from pathlib import Path
from cse.adapters.journal.places import open_reader
from cse.sequencer.inspection import replay_journal
print(hash("a"), time.strftime("%Z", time.localtime(0)), file=sys.stderr)
done = replay_journal(open_reader(Path(sys.argv[1])), every=1_000, on_hash=print)
print(done.sequence, done.state_hash)
"""


def test_two_processes_agree_every_thousand_commands(tmp_path: Path) -> None:
    """The flow uses every kind of command, GTD orders and dead-man switches included."""
    write_journal(tmp_path)
    one, noise_one = replay(tmp_path, [], {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"})
    two, noise_two = replay(
        tmp_path, ["-O"], {"PYTHONHASHSEED": "2", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"}
    )
    assert noise_one != noise_two, "the two processes differ in nothing"
    assert one == two
    assert [line.split()[0] for line in one] == [str(n) for n in range(1_000, COUNT + 1, 1_000)] + [
        str(COUNT)
    ]
    assert len(set(one)) == len(one) - 1


def write_journal(data_dir: Path) -> None:
    with open_journal(data_dir, segment_bytes=200_000) as journal:
        flow = commands(seed=21, count=COUNT)
        for first in range(1, COUNT + 1, 500):
            part = enumerate(flow[first - 1 : first + 499], start=first)
            journal.append(
                b"".join(encode_frame(command, i, START_MS + i * 50) for i, command in part)
            )


def replay(
    data_dir: Path, options: list[str], environment: dict[str, str]
) -> tuple[list[str], str]:
    done = subprocess.run(
        [sys.executable, *options, "-c", _REPLAY, str(data_dir)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), done.stderr
