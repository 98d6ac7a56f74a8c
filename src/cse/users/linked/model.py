"""What is kept of an identity at a provider. Times are Unix milliseconds; no token of a provider is ever kept."""

from enum import StrEnum
from typing import Final

import msgspec

from cse.users.model import Guarded

MAX_PER_PERSON: Final = 20
"""Identities that one person may link."""
MAX_NAME: Final = 64
"""Characters of a name that is shown."""


class ProviderName(StrEnum):
    """Whose identities can be linked."""

    X = "x"
    DISCORD = "discord"
    YOUTUBE = "youtube"


class Purpose(StrEnum):
    """What a flow is begun for."""

    SIGN_IN = "sign_in"
    LINK = "link"


class Proven(Guarded, frozen=True):
    """Who somebody is at a provider, as the provider told us itself."""

    provider: ProviderName
    subject: str
    """The provider's own id: never given to another person, unlike names. 1 to 255 printable ASCII characters."""
    name: str
    """What the provider shows; nothing to believe."""
    channel_id: str | None = None
    """What they publish on, such as a YouTube channel."""
    channel_name: str | None = None
    email: str | None = None
    """Normalised, and verified by the provider; None: there is none that is."""


class Identity(msgspec.Struct, frozen=True):
    """A linked identity as it is stored."""

    identity_id: int
    user_id: int
    provider: ProviderName
    subject: str
    name: str
    channel_id: str | None
    channel_name: str | None
    linked_at: int
    used_at: int
    """When the provider was last asked who they are."""


def shown_name(text: object) -> str:
    """Return what a stranger calls themselves, fit to be stored and shown: printable, at most 64 characters.

    Everything else (control characters, characters that turn the direction of writing) becomes a space.
    """
    if not isinstance(text, str):
        return ""
    return "".join(each if each.isprintable() else " " for each in text[:MAX_NAME]).strip()
