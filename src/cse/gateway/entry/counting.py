"""What rows of frames do to the counts of `OrderToTrade`, read off their headers: no command or event is decoded."""

import struct
from collections.abc import Sequence
from typing import Final

from cse.gateway.entry.tools import ALLOWED
from cse.gateway.order_to_trade import OrderToTrade
from cse.messages import commands as c
from cse.messages.batch import AppliedBatch
from cse.messages.codec import HEADER_SIZE, LAYOUTS
from cse.messages.events import Trade
from cse.messages.ports import Listener
from cse.messages.registry import CODEC_VERSION, TYPE_NUMBERS
from cse.messages.wire import Message

_TYPE_AT: Final = 5
"""Where a frame's type stands in its header (`codec.HEADER`)."""
_LENGTH: Final = struct.Struct("<I")
_ACCOUNTS: Final = struct.Struct("<QQ")


def _size(cls: type[Message]) -> int:
    return HEADER_SIZE + LAYOUTS[TYPE_NUMBERS[cls]].body.size


_SIZES: Final = {TYPE_NUMBERS[cls]: _size(cls) for cls in ALLOWED}
_TRADE: Final = TYPE_NUMBERS[Trade]
_TRADE_BEGINS: Final = struct.pack("<IBB", _size(Trade), CODEC_VERSION, _TRADE)


def _accounts_at() -> int:
    offsets = {f.name: f.offset for f in LAYOUTS[_TRADE].fields}
    maker, taker = offsets["maker_account_id"], offsets["taker_account_id"]
    assert taker == maker + 8, "both sides of a trade stand side by side"
    return HEADER_SIZE + maker


_ACCOUNTS_AT: Final = _accounts_at()


Changes = tuple[int, int, int]
"""How many orders are placed, amended and cancelled."""

_CHANGES: Final[dict[int, Changes]] = {
    TYPE_NUMBERS[c.PlaceOrder]: (1, 0, 0),
    TYPE_NUMBERS[c.AmendOrder]: (0, 1, 0),
    TYPE_NUMBERS[c.CancelOrder]: (0, 0, 1),
    TYPE_NUMBERS[c.CancelAll]: (0, 0, 1),
    TYPE_NUMBERS[c.SetCancelAfter]: (0, 0, 0),
}
"""Of one command, by its type."""


def changes_of(frames: bytes, count: int) -> Changes:
    """Return what `count` good commands (`EntryTools.check_batch`) do."""
    kind = frames[_TYPE_AT]
    if count == 1:
        return _CHANGES[kind]
    size = _SIZES[kind]
    if len(frames) == count * size and frames[_TYPE_AT::size].count(kind) == count:
        placed, amended, cancelled = _CHANGES[kind]  # all of one kind: counted without a loop
        return placed * count, amended * count, cancelled * count
    kinds: list[int] = []
    at = 0
    while at < len(frames):
        kinds.append(frames[at + _TYPE_AT])
        at += _SIZES[kinds[-1]]
    placed, amended, cancelled = map(sum, zip(*map(_CHANGES.__getitem__, kinds), strict=True))
    return placed, amended, cancelled


def trades_of(events: bytes) -> Sequence[tuple[int, int]]:
    """Return maker's and taker's account of every trade in a row of event frames."""
    if _TRADE_BEGINS not in events:
        return ()
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(events):
        if events[at + _TYPE_AT] == _TRADE:
            maker, taker = _ACCOUNTS.unpack_from(events, at + _ACCOUNTS_AT)
            found.append((maker, taker))
        at += _LENGTH.unpack_from(events, at)[0]
    return found


def counting_trades(order_to_trade: OrderToTrade, listener: Listener) -> Listener:
    """Return a listener that tells of trades before it hands a batch on."""

    def listen(batch: AppliedBatch) -> None:
        for outcome in batch.outcomes:
            for maker, taker in trades_of(outcome.events):
                order_to_trade.traded(maker, taker)
        listener(batch)

    return listen
