"""What a publisher and its streamers say to each other over the bus, besides the channels' own messages.

The first dot of a channel's name becomes a colon: `orderbook.NOVA-USDC` is published on `orderbook:NOVA-USDC`; both
private channels of an account on `user:{account_id}`. Everything here is JSON.
"""

from typing import Final

import msgspec

from cse.gateway.ws.channels.names import OF_AN_ACCOUNT

ASK: Final = "streams:ask"
"""Streamers to the publisher: `Ask` and `Renew`."""
HELLO: Final = "streams:hello"
"""The publisher to all: `Hello`, at its start, every second, and whenever it has lost something."""
ANSWER: Final = "streams:answer:"
"""The publisher to one streamer, whose id follows: `Answer` and `Lapsed`."""

FOLLOW_S: Final = 30.0
"""How long asking for a channel, or renewing that, keeps it published."""
RENEW_S: Final = 10.0
HELLO_S: Final = 1.0
FOLLOWS_PER_RENEW: Final = 1_000


class Ask(msgspec.Struct, frozen=True, tag="ask", omit_defaults=True):
    """Send me what I need to go on with a channel's updates, and publish it from now on."""

    streamer: str
    number: int
    """Comes back with the answer."""
    channel: str
    account_id: int | None = None
    since: int | None = None
    """The last sequence that is known: if it can be, only what came after it is sent."""

    @property
    def key(self) -> tuple[str, int]:
        """What the question is known by."""
        return self.streamer, self.number


Follow = tuple[str, int | None]
"""A channel's name, and the account of a private one."""


class Renew(msgspec.Struct, frozen=True, tag="renew"):
    """Keep publishing these."""

    streamer: str
    follows: list[Follow]


class Answer(msgspec.Struct, frozen=True, tag="answer", omit_defaults=True):
    """What was asked for; or `code` and `detail` say why not."""

    number: int
    sequence: int = -1
    """The channel's, after these messages."""
    messages: list[msgspec.Raw] = []
    """A snapshot and what came after it, or what came after `since`."""
    code: str = ""
    detail: str = ""


class Lapsed(msgspec.Struct, frozen=True, tag="lapsed"):
    """These were to be renewed and are not published any more: ask anew."""

    follows: list[Follow]


class Hello(msgspec.Struct, frozen=True):
    """The publisher is there. Another epoch than before: messages may be missing, ask for everything anew."""

    epoch: str


class Head(msgspec.Struct, frozen=True):
    """What every message of a channel begins with, as far as relaying needs it."""

    channel: str
    type: str
    sequence: int
    previous: int | None

    @property
    def is_snapshot(self) -> bool:
        """Whether it replaces what is known."""
        return self.type == "snapshot"


encode: Final = msgspec.json.Encoder().encode
read_head: Final = msgspec.json.Decoder(Head).decode
read_hello: Final = msgspec.json.Decoder(Hello).decode
read_asked: Final = msgspec.json.Decoder(Ask | Renew).decode
read_answer: Final = msgspec.json.Decoder(Answer | Lapsed).decode


def bus_channel(name: str, account_id: int | None) -> str:
    """Return where a channel's messages are published."""
    if name in OF_AN_ACCOUNT:
        return f"user:{account_id}"
    return name.replace(".", ":", 1)
