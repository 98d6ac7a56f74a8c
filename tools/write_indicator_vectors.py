"""Write what indicators make of fixed made-up candles, for other implementations to be compared with.

`.venv/bin/python tools/write_indicator_vectors.py`; tests/golden/indicators/README.md says what the files hold.
"""

from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from cse.market_data import Candle
from cse.market_data.indicators import catalogue, choose
from cse.market_data.indicators.catalogue import GROUPS
from cse.market_data.indicators.library import compute
from cse.market_data.indicators.series import COLUMNS, series_of
from cse.market_data.indicators.told import DIGITS, told
from cse.messages.catalog import Asset, Market
from cse.messages.wire import MarketStatus

FOLDER: Final = Path(__file__).parents[1] / "tests/golden/indicators"
LENGTH: Final = 160
SEED: Final = 20_261_122
MINUTE_MS: Final = 60_000
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
    return found


def _lines(content: dict[str, Any]) -> bytes:
    encode = msgspec.json.encode
    lines = (encode(name) + b":" + encode(value) for name, value in content.items())
    return b"{\n" + b",\n".join(lines) + b"\n}\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)
