"""A start that does not wait for the garbage collector."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collecting() -> Iterator[None]:
    """Import what a service needs, and leave it out of every later collection.

    What modules make stays to the end. The collector goes through all of it each time it has grown by a fourth, a
    fifth of the time until an exchange serves.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
