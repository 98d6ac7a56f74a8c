"""Which indicators there are: read from catalogue.json, which tools/write_indicators.py makes from TA-Lib.

A file, so that listing indicators and refusing wrong parameters needs neither TA-Lib nor numpy in memory.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal, get_args

import msgspec

Group = Literal[
    "overlap",
    "momentum",
    "volume",
    "volatility",
    "price_transform",
    "cycle",
    "statistic",
    "pattern",
]
GROUPS: Final[tuple[str, ...]] = get_args(Group)
MA_TYPES: Final = {
    "sma": 0,
    "ema": 1,
    "wma": 2,
    "dema": 3,
    "tema": 4,
    "trima": 5,
    "kama": 6,
    "mama": 7,
    "t3": 8,
    "hma": 9,
    "zlema": 12,
    "rma": 13,
}
"""Moving averages by name, with TA-Lib's number (ta_defs.h, TA_MAType); what is disabled or a default is left out."""
MAX_PERIOD: Final = 500
"""Candles; TA-Lib takes 100,000, which no page and no chart shows."""
MAX_REAL: Final = 1_000.0
"""Size of a real parameter where TA-Lib's own bound is out of this world."""
REAL_DECIMALS: Final = 4

Value = int | float | str
"""A parameter's value; a moving average is named."""


class Parameter(msgspec.Struct, frozen=True, omit_defaults=True):
    """A parameter of an indicator; `choice` ones have `choices`, the others a range (both ends in it)."""

    name: str
    title: str
    type: Literal["integer", "number", "choice"]
    default: int | float | str
    minimum: int | float | None = None
    maximum: int | float | None = None
    choices: list[str] | None = None

    def range_text(self) -> str:
        """Return what values it takes, for people."""
        if self.choices is not None:
            return f"one of {', '.join(self.choices)}"
        kind = "a whole number" if self.type == "integer" else "a number"
        decimals = f" with at most {REAL_DECIMALS} decimals" if self.type == "number" else ""
        return f"{kind} from {self.minimum:g} to {self.maximum:g}{decimals}"


class Output(msgspec.Struct, frozen=True):
    """One series of an indicator's values."""

    name: str
    style: Literal["line", "dashed_line", "dots", "histogram", "upper_band", "lower_band", "signal"]
    """How charts show it; `signal`: whole numbers that say bullish (above 0), bearish (below) or nothing (0)."""


class Function(msgspec.Struct, frozen=True):
    """An indicator that can be asked for."""

    name: str
    """TA-Lib's, in lower case."""
    group: Group
    title: str
    inputs: list[Literal["open", "high", "low", "close", "volume"]]
    """What of a candle it is computed from, in TA-Lib's order."""
    parameters: list[Parameter]
    outputs: list[Output]
    pane: Literal["overlay", "own"]
    """Where a chart shows it: over the prices, or in a pane of its own."""
    lookback: int
    """Candles that come before the first value, with default parameters."""
    memory: Literal["finite", "fading", "whole"]
    """What a value depends on: `lookback` candles; all candles before it, ever less; or all of its span alike."""


@cache
def catalogue() -> Mapping[str, Function]:
    """Return every indicator by name, in the catalogue's order."""
    text = files(__package__).joinpath("catalogue.json").read_bytes()
    found = msgspec.json.decode(text, type=list[Function])
    return {function.name: function for function in found}
