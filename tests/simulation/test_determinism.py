"""One journal replayed by two interpreters that differ in everything that must not matter (hash seed, time
zone, locale, optimisation) gives the same state hash after every 1,000 commands.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cse.adapters.journal.places import open_journal
from cse.engine.backend import Choice
from cse.messages.codec import encode_frame
from tests.engines import ENGINES, running_on
from tests.simulation.flow import START_MS, commands

COUNT = 6_000
_REPLAY = """
import sys, time
from pathlib import Path
from cse.adapters.journal.places import open_reader
from cse.sequencer.inspection import replay_journal
print(hash("a"), time.strftime("%Z", time.localtime(0)), file=sys.stderr)
folder, choice = Path(sys.argv[1]), sys.argv[2]
done = replay_journal(open_reader(folder, choice), every=1_000, on_hash=print, choice=choice)
print(done.sequence, done.state_hash)
"""


@pytest.mark.parametrize("choice", ENGINES)
def test_two_processes_agree_every_thousand_commands(tmp_path: Path, choice: Choice) -> None:
    """The flow uses every kind of command, GTD orders and dead-man switches included. The first process is on the
    engine at hand, the second on the Python one.
    """
    write_journal(tmp_path)
    here = {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"}
    there = {"PYTHONHASHSEED": "2", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8"}
    with running_on(choice):
        one, noise_one = replay(tmp_path, [], choice, here)
    two, noise_two = replay(tmp_path, ["-O"], "python", there)
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
    data_dir: Path, options: list[str], choice: Choice, environment: dict[str, str]
) -> tuple[list[str], str]:
    done = subprocess.run(
        [sys.executable, *options, "-c", _REPLAY, str(data_dir), choice],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), done.stderr
