"""Write the catalogue of indicators from TA-Lib's own: `.venv/bin/python tools/write_indicators.py`.

Names, inputs, parameters and defaults are told by its abstract API. Ranges are in its C library only (ta_abstract.h,
TA_OptInputParameterInfo), so they are read from there. How far back a value remembers is tried out.
"""

import ctypes
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import talib
from numpy.typing import NDArray
from talib import abstract

from cse.market_data.indicators.catalogue import (
    MA_TYPES,
    MAX_PERIOD,
    MAX_REAL,
    Function,
    Output,
    Parameter,
)

ROOT: Final = Path(__file__).parents[1]
CATALOGUE: Final = ROOT / "src/cse/market_data/indicators/catalogue.json"
GROUPS: Final = {
    "Overlap Studies": "overlap",
    "Momentum Indicators": "momentum",
    "Volume Indicators": "volume",
    "Volatility Indicators": "volatility",
    "Price Transform": "price_transform",
    "Cycle Indicators": "cycle",
    "Statistic Functions": "statistic",
    "Pattern Recognition": "pattern",
}
"""The groups that are served; those left out are arithmetic (Math Operators, Math Transform)."""
LEFT_OUT: Final = {"MAVP"}
"""It takes a series of periods, which no candle has."""
OWN_PANE: Final = {"AVGDEV"}
"""TA-Lib says of these that they are scaled like prices; they are, but are far from them."""
RENAMED: Final = {
    "timeperiod": "period",
    "timeperiod1": "period_1",
    "timeperiod2": "period_2",
    "timeperiod3": "period_3",
    "matype": "ma_type",
    "nbdevup": "deviations_up",
    "nbdevdn": "deviations_down",
    "nbdev": "deviations",
    "leftbars": "left_bars",
    "rightbars": "right_bars",
    "roc1period": "roc_1_period",
    "roc2period": "roc_2_period",
    "stddevperiod": "stddev_period",
    "vfactor": "volume_factor",
    "startvalue": "start_value",
    "offsetonreverse": "offset_on_reverse",
}
STYLES: Final = {
    "Values represent an upper limit": "upper_band",
    "Values represent a lower limit": "lower_band",
    "Histogram": "histogram",
    "Dashed Line": "dashed_line",
    "Line": "line",
}
DOTS: Final = {"SAR", "SAREXT"}
SIGNALS: Final = {"FRACTAL"}


class _Info(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("flags", ctypes.c_int),
        ("display_name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("default", ctypes.c_double),
        ("hint", ctypes.c_char_p),
        ("help", ctypes.c_char_p),
    )


class _Reals(ctypes.Structure):
    _fields_ = (("minimum", ctypes.c_double), ("maximum", ctypes.c_double))


class _Integers(ctypes.Structure):
    _fields_ = (("minimum", ctypes.c_int), ("maximum", ctypes.c_int))


_REAL, _INTEGER, _LIST = 0, 2, 3


def _library() -> ctypes.CDLL:
    """Return the C library that the wheel brought, which talib has loaded already."""
    folder = Path(talib.__file__).parents[1]
    [path] = [*folder.glob("ta_lib.libs/libta-lib-*")]
    return ctypes.CDLL(str(path))


def _ranges(library: ctypes.CDLL, name: str, count: int) -> Iterator[tuple[int, Any, str]]:
    """Give the type, the range and the title of each parameter."""
    handle = ctypes.c_void_p()
    assert library.TA_GetFuncHandle(name.encode(), ctypes.byref(handle)) == 0
    for index in range(count):
        pointer = ctypes.POINTER(_Info)()
        assert library.TA_GetOptInputParameterInfo(handle, index, ctypes.byref(pointer)) == 0
        info = pointer.contents
        kinds = {_REAL: _Reals, _INTEGER: _Integers}
        shown = info.display_name.decode()
        held = kinds.get(info.type)
        yield info.type, held and ctypes.cast(info.data, ctypes.POINTER(held)).contents, shown


def _snake(name: str) -> str:
    if name in RENAMED:
        return RENAMED[name]
    for end in ("period", "matype", "limit"):
        if name.endswith(end) and not name.endswith(f"_{end}") and name != end:
            return f"{name.removesuffix(end)}_{end}".replace("matype", "ma_type")
    name = name.replace("matype", "ma_type")
    if name.startswith("acceleration") and name != "acceleration":
        rest = name.removeprefix("acceleration")
        for part in ("init", "max"):
            rest = rest.replace(part, f"{part}_")
        return f"acceleration_{rest}"
    return name


def _parameter(name: str, default: float, kind: int, held: Any, title: str) -> Parameter:
    name = _snake(name)
    if kind == _LIST:
        names = {number: word for word, number in MA_TYPES.items()}
        return Parameter(name, title, "choice", names[int(default)], choices=list(MA_TYPES))
    if kind == _INTEGER:
        top = min(held.maximum, MAX_PERIOD)
        return Parameter(name, title, "integer", int(default), held.minimum, top)
    low, high = max(held.minimum, -MAX_REAL), min(held.maximum, MAX_REAL)
    return Parameter(name, title, "number", float(default), low, high)


def _output(function: str, group: str, name: str, flags: Sequence[str], count: int) -> Output:
    style = next(style for flag, style in STYLES.items() if flag in flags)
    if function == "HA" and "Line" in flags:
        style = "line"
    if function in DOTS:
        style = "dots"
    if group == "pattern" or function in SIGNALS or name == "trend":
        style = "signal"
    return Output("value" if count == 1 else name, style)  # type: ignore[arg-type]  # one of the Literal's


def _inputs(names: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for given in names.values():
        found += [given] if isinstance(given, str) else given
    return found


def made_up(length: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Return candles of a random walk."""
    chance = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(chance.normal(0, 0.01, length)))
    opened = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(opened, close) * (1 + chance.random(length) / 100)
    low = np.minimum(opened, close) * (1 - chance.random(length) / 100)
    volume = chance.integers(1, 10_000, length).astype(np.float64)
    return {"open": opened, "high": high, "low": low, "close": close, "volume": volume}


def memory(name: str, inputs: Sequence[str], lookback: int, *, may_be_finite: bool) -> str:
    """Return whether values depend on the lookback alone, on all candles before ever less, or on all alike.

    Tried out, since TA-Lib marks only some of those that never forget, and none that are made of EMAs.
    """
    candles = made_up(6_000, seed=7)
    function = getattr(talib, name)
    begin = 3_000
    whole = function(*(candles[each] for each in inputs))
    part = function(*(candles[each][begin:] for each in inputs))
    pairs = [
        (np.asarray(long[begin:], float), np.asarray(short, float))
        for long, short in zip(
            *(x if isinstance(x, tuple) else (x,) for x in (whole, part)), strict=True
        )
    ]
    if not all(np.allclose(long[-1_000:], short[-1_000:], rtol=1e-7) for long, short in pairs):
        return "whole"
    at_once = all(
        np.allclose(long[lookback:], short[lookback:], rtol=1e-7, atol=1e-7)
        for long, short in pairs
    )
    return "finite" if at_once and may_be_finite else "fading"


def functions() -> list[Function]:
    """Return the catalogue as TA-Lib has it."""
    library = _library()
    found = []
    for talib_group, names in talib.get_function_groups().items():  # type: ignore[no-untyped-call]  # it has no annotations
        if talib_group in GROUPS:
            group = GROUPS[talib_group]
            found += [_function(library, group, name) for name in names if name not in LEFT_OUT]
    order = list(GROUPS.values())
    return sorted(found, key=lambda function: (order.index(function.group), function.name))


def _function(library: ctypes.CDLL, group: str, name: str) -> Function:
    about = abstract.Function(name)  # type: ignore[attr-defined]  # its stub names functions only
    info = about.info
    parameters = [
        _parameter(each, default, *told)
        for (each, default), told in zip(
            info["parameters"].items(),
            _ranges(library, name, len(info["parameters"])),
            strict=True,
        )
    ]
    inputs = _inputs(info["input_names"])
    outputs = info["output_flags"]
    over = "Output scale same as input" in info["function_flags"] or group == "pattern"
    return Function(
        name=name.lower(),
        group=group,  # type: ignore[arg-type]  # one of the Literal's
        title=info["display_name"],
        inputs=inputs,  # type: ignore[arg-type]  # one of the Literal's
        parameters=parameters,
        outputs=[
            _output(name, group, each, flags, len(outputs)) for each, flags in outputs.items()
        ],
        pane="overlay" if over and name not in OWN_PANE else "own",
        lookback=about.lookback,
        memory=memory(  # type: ignore[arg-type]  # one of the Literal's
            name,
            inputs,
            about.lookback,
            may_be_finite="Function has an unstable period" not in info["function_flags"]
            and not any(parameter.choices for parameter in parameters),
        ),
    )


def catalogue_text() -> bytes:
    """Return catalogue.json: one line per indicator."""
    lines = (msgspec.json.encode(function) for function in functions())
    return b"[\n" + b",\n".join(lines) + b"\n]\n"


if __name__ == "__main__":
    CATALOGUE.write_bytes(catalogue_text())
