"""A fingerprint of the message definitions: two programs that share it read and write the same bytes."""

from collections.abc import Iterator
from enum import IntEnum
from hashlib import blake2b
from typing import Final

from cse.messages.codec import HEADER, LAYOUTS
from cse.messages.registry import CODEC_VERSION


def enums() -> dict[str, type[IntEnum]]:
    """Return every enumeration that travels in a message, by name."""
    found: dict[str, type[IntEnum]] = {}
    for layout in LAYOUTS.values():
        for field in layout.fields:
            if field.wire.kind == "enum":
                assert issubclass(field.value_type, IntEnum), field
                found[field.value_type.__name__] = field.value_type
    return dict(sorted(found.items()))


def layout_text() -> str:
    """Return every layout and enumeration as one canonical text."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield f"version {CODEC_VERSION} header {HEADER.format}"
    for number, layout in sorted(LAYOUTS.items()):
        yield f"{number} {layout.cls.__name__}"
        for field in layout.fields:
            kind = field.value_type.__name__ if field.wire.kind == "enum" else field.wire.kind
            yield f"  {field.offset} {field.name} {field.wire.format} {kind}"
    for name, enum in enums().items():
        yield f"{name} " + " ".join(f"{member.value}={member.name}" for member in enum)


LAYOUT_HASH: Final = blake2b(layout_text().encode("ascii"), digest_size=32).digest()
"""BLAKE2b-256 of the canonical text; the native module carries the one that it was built from."""
