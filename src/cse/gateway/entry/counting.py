"""What rows of frames do to the counts of `OrderToTrade`, read off their headers: no command or event is decoded."""

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

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
_KINDS: Final = (
    c.PlaceOrder,
    c.AmendOrder,
    c.CancelOrder,
    c.CancelAll,
    c.SetCancelAfter,
)


def _size(cls: type[Message]) -> int:
    return HEADER_SIZE + LAYOUTS[TYPE_NUMBERS[cls]].body.size


_PLACE: Final = TYPE_NUMBERS[c.PlaceOrder]
_AMEND: Final = TYPE_NUMBERS[c.AmendOrder]
_CANCELS: Final = (TYPE_NUMBERS[c.CancelOrder], TYPE_NUMBERS[c.CancelAll])
_SIZES: Final = {TYPE_NUMBERS[cls]: _size(cls) for cls in _KINDS}
_TRADE: Final = TYPE_NUMBERS[Trade]
_TRADE_BEGINS: Final = struct.pack("<IBB", _size(Trade), CODEC_VERSION, _TRADE)


def _accounts_at() -> int:
    offsets = {f.name: f.offset for f in LAYOUTS[_TRADE].fields}
    maker, taker = offsets["maker_account_id"], offsets["taker_account_id"]
    assert taker == maker + 8, "both sides of a trade stand side by side"
    return HEADER_SIZE + maker


_ACCOUNTS_AT: Final = _accounts_at()


class Changes(NamedTuple):
    """How many commands of a kind there are."""

    placed: int
    amended: int
    cancelled: int


def changes_of(frames: bytes, count: int) -> Changes:
    """Return what `count` good commands (`EntryTools.check_batch`) do."""
    kind = frames[_TYPE_AT]
    size = _SIZES[kind]
    if len(frames) == count * size and frames[_TYPE_AT::size].count(kind) == count:
        return _changes({kind: count})  # all of one kind, as most are: counted without a loop
    kinds = dict.fromkeys(_SIZES, 0)
    at = 0
    while at < len(frames):
        kind = frames[at + _TYPE_AT]
        kinds[kind] += 1
        at += _SIZES[kind]
    return _changes(kinds)


def _changes(kinds: dict[int, int]) -> Changes:
    cancelled = sum(kinds.get(kind, 0) for kind in _CANCELS)
    return Changes(kinds.get(_PLACE, 0), kinds.get(_AMEND, 0), cancelled)


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
