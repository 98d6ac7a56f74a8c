"""Text that people write about themselves: normalised, bounded, and nothing in it that is not to be seen.

It is stored and sent as plain text, never as HTML: `<` is a character like any other, and whoever shows it escapes it.
"""

import unicodedata
from typing import Final

from cse.users.errors import InvalidField

MAX_NAME: Final = 50
"""Characters of a display name, after normalisation."""
MAX_BIO: Final = 500
"""Characters of a bio, after normalisation."""
_MAX_MARKS: Final = 4
"""Combining marks on one letter: real writing needs no more, and towers of them cover what stands above."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Invisible, but Persian and Indic scripts and emoji are not written without them (Unicode 16, 23.2)."""
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""General categories: controls, formats (bidi overrides and isolates are in here), surrogates, private use,
unassigned, line and paragraph separators."""


def clean_line(field: str, text: str, most: int) -> str:
    """Return one line of text in NFC, without blanks around it.

    Raises:
        InvalidField: too long, or a character that is not to be seen (line breaks among them).
    """
    return _clean(field, text, most, allowed=_JOINERS)


def clean_text(field: str, text: str, most: int) -> str:
    r"""Return text in NFC, its lines ended by `\n`, without blanks around it; raises InvalidField as `clean_line`."""
    return _clean(field, text.replace("\r\n", "\n"), most, allowed=_JOINERS | {"\n"})


def _clean(field: str, text: str, most: int, *, allowed: frozenset[str]) -> str:
    clean = unicodedata.normalize("NFC", text).strip()
    if len(clean) > most:
        raise InvalidField(field, f"must have at most {most} characters")
    marks = 0
    for char in clean:
        category = unicodedata.category(char)
        if category in _HIDDEN and char not in allowed:
            raise InvalidField(
                field,
                f"must not contain U+{ord(char):04X}: it cannot be seen or turns the text around",
            )
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > _MAX_MARKS:
            raise InvalidField(field, "must not pile marks upon a letter")
    return clean
