"""How somebody who handed in one command waits for it."""

from typing import Any, Protocol

from cse.messages.batch import Outcome
from cse.messages.events import Applied


class Answer(Protocol):
    """A future of one applied command."""

    def done(self) -> bool:
        """Return whether nobody waits any more."""
        ...

    def set_result(self, result: Applied, /) -> Any:
        """Take the answer."""
        ...

    def set_exception(self, exception: BaseException, /) -> Any:
        """Take why there is none."""
        ...


class SingleWaiter:
    """A Waiter for a single command: unpacks the outcome of one."""

    __slots__ = ("_answer", "done", "set_exception")

    def __init__(self, answer: Answer) -> None:
        """Pass on to `answer`."""
        self._answer = answer
        self.done = answer.done
        self.set_exception = answer.set_exception

    def set_result(self, result: Outcome, /) -> None:
        """Take what became of the command."""
        self._answer.set_result(result.items[0])
