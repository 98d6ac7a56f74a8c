"""Exact decimals in formats that ask for JSON numbers: the digits as they are, no float in between."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

Number = Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "number"})]
"""A JSON number, printed from the exact integers."""

PERCENT_DECIMALS: Final = 2


def number(text: str) -> msgspec.Raw:
    """Return a decimal string of ours ("-1.2400") as the JSON number of the same digits."""
    return msgspec.Raw(text.encode("ascii"))


def percent(change: int, base: int) -> str:
    """Return `change` in percent of `base`, with 2 decimals, halves rounded away from zero.

    Args:
        change: in the unit of `base`; may be negative.
        base: greater than zero.
    """
    hundredths, rest = divmod(abs(change) * 100 * 10**PERCENT_DECIMALS, base)
    hundredths += 2 * rest >= base
    whole, fraction = divmod(hundredths, 10**PERCENT_DECIMALS)
    sign = "-" if change < 0 and hundredths else ""
    return f"{sign}{whole}.{fraction:0{PERCENT_DECIMALS}d}"
