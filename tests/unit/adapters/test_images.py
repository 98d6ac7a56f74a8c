"""Pictures are made of pixels alone: nothing that is written beside them in a file comes out again."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from cse.adapters.images import picture

MARKER = b"cse-marker-of-a-comment"


def _text_of_png() -> PngInfo:
    text = PngInfo()
    text.add_text("Comment", MARKER.decode())
    return text


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = MARKER.decode()  # ImageDescription
    return exif


BESIDE: dict[str, dict[str, Any]] = {
    "PNG": {"pnginfo": _text_of_png(), "exif": _exif(), "icc_profile": MARKER * 3},
    "JPEG": {"comment": MARKER, "exif": _exif(), "icc_profile": MARKER * 3},
    "WEBP": {"exif": _exif(), "icc_profile": MARKER * 3, "xmp": MARKER},
    "GIF": {"comment": MARKER},
}


@pytest.mark.parametrize("kind", BESIDE)
def test_comments_profiles_and_exif_are_left_behind(kind: str) -> None:
    """The marker is in the file that was sent, and in none of the sizes; nor has Pillow any such entry to write."""
    into = BytesIO()
    Image.new("RGB", (300, 200), "red").save(into, kind, **BESIDE[kind])
    assert MARKER in into.getvalue()
    for image in picture(into.getvalue()).images.values():
        assert MARKER not in image
        assert (
            not {"comment", "exif", "icc_profile", "xmp"} & Image.open(BytesIO(image)).info.keys()
        )
