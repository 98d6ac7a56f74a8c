"""What may be asked of an API key, and which addresses an allowlist holds."""

import re
from base64 import b64encode
from typing import Any

import msgspec
import pytest

from cse.users.errors import InvalidField
from cse.users.key_requests import KeyRequest, check_request, is_allowed
from cse.users.model import ED25519, NewApiKey
from tests.unit.users.people import START_MS

RAW = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
ASKED = KeyRequest("maker", RAW.hex(), ["trade"])


def checked(**changes: Any) -> NewApiKey:
    return check_request(7, msgspec.structs.replace(ASKED, **changes), START_MS)


def test_the_least_that_can_be_asked() -> None:
    """A name, a public key and a scope; the rest is open."""
    new = checked()
    assert re.fullmatch("[0-9a-f]{32}", new.key_id)
    assert new == NewApiKey(
        new.key_id, 7, "maker", ED25519, RAW, frozenset({"trade"}), (), START_MS, None
    )
    assert checked().key_id != new.key_id


@pytest.mark.parametrize(
    "text", [RAW.hex(), RAW.hex().upper(), b64encode(RAW).decode()], ids=["hex", "HEX", "base64"]
)
def test_a_public_key_is_written_in_base64_or_hex(text: str) -> None:
    """They cannot be mistaken for each other: 64 characters of base64 would be 48 bytes."""
    assert checked(public_key=text).public_key == RAW


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        RAW.hex()[:-1],
        RAW.hex()[:-2],
        RAW.hex() + "00",
        RAW.hex()[:-1] + " ",
        " " + RAW.hex()[1:],
        RAW.hex()[:-1] + "g",
        RAW.hex()[:-1] + "\u0661",
        b64encode(RAW).decode()[:-1],
        b64encode(RAW).decode() + "\n",
        b64encode(RAW[:31]).decode(),
        b64encode(RAW + b"\0").decode(),
        b64encode(bytes(32)).decode(),
        b64encode(b"\xff" * 32).decode(),
        "\ud800" * 64,
        "=" * 44,
    ],
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    """Wrong digits, lengths and padding, points of small order and no points."""
    with pytest.raises(InvalidField) as refused:
        checked(public_key=text)
    assert refused.value.field == "public_key"


@pytest.mark.parametrize("name", ["a", "x" * 64, "Ä 鍵 <b>'\"; --", "  padded  "])
def test_a_name_is_any_text_that_can_be_seen(name: str) -> None:
    """It is kept as it is, but for the space around it."""
    assert checked(name=name).name == name.strip()


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 65, "a\nb", "a\0b", "a\u202eb", "a\u200bb", "a\ud800", "a\x1b[31mb"]
)
def test_a_name_that_cannot_be_seen_is_refused(name: str) -> None:
    """Nothing empty, too long, or with control and invisible characters (they would spoil logs and pages)."""
    with pytest.raises(InvalidField) as refused:
        checked(name=name)
    assert refused.value.field == "name"


def test_scopes_are_a_set() -> None:
    """Naming one twice is naming it."""
    assert checked(scopes=["read", "trade", "read"]).scopes == {"read", "trade"}


@pytest.mark.parametrize("scopes", [[], ["admin"], ["read", "TRADE"], [""]])
def test_unknown_scopes_and_none_are_refused(scopes: list[str]) -> None:
    """A key that opens nothing is a mistake."""
    with pytest.raises(InvalidField) as refused:
        checked(scopes=scopes)
    assert refused.value.field == "scopes"


def test_networks_are_written_in_one_way() -> None:
    """An address is a network of one; the same twice counts once."""
    given = [
        "203.0.113.7",
        "203.0.113.7/32",
        "10.0.0.0/8",
        "2001:DB8:0::7",
        "2001:db8::/32",
        "::/0",
    ]
    assert checked(ip_allowlist=given).ip_allowlist == (
        "203.0.113.7/32",
        "10.0.0.0/8",
        "2001:db8::7/128",
        "2001:db8::/32",
        "::/0",
    )


@pytest.mark.parametrize(
    "network",
    [
        "",
        "localhost",
        "203.0.113.7/24",
        "203.0.113.0/33",
        "203.0.113.0/255.255.255.0",
        "203.0.113.0/",
        "203.0.113.0/-1",
        "203.0.113.0/\u0662\u0664",
        "203.0.113.0/24/24",
        "203.0.113.007",
        "203.0.113",
        "3405803776",
        "fe80::1%eth0",
        "::ffff:203.0.113.7",
        "::ffff:0:0/96",
        "2001:db8::1/32",
        " 203.0.113.7",
        "1" * 100,
    ],
)
def test_what_is_no_network_is_refused(network: str) -> None:
    """Names, host bits, masks, zones, IPv4 in disguise."""
    with pytest.raises(InvalidField) as refused:
        checked(ip_allowlist=["203.0.113.7", network])
    assert refused.value.field == "ip_allowlist"


def test_an_allowlist_has_a_bound() -> None:
    """32 entries and no more."""
    many = [f"10.0.0.{n}" for n in range(33)]
    assert len(checked(ip_allowlist=many[:32]).ip_allowlist) == 32
    with pytest.raises(InvalidField):
        checked(ip_allowlist=many)


def test_an_expiry_lies_ahead() -> None:
    """A millisecond is enough; now is too late, and so is what JSON cannot hold."""
    assert checked(expires_at=START_MS + 1).expires_at == START_MS + 1
    for expires_at in (START_MS, 0, -1, 2**53):
        with pytest.raises(InvalidField) as refused:
            checked(expires_at=expires_at)
        assert refused.value.field == "expires_at"


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("203.0.113.7", True),
        ("::ffff:203.0.113.7", True),
        ("203.0.112.255", False),
        ("2001:db8:0:1::5", True),
        ("2001:db8:0:1::5%eth0", True),
        ("2001:db9::", False),
        ("::203.0.113.7", False),
        ("", False),
        ("nonsense", False),
        (None, False),
    ],
)
def test_an_allowlist_holds_its_networks_only(address: str | None, allowed: bool) -> None:
    """Both families, IPv4 also as a dual-stack socket tells it; what is no address is in no list."""
    assert is_allowed(address, ("203.0.113.0/24", "2001:db8::/32")) is allowed


@pytest.mark.parametrize("address", ["203.0.113.7", "::1", None, "nonsense"])
def test_without_an_allowlist_every_place_is_good(address: str | None) -> None:
    """A Unix socket has no address at all."""
    assert is_allowed(address, ())
