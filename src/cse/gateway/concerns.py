"""What the gateway serves about people besides the user service itself; wiring puts it together."""

from typing import TypeVar

import msgspec

from cse.core.errors import Unavailable

Part = TypeVar("Part")


class Concerns(msgspec.Struct):
    """One field for each; None: not served here."""


def served(part: Part | None) -> Part:
    """Return a concern that is served here.

    Raises:
        Unavailable: it is not.
    """
    if part is None:
        raise Unavailable("This is not served here.")
    return part
