"""PictureMaker with Pillow: what people send is decoded within limits, and encoded anew without anything but pixels.

Decoders are the likeliest place for a hostile file to do harm, so few of them are open: formats are told by their
content, never by what somebody calls them, and size is looked at before a pixel is decoded.
"""

import asyncio
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from cse.core.errors import Unavailable
from cse.users.profiles.avatars import MAX_PIXELS, MAX_SIDE, NotAPicture
from cse.users.profiles.model import MAX_PICTURE, SIZES, Picture

_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
_QUALITIES: Final = (85, 70, 50, 30, 10)
"""Of WebP, tried in turn until a picture is small enough."""
_THREADS: Final = 2
_WAITING: Final = 16
_NOT_ONE: Final = "The file is no PNG, JPEG, WebP or GIF."
_DAMAGED: Final = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, IndexError)
"""What Pillow's decoders raise at damaged files."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow's own check comes on top of ours; see `_opened`
warnings.simplefilter("error", Image.DecompressionBombWarning)


class PillowPictures:
    """Makes pictures in threads of its own, a few at a time."""

    def __init__(self, *, waiting: int = _WAITING) -> None:
        """Let so many wait for a thread; above it Unavailable."""
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="cse-pictures")
        self._most = waiting
        self._under_way = 0

    async def make(self, sent: bytes) -> Picture:
        if self._under_way >= self._most:
            raise Unavailable("Too many pictures are being worked on; try again in a moment.")
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, picture, sent)
        finally:
            self._under_way -= 1


def picture(sent: bytes) -> Picture:
    """Return what was sent in all sizes, upright, cut to a square; the first frame of what moves.

    Raises:
        NotAPicture: not one of the formats, damaged, or too large.
    """
    image = _decoded(sent)
    images = {size: _encoded(ImageOps.fit(image, (size, size))) for size in SIZES}
    digest = sha256(b"".join(images[size] for size in SIZES)).hexdigest()[:32]
    return Picture(digest, images)


def _decoded(sent: bytes) -> Image.Image:
    try:
        image = _opened(sent)
        image.load()
        return ImageOps.exif_transpose(image).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except UnidentifiedImageError as error:
        raise NotAPicture(_NOT_ONE) from error
    except _DAMAGED as error:
        raise NotAPicture("The file is damaged or incomplete.") from error


def _opened(sent: bytes) -> Image.Image:
    """Read the head of a file; its pixels are not decoded yet."""
    image = Image.open(BytesIO(sent), formats=_FORMATS)
    width, height = image.size
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise _too_large()
    if image.format == "JPEG":
        largest = max(SIZES)
        image.draft("RGB", (2 * largest, 2 * largest))  # decodes at a fraction of the size
    return image


def _too_large() -> NotAPicture:
    return NotAPicture(
        f"The picture may have at most {MAX_SIDE} pixels on a side and {MAX_PIXELS} in all."
    )


def _encoded(image: Image.Image) -> bytes:
    bare = Image.new("RGBA", image.size)
    bare.paste(image)  # pixels alone: no EXIF, no profile, no comment
    for quality in _QUALITIES:
        into = BytesIO()
        bare.save(into, "WEBP", quality=quality, method=4)
        if into.tell() <= MAX_PICTURE:
            return into.getvalue()
    raise NotAPicture("The picture cannot be made small enough.")
