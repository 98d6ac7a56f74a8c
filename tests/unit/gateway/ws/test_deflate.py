"""permessage-deflate without context takeover (RFC 7692): what is agreed on, and what goes through it."""

import zlib

import pytest
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode

from cse.gateway.ws.deflate import (
    ANSWER,
    BadCompression,
    TooBig,
    deflated,
    inflated,
    is_offered,
)

MESSAGE = b'{"channel":"orderbook.NOVA-USDC","bids":[["1.2400","12.00"],["1.2300","12.00"]]}' * 3


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("permessage-deflate", True),
        ("permessage-deflate; client_max_window_bits", True),
        ("permessage-deflate; client_max_window_bits=10; server_no_context_takeover", True),
        ("permessage-deflate; server_max_window_bits=15", True),
        ('Permessage-Deflate; server_max_window_bits="15"', True),
        ("permessage-deflate; server_max_window_bits=10, permessage-deflate", True),
        ("x-webkit-deflate-frame, permessage-deflate", True),
        ("permessage-deflate; server_max_window_bits=10", False),
        ("permessage-deflate; server_max_window_bits", False),
        ("permessage-deflate; nonsense", False),
        ("permessage-deflate; client_max_window_bits; client_max_window_bits", False),
        ("x-webkit-deflate-frame", False),
        ("", False),
        (";;,=;,", False),
    ],
)
def test_an_offer_is_taken_if_it_suits(header: str, taken: bool) -> None:
    """The first offer of several that asks for nothing we do not do; unknown or doubled parameters spoil one."""
    assert is_offered(header) is taken


def test_another_implementation_understands_the_agreement_and_the_messages() -> None:
    """The websockets library takes our answer and reads what we compress, message after message."""
    offer = ClientPerMessageDeflateFactory(client_max_window_bits=True)
    parameters = [
        (name, value or None)
        for name, _, value in (part.strip().partition("=") for part in ANSWER.split(";")[1:])
    ]
    theirs = offer.process_response_params(parameters, [])
    for message in (MESSAGE, b"x", MESSAGE[:100]):
        frame = Frame(Opcode.TEXT, deflated(message), rsv1=True)
        assert theirs.decode(frame).data == message
        sent = theirs.encode(Frame(Opcode.TEXT, message))
        assert sent.rsv1
        assert inflated(bytes(sent.data), 10_000) == message


def test_compression_is_worth_it() -> None:
    """A book message shrinks to less than half."""
    assert len(deflated(MESSAGE)) < len(MESSAGE) / 2


def test_a_bomb_is_not_unpacked() -> None:
    """A kilobyte that means a megabyte is refused, whatever the limit; exactly the limit is fine."""
    bomb = deflated(bytes(1_000_000))
    assert len(bomb) < 10_000
    for limit in (0, 1, 65_536, 999_999):
        with pytest.raises(TooBig):
            inflated(bomb, limit)
    assert len(inflated(bomb, 1_000_000)) == 1_000_000


@pytest.mark.parametrize("junk", [b"\xff" * 10, b"\x07" * 3, zlib.compress(MESSAGE)])
def test_junk_is_refused(junk: bytes) -> None:
    """What is not raw deflate is an error, never half a message."""
    with pytest.raises(BadCompression):
        inflated(junk, 1_000)
