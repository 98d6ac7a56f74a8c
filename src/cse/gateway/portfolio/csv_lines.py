"""Lines of CSV (RFC 4180) made of the API's own structs: what a file says and what a call says are the same."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

from cse.core.csv_cells import harmless, quoted

Item = TypeVar("Item")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_TIMES: Final = frozenset({"time", "created_at", "updated_at", "expires_at"})
"""Fields that are Unix ms in the API, and ISO 8601 in files."""


def iso_utc(time_ms: int) -> str:
    """Return a time as ISO 8601 in UTC, to the millisecond: 2026-11-22T23:45:00.000Z."""
    moment = _EPOCH + timedelta(milliseconds=time_ms)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def cell(value: object) -> str:
    """Return a cell: a number as it is, text so that no spreadsheet runs it, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text if _NUMBER.fullmatch(text) else quoted(harmless(text))


def line(values: Iterable[object]) -> str:
    """Return a line with its end."""
    return ",".join(map(cell, values)) + "\r\n"


def heading(kind: type[msgspec.Struct]) -> bytes:
    """Return the first line of a file of these structs: the names of their fields."""
    return line(kind.__struct_fields__).encode()


def lines(items: Sequence[Item], told: Callable[[Item], msgspec.Struct]) -> bytes:
    """Return a line for each item, as `told` tells it."""
    return "".join(line(_values(told(item))) for item in items).encode()


def _values(struct: msgspec.Struct) -> Iterator[object]:
    for name, value in msgspec.structs.asdict(struct).items():
        known: Any = value
        yield iso_utc(known) if name in _TIMES and known is not None else known
