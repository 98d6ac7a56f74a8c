"""Public keys from strangers: real ones are taken, those that anybody could sign for are not."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cse.users.ed25519 import is_public_key, is_signed

P = 2**255 - 19
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]
"""RFC 8032, 7.1: public key, message, signature."""


@pytest.mark.parametrize(("public_key", "message", "signature"), RFC_8032)
def test_the_standard_s_own_examples(public_key: str, message: str, signature: str) -> None:
    """The keys are keys, the signatures are good, and not for another message or key."""
    raw, text, signed = map(bytes.fromhex, (public_key, message, signature))
    assert is_public_key(raw)
    assert is_signed(raw, text, signed)
    assert not is_signed(raw, text + b"!", signed)
    assert not is_signed(bytes.fromhex(RFC_8032[0][0])[::-1], text, signed)


def test_every_key_that_is_made_is_taken() -> None:
    """A hundred of them, and none with a bit of its height turned is taken for the same."""
    for _ in range(100):
        private = Ed25519PrivateKey.generate()
        raw = private.public_key().public_bytes_raw()
        assert is_public_key(raw)
        assert is_signed(raw, b"message", private.sign(b"message"))


SMALL_Y = [
    0,
    1,
    P - 1,
    int.from_bytes(
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
    ),
    int.from_bytes(
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"
    ),
]
"""The heights of the eight points of small order, as libsodium's ge25519_has_small_order lists them."""


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", [*SMALL_Y, P, P + 1])
def test_points_of_small_order_are_no_keys(y: int, sign: int) -> None:
    """In none of their ways of being written."""
    assert not is_public_key((y | sign << 255).to_bytes(32, "little"))


def test_a_signature_for_a_point_of_small_order_can_be_made_by_anybody() -> None:
    """Why those are refused: this one, of any message, was made without a private key, and is good."""
    neutral, everything_zero = (1).to_bytes(32, "little"), bytes(32)
    assert is_signed(neutral, b"pay me everything", neutral + everything_zero)


def test_what_is_no_point_is_no_key() -> None:
    """About half of all numbers are no point's height; numbers past the prime and other lengths are none."""
    taken = [is_public_key(y.to_bytes(32, "little")) for y in range(2, 202)]
    assert 60 < sum(taken) < 140
    assert not is_public_key((2**255 - 1).to_bytes(32, "little"))
    assert not is_public_key(b"\xff" * 32)
    for length in (0, 31, 33, 64):
        assert not is_public_key(b"\x02" * length)


def test_a_signature_has_one_form() -> None:
    """Other lengths, and S beyond the order of the group (RFC 8032, 8.4), are refused."""
    public_key, message, signed = map(bytes.fromhex, RFC_8032[1])
    order = 2**252 + 27742317777372353535851937790883648493
    beyond = (int.from_bytes(signed[32:], "little") + order).to_bytes(32, "little")
    for wrong in (b"", signed[:-1], signed + b"\0", bytes(64), signed[:32] + beyond):
        assert not is_signed(public_key, message, wrong)
    assert not is_signed(b"short", message, signed)
