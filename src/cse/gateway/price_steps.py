"""Price steps that books are put together by, as clients write them."""

from typing import Final

from cse.core.errors import InvalidAmount
from cse.core.money import parse_multiple
from cse.messages.catalog import Market

MAX_STEP_TICKS: Final = 1_000_000_000


def step_ticks(text: str, market: Market) -> int:
    """Return a step in ticks.

    Raises:
        InvalidAmount: it is no plain decimal, no multiple of the market's tick, or out of bounds.
    """
    ticks = parse_multiple(text, market.price_scale, market.tick_size)
    if not 1 <= ticks <= MAX_STEP_TICKS:
        raise InvalidAmount(f"must be between 1 and {MAX_STEP_TICKS:,} ticks")
    return ticks
