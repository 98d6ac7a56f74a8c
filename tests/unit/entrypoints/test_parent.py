"""A child ends when its parent is gone, even when nobody told it: its standard input ends."""

import subprocess
import sys

_CHILD = """
import signal, time
from cse.entrypoints.parent import end_with_parent
end_with_parent()
signal.signal(signal.SIGTERM, lambda *_: exit(5))
print("ready", flush=True)
while True:
    signal.pause()
"""


def test_the_end_of_standard_input_is_taken_as_a_request_to_stop() -> None:
    """The parent's end of the pipe closes (as the kernel does at kill -9); the child gets its SIGTERM."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert child.poll() is None
        child.stdin.close()
        assert child.wait(60) == 5
