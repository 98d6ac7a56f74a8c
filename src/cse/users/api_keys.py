"""API keys: programs prove who they are by a signature, with a key that its owner limits and takes back.

Of Ed25519 the exchange holds public keys only. A secret of HMAC it has to have: sealed in its database, opened
for the moment of a check, shown to its owner once, in no log.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.messages.bus import Bus
from cse.users.audit import NO_FACTS, Act, AuditAct, AuditTrail, Facts, user_actor
from cse.users.endings import Endings, Watcher
from cse.users.errors import InvalidField, KeyOver
from cse.users.key_proofs import PURPOSE, SECRET_BYTES, is_proved, no_box
from cse.users.key_requests import KeyRequest, check_public_key, check_request, is_allowed
from cse.users.known_keys import KNOWN_MS, KnownKeys, is_key_id
from cse.users.model import (
    HMAC,
    KINDS,
    ApiKey,
    KeyPrincipal,
    KeyRefused,
    MadeKey,
    NewApiKey,
    Renewal,
)
from cse.users.ports import ApiKeyStore, KeyBounds
from cse.users.secret_box import SecretBox

CHANNEL: Final = "api-keys:revoked"
"""What is published on the bus here is the id of a key that was just revoked."""
BOUNDS: Final = KeyBounds(at_once=20, per_day=100)
USE_NOTED_MS: Final = 60_000
"""`last_used_at` may be this much behind: a key in steady use costs one write a minute."""
_WRITE_USES_MS: Final = 5_000
MIN_OVERLAP_MS: Final = KNOWN_MS
"""A gateway may know a key as it was for so long: what it had before a rotation cannot end sooner everywhere."""
MAX_OVERLAP_MS: Final = 7 * 86_400_000
OVERLAP_MS: Final = 86_400_000
"""How long what a key had before a rotation stays good, unless its owner says otherwise."""
_FRESH_MS: Final = 1_000
"""A signature that does not fit makes a key be read again, but not when it was read just now."""

log = structlog.get_logger(__name__)


class ApiKeys:
    """Makes, lists, revokes and verifies API keys; keep `run` running."""

    def __init__(
        self,
        store: ApiKeyStore,
        bus: Bus,
        clock: Clock,
        box: SecretBox | None = None,
        *,
        audit: AuditTrail | None = None,
        bounds: KeyBounds = BOUNDS,
    ) -> None:
        """Use these; nothing is read yet.

        Without a `box` there is no HMAC here: only Ed25519 opens anything. Without an `audit` (a process that only
        verifies) nothing is recorded.
        """
        self._audit = audit
        self._store = store
        self._box = box
        self._clock = clock
        self._bounds = bounds
        self._known = KnownKeys(store, clock)
        self._revoked = Endings(
            store.revoked_keys_since, bus, clock, channel=CHANNEL, keep_ms=KNOWN_MS
        )
        self._used: dict[str, int] = {}
        self._revoked.watch(self._known.forget)

    async def create(self, user_id: int, asked: KeyRequest) -> MadeKey:
        """Store a key of a person who was logged in when they asked; one of HMAC comes with its secret, once.

        Raises:
            InvalidField: a value cannot be accepted.
            KeyKnown, TooManyKeys, TooManyNewKeys, UnknownUser, UnknownAccount: see ApiKeyStore.add_key.
            Unavailable: the database is out of reach; nothing was done.
        """
        new = check_request(user_id, asked, self._clock.now_ms())
        secret, sealed = self._new_secret(new.kind, new.key_id)
        new = msgspec.structs.replace(new, sealed_secret=sealed)
        await self._record(Act.KEY_MADE, user_id, new.key_id, after=_facts(new))
        return MadeKey(await self._store.add_key(new, self._bounds), secret)

    async def rotate(
        self, user_id: int, key_id: str, public_key: str | None, overlap_ms: int = OVERLAP_MS
    ) -> MadeKey | None:
        """Give a key a new secret (HMAC) or this public key (Ed25519); the one before stays good for the overlap.

        Returns:
            The key and its new secret; None if there is none or it is somebody else's.

        Raises:
            InvalidField: a value cannot be accepted.
            KeyOver: the key is revoked or has expired.
            KeyKnown, RotationRuns: see ApiKeyStore.renew_key.
            Unavailable: the database is out of reach; the key is as it was.
        """
        if not MIN_OVERLAP_MS <= overlap_ms <= MAX_OVERLAP_MS:
            raise InvalidField("overlap_ms", f"must be {MIN_OVERLAP_MS} to {MAX_OVERLAP_MS}")
        key = await self._store.key(key_id) if is_key_id(key_id) else None
        if key is None or key.user_id != user_id:
            return None
        new_public_key = check_public_key(key.kind, public_key)
        secret, sealed = self._new_secret(key.kind, key_id)
        now_ms = self._clock.now_ms()
        await self._record(Act.KEY_ROTATED, user_id, key_id, after={"overlap_ms": overlap_ms})
        renewed = await self._store.renew_key(
            user_id, key_id, Renewal(new_public_key, sealed, now_ms, now_ms + overlap_ms)
        )
        if renewed is None:
            raise KeyOver("The key is deleted or has expired; make a new one.")
        self._known.forget(key_id)
        return MadeKey(renewed, secret)

    async def keys_of(self, user_id: int, *, before: int | None, limit: int) -> Sequence[ApiKey]:
        """Return a page of a person's keys; see ApiKeyStore.keys_of.

        Raises:
            Unavailable: the database is out of reach.
        """
        return await self._store.keys_of(user_id, before=before, limit=limit)

    async def revoke(self, user_id: int, key_id: str) -> ApiKey | None:
        """Take a key back for good: in SQL, here at once, everywhere else within a second.

        Returns:
            The key; None if there is none or it is somebody else's.

        Raises:
            Unavailable: the database is out of reach; the key goes on.
        """
        found = await self._store.key(key_id) if is_key_id(key_id) else None
        if found is None or found.user_id != user_id:
            return None
        if found.revoked_at is None:
            await self._record(Act.KEY_REVOKED, user_id, key_id)
        key = await self._store.revoke_key(user_id, key_id, self._clock.now_ms())
        if key is not None and key.revoked_at is not None:
            await self._revoked.announce(key.key_id, key.revoked_at)
        return key

    async def verify(
        self, key_id: str, *, message: bytes, signature: bytes, client_ip: str | None
    ) -> KeyPrincipal | KeyRefused:
        """Return who signed a message. Whether they may do what they want to do, their scopes say.

        The message must hold something that makes it good only once (a challenge of ours), and the key's id.
        Frozen and closed accounts are let in, unlike with a password: the engine refuses their orders.

        Args:
            key_id: what the caller calls their key.
            message: what was signed.
            signature: 64 bytes of Ed25519 or 32 of HMAC-SHA256.
            client_ip: the caller's address; None for a Unix socket, which no allowlist holds.

        Raises:
            Unavailable: the key was not used lately and the database is out of reach.
        """
        now_ms = self._clock.now_ms()
        key = await self._known.find(key_id)
        signed = is_proved(self._box, key, message, signature, now_ms)
        if not signed and key is not None and self._known.age_ms(key_id) >= _FRESH_MS:
            self._known.forget(key_id)  # it may have been rotated by another gateway
            key = await self._known.find(key_id)
            signed = is_proved(self._box, key, message, signature, now_ms)
        if key is None or key.kind not in KINDS:  # newer software may store others
            return _refused(key_id, "unknown")
        reason = self._why_not(key, signed=signed, client_ip=client_ip, now_ms=now_ms)
        if reason is not None:
            return _refused(key_id, reason)
        self._note_use(key, now_ms)
        return KeyPrincipal(
            key.key_id,
            key.user_id,
            key.account_id,
            key.scopes,
            key.expires_at,
            is_main=key.sub_account_id is None,
        )

    def is_revoked(self, key_id: str) -> bool:
        """Return whether a key that was verified before has been revoked since; a look-up in memory."""
        return key_id in self._revoked

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` with the id of every key whose sessions must end now, as soon as that is known here.

        It is called on the event loop, once per key, and must not take long. Whoever verifies a key
        and then keeps a session of it begins to watch first and asks `is_revoked` afterwards, so that no
        revocation falls in between.

        Returns:
            What ends the watching; harmless twice.
        """
        return self._revoked.watch(watcher)

    async def read(self) -> None:
        """Learn of revocations now.

        Raises:
            Unavailable: the database is out of reach.
        """
        await self._revoked.read()

    async def run(self) -> None:
        """Hear of revocations and write down uses, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._revoked.run())
            tasks.create_task(self._write_uses())

    async def write_uses(self) -> None:
        """Write down when keys were used last.

        Raises:
            Unavailable: the database is out of reach; it is written the next time.
        """
        used, self._used = self._used, {}
        if not used:
            return
        try:
            await self._store.mark_used(used)
        except Unavailable:
            self._used = used | self._used
            raise

    async def _write_uses(self) -> None:
        while True:
            await asyncio.sleep(_WRITE_USES_MS / 1000)
            try:
                await self.write_uses()
            except Unavailable as error:
                log.warning("key_uses_not_written", error=str(error))

    def _why_not(
        self, key: ApiKey, *, signed: bool, client_ip: str | None, now_ms: int
    ) -> str | None:
        if not signed:
            return "bad_signature"
        if key.revoked_at is not None or key.key_id in self._revoked:
            return "revoked"
        if key.expires_at is not None and key.expires_at <= now_ms:
            return "expired"
        return None if is_allowed(client_ip, key.ip_allowlist) else "address"

    async def _record(self, act: Act, user_id: int, key_id: str, after: Facts = NO_FACTS) -> None:
        """Tell the audit trail before it is done."""
        if self._audit is not None:
            actor, what = user_actor(user_id), f"api_key:{key_id}"
            await self._audit.record(AuditAct(act=act, actor=actor, object=what, after=after))

    def _new_secret(self, kind: str, key_id: str) -> tuple[str | None, bytes | None]:
        """Return a secret as its owner gets it and as it is stored; neither for kinds that have none."""
        if kind != HMAC:
            return None, None
        secret = secrets.token_bytes(SECRET_BYTES)
        return secret.hex(), (self._box or no_box()).seal(PURPOSE, key_id, secret)

    def _note_use(self, key: ApiKey, now_ms: int) -> None:
        if key.last_used_at is None or now_ms - key.last_used_at >= USE_NOTED_MS:
            self._used[key.key_id] = now_ms
            self._known.note_use(key.key_id, now_ms)


def _refused(key_id: str, reason: str) -> KeyRefused:
    shown = key_id if is_key_id(key_id) else "malformed"  # what strangers write stays out of logs
    log.info("api_key_refused", key_id=shown, reason=reason)
    return KeyRefused(reason)


def _facts(new: NewApiKey) -> Facts:
    """Return what the audit trail tells of a new key."""
    return {
        "kind": new.kind,
        "scopes": sorted(new.scopes),
        "ip_allowlist": list(new.ip_allowlist),
        "expires_at": new.expires_at,
        "sub_account": new.sub_account_id,
    }
