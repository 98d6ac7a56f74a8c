"""Cells of CSV (RFC 4180) that no spreadsheet runs as a formula."""

import re
from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for the beginning of a formula (OWASP, CSV Injection)."""
_SPECIAL: Final = re.compile(r'[",\r\n]')


def harmless(text: str) -> str:
    """Return text of a cell that no spreadsheet runs: with an apostrophe before what would begin a formula.

    For text only: a number is written from an integer, so its minus sign is one.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def quoted(text: str) -> str:
    """Return a cell as it stands in the file."""
    if not _SPECIAL.search(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
