"""What the gateway serves about people besides the user service itself; wiring puts it together."""

from typing import TypeVar

import msgspec

from cse.core.errors import Unavailable
from cse.users.registration.email_change import EmailChange
from cse.users.registration.registering import Registration

Part = TypeVar("Part")


class Concerns(msgspec.Struct):
    """One field for each; None: not served here."""

    registration: Registration | None = None
    """How people join and prove their addresses."""
    email_change: EmailChange | None = None


def served(part: Part | None) -> Part:
    """Return a concern that is served here.

    Raises:
        Unavailable: it is not.
    """
    if part is None:
        raise Unavailable("This is not served here.")
    return part
