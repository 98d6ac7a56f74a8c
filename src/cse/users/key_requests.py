"""What people may ask of a new API key. Pure checks, no lookups."""

import binascii
import secrets
import unicodedata
from base64 import b64decode
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

import msgspec

from cse.core.ids import MAX_ID
from cse.users.ed25519 import KEY_BYTES, is_public_key
from cse.users.errors import InvalidField
from cse.users.model import ALL_SCOPES, ED25519, HMAC, NewApiKey

MAX_NAME_LENGTH: Final = 64
MAX_ADDRESSES: Final = 32
MAX_ADDRESS_LENGTH: Final = 64

Network = IPv4Network | IPv6Network


class KeyRequest(msgspec.Struct, frozen=True):
    """What somebody wants of a key, as given."""

    name: str
    public_key: str | None
    """32 bytes in base64 or hexadecimal digits; None for HMAC, whose secret we make."""
    scopes: Sequence[str]
    kind: str = ED25519
    ip_allowlist: Sequence[str] = ()
    expires_at: int | None = None
    sub_account_id: int | None = None
    """Account id of the sub-account that it is to act on; None: the person's first account."""


def check_request(user_id: int, asked: KeyRequest, now_ms: int) -> NewApiKey:
    """Return the key that a request asks for, with a fresh key id; one of HMAC gets its secret afterwards.

    Raises:
        InvalidField: a field's value cannot be accepted.
    """
    return NewApiKey(
        key_id=secrets.token_hex(16),
        user_id=user_id,
        name=check_name(asked.name),
        kind=asked.kind,
        public_key=check_public_key(asked.kind, asked.public_key),
        scopes=_scopes(asked.scopes),
        ip_allowlist=_allowlist(asked.ip_allowlist),
        created_at=now_ms,
        expires_at=_expiry(asked.expires_at, now_ms),
        sub_account_id=asked.sub_account_id,
    )


def is_allowed(client_ip: str | None, allowlist: tuple[str, ...]) -> bool:
    """Return whether an address lies in an allowlist; None is whoever has no address (a Unix socket)."""
    if not allowlist:
        return True
    try:
        address = ip_address((client_ip or "").partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(
        network.version == address.version and address in network for network in _parsed(allowlist)
    )


@lru_cache(maxsize=1_024)  # reading 32 networks costs as much as checking a signature
def _parsed(allowlist: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(map(ip_network, allowlist))


def check_name(text: str, *, field: str = "name", most: int = MAX_NAME_LENGTH) -> str:
    """Return what somebody calls something, in NFC and without blanks around it.

    Raises:
        InvalidField: it is empty, longer than `most`, or cannot be shown.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(name) <= most:
        raise InvalidField(field, f"must have 1 to {most} characters")
    if not name.isprintable():  # nothing that cannot be seen, or turns what stands beside it around
        raise InvalidField(field, "must not hold control characters or invisible ones")
    return name


def check_public_key(kind: str, text: str | None) -> bytes | None:
    """Return the public key of a kind of key; None for those that have none.

    Raises:
        InvalidField: it is none, or not safe to use; or the kind is unknown, or has none.
    """
    if kind == HMAC:
        if text is not None:
            raise InvalidField("public_key", f"is not for {HMAC}: the exchange makes the secret")
        return None
    if kind != ED25519:
        raise InvalidField("kind", f"must be {ED25519} or {HMAC}")
    if text is None:
        raise InvalidField("public_key", "is required")
    return _public_key(text)


def _public_key(text: str) -> bytes:
    raw = _bytes_of(text)
    if raw is None:
        raise InvalidField("public_key", "must be 32 bytes in base64 or in hexadecimal digits")
    if len(raw) != KEY_BYTES:
        raise InvalidField("public_key", f"must be {KEY_BYTES} bytes, not {len(raw)}")
    if not is_public_key(raw):
        raise InvalidField("public_key", "is no Ed25519 public key that is safe to use")
    return raw


def _bytes_of(text: str) -> bytes | None:
    try:
        if len(text) == 2 * KEY_BYTES:  # as base64 it would be 48 bytes: no key either way
            return bytes.fromhex(text) if not any(map(str.isspace, text)) else None
        return b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None


def _scopes(given: Sequence[str]) -> frozenset[str]:
    scopes = frozenset(given)
    if not scopes or not scopes <= ALL_SCOPES:
        raise InvalidField("scopes", f"must be some of {', '.join(sorted(ALL_SCOPES))}")
    return scopes


def _allowlist(given: Sequence[str]) -> tuple[str, ...]:
    if len(given) > MAX_ADDRESSES:
        raise InvalidField("ip_allowlist", f"must have at most {MAX_ADDRESSES} entries")
    return tuple(dict.fromkeys(str(_network(text)) for text in given))


def _network(text: str) -> Network:
    address, slash, prefix = text.partition("/")
    try:
        if len(text) > MAX_ADDRESS_LENGTH or "%" in address or (slash and not prefix.isdecimal()):
            raise ValueError
        network = ip_network(text, strict=False)
    except ValueError:
        raise InvalidField(
            "ip_allowlist", "must hold addresses or networks such as 203.0.113.0/24"
        ) from None
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped:
        raise InvalidField("ip_allowlist", "must give IPv4 addresses as such, not as ::ffff:...")
    if network.network_address != ip_address(address):
        raise InvalidField(
            "ip_allowlist", f"must name networks by their first address: {network}, not {text}"
        )
    return network


def _expiry(expires_at: int | None, now_ms: int) -> int | None:
    if expires_at is not None and not now_ms < expires_at <= MAX_ID:
        raise InvalidField("expires_at", "must be a time to come, in Unix milliseconds")
    return expires_at
