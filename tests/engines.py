"""Which engine the test at hand runs on. A test that wants to run on each uses the fixture `either_engine`.

Engines that it makes with `new_engine` and `restore_engine` of this module are of that kind, and so are those that
the exchange makes for itself where nothing but `auto` is chosen.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from cse.engine import backend
from cse.engine.backend import Choice, Engine
from cse.engine.native import EngineUnusable
from cse.messages.wire import Record

ENGINES: Final[tuple[Choice, ...]] = ("python", "native")
_chosen: list[Choice] = ["python"]


def chosen() -> Choice:
    """The engine of the test at hand."""
    return _chosen[-1]


def new_engine() -> Engine:
    """An empty venue in it."""
    return backend.new_engine(chosen())


def restore_engine(records: Iterable[Record]) -> Engine:
    """A restored one in it."""
    return backend.restore_engine(records, chosen())


@contextmanager
def running_on(choice: Choice) -> Iterator[Choice]:
    """Choose for a while. A native engine that is not there fails the test: it must not be skipped in silence."""
    try:
        backend.native_module(choice)
    except EngineUnusable as error:
        pytest.fail(f"{error} (tools/native.sh toolchain says what is missing)", pytrace=False)
    _chosen.append(choice)
    try:
        with pytest.MonkeyPatch.context() as patch:
            if choice == "python":
                patch.setitem(sys.modules, "cse_native", None)
            yield choice
    finally:
        _chosen.pop()
