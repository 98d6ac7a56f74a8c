"""Session messages: binary order entry, as docs/reference/order-entry.md tells it step by step.

They use the codec's frame header. Its sequence is the number of the message in its direction (Submit from the
client; Answer, Executions and Refused from the server), 0 for what is not numbered; its time is the
sender's clock. Command and event frames that follow a message keep headers of their own.
"""

from enum import IntEnum
from typing import Annotated, Final

from cse.messages.wire import (
    U8,
    U16,
    U32,
    U64,
    Flag,
    Message,
    SideField,
    Wire,
)

LOGIN_DOMAIN: Final = b"CSE order entry 1\n"
"""What every signature of a log-in covers first, so that it is good for nothing else."""
_SIGNATURE_BYTES: Final = 64

KeyId = Annotated[str, Wire("32s", "text")]
Nonce = Annotated[bytes, Wire("32s", "bytes")]
Signature = Annotated[bytes, Wire(f"{_SIGNATURE_BYTES}s", "bytes")]
Words = Annotated[str, Wire("128s", "text")]


class SessionError(IntEnum):
    """Why a session message was refused: 1xx logging in, 2xx the stream, 3xx a Submit, 4xx a Resend, 5xx us."""

    NOT_LOGGED_IN = 101
    LOGIN_TIMEOUT = 102
    NOT_AUTHENTICATED = 103
    KEY_REVOKED = 104
    CLOCK_OFF = 105
    SESSION_UNKNOWN = 106
    INVALID_OPTION = 107
    TOO_MANY_SESSIONS = 108
    TOO_MANY_LOGINS = 109
    TAKEN_OVER = 110

    MALFORMED_FRAME = 201
    FRAME_TOO_LARGE = 202
    INCOMPLETE_FRAME = 203
    UNEXPECTED_MESSAGE = 204
    HEARTBEAT_MISSED = 205
    TOO_MANY_MESSAGES = 206
    TOO_MANY_CONNECTIONS = 207

    SEQUENCE_GAP = 301
    SUBMIT_TOO_OLD = 302
    INVALID_COUNT = 303
    INVALID_COMMAND = 304
    COMMAND_NOT_ALLOWED = 305
    FOREIGN_ACCOUNT = 306
    SCOPE_MISSING = 307
    RATE_LIMITED = 308

    RESEND_TOO_OLD = 401
    RESEND_AHEAD = 402

    UNAVAILABLE = 501
    OUTCOME_UNKNOWN = 502
    SHUTTING_DOWN = 503


SessionErrorField = Annotated[SessionError, Wire("H", "enum")]


class SessionMessage(Message, frozen=True, gc=False):
    """A part of the conversation between an order entry client and the exchange (types 192 to 223)."""


class Hello(SessionMessage, frozen=True, gc=False):
    """The server's first message on a connection. The log-in signs its nonce, so no log-in can be played again."""

    protocol: U8
    """Version of the session protocol: 1."""
    nonce: Nonce
    """32 random bytes, for this connection alone."""


class Login(SessionMessage, frozen=True, gc=False):
    """The client's first message. Signed (Ed25519): the text `CSE order entry 1` and a line feed, the nonce of
    Hello, then this frame up to the signature.
    """

    key_id: KeyId
    """32 lower-case hex digits."""
    timestamp_ms: U64
    """The client's clock; far from ours it is refused."""
    session_id: U64
    """0 begins a new session, else the one to go on with."""
    next_sequence: U64
    """Going on: the first of the server's numbers that the client has not seen; it is sent from there. Else 0."""
    heartbeat_ms: U32
    """How often each side says something at least; 0: the server's default."""
    cancel_on_disconnect: Flag
    """When the session's connection ends, for whatever reason, all open orders of the account are cancelled."""
    cancel_grace_ms: U32
    """How long that waits for the client to come back; 0: not at all."""
    signature: Signature


class LoggedIn(SessionMessage, frozen=True, gc=False):
    """The session is open. What the client missed (`next_sequence`) follows."""

    session_id: U64
    account_id: U64
    next_submit: U64
    """The number that the next Submit must have: what came before it was taken."""
    next_sequence: U64
    """The number that the server's next new message has."""
    engine_sequence: U64
    """New session: Executions tell everything after this command."""
    max_commands: U16
    """Of one Submit."""
    max_in_flight: U16
    """Submits not yet answered; at that many, reading pauses."""
    orders_per_second: U32
    order_burst: U32
    heartbeat_ms: U32


class Heartbeat(SessionMessage, frozen=True, gc=False):
    """I am here. Sent by either side that had nothing else to send for `heartbeat_ms`."""

    last_sequence: U64
    """The last number that the sender has given; less arrived? Ask for a Resend."""


class Submit(SessionMessage, frozen=True, gc=False):
    """Commands; their frames follow, with sequence, time and index 0, and count as part of this message.

    PlaceOrder, AmendOrder, CancelOrder, CancelAll and SetCancelAfter of the session's own account. They are
    all handed in, or (Refused) none; each is then applied for itself.
    """

    count: U16
    """Command frames that follow: 1 to `max_commands`."""
    size: U32
    """Their bytes altogether."""


class Answer(SessionMessage, frozen=True, gc=False):
    """What came of a Submit, all of it durable; the events' frames follow.

    The n-th command (from 0) was given `first_sequence` + n, which its events carry in their headers. One that
    changed nothing has none.
    """

    submit: U64
    """The number of the Submit."""
    first_sequence: U64
    """Of its first command, in the journal."""
    count: U16
    """Commands."""
    events: U32
    """Event frames that follow."""
    size: U32
    """Their bytes altogether."""


class Executions(SessionMessage, frozen=True, gc=False):
    """What became of the account's orders by other commands than this session's; the events' frames follow."""

    events: U32
    """Event frames that follow."""
    size: U32
    """Their bytes altogether."""


class Fill(SessionMessage, frozen=True, gc=False):
    """One side of a trade: the account's own. Stands among events, for `Trade`, which would name both."""

    order_id: U64
    market_id: U32
    trade_id: U64
    side: SideField
    """The order's."""
    taker: Flag
    """Whether the order came in and took; else it rested."""
    price: U64
    """Ticks."""
    quantity: U64
    """Lots."""
    base_amount: U64
    quote_amount: U64
    fee: U64
    """In units of the asset that the order receives."""
    released: U64
    """A buyer's price improvement: quote units moved from held back to available."""


class Refused(SessionMessage, frozen=True, gc=False):
    """Something was not done; none of it."""

    code: SessionErrorField
    closes: Flag
    """Whether the server ends the connection now."""
    submit: U64
    """The number of the Submit that this is the answer to; else 0."""
    place: U64
    """3xx: which of its commands, from 0, or the number that was expected. 401: the oldest that is kept."""
    retry_after_ms: U32
    """When it is worth trying again; 0: not known, or never."""
    words: Words


class Resend(SessionMessage, frozen=True, gc=False):
    """Send again all numbered messages from this one on."""

    from_sequence: U64


class Logout(SessionMessage, frozen=True, gc=False):
    """The session is over, for good: it cannot be gone on with. The server says it back and closes."""


def login_message(nonce: bytes, frame: bytes) -> bytes:
    """Return what is signed for a log-in: `nonce` of Hello, `frame` of Login (its signature is left out)."""
    return LOGIN_DOMAIN + nonce + frame[:-_SIGNATURE_BYTES]
