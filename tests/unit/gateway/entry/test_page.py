"""docs/reference/order-entry.md: its bytes are those that the codec makes, and every refusal stands in its table."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cse.gateway.entry.incoming import Incoming
from cse.messages.codec import HEADER_SIZE
from cse.messages.session import Login, SessionError, SessionMessage, login_message
from tests.unit.gateway.entry.page import EXAMPLES, KEY, NONCE, PAGE, REFUSALS, encoded, filled


def test_the_page_is_current() -> None:
    """`.venv/bin/python -m tests.unit.gateway.entry.page` mends it."""
    text = PAGE.read_text(encoding="utf-8")
    assert filled(text) == text
    for name in EXAMPLES:
        assert f"<!-- bytes: {name} -->" in text


def test_every_refusal_is_explained() -> None:
    """No code is without its line."""
    assert set(REFUSALS) == set(SessionError)


def test_the_examples_of_a_client_are_understood() -> None:
    """What the page shows of the client's side is what the server takes, the signature included."""
    for name in ("login", "submit", "heartbeat", "logout"):
        incoming = Incoming(1_000)
        incoming.feed(encoded(EXAMPLES[name]))
        received = incoming.next()
        assert received is not None
        assert received.message == EXAMPLES[name].message
        assert isinstance(received.message, SessionMessage)
    login = EXAMPLES["login"].message
    assert isinstance(login, Login)
    public: Ed25519PublicKey = KEY.public_key()
    public.verify(login.signature, login_message(NONCE, encoded(EXAMPLES["login"])))


def test_what_is_signed_is_what_the_page_says() -> None:
    """The text, a line feed, the nonce, the frame without its last 64 bytes."""
    frame = encoded(EXAMPLES["login"])
    assert login_message(NONCE, frame) == b"CSE order entry 1\n" + NONCE + frame[:-64]
    assert len(frame) == HEADER_SIZE + 129
