"""How a child process notices that its parent is gone, even after kill -9: its standard input ends."""

import os
import signal
import sys
import threading
import time

from cse.entrypoints.exits import ExitCode

_GRACE_S = 15.0


def end_with_parent() -> None:
    """Watch standard input, a pipe whose other end only the parent holds.

    When it ends we ask ourselves to stop, as the parent would have; a process that has not ended after the
    grace time is ended hard. Call it once, in a process that was started with stdin=PIPE.
    """
    threading.Thread(target=_watch, name="parent-watch", daemon=True).start()


def _watch() -> None:
    descriptor = sys.stdin.fileno()
    while os.read(descriptor, 4_096):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    os._exit(ExitCode.FAILED)
