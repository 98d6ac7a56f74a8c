"""Ports of profiles. Every method of the store is one transaction and raises Unavailable without its database."""

from collections.abc import Iterable
from typing import Protocol

from cse.users.audit import AuditAct
from cse.users.profiles.model import Change, Picture, Profile, Shown


class ProfileStore(Protocol):
    """Profiles, muted kinds of letters, pictures. Somebody without rows has the defaults."""

    async def profile(self, user_id: int) -> Profile:
        """Return a person's profile."""
        ...

    async def shown(self, handle_key: str) -> Shown | None:
        """Return who has this handle (in lower case)."""
        ...

    async def change(self, user_id: int, change: Change, act: AuditAct, at_ms: int) -> Profile:
        """Change what is given, record the act, return the profile as it is now."""
        ...

    async def muted(self, user_id: int) -> frozenset[str]:
        """Return the kinds of letters that a person does not want."""
        ...

    async def mute(self, user_id: int, kinds: Iterable[str], act: AuditAct, at_ms: int) -> None:
        """Let these be the kinds that a person does not want; record the act."""
        ...

    async def set_picture(
        self, user_id: int, picture: Picture | None, act: AuditAct, at_ms: int
    ) -> bool:
        """Put a picture in the place of the old one (None: have none); False: nothing changed, nothing recorded."""
        ...

    async def image(self, digest: str, size: int) -> bytes | None:
        """Return a picture in one size."""
        ...


class PictureMaker(Protocol):
    """Makes pictures of what people send."""

    async def make(self, sent: bytes) -> Picture:
        """Return the picture in all sizes, encoded anew: nothing of what was sent but its pixels.

        Raises:
            cse.users.profiles.avatars.NotAPicture: it cannot be taken.
            cse.core.errors.Unavailable: too many pictures are waiting.
        """
        ...
