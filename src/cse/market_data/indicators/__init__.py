"""Indicators over candles: TA-Lib's functions, typed, bounded, and the same for a candle wherever it is asked for.

Nothing here imports TA-Lib or numpy until a value is computed: `library` and `series` are imported then.
Indicators are statistics: they are floats, unlike everything that the engine sees.
"""

from cse.market_data.indicators.blocks import Block, blocks_of
from cse.market_data.indicators.catalogue import Function, Parameter, catalogue
from cse.market_data.indicators.chosen import Chosen, Unusable, choose, parse_list, parse_one

__all__ = [
    "Block",
    "Chosen",
    "Function",
    "Parameter",
    "Unusable",
    "blocks_of",
    "catalogue",
    "choose",
    "parse_list",
    "parse_one",
]
