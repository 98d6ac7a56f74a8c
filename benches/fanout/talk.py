"""Child processes that are told what to do and tell what came of it, a line of JSON each."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Self

Message = dict[str, Any]


class Child:
    """A module that runs `answer_all`."""

    def __init__(self, module: str, **options: Any) -> None:
        """Start it and wait until it is ready."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        self.ready = self.result()

    def begin(self, do: str, **fields: Any) -> None:
        """Tell it to do something."""
        assert self._process.stdin is not None
        print(json.dumps({"do": do, **fields}), file=self._process.stdin, flush=True)

    def result(self) -> Message:
        """Wait for what came of it."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the child process ended: exit code {self._process.wait()}")
        answer: Message = json.loads(line)
        return answer

    def ask(self, do: str, **fields: Any) -> Message:
        """Tell it, and wait."""
        self.begin(do, **fields)
        return self.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


def options() -> Message:
    """Return what this process was started with."""
    given: Message = json.loads(sys.argv[1])
    return given


def tell(**fields: Any) -> None:
    """Tell the parent something."""
    print(json.dumps(fields), flush=True)


def on_line(take: Callable[[Message], None]) -> Callable[[], None]:
    """Return a reader callback for standard input that takes each line apart; the end of input ends us."""

    def read() -> None:
        line = sys.stdin.readline()
        if not line:
            sys.exit(0)
        take(json.loads(line))

    return read
