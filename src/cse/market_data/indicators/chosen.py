"""An indicator with its parameters, as it is asked for and as it is called: `rsi(14)`, `bbands(20,2,2,sma)`.

In brackets stand values in the catalogue's order, or `name=value`; what is left out has its default. The canonical
spelling has all values, in order, without needless zeros: the same indicator is one cache entry and one channel.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from cse.market_data.indicators.catalogue import (
    REAL_DECIMALS,
    Function,
    Parameter,
    Value,
    catalogue,
)

_ITEM: Final = re.compile(r"([a-z][a-z0-9_]{0,31})(?:\(([A-Za-z0-9_=.,+-]{0,160})\))?", re.ASCII)
_INTEGER: Final = re.compile(r"-?[0-9]{1,6}", re.ASCII)
_REAL: Final = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,8})?", re.ASCII)
MAX_LIST_LENGTH: Final = 1_000
"""Characters of a list of indicators."""


class Unusable(ValueError):
    """What was asked for is no indicator, or not with these parameters; `field` says what of it is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        """Hold which field, and what it must be."""
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Chosen(NamedTuple):
    """An indicator with a value for each of its parameters."""

    function: Function
    values: tuple[Value, ...]

    @property
    def name(self) -> str:
        """The canonical spelling, "rsi(14)"; without brackets if there are no parameters."""
        if not self.values:
            return self.function.name
        return f"{self.function.name}({','.join(map(_written, self.values))})"

    @property
    def parameters(self) -> dict[str, Value]:
        """The values by parameter name."""
        names = (parameter.name for parameter in self.function.parameters)
        return dict(zip(names, self.values, strict=True))


def choose(name: str, given: Mapping[str, str]) -> Chosen:
    """Return an indicator with some parameters given by name, as texts.

    Raises:
        Unusable: there is none of this name, it has no such parameter, or a value is out of range.
    """
    function = catalogue().get(name)
    if function is None:
        raise Unusable("name", f"there is no indicator {name!r}; GET /api/indicators lists them")
    known = {parameter.name for parameter in function.parameters}
    for unknown in given:
        if unknown not in known:
            names = ", ".join(parameter.name for parameter in function.parameters) or "none"
            raise Unusable(unknown, f"is no parameter of {name}, which takes {names}")
    values = [
        _read(parameter, given[parameter.name]) if parameter.name in given else parameter.default
        for parameter in function.parameters
    ]
    return Chosen(function, tuple(values))


def parse_one(text: str) -> Chosen:
    """Return the indicator of a text like "macd(12,26,9)". Raises Unusable as `choose`."""
    item = _ITEM.fullmatch(text)
    if item is None:
        raise Unusable("name", f"{text[:64]!r} is not written like rsi, rsi(14) or rsi(period=14)")
    function = catalogue().get(item[1])
    if function is None or not item[2]:
        return choose(item[1], {})
    return choose(item[1], _named(function, item[2].split(",")))


def parse_list(text: str, at_most: int) -> list[Chosen]:
    """Return the indicators of a text like "rsi(14),macd".

    Raises:
        Unusable: as `choose`; one is named twice, or more than `at_most` are.
    """
    items = _split(text) if len(text) <= MAX_LIST_LENGTH else []
    if not 1 <= len(items) <= at_most:
        raise Unusable("name", f"must name 1 to {at_most} indicators, separated by commas")
    found = [parse_one(item) for item in items]
    if len({chosen.name for chosen in found}) != len(found):
        raise Unusable("name", "names the same indicator twice")
    return found


def _split(text: str) -> list[str]:
    """Return what stands between the commas outside of brackets."""
    items, depth, begin = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            items.append(text[begin:at])
            begin = at + 1
    return [*items, text[begin:]]


def _named(function: Function, parts: Sequence[str]) -> dict[str, str]:
    """Return values by parameter name; those without a name come first."""
    given: dict[str, str] = {}
    by_name = False
    for index, part in enumerate(parts):
        name, equals, value = part.partition("=")
        by_name = by_name or bool(equals)
        if not equals:
            if by_name or index >= len(function.parameters):
                count = len(function.parameters)
                reason = f"{function.name} takes at most {count} values, those with a name last"
                raise Unusable("name", reason)
            name, value = function.parameters[index].name, part
        if name in given:
            raise Unusable(name, f"is given twice to {function.name}")
        given[name] = value
    return given


def _read(parameter: Parameter, text: str) -> Value:
    value: Value | None = None
    if parameter.choices is not None:
        value = text.lower() if text.lower() in parameter.choices else None
    elif parameter.type == "integer":
        value = int(text) if _INTEGER.fullmatch(text) else None
    elif _REAL.fullmatch(text) and len(text.partition(".")[2].rstrip("0")) <= REAL_DECIMALS:
        value = float(text) + 0.0  # no minus zero
    if value is None or not _inside(parameter, value):
        raise Unusable(parameter.name, f"must be {parameter.range_text()}")
    return value


def _inside(parameter: Parameter, value: Value) -> bool:
    if isinstance(value, str):
        return True
    assert parameter.minimum is not None, "every number has a range"
    assert parameter.maximum is not None, "every number has a range"
    return parameter.minimum <= value <= parameter.maximum


def _written(value: Value) -> str:
    """Return a value as the canonical spelling has it: 2.0 is 2, 0.0500 is 0.05."""
    if isinstance(value, float):
        return f"{value:.{REAL_DECIMALS}f}".rstrip("0").rstrip(".")
    return str(value)
