"""Raw Binance stream recordings: one line per message, local receive time in ns, a blank, the JSON.

Known messages are `@trade`, `@depth@100ms` and the REST snapshot of the book; others (`@bookTicker`) are
passed over. Source: developers.binance.com, "Web Socket Streams for Binance".
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from cse.core.errors import InvalidAmount
from cse.core.money import parse_units
from cse.sandbox.replay.steps import Level, ReplayError

SCALE: Final = 8
"""Binance prints prices and quantities with eight decimals."""


class RecordedTrade(msgspec.Struct, frozen=True, gc=False):
    """A trade; `buyer_is_maker` means that the taker sold."""

    price: int
    quantity: int
    buyer_is_maker: bool


class DepthUpdate(msgspec.Struct, frozen=True, gc=False):
    """Levels as they are after updates `first_id` to `last_id`; quantity 0: gone."""

    first_id: int
    last_id: int
    bids: list[Level]
    asks: list[Level]


class DepthSnapshot(msgspec.Struct, frozen=True, gc=False):
    """The whole book as of an update."""

    last_id: int
    bids: list[Level]
    asks: list[Level]


Event = RecordedTrade | DepthUpdate | DepthSnapshot


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line of a recording; `event` is None for messages that a replay does not need."""

    time_ns: int
    event: Event | None


def parse_line(line: str) -> Line:
    """Read one line. Raises ValueError, KeyError, TypeError or CseError when it is not one."""
    stamp, _, text = line.partition(" ")
    message: dict[str, Any] = msgspec.json.decode(text)
    return Line(int(stamp), _event(message))


def _event(message: dict[str, Any]) -> Event | None:
    if "lastUpdateId" in message:
        return DepthSnapshot(
            message["lastUpdateId"], _levels(message["bids"]), _levels(message["asks"])
        )
    data = message["data"]
    if data.get("e") == "trade":
        return RecordedTrade(_units(data["p"]), _units(data["q"]), bool(data["m"]))
    if data.get("e") == "depthUpdate":
        return DepthUpdate(data["U"], data["u"], _levels(data["b"]), _levels(data["a"]))
    return None


def _levels(pairs: list[list[str]]) -> list[Level]:
    return [(_units(price), _units(quantity)) for price, quantity in pairs]


def _units(text: str) -> int:
    return parse_units(text, SCALE)


def read_lines(path: Path, limit: int | None = None) -> Iterator[Line]:
    """Yield a recording's lines in order, from a plain or gzipped file.

    Raises:
        ReplayError: the file cannot be read or a line is malformed; names the line.
    """
    try:
        with open_text(path) as file:
            for number, text in enumerate(file, 1):
                if limit is not None and number > limit:
                    return
                yield _parse_numbered(path, number, text)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ReplayError(f"{path.name} cannot be read: {error}") from error


def _parse_numbered(path: Path, number: int, text: str) -> Line:
    try:
        return parse_line(text)
    except (ValueError, KeyError, TypeError, AttributeError, InvalidAmount) as error:
        raise ReplayError(f"{path.name}: line {number} is malformed: {error}") from error


def open_text(path: Path) -> IO[str]:
    """Open a text file, gzipped or not."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


class RecordedBook:
    """The recorded exchange's book, as far as snapshot and updates tell it."""

    def __init__(self) -> None:
        """Begin knowing nothing."""
        self._sides: dict[str, dict[int, int]] = {"buy": {}, "sell": {}}
        self._last_id: int | None = None

    @property
    def known(self) -> bool:
        """Whether a snapshot came and no update was missed since."""
        return self._last_id is not None

    def apply(self, event: DepthSnapshot | DepthUpdate) -> None:
        """Take in a snapshot or an update; a missed update makes the book unknown until a snapshot."""
        if isinstance(event, DepthSnapshot):
            self._sides = {"buy": dict(event.bids), "sell": dict(event.asks)}
            self._last_id = event.last_id
        elif self._last_id is None or event.last_id <= self._last_id:
            return
        elif event.first_id > self._last_id + 1:
            self._last_id = None
        else:
            self._change("buy", event.bids)
            self._change("sell", event.asks)
            self._last_id = event.last_id

    def _change(self, side: str, levels: list[Level]) -> None:
        for price, quantity in levels:
            if quantity:
                self._sides[side][price] = quantity
            else:
                self._sides[side].pop(price, None)

    def best(self, side: str, count: int, beyond: int | None) -> list[Level]:
        """Return the best levels that lie strictly behind a price (None: the best of all)."""
        if not self.known:
            return []
        sign = -1 if side == "buy" else 1
        prices = sorted(self._sides[side], key=lambda price: sign * price)
        behind = (p for p in prices if beyond is None or sign * p > sign * beyond)
        levels = ((price, self._sides[side][price]) for price in behind)
        return [level for level, _ in zip(levels, range(count), strict=False)]
