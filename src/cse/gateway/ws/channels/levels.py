"""Price levels as text: what all channels of order books print."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from cse.core.money import format_units
from cse.gateway.market_schemas import Level
from cse.messages.catalog import Market

_print: Final = lru_cache(maxsize=65_536)(format_units)
"""Prices and quantities of books recur all the time."""


def printed(levels: Iterable[tuple[int, int]], market: Market, step: int = 1) -> list[Level]:
    """Return levels as `present_market.levels_json` does, from memory where it can.

    Prices are in steps of so many ticks, quantities in lots.
    """
    tick, price_scale = market.tick_size * step, market.price_scale
    lot, scale = market.lot_step, market.quantity_scale
    return [
        (_print(steps * tick, price_scale), _print(lots * lot, scale)) for steps, lots in levels
    ]
