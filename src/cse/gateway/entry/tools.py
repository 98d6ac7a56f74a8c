"""What is done to every command and event of order entry, as bytes: checks on the way in, privacy on the way out.

The native module brings the same two functions; `tests/unit/gateway/entry/test_tools.py` runs over both.
"""

import struct
from collections.abc import Sequence
from typing import Final, Protocol

from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.codec import HEADER, HEADER_SIZE, LAYOUTS, Layout, encode_frame
from cse.messages.registry import CODEC_VERSION, TYPE_NUMBERS
from cse.messages.session import Fill, SessionError
from cse.messages.wire import Message, Side

Verdict = tuple[int, int]
"""(0, 0), or the number of a SessionError and which command it is about, from 0."""

ALLOWED: Final = (c.PlaceOrder, c.AmendOrder, c.CancelOrder, c.CancelAll, c.SetCancelAfter)
"""What may be submitted over a session."""


class EntryTools(Protocol):
    """Work on rows of frames; `PythonTools` here, or the native module's."""

    def check_batch(self, frames: bytes, account_id: int, count: int, /) -> Verdict:
        """Check that `frames` are exactly `count` unnumbered commands of this account that are allowed.

        For each command in turn: header whole, version, type allowed, length, numbers 0, values, account.
        """
        ...

    def own_events(
        self, events: bytes, accounts: Sequence[int], owner: int, /
    ) -> dict[int, tuple[bytes, int]]:
        """Return the events that each of these accounts may see, and how many they are.

        `events` are whole frames of the engine. Trades become Fills of the account's own side;
        refusals go to `owner` alone, whose commands these were (0: nobody's). Accounts without any are left
        out.
        """
        ...


def _layout(cls: type[Message]) -> Layout:
    return LAYOUTS[TYPE_NUMBERS[cls]]


def _account_at(cls: type[Message]) -> int:
    return HEADER_SIZE + next(f.offset for f in _layout(cls).fields if f.name == "account_id")


_COMMANDS: Final = {TYPE_NUMBERS[cls]: (_layout(cls), _account_at(cls)) for cls in ALLOWED}
_PRIVATE: Final = {
    TYPE_NUMBERS[cls]: _account_at(cls)
    for cls in (
        e.OrderAccepted,
        e.OrderTriggered,
        e.OrderReduced,
        e.OrderAmended,
        e.OrderClosed,
        e.CancelAfterSet,
    )
}
_REJECTED: Final = TYPE_NUMBERS[e.Rejected]
_REJECTED_ACCOUNT: Final = _account_at(e.Rejected)
_TRADE: Final = TYPE_NUMBERS[e.Trade]
_TRADE_LAYOUT: Final = _layout(e.Trade)
_ACCOUNT: Final = struct.Struct("<Q")
LARGEST_COMMAND: Final = max(HEADER_SIZE + layout.body.size for layout, _ in _COMMANDS.values())
"""Bytes of the largest command that may be submitted."""


class PythonTools:
    """EntryTools without the native module."""

    def check_batch(self, frames: bytes, account_id: int, count: int) -> Verdict:
        """Check; see EntryTools."""
        at = place = 0
        while at < len(frames):
            if place == count:
                return SessionError.INVALID_COUNT, place
            code, length = _check_one(frames, at, account_id)
            if code:
                return code, place
            at += length
            place += 1
        return (0, 0) if place == count else (SessionError.INVALID_COUNT, place)

    def own_events(
        self, events: bytes, accounts: Sequence[int], owner: int
    ) -> dict[int, tuple[bytes, int]]:
        """Pick; see EntryTools."""
        found: dict[int, list[bytes]] = {}
        at = 0
        while at < len(events):
            length, _, number, index, sequence, time_ms = HEADER.unpack_from(events, at)
            if number in _PRIVATE:
                (account,) = _ACCOUNT.unpack_from(events, at + _PRIVATE[number])
                if account in accounts:
                    found.setdefault(account, []).append(events[at : at + length])
            elif number == _TRADE:
                for account, fill in _fills(events, at, accounts):
                    frame = encode_frame(fill, sequence, time_ms, index)
                    found.setdefault(account, []).append(frame)
            elif number == _REJECTED:
                (account,) = _ACCOUNT.unpack_from(events, at + _REJECTED_ACCOUNT)
                if account == owner and account in accounts:
                    found.setdefault(account, []).append(events[at : at + length])
            at += length
        return {account: (b"".join(frames), len(frames)) for account, frames in found.items()}


def _check_one(frames: bytes, at: int, account_id: int) -> tuple[int, int]:
    """Return (0, length) of a good command, else (SessionError, 0)."""
    if len(frames) - at < HEADER_SIZE:
        return SessionError.INVALID_COMMAND, 0
    length, version, number, index, sequence, time_ms = HEADER.unpack_from(frames, at)
    if version != CODEC_VERSION:
        return SessionError.INVALID_COMMAND, 0
    if number not in _COMMANDS:
        return SessionError.COMMAND_NOT_ALLOWED, 0
    layout, account_at = _COMMANDS[number]
    if length != HEADER_SIZE + layout.body.size or len(frames) - at < length:
        return SessionError.INVALID_COMMAND, 0
    if index or sequence or time_ms:
        return SessionError.INVALID_COMMAND, 0
    try:
        layout.decode(layout.body.unpack_from(frames, at + HEADER_SIZE))
    except (KeyError, ValueError):
        return SessionError.INVALID_COMMAND, 0
    if _ACCOUNT.unpack_from(frames, at + account_at)[0] != account_id:
        return SessionError.FOREIGN_ACCOUNT, 0
    return 0, length


def _fills(events: bytes, at: int, accounts: Sequence[int]) -> list[tuple[int, Fill]]:
    """Return a trade's two sides, the maker's first, as far as they belong to these accounts."""
    body = _TRADE_LAYOUT.body.unpack_from(events, at + HEADER_SIZE)
    trade: e.Trade = _TRADE_LAYOUT.decode(body)
    sides = (
        (trade.maker_account_id, trade.maker_order_id, trade.maker_fee, False),
        (trade.taker_account_id, trade.taker_order_id, trade.taker_fee, True),
    )
    return [
        (account, _fill(trade, order_id, fee, taker=taker))
        for account, order_id, fee, taker in sides
        if account in accounts
    ]


def _fill(trade: e.Trade, order_id: int, fee: int, *, taker: bool) -> Fill:
    buys = (trade.taker_side is Side.BUY) is taker
    return Fill(
        order_id=order_id,
        market_id=trade.market_id,
        trade_id=trade.trade_id,
        side=Side.BUY if buys else Side.SELL,
        taker=taker,
        price=trade.price,
        quantity=trade.quantity,
        base_amount=trade.base_amount,
        quote_amount=trade.quote_amount,
        fee=fee,
        released=trade.buyer_released if buys else 0,
    )
