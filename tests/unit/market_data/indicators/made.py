"""Candles for the tests of indicators, and the short way to a function's values."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cse.market_data.indicators import Chosen, choose
from cse.market_data.indicators.library import compute
from cse.market_data.indicators.told import Column, told

Columns = Mapping[str, NDArray[np.float64]]


def columns(**given: Sequence[float]) -> dict[str, NDArray[np.float64]]:
    """Columns of candles; those that are not given are the close."""
    close = given["close"]
    names = ("open", "high", "low", "close", "volume")
    return {name: np.array(given.get(name, close), dtype=np.float64) for name in names}


def walk(length: int, seed: int = 1) -> dict[str, NDArray[np.float64]]:
    """Candles of a random walk."""
    chance = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(chance.normal(0, 0.01, length)))
    opened = np.concatenate([[100.0], close[:-1]])[:length]
    return {
        "open": opened,
        "high": np.maximum(opened, close) * (1 + chance.random(length) / 100),
        "low": np.minimum(opened, close) * (1 - chance.random(length) / 100),
        "close": close,
        "volume": chance.integers(1, 10_000, length).astype(np.float64),
    }


def values(chosen: Chosen, candles: Columns) -> list[NDArray[np.float64]]:
    """What the library computes of candles, output by output."""
    return compute(chosen, [candles[name] for name in chosen.function.inputs])


def shown(name: str, candles: Columns, **parameters: str) -> dict[str, Column]:
    """What is told of an indicator, by output."""
    chosen = choose(name, parameters)
    found = values(chosen, candles)
    outputs = [output.name for output in chosen.function.outputs]
    return {each: told(column.tolist()) for each, column in zip(outputs, found, strict=True)}
