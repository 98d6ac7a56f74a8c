"""Files that people send: what they are by their content, never by their name; pictures are made anew.

A picture is decoded and encoded again, so that nothing of its bytes is kept: no second file inside, no place where it
was taken. A PDF cannot be made anew; it is kept as it is and only ever handed out as a download of unknown type.
"""

import io
from typing import Final, NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

from cse.users.identity_checks.errors import DocumentRefused
from cse.users.identity_checks.model import MAX_DOCUMENT_BYTES

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
TAKEN: Final = (PDF, JPEG, PNG)
MAX_PIXELS: Final = 25_000_000
"""Of a picture when it is unpacked: 75 MB; a bomb is refused by what its head says, before it is unpacked."""
MAX_SIDE: Final = 10_000
_QUALITY: Final = 90
_BEGINNINGS: Final = (
    (b"%PDF-1.", PDF),
    (b"%PDF-2.", PDF),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
)
_FORMATS: Final = {JPEG: "JPEG", PNG: "PNG"}
_PDF_END: Final = b"%%EOF"
_PDF_TAIL: Final = 1_024


class CleanFile(NamedTuple):
    """A file that may be kept."""

    media: str
    data: bytes


def cleaned(media: str, data: bytes) -> CleanFile:
    """Return a file as it may be kept: a PDF as it is, a picture made anew. Blocking: call it in a thread.

    Raises:
        DocumentRefused: too large, of no type that is taken, not what `media` says, or broken.
    """
    if not data or len(data) > MAX_DOCUMENT_BYTES:
        raise DocumentRefused(f"A document has 1 to {MAX_DOCUMENT_BYTES} bytes.")
    found = next((kind for beginning, kind in _BEGINNINGS if data.startswith(beginning)), None)
    if found is None or found != media:
        raise DocumentRefused
    if found == PDF:
        if _PDF_END not in data[-_PDF_TAIL:]:
            raise DocumentRefused("The PDF is not whole.")
        return CleanFile(PDF, data)
    return CleanFile(JPEG, _picture(data, _FORMATS[found]))


def _picture(data: bytes, kind: str) -> bytes:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            width, height = picture.size
            if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
                raise DocumentRefused(
                    f"A picture has at most {MAX_PIXELS} pixels, {MAX_SIDE} a side."
                )
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        UnidentifiedImageError,
    ) as error:
        raise DocumentRefused("The picture is broken.") from error
    upright.info = {}  # comments and profiles would be written again
    made = io.BytesIO()
    upright.save(made, "JPEG", quality=_QUALITY, exif=b"")
    return made.getvalue()
