"""The key ring that access tokens are signed with: Ed25519 keys, one active, old ones until they are done.

A rotation makes a new active key; the one before goes on verifying until the last token it signed has
run out. Processes that share the ring notice by looking again now and then, and when they meet a
key id that they do not know.
"""

import base64
import hashlib
from typing import Final

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.users.errors import DamagedKeys
from cse.users.model import Guarded
from cse.users.ports import KeyStore

log = structlog.get_logger(__name__)

RELOAD_MS: Final = 5_000
"""How long a process may go on signing with a key that another process has retired."""
_LOOK_AGAIN_MS: Final = 1_000
"""Tokens with made-up key ids make nobody read the file more often than this."""


class SigningKey(Guarded, frozen=True):
    """A key as the ring file holds it; `seed` is the secret, in base64url."""

    kid: str
    seed: str
    created_at: int
    retired_at: int | None = None
    """None: the active one."""

    def private(self) -> Ed25519PrivateKey:
        """Return the key to sign with."""
        return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(self.seed))


class KeyRing(msgspec.Struct, frozen=True):
    """All keys, oldest first; the last one is the active one."""

    version: int
    keys: tuple[SigningKey, ...]


def new_ring(now_ms: int) -> KeyRing:
    """Return a ring with one fresh key."""
    return KeyRing(version=1, keys=(_new_key(now_ms),))


def rotate(ring: KeyRing, now_ms: int, keep_ms: int) -> KeyRing:
    """Return the ring with a fresh active key, without those retired more than `keep_ms` ago."""
    retired = [
        msgspec.structs.replace(key, retired_at=now_ms) if key.retired_at is None else key
        for key in ring.keys
    ]
    kept = [key for key in retired if (key.retired_at or 0) + keep_ms >= now_ms]
    return KeyRing(version=1, keys=(*kept, _new_key(now_ms)))


def encode(ring: KeyRing) -> bytes:
    """Return the ring as the file holds it."""
    return msgspec.json.format(msgspec.json.encode(ring)) + b"\n"


def decode(data: bytes) -> KeyRing:
    """Return the ring that a file holds.

    Raises:
        DamagedKeys: it is none, or not exactly its last key is active.
    """
    try:
        ring = msgspec.json.decode(data, type=KeyRing)
        for key in ring.keys:
            if key.kid != _key_id(key.private().public_key()):
                raise DamagedKeys(f"key {key.kid} of the key ring is not the key it says it is")
    except (msgspec.DecodeError, ValueError) as error:
        raise DamagedKeys("the key ring is not in the form that this version writes") from error
    active = [key.retired_at is None for key in ring.keys]
    if ring.version != 1 or not active or active != [False] * (len(active) - 1) + [True]:
        raise DamagedKeys("the key ring does not end with its one active key")
    return ring


def rotate_keys(store: KeyStore, clock: Clock, access_ms: int) -> str:
    """Make a new active key in the stored ring and return its key id.

    Tokens signed by the old one stay good until they run out: it is kept for `access_ms` (the life of a
    token) and for the time in which other processes may still sign with it.
    """
    active = ""

    def change(data: bytes) -> bytes:
        nonlocal active
        ring = rotate(decode(data), clock.now_ms(), access_ms + 2 * RELOAD_MS)
        active = ring.keys[-1].kid
        return encode(ring)

    store.replace(change)
    return active


class Keys:
    """The ring as a process uses it: the key to sign with, and public keys by key id."""

    def __init__(self, store: KeyStore, clock: Clock) -> None:
        """Read the ring, or make the first one.

        Raises:
            DamagedKeys: the stored ring cannot be used.
        """
        self._store = store
        self._clock = clock
        self._public: dict[str, Ed25519PublicKey] = {}
        self._active: tuple[str, Ed25519PrivateKey]
        self.generation = 0
        """Counts up whenever the keys have changed."""
        self.reload()

    @property
    def active(self) -> tuple[str, Ed25519PrivateKey]:
        """The key id and key to sign with now."""
        return self._active

    def find(self, kid: str) -> Ed25519PublicKey | None:
        """Return the public key of a key id; one that another process just made is found too."""
        if kid not in self._public and abs(self._clock.now_ms() - self._read_at) >= _LOOK_AGAIN_MS:
            try:
                self.reload()
            except (DamagedKeys, Unavailable) as error:
                log.warning("key_ring_not_read", error=str(error))
        return self._public.get(kid)

    def reload(self) -> None:
        """Read the ring again.

        Raises:
            DamagedKeys: it cannot be used; the keys read before stay in use.
        """
        self._read_at = self._clock.now_ms()
        ring = decode(self._store.load_or_create(lambda: encode(new_ring(self._read_at))))
        newest = ring.keys[-1]
        self._active = (newest.kid, newest.private())
        if {key.kid for key in ring.keys} != self._public.keys():
            self.generation += 1
        self._public = {key.kid: key.private().public_key() for key in ring.keys}


def _new_key(now_ms: int) -> SigningKey:
    private = Ed25519PrivateKey.generate()
    seed = base64.urlsafe_b64encode(private.private_bytes_raw()).decode("ascii")
    return SigningKey(_key_id(private.public_key()), seed, now_ms)


def _key_id(public: Ed25519PublicKey) -> str:
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.blake2b(raw, digest_size=8).hexdigest()
