"""The examples of docs/reference/order-entry.md, made from the code.

`.venv/bin/python -m tests.unit.gateway.entry.page` writes them into the page.
"""

import re
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cse.messages import commands as c
from cse.messages import events as e
from cse.messages import session as s
from cse.messages.codec import HEADER_SIZE, LAYOUTS, encode_frame
from cse.messages.reject_codes import RejectCode
from cse.messages.session import SessionError
from cse.messages.wire import Message, Side

PAGE: Final = Path(__file__).parents[4] / "docs" / "reference" / "order-entry.md"
TIME_MS: Final = 1_700_000_000_000
ACCOUNT: Final = 1_002
KEY: Final = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
NONCE: Final = bytes(range(32))
KEY_ID: Final = "0123456789abcdef0123456789abcdef"

CLOSES: Final = "closed"
GOES_ON: Final = "goes on"

REFUSALS: Final[dict[SessionError, tuple[str, str]]] = {
    SessionError.NOT_LOGGED_IN: ("the first message was no Login", CLOSES),
    SessionError.LOGIN_TIMEOUT: ("no Login within 5 s", CLOSES),
    SessionError.NOT_AUTHENTICATED: (
        "unknown, revoked or expired key, wrong signature, or an address that is not on the key's list",
        CLOSES,
    ),
    SessionError.KEY_REVOKED: ("the key was revoked or has expired; the session is over", CLOSES),
    SessionError.CLOCK_OFF: ("`timestamp_ms` is more than 30 s off", CLOSES),
    SessionError.SESSION_UNKNOWN: ("no such session of this key; begin a new one", CLOSES),
    SessionError.INVALID_OPTION: ("heartbeat or grace out of bounds", CLOSES),
    SessionError.TOO_MANY_SESSIONS: ("16 sessions of the account are connected", CLOSES),
    SessionError.TOO_MANY_LOGINS: (
        "of this address, in a minute (`limits.login_per_minute`)",
        CLOSES,
    ),
    SessionError.TAKEN_OVER: ("the session goes on over another connection", CLOSES),
    SessionError.MALFORMED_FRAME: (
        "wrong version, length, index or value: the stream cannot be made out",
        CLOSES,
    ),
    SessionError.FRAME_TOO_LARGE: ("more bytes than 1,000 commands can have", CLOSES),
    SessionError.INCOMPLETE_FRAME: ("a message was begun and not ended within 5 s", CLOSES),
    SessionError.UNEXPECTED_MESSAGE: ("a message that clients do not send, or not now", CLOSES),
    SessionError.HEARTBEAT_MISSED: ("nothing was heard for two heartbeats", CLOSES),
    SessionError.TOO_MANY_MESSAGES: (
        "besides Submits in their order: over 50 a second, 100 at once",
        CLOSES,
    ),
    SessionError.TOO_MANY_CONNECTIONS: (
        "of this address, or of all; or the exchange is stopping",
        CLOSES,
    ),
    SessionError.SEQUENCE_GAP: ("not the next number; `place` says which that is", CLOSES),
    SessionError.SUBMIT_TOO_OLD: ("its answer is not kept any more", GOES_ON),
    SessionError.INVALID_COUNT: ("not 1 to 1,000, or not as many frames as it says", GOES_ON),
    SessionError.INVALID_COMMAND: (
        "command `place` (from 0): version, length, numbers or a value",
        GOES_ON,
    ),
    SessionError.COMMAND_NOT_ALLOWED: ("command `place` is none that may be submitted", GOES_ON),
    SessionError.FOREIGN_ACCOUNT: ("command `place` is another account's", GOES_ON),
    SessionError.SCOPE_MISSING: (
        (
            "the key lacks the scope `trade`, or the account's person the identity level that trading takes "
            "(`words` begin with `identity_level_too_low`; cancels alone are taken)"
        ),
        GOES_ON,
    ),
    SessionError.RATE_LIMITED: (
        (
            "too many commands of the account, or orders that come to nothing (`words` begin with "
            "`order_to_trade_exceeded` or `too_many_cancels`); `retry_after_ms` says when there is room"
        ),
        GOES_ON,
    ),
    SessionError.RESEND_TOO_OLD: (
        "not kept any more; `place` is the oldest number that is",
        GOES_ON,
    ),
    SessionError.RESEND_AHEAD: ("nothing of that number was sent yet", GOES_ON),
    SessionError.UNAVAILABLE: (
        "nothing was accepted; trying again later is safe",
        "goes on; closed at log-in",
    ),
    SessionError.OUTCOME_UNKNOWN: (
        "the journal failed under way: done or not; ask by client order id",
        GOES_ON,
    ),
    SessionError.SHUTTING_DOWN: ("the exchange is stopping", CLOSES),
}


class Example(NamedTuple):
    """A message, and the frame that follows it."""

    message: Message
    sequence: int = 0
    time_ms: int = TIME_MS
    follows: tuple[Message, int] | None = None


def _login() -> s.Login:
    fields = (KEY_ID, TIME_MS, 0, 0, 0, True, 0)
    frame = encode_frame(s.Login(*fields, bytes(64)), 0, TIME_MS)
    return s.Login(*fields, KEY.sign(s.login_message(NONCE, frame)))


_CANCEL: Final = c.CancelOrder(ACCOUNT, 0, "first")
_REJECTED: Final = e.Rejected(RejectCode.ORDER_NOT_FOUND, ACCOUNT, 0, 0, "first")
_FILL: Final = s.Fill(
    order_id=7,
    market_id=1,
    trade_id=3,
    side=Side.BUY,
    taker=False,
    price=12_400,
    quantity=1_000,
    base_amount=10_000_000,
    quote_amount=12_400_000,
    fee=10_000,
    released=0,
)
EXAMPLES: Final[dict[str, Example]] = {
    "hello": Example(s.Hello(1, NONCE)),
    "login": Example(_login()),
    "logged_in": Example(
        s.LoggedIn(42, ACCOUNT, 1, 1, 35, 1_000, 16, 20_000, 40_000, heartbeat_ms=5_000)
    ),
    "submit": Example(s.Submit(1, len(encode_frame(_CANCEL))), 1, TIME_MS, (_CANCEL, 0)),
    "answer": Example(
        s.Answer(1, 36, 1, 1, len(encode_frame(_REJECTED))), 1, TIME_MS, (_REJECTED, 36)
    ),
    "executions": Example(s.Executions(1, len(encode_frame(_FILL))), 2, TIME_MS, (_FILL, 37)),
    "heartbeat": Example(s.Heartbeat(2)),
    "logout": Example(s.Logout()),
}


def encoded(example: Example) -> bytes:
    """The bytes that travel."""
    data = encode_frame(example.message, example.sequence, example.time_ms)
    if example.follows is not None:
        message, sequence = example.follows
        data += encode_frame(message, sequence, TIME_MS if sequence else 0)
    return data


def block(example: Example) -> str:
    """The example as the page shows it: one line for the header, one for each field."""
    lines = ["```", *_frame(example.message, example.sequence, example.time_ms)]
    if example.follows is not None:
        message, sequence = example.follows
        lines += _frame(message, sequence, TIME_MS if sequence else 0)
    return "\n".join([*lines, "```"])


def _frame(message: Message, sequence: int, time_ms: int) -> Iterator[str]:
    data = encode_frame(message, sequence, time_ms)
    layout = LAYOUTS[data[5]]
    yield _line(data[:8], f"{layout.cls.__name__}: {len(data)} bytes, version 1, type {data[5]}")
    yield _line(data[8:HEADER_SIZE], f"sequence {sequence}, time {time_ms}")
    for field in layout.fields:
        at = HEADER_SIZE + field.offset
        raw = data[at : at + field.size]
        value = getattr(message, field.name)
        if isinstance(value, bytes):
            yield _line(raw[:16], field.name)
            yield from (raw[i : i + 16].hex(" ") for i in range(16, len(raw), 16))
        else:
            yield _line(raw, f"{field.name} {_shown(value)}")


def _shown(value: object) -> str:
    return f"{value.value} {value.name}" if isinstance(value, IntEnum) else repr(value)


def _line(raw: bytes, words: str) -> str:
    shown = raw.rstrip(b"\0") if len(raw) > 16 else raw
    cut = shown[:16]
    dots = " ..." if len(raw) > len(cut) else ""
    return f"{cut.hex(' ')}{dots}".ljust(53) + words


def refusals() -> str:
    """The table."""
    rows = [
        f"| {code.value} | `{code.name}` | {words} | {ends} |"
        for code, (words, ends) in REFUSALS.items()
    ]
    return "\n".join(["| Code | Name | What happened | Connection |", "|---:|---|---|---|", *rows])


def filled(text: str) -> str:
    """The page with its examples and its table as they should be."""

    def example(found: re.Match[str]) -> str:
        return f"{found[1]}{block(EXAMPLES[found[2]])}\n"

    text = re.sub(r"(<!-- bytes: (\w+) -->\n)(?:```\n(?s:.*?)```\n)?", example, text)
    return re.sub(r"(<!-- refusals -->\n)(?:\|.*\n)*", lambda m: f"{m[1]}{refusals()}\n", text)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
