"""A profile, the kinds of letters, and pictures. Times are Unix milliseconds."""

from typing import Final

import msgspec

from cse.users.model import User

LOCALES: Final = (
    "ar", "en", "en-GB", "en-US", "de", "de-AT", "de-CH", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt-BR",
    "tr", "zh-Hans", "zh-Hant",
)  # fmt: skip
"""Language tags (BCP 47) that somebody can choose from."""
SIZES: Final = (64, 256)
"""Pictures are squares of so many pixels."""
MAX_PICTURE: Final = 49_152
"""Bytes that one size of a picture may have."""


class Profile(msgspec.Struct, frozen=True):
    """What somebody says of themselves; everything may be empty."""

    display_name: str = ""
    bio: str = ""
    locale: str = "en"
    """One of LOCALES."""
    time_zone: str = "UTC"
    """A name of the IANA time zone database."""
    avatar: str = ""
    """The digest of the picture: 32 hexadecimal digits; empty: there is none."""


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a profile is to be different; None: it stays."""

    display_name: str | None = None
    bio: str | None = None
    locale: str | None = None
    time_zone: str | None = None


class Picture(msgspec.Struct, frozen=True):
    """A picture in all sizes, encoded by us."""

    digest: str
    """32 hexadecimal digits, of what is in `images`."""
    images: dict[int, bytes]
    """WebP by size (SIZES)."""


class Shown(msgspec.Struct, frozen=True):
    """A person with their profile."""

    user: User
    profile: Profile
