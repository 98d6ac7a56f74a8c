"""What is taken for a document is told by its content; pictures are made anew, bombs are refused before they go off."""

import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.Image import Exif

from cse.users.identity_checks import files
from cse.users.identity_checks.errors import DocumentRefused
from cse.users.identity_checks.files import JPEG, PDF, PNG, cleaned
from cse.users.identity_checks.model import MAX_DOCUMENT_BYTES

WHOLE_PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), **more: object) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(made, kind, **more)
    return made.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose head promises this many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("media", "kind"), [(PNG, "PNG"), (JPEG, "JPEG")])
def test_a_picture_is_made_anew(media: str, kind: str) -> None:
    """It comes back as a JPEG of the same size that shares no bytes with what was sent."""
    clean = cleaned(media, picture(kind))
    assert clean.media == JPEG
    with Image.open(io.BytesIO(clean.data)) as made:
        assert (made.format, made.size) == ("JPEG", (40, 20))


def test_nothing_that_rides_on_a_picture_is_kept() -> None:
    """A page, a script or an archive behind or inside a picture (a polyglot) is gone, and so is where it was taken."""
    exif = Exif()
    exif[0x010E] = "taken at 52.5N 13.4E <script>"
    riders = b"<html><script>alert(1)</script></html>PK\x03\x04evil.zip"
    clean = cleaned(JPEG, picture("JPEG", exif=exif, comment=riders) + riders).data
    for trace in (b"<script", b"PK\x03\x04", b"52.5N", b"Exif"):
        assert trace not in clean


@pytest.mark.parametrize(
    "size", [(100_000, 100_000), (files.MAX_SIDE + 1, 1), (5_001, 5_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_decompression_bomb_is_refused_by_its_head(size: tuple[int, int]) -> None:
    """A few kilobytes that would become gigabytes are never unpacked."""
    with pytest.raises(DocumentRefused):
        cleaned(PNG, bomb(*size))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"PK\x03\x04 an archive",
        b"GIF89a" + bytes(100),
        b"\x7fELF" + bytes(100),
        b" " + picture(),
        picture()[:-30],
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"\xff\xd8\xff" + bytes(50),
        b"%PDF-1.7 and nothing more",
        b"\n" + WHOLE_PDF,
        b"%PDF-9.9\n%%EOF",
        b"<html>" + WHOLE_PDF,
    ],
)
@pytest.mark.parametrize("media", [PDF, JPEG, PNG])
def test_whatever_is_no_whole_document_is_refused(media: str, data: bytes) -> None:
    """SVG, HTML, archives, other pictures, halves, and files that begin with something else first."""
    with pytest.raises(DocumentRefused):
        cleaned(media, data)


@pytest.mark.parametrize(
    ("media", "data"),
    [
        (PDF, picture()),
        (JPEG, picture()),
        (PNG, picture("JPEG")),
        (PNG, WHOLE_PDF),
        ("text/html", WHOLE_PDF),
    ],
)
def test_a_file_is_what_it_says_it_is(media: str, data: bytes) -> None:
    """A good file under the name of another type is refused, too."""
    with pytest.raises(DocumentRefused):
        cleaned(media, data)


def test_a_pdf_is_kept_as_it_is() -> None:
    """It cannot be made anew without losing what it is."""
    assert cleaned(PDF, WHOLE_PDF) == (PDF, WHOLE_PDF)


def test_the_limit_of_size_holds_to_the_byte() -> None:
    """A document of the largest size is taken; one byte more is refused, whatever it is."""
    largest = WHOLE_PDF[:9] + bytes(MAX_DOCUMENT_BYTES - len(WHOLE_PDF)) + WHOLE_PDF[9:]
    assert cleaned(PDF, largest).data == largest
    with pytest.raises(DocumentRefused):
        cleaned(PDF, WHOLE_PDF[:9] + b" " + largest[9:])
