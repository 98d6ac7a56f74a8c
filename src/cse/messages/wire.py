"""Wire types: how each field of a message lies in bytes. The annotations are the one definition that
the codec, the reference page and the native engine's tests are made from.
"""

from enum import IntEnum
from typing import Annotated, Final, NamedTuple

import msgspec


class Wire(NamedTuple):
    """One field's layout: a `struct` format (little-endian) and what its values are."""

    format: str
    kind: str
    """"int", "bool", "text" (ASCII, zero-padded), "key" (16 raw bytes), "bytes" (raw) or "enum"."""


U8 = Annotated[int, Wire("B", "int")]
U16 = Annotated[int, Wire("H", "int")]
U32 = Annotated[int, Wire("I", "int")]
U64 = Annotated[int, Wire("Q", "int")]
I64 = Annotated[int, Wire("q", "int")]
Flag = Annotated[bool, Wire("B", "bool")]
Key = Annotated[bytes, Wire("16s", "key")]
Symbol = Annotated[str, Wire("16s", "text")]
MarketSymbol = Annotated[str, Wire("32s", "text")]
ClientOrderId = Annotated[str, Wire("36s", "text")]

NO_KEY: Final = bytes(16)


class Side(IntEnum):
    """Which side of the book an order stands on."""

    BUY = 1
    SELL = 2


class OrderType(IntEnum):
    """What an order does when it comes in; the last four wait for their trigger price first."""

    LIMIT = 1
    MARKET = 2
    STOP_LOSS = 3
    STOP_LOSS_LIMIT = 4
    TAKE_PROFIT = 5
    TAKE_PROFIT_LIMIT = 6


class TimeInForce(IntEnum):
    """How long an order stays: till cancelled, immediate or cancel, fill or kill, till a time."""

    GTC = 1
    IOC = 2
    FOK = 3
    GTD = 4


class SelfTradePrevention(IntEnum):
    """What happens when an order meets one of the same account; the taker's mode decides."""

    NONE = 1
    EXPIRE_TAKER = 2
    EXPIRE_MAKER = 3
    EXPIRE_BOTH = 4
    DECREMENT = 5


class MarketStatus(IntEnum):
    """What a market lets people do (docs/reference/matching.md, "Market status")."""

    OPEN = 1
    HALTED = 2
    CANCEL_ONLY = 3
    CLOSED = 4


class AccountStatus(IntEnum):
    """What an account may do; frozen means: cancel orders and receive, nothing else."""

    OPEN = 1
    FROZEN = 2
    CLOSED = 3


class CloseReason(IntEnum):
    """Why an order is over."""

    FILLED = 1
    CANCELLED = 2
    """By its owner."""
    CANCELLED_ALL = 3
    """By its owner's cancel-all."""
    CANCEL_AFTER = 4
    """By the dead-man switch."""
    EXPIRED = 5
    """Good till date, and the date has come."""
    IOC_REMAINDER = 6
    """Immediate or cancel: what could not trade at once."""
    FOK_UNFILLABLE = 7
    """Fill or kill, and the book could not fill it."""
    NO_LIQUIDITY = 8
    """A market order that found nobody left to trade with inside the price band."""
    SELF_TRADE = 9
    """Self-trade prevention took it out."""
    TRIGGER_UNFUNDED = 10
    """Triggered, and the account could no longer pay for it."""
    TRIGGER_REFUSED = 11
    """Triggered, and its limit price lay outside the price band or would have taken while post-only."""
    MARKET_CLOSED = 12


class WithdrawalStatus(IntEnum):
    """Where a withdrawal stands in the ledger."""

    HELD = 1
    SETTLED = 2
    RELEASED = 3


SideField = Annotated[Side, Wire("B", "enum")]
OrderTypeField = Annotated[OrderType, Wire("B", "enum")]
TimeInForceField = Annotated[TimeInForce, Wire("B", "enum")]
StpField = Annotated[SelfTradePrevention, Wire("B", "enum")]
MarketStatusField = Annotated[MarketStatus, Wire("B", "enum")]
AccountStatusField = Annotated[AccountStatus, Wire("B", "enum")]
CloseReasonField = Annotated[CloseReason, Wire("B", "enum")]
WithdrawalStatusField = Annotated[WithdrawalStatus, Wire("B", "enum")]


class Message(msgspec.Struct, frozen=True, gc=False):
    """A fact or a wish in fixed-size fields; never changed after it was made."""


class Command(Message, frozen=True, gc=False):
    """Something that somebody wants the engine to do (message types 1 to 63)."""


class Event(Message, frozen=True, gc=False):
    """Something that the engine did or refused (message types 64 to 127)."""


class Record(Message, frozen=True, gc=False):
    """A piece of engine state, as snapshots and bootstraps carry it (message types 128 to 191)."""
