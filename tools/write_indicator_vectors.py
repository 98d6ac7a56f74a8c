"""Write what indicators make of fixed made-up candles, for other implementations to be compared with.

`.venv/bin/python tools/write_indicator_vectors.py`; tests/golden/indicators/README.md says what the files hold.
"""

from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec
import numpy as np

from cse.market_data import Candle
from cse.market_data.indicators import catalogue, choose
from cse.market_data.indicators.catalogue import GROUPS, Parameter
from cse.market_data.indicators.chosen import Chosen
from cse.market_data.indicators.library import compute, lookback
from cse.market_data.indicators.series import COLUMNS, Floats, series_of
from cse.market_data.indicators.told import DIGITS, told
from cse.messages.catalog import Asset, Market
from cse.messages.wire import MarketStatus

FOLDER: Final = Path(__file__).parents[1] / "tests/golden/indicators"
PATTERN_EXAMPLES: Final = "pattern_examples.json"
OTHER_PARAMETERS: Final = "other_parameters.json"
LENGTH: Final = 160
SEED: Final = 20_261_122
MINUTE_MS: Final = 60_000
PERIODS: Final = (1, 2, 3, 5, 8, 13, 21, 30)
FEW: Final = 40
"""Candles of a young market: fewer than many lookbacks."""
ENDS: Final = 12
MANY: Final = 20_000
"""Candles among which rare patterns are looked for."""
START_MS: Final = 1_700_000_040_000
MARKET: Final = Market(
    1,
    "NOVA-USDC",
    Asset(2, "NOVA", 6),
    Asset(1, "USDC", 6),
    price_scale=4,
    tick_size=1,
    lot_size=10_000,
    min_quantity=1,
    max_quantity=10**9,
    min_notional=1,
    band_ppm=100_000,
    reference_price=12_500,
    max_open_orders=100,
    status=MarketStatus.OPEN,
    unit_notional=1,
)


@cache
def candles() -> list[Candle]:
    """Return a random walk in ticks and lots, with gaps, flat candles, and one in twelve without a trade."""
    chance, close = Random(SEED), 12_500  # noqa: S311  # it wants a seed, not a secret
    found = []
    for index in range(LENGTH):
        if index and chance.randrange(12) == 0:
            bar = (close, close, close, close, 0)
        else:
            opened = close + (chance.randint(-40, 40) if chance.randrange(5) == 0 else 0)
            close = max(100, opened + chance.randint(-130, 130))
            high = max(opened, close) + chance.randrange(60)
            low = min(opened, close) - chance.randrange(60)
            bar = (opened, high, low, close, chance.randint(1, 50_000))
        found.append(Candle(START_MS + index * MINUTE_MS, *bar, 0, min(1, bar[4])))
    return found


def vectors(group: str) -> dict[str, Any]:
    """Return the values of a group's indicators with their defaults, by canonical spelling and output."""
    series = series_of(candles(), MARKET)
    found = {}
    for function in catalogue().values():
        if function.group == group:
            chosen = choose(function.name, {})
            outputs = compute(chosen, [series.columns[name] for name in function.inputs])
            found[chosen.name] = {
                output.name: told(values.tolist())
                for output, values in zip(function.outputs, outputs, strict=True)
            }
    return found


def other_parameters() -> dict[str, Any]:
    """Return, by canonical spelling, the ends of what indicators make of other parameters and of fewer candles.

    `candles`: how many were given, from the first on; `first`: the candle of each output's first value, null if it has
    none; `last`: the values of the last candles.
    """
    chance, found = Random(SEED), {}  # noqa: S311  # it wants a seed, not a secret
    for function in catalogue().values():
        for count in (LENGTH, LENGTH, FEW) if function.parameters else ():
            given = {each.name: _any_value(each, chance) for each in function.parameters}
            found.update(_ends(choose(function.name, given), count))
    return found


def _any_value(parameter: Parameter, chance: Random) -> str:
    if parameter.choices is not None:
        return chance.choice(parameter.choices)
    assert parameter.minimum is not None, "every number has a range"
    assert parameter.maximum is not None, "every number has a range"
    if parameter.type == "integer":
        return str(max(int(parameter.minimum), chance.choice(PERIODS)))
    return f"{chance.uniform(max(parameter.minimum, 0.01), min(parameter.maximum, 3)):.2f}"


def _ends(chosen: Chosen, count: int) -> dict[str, Any]:
    series = series_of(candles()[:count], MARKET)
    outputs = compute(chosen, [series.columns[name] for name in chosen.function.inputs])
    columns = {
        output.name: told(values.tolist())
        for output, values in zip(chosen.function.outputs, outputs, strict=True)
    }
    ends = {
        name: {
            "first": next((at for at, value in enumerate(column) if value is not None), None),
            "last": column[-ENDS:],
        }
        for name, column in columns.items()
    }
    return {chosen.name: {"candles": count, "parameters": chosen.parameters, "outputs": ends}}


def pattern_examples() -> dict[str, Any]:
    """Return, by canonical spelling, candles that end with the pattern: the first bullish and the first bearish ones.

    Patterns that 20,000 made-up candles do not have are left out. Prices are whole numbers.
    """
    columns, found = _wild_candles(), {}
    for function in catalogue().values():
        if function.group == "pattern":
            chosen = choose(function.name, {})
            examples = _examples(columns, chosen)
            if examples:
                found[chosen.name] = examples
    return found


def _examples(columns: dict[str, Floats], chosen: Chosen) -> list[dict[str, Any]]:
    (values,) = compute(chosen, [columns[name] for name in chosen.function.inputs])
    first = lookback(chosen)
    examples = []
    for sign in (1, -1):
        (where,) = np.nonzero(values * sign > 0)
        for at in where[:1].tolist():
            candles = {
                name: column[at - first : at + 1].tolist() for name, column in columns.items()
            }
            examples.append({"value": values[at].item(), "candles": candles})
    return examples


@cache
def _wild_candles() -> dict[str, Floats]:
    """Return columns of prices with bodies and shadows of many sizes, gaps, and ties."""
    chance, last, bars = Random(SEED), 1_000, []  # noqa: S311  # it wants a seed, not a secret
    for _ in range(MANY):
        opened = last + (chance.randint(-8, 8) if chance.random() < 0.4 else 0)
        close = opened + chance.randint(-5, 5) * chance.choice((1, 3, 10))
        high = max(opened, close) + chance.randrange(4) * chance.choice((0, 1, 4))
        low = min(opened, close) - chance.randrange(4) * chance.choice((0, 1, 4))
        bars.append((opened, high, low, close))
        last = close if 500 < close < 2_000 else 1_000
    table = np.array(bars, dtype=np.float64)
    return {name: table[:, index].copy() for index, name in enumerate(COLUMNS[:4])}


def input_columns() -> dict[str, Any]:
    """Return the candles as numbers, as every indicator gets them."""
    series = series_of(candles(), MARKET)
    columns = {name: series.columns[name].tolist() for name in COLUMNS}
    return {"digits": DIGITS, "times": series.times.tolist(), **columns}


def files() -> dict[str, bytes]:
    """Return every file's content by name: one line per indicator, so that a change shows where it is."""
    found = {"candles.json": _lines(input_columns())}
    for group in GROUPS:
        found[f"{group}.json"] = _lines(vectors(group))
    found[PATTERN_EXAMPLES] = _lines(pattern_examples())
    found[OTHER_PARAMETERS] = _lines(other_parameters())
    return found


def _lines(content: dict[str, Any]) -> bytes:
    encode = msgspec.json.encode
    lines = (encode(name) + b":" + encode(value) for name, value in content.items())
    return b"{\n" + b",\n".join(lines) + b"\n}\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)
