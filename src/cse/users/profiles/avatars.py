"""Somebody's picture: sent as a file, kept and served only as what we made of it.

There is no picture by URL: whoever fetches what strangers name can be led to the inside of their own network.
"""

from typing import Final

from cse.core.clock import Clock
from cse.core.errors import CseError
from cse.users.audit import Act, AuditAct, user_actor
from cse.users.profiles.model import SIZES, Picture
from cse.users.profiles.ports import PictureMaker, ProfileStore

MAX_SENT: Final = 2_097_152
"""Bytes of what may be sent."""
MAX_SIDE: Final = 8_192
"""Pixels of its longer side."""
MAX_PIXELS: Final = 16_777_216
"""Pixels that it may have: 64 MiB when decoded."""
_DIGEST_DIGITS: Final = 32


class NotAPicture(CseError):
    """What was sent is no picture that we take; the message says why."""


class Avatars:
    """Pictures of people."""

    def __init__(self, store: ProfileStore, maker: PictureMaker, clock: Clock) -> None:
        """Use these."""
        self._store = store
        self._maker = maker
        self._clock = clock

    async def put(self, user_id: int, sent: bytes) -> Picture:
        """Make a picture of what was sent and put it in the place of the old one.

        Raises:
            NotAPicture: it cannot be taken; nothing was changed.
            Unavailable: the database is out of reach, or too many pictures are waiting.
        """
        if len(sent) > MAX_SENT:
            raise NotAPicture(f"The file may have at most {MAX_SENT} bytes.")
        picture = await self._maker.make(sent)
        act = _act(Act.AVATAR_SET, user_id, picture.digest)
        await self._store.set_picture(user_id, picture, act, self._clock.now_ms())
        return picture

    async def remove(self, user_id: int) -> bool:
        """Take the picture away; False: there was none. Raises Unavailable."""
        act = _act(Act.AVATAR_REMOVED, user_id, "")
        return await self._store.set_picture(user_id, None, act, self._clock.now_ms())

    async def image(self, digest: str, size: int) -> bytes | None:
        """Return a picture as WebP; None: there is none of this digest in this size. Raises Unavailable."""
        if size not in SIZES or len(digest) != _DIGEST_DIGITS:
            return None
        return await self._store.image(digest, size)


def _act(act: Act, user_id: int, digest: str) -> AuditAct:
    person = user_actor(user_id)
    return AuditAct(act=act, actor=person, object=person, after={"avatar": digest})
