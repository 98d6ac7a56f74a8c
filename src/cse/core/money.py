"""Decimal strings at the edge, integers inside. No floats, no rounding, no exponents.

An amount is an integer count of an asset's smallest exchange unit; `scale` says how many decimals
that unit stands for (scale 6: 1_000_000 units = "1.000000").
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, ParamSpec, TypeVar, cast

from cse.core.errors import InvalidAmount

MAX_SCALE: Final = 9
"""No asset has more decimals on the exchange than this (architecture.md, section 2)."""

MAX_AMOUNT: Final = 2**63 - 1
"""The largest amount, price or quantity: what a signed 64-bit integer holds."""

_DECIMAL: Final = re.compile(r"(0|[1-9][0-9]{0,18})(?:\.([0-9]{1,19}))?", re.ASCII)
_POWERS: Final[tuple[int, ...]] = tuple(10**n for n in range(20))
_REMEMBERED: Final = 16_384
"""The same few prices and quantities are read and printed again and again; at under 200 bytes each."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


def _remembered(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """Look results up that were worked out before; refusals are not remembered."""
    return cast("Callable[_P, _T]", lru_cache(maxsize=_REMEMBERED)(function))


@_remembered
def parse_units(text: str, scale: int) -> int:
    """Return the number of units that a decimal string stands for.

    Accepts digits with at most one point and at most `scale` decimals ("12", "12.5", "0.10").

    Raises:
        InvalidAmount: sign, exponent, blanks, leading zeros, too many decimals, or over MAX_AMOUNT.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise InvalidAmount("must be a plain decimal number such as 12.5, without sign or exponent")
    whole, fraction = match[1], match[2] or ""
    if len(fraction) > scale:
        raise InvalidAmount(f"has {len(fraction)} decimals; at most {scale} are allowed")
    units = int(whole) * _POWERS[scale] + int(fraction or "0") * _POWERS[scale - len(fraction)]
    if units > MAX_AMOUNT:
        raise InvalidAmount("is too large")
    return units


@_remembered
def parse_multiple(text: str, scale: int, step: int) -> int:
    """Return how many `step`s (in units of `scale`) a decimal string stands for: ticks, or lots.

    Raises:
        InvalidAmount: as `parse_units`, or the value is no whole multiple of `step`.
    """
    count, rest = divmod(parse_units(text, scale), step)
    if rest:
        raise InvalidAmount(f"must be a multiple of {format_units(step, scale)}")
    return count


@_remembered
def format_units(units: int, scale: int) -> str:
    """Print units with exactly `scale` decimals: (1_250_000, 6) -> "1.250000"."""
    if scale == 0:
        return str(units)
    sign = "-" if units < 0 else ""
    whole, fraction = divmod(abs(units), _POWERS[scale])
    return f"{sign}{whole}.{fraction:0{scale}d}"


def ceil_ppm(amount: int, ppm: int) -> int:
    """Return `ppm` parts per million of `amount`, rounded up to a whole unit (fees)."""
    return -(-amount * ppm // 1_000_000)
