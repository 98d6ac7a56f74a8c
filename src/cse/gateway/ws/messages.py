"""What the WebSocket sends and takes: one msgspec struct per message; AsyncAPI's schemas are made from them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from cse.gateway.market_schemas import Candle, Level, MarketState, Ticker, Trade
from cse.gateway.problems import Problem
from cse.gateway.schemas import AccountFill, Balance, Id, Order, TimeMs

MAX_CHANNEL_LENGTH = 128

ClientId = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)] | Annotated[str, Meta(max_length=64)]
"""Chosen by the client; the answer carries it back."""
ChannelName = Annotated[
    str,
    Meta(
        max_length=MAX_CHANNEL_LENGTH,
        examples=[
            "orderbook.NOVA-USDC",
            "orderbook.NOVA-USDC.20@100ms",
            "orderbook.NOVA-USDC.step=0.01",
            "candles.NOVA-USDC.1m",
            "user.orders",
        ],
    ),
]
Kind = Literal["snapshot", "update"]


class Data(msgspec.Struct, frozen=True, gc=False):
    """What every message of a channel begins with."""

    channel: str
    type: Kind
    """A snapshot replaces what the client knows of the channel, an update goes on from it."""
    sequence: Id
    """The command that made the change: the same number everywhere, also after a restart."""
    previous: Id | None
    """`sequence` of the message before in this channel; null in a snapshot. Another value: ask for a resync.
    The same as `sequence` when only time passed (a ticker's 24 hours)."""
    time: TimeMs


class BookMessage(Data, frozen=True, gc=False):
    """Order book, by price or by price step: a snapshot holds every level, an update those that changed.

    A quantity of zero: the level is gone.
    """

    channel: Annotated[str, Meta(pattern=r"^orderbook\.[^.]+(\.step=[0-9.]+)?$")]
    bids: list[Level]
    asks: list[Level]
    checksum: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    """CRC-32 over the best ten of each side after this message, as in `GET /api/orderbook`."""


class TopMessage(Data, frozen=True, gc=False):
    """`orderbook.M.N@PACE`: the best N levels of each side as they stand, in updates too."""

    channel: Annotated[str, Meta(pattern=r"^orderbook\.[^.]+\.[0-9]+@[0-9]+ms$")]
    bids: list[Level]
    asks: list[Level]
    checksum: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    """As in an order book; over what is here, when that is less than ten levels."""


class BestMessage(Data, frozen=True, gc=False):
    """`bbo.M`: the best bid and the best offer as they stand; null where nobody quotes."""

    channel: Annotated[str, Meta(pattern=r"^bbo\.")]
    bid: Level | None
    ask: Level | None


class TradesMessage(Data, frozen=True, gc=False):
    """Trades, oldest first; a snapshot holds the latest few."""

    channel: Annotated[str, Meta(pattern=r"^trades\.")]
    trades: list[Trade]


class TickerMessage(Data, frozen=True, gc=False):
    """The whole ticker as it stands."""

    channel: Annotated[str, Meta(pattern=r"^ticker\.")]
    ticker: Ticker


class TickersMessage(Data, frozen=True, gc=False):
    """Tickers that changed, each whole; a snapshot holds those of all markets."""

    channel: Annotated[str, Meta(pattern=r"^tickers$")]
    tickers: list[Ticker]


class StatusMessage(Data, frozen=True, gc=False):
    """Markets whose status or limits changed, as they stand; a snapshot holds all of them."""

    channel: Annotated[str, Meta(pattern=r"^status$")]
    markets: list[MarketState]


class CandlesMessage(Data, frozen=True, gc=False):
    """Candles that changed, oldest first, the last one current; a snapshot holds the latest few."""

    channel: Annotated[str, Meta(pattern=r"^candles\.")]
    interval: str
    candles: list[Candle]


class IndicatorMessage(Data, frozen=True, gc=False):
    """Values of an indicator that changed, oldest first, the last one current; a snapshot holds the latest few.

    They are at least as new as `sequence`.
    """

    channel: Annotated[str, Meta(pattern=r"^indicators\.")]
    interval: str
    times: list[TimeMs]
    """When the candles open; an interval without a trade has one, too."""
    values: dict[str, list[float | None]]
    """By output, aligned with `times`; null where there is no value (yet)."""


class OrdersMessage(Data, frozen=True, gc=False):
    """Own orders that changed, as they stand after the command, and what they got in it.

    A snapshot holds all open orders, newest first, and no fills.
    """

    channel: Annotated[str, Meta(pattern=r"^user\.orders$")]
    orders: list[Order]
    fills: list[AccountFill]


class BalancesMessage(Data, frozen=True, gc=False):
    """Own balances that changed; a snapshot holds all that are not zero."""

    channel: Annotated[str, Meta(pattern=r"^user\.balances$")]
    balances: list[Balance]


class ChannelClosed(msgspec.Struct, frozen=True):
    """The server ended a subscription (the session is over)."""

    channel: str
    type: Literal["closed"]
    code: str
    detail: str


class Done(msgspec.Struct, frozen=True, omit_defaults=True):
    """An operation was done."""

    id: ClientId | None
    ok: Literal[True]
    time: TimeMs | msgspec.UnsetType = msgspec.UNSET
    """The server's time, in the answer to `ping`."""
    status: int | msgspec.UnsetType = msgspec.UNSET
    """For order entry: the HTTP status that the same call gets over REST."""
    result: dict[str, Any] | msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """For order entry: the body that the same call gets over REST."""


class Refused(msgspec.Struct, frozen=True):
    """An operation was refused; nothing changed unless `error.code` is `outcome_unknown`."""

    id: ClientId | None
    ok: Literal[False]
    error: Problem


class Auth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Say who you are: by a token, or by an API key that signs `timestamp + "GET/ws"`; wait for the answer.

    Needed for `user.*` channels and orders unless the handshake carried one of them.
    """

    op: Literal["auth"]
    token: Annotated[str, Meta(max_length=4_096)] | None = None
    key: Annotated[str, Meta(max_length=64)] | None = None
    """An API key's id, with `timestamp` and `signature`."""
    timestamp: Annotated[int, Meta(ge=0, lt=10**15)] | None = None
    """Unix milliseconds."""
    signature: Annotated[str, Meta(max_length=88)] | None = None
    """HMAC-SHA256 in hex, or Ed25519 in base64."""
    recv_window: Annotated[int, Meta(ge=1, le=60_000)] = 5_000
    """How old it may be when it arrives, in milliseconds."""
    account: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None
    """With a token: the sub-account that this connection is about. An API key has its own, always."""
    id: ClientId | None = None


class Subscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Begin channels: all of them, or none when one is refused. Each sends a snapshot first."""

    op: Literal["subscribe"]
    channels: Annotated[list[ChannelName], Meta(min_length=1, max_length=200)]
    id: ClientId | None = None
    since: Id | None = None
    """For `user.*`: what came after this sequence is sent again instead of a snapshot, if still known."""


class Unsubscribe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """End channels; one that was not subscribed is fine."""

    op: Literal["unsubscribe"]
    channels: Annotated[list[ChannelName], Meta(min_length=1, max_length=200)]
    id: ClientId | None = None


class Resync(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask for a fresh snapshot of a subscribed channel, after a gap or a wrong checksum."""

    op: Literal["resync"]
    channel: ChannelName
    id: ClientId | None = None


class Ping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask whether anybody is there, and what time it is."""

    op: Literal["ping"]
    id: ClientId | None = None


class CancelOp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which order to cancel: give one of the two."""

    order_id: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None
    client_order_id: Annotated[str, Meta(min_length=1, max_length=36)] | None = None


class CancelAllOp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cancel all own open orders, of one market or all."""

    market: str | None = None
