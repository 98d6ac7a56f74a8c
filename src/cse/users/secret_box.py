"""Secrets at rest: sealed under a key that lies outside the database, so that a leak of one of the two gives nothing.

Sealing is AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits; digests are HMAC-SHA256 (RFC 2104). Both use
keys derived for one purpose each by HKDF (RFC 5869). What is sealed is bound to its purpose and its owner: put into
another row, it does not open.

The keys lie in a file of the data directory (`cse.adapters.keys.file`), the last one seals, all of them open.
"""

import base64
import binascii
import hmac
import os
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cse.users.errors import DamagedKeys
from cse.users.model import Guarded
from cse.users.ports import KeyStore

KEY_BYTES: Final = 32
OVERHEAD_BYTES: Final = 36
"""How much longer than the secret what is sealed is: key id 8, nonce 12, tag 16."""
_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12


class SealingKey(Guarded, frozen=True):
    """A key as the file holds it; `key` is the secret, in base64url."""

    id: str
    key: str


class SealingKeys(msgspec.Struct, frozen=True):
    """All keys, oldest first; the last one seals."""

    version: int
    keys: tuple[SealingKey, ...]


class SecretBox:
    """Seals and opens secrets, and digests what only has to be recognised. Holds keys: has no repr of them."""

    def __init__(self, store: KeyStore) -> None:
        """Read the keys, or make the first one.

        Raises:
            DamagedKeys: what is stored cannot be used.
        """
        self._store = store
        self._keys = self._read()

    def seal(self, purpose: str, owner: str, secret: bytes) -> bytes:
        """Return the secret sealed; it opens with the same purpose and owner only (such as "totp", "user:17")."""
        key_id, key = next(reversed(self._keys.items()))
        nonce = os.urandom(_NONCE_BYTES)
        cipher = _cipher(key, purpose)
        return key_id + nonce + cipher.encrypt(nonce, secret, _bound(purpose, owner))

    def open(self, purpose: str, owner: str, sealed: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            DamagedKeys: its key is not among ours, or it is somebody else's, or was changed.
        """
        key_id = sealed[:_ID_BYTES]
        if key_id not in self._keys and len(key_id) == _ID_BYTES:
            self._keys = self._read()  # another process may have made a new key
        key = self._keys.get(key_id)
        if key is None:
            raise DamagedKeys(
                "a secret in the database was sealed with a key that is not in the data directory"
            )
        nonce, rest = sealed[_ID_BYTES:][:_NONCE_BYTES], sealed[_ID_BYTES + _NONCE_BYTES :]
        try:
            return _cipher(key, purpose).decrypt(nonce, rest, _bound(purpose, owner))
        except (InvalidTag, ValueError) as error:
            raise DamagedKeys("a sealed secret in the database is not what was sealed") from error

    def digests(self, purpose: str, owner: str, data: bytes) -> list[bytes]:
        """Return the keyed digests (32 bytes each) of something, newest key first: store the first, look for any.

        The keys are read again each time: what a newer one has digested looks like nothing else.
        """
        self._keys = self._read()
        bound = _bound(purpose, owner) + b"\0" + data
        return [
            hmac.digest(_derived(key, f"digest/{purpose}"), bound, "sha256")
            for key in reversed(self._keys.values())
        ]

    def _read(self) -> dict[bytes, bytes]:
        return _decode(self._store.load_or_create(_first_keys))


def rotate_sealing_key(store: KeyStore) -> str:
    """Make a new key that seals from now on and return its id; the old ones go on opening what they sealed.

    A process that runs goes on sealing with the key it knows until it meets the new one, or starts anew.
    """
    new = _new_key()

    def change(data: bytes) -> bytes:
        _decode(data)
        ring = msgspec.json.decode(data, type=SealingKeys)
        return _encode(SealingKeys(version=1, keys=(*ring.keys, new)))

    store.load_or_create(_first_keys)
    store.replace(change)
    return new.id


def _first_keys() -> bytes:
    return _encode(SealingKeys(version=1, keys=(_new_key(),)))


def _new_key() -> SealingKey:
    key = os.urandom(KEY_BYTES)
    return SealingKey(_id_of(key).hex(), base64.urlsafe_b64encode(key).decode("ascii"))


def _encode(ring: SealingKeys) -> bytes:
    return msgspec.json.format(msgspec.json.encode(ring)) + b"\n"


def _decode(data: bytes) -> dict[bytes, bytes]:
    try:
        ring = msgspec.json.decode(data, type=SealingKeys)
        keys = {bytes.fromhex(each.id): base64.urlsafe_b64decode(each.key) for each in ring.keys}
    except (msgspec.DecodeError, ValueError, binascii.Error) as error:
        raise DamagedKeys(
            "the sealing keys are not in the form that this version writes"
        ) from error
    if ring.version != 1 or not keys:
        raise DamagedKeys("there is no sealing key of this version")
    for key_id, key in keys.items():
        if len(key) != KEY_BYTES or key_id != _id_of(key):
            raise DamagedKeys(f"sealing key {key_id.hex()} is not the key it says it is")
    return keys


def _id_of(key: bytes) -> bytes:
    return blake2b(key, digest_size=_ID_BYTES, person=b"cse sealing key").digest()


@lru_cache(maxsize=64)  # requests are checked with it; it holds no more than the keys themselves do
def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"cse/{purpose}".encode()).derive(key)


@lru_cache(maxsize=64)  # making a cipher takes three times as long as using it
def _cipher(key: bytes, purpose: str) -> AESGCM:
    return AESGCM(_derived(key, f"seal/{purpose}"))


def _bound(purpose: str, owner: str) -> bytes:
    return f"{purpose}\0{owner}".encode()
