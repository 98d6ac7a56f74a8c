"""Second factors in a few dicts; the contract suite holds them to what SQL does."""

from collections.abc import Sequence

import msgspec

from cse.users.factor_ports import Door, LockFor, PasskeySum, Person, Totp
from cse.users.passkeys.model import Passkey
from tests.unit.users.stores import MemorySessionStore, MemoryUserStore


class MemoryFactorStore:
    """FactorStore without a database; people and sessions are those of other stores."""

    def __init__(self, users: MemoryUserStore, sessions: MemorySessionStore) -> None:
        self.users = users
        self.sessions = sessions
        self.totps: dict[int, Totp] = {}
        self.codes: dict[int, dict[bytes, int | None]] = {}
        self.attempts: dict[tuple[int, Door], tuple[int, int]] = {}
        self.step_ups: dict[str, int] = {}
        self.stored: dict[str, Passkey] = {}
        """Passkeys by id; `MemoryPasskeyStore` keeps them."""

    async def person(self, user_id: int) -> Person | None:
        for user, new in self.users.users:
            if user.user_id == user_id:
                return Person(new.email, new.password_hash)
        return None

    async def totp(self, user_id: int) -> Totp | None:
        return self.totps.get(user_id)

    async def enrol(self, new: Totp) -> bool:
        known = self.totps.get(new.user_id)
        if known is not None and known.confirmed_at is not None:
            return False
        self.totps[new.user_id] = new
        return True

    async def confirm(self, totp: Totp, step: int, digests: Sequence[bytes], at_ms: int) -> bool:
        known = self._same(totp)
        if known is None or known.confirmed_at is not None:
            return False
        self.totps[totp.user_id] = msgspec.structs.replace(
            known, confirmed_at=at_ms, last_step=step
        )
        self.codes[totp.user_id] = dict.fromkeys(digests)
        return True

    async def use_step(self, totp: Totp, step: int) -> bool:
        known = self._confirmed(totp)
        if known is None or (known.last_step is not None and known.last_step >= step):
            return False
        self.totps[totp.user_id] = msgspec.structs.replace(known, last_step=step)
        return True

    async def remove(self, totp: Totp) -> bool:
        if self._same(totp) is None:
            return False
        del self.totps[totp.user_id]
        self.drop_codes_of_nothing(totp.user_id)
        return True

    async def passkeys(self, user_id: int) -> PasskeySum:
        made = [each.created_at for each in self.stored.values() if each.user_id == user_id]
        return PasskeySum(len(made), min(made, default=0))

    async def reset(self, user_id: int) -> bool:
        had = self.has_factor(user_id)
        self.totps.pop(user_id, None)
        self.stored = {key: each for key, each in self.stored.items() if each.user_id != user_id}
        self.codes.pop(user_id, None)
        for door in Door:
            self.attempts.pop((user_id, door), None)
        return had

    async def replace_codes(self, user_id: int, digests: Sequence[bytes], at_ms: int) -> bool:
        if not self.has_factor(user_id):
            return False
        self.codes[user_id] = dict.fromkeys(digests)
        return True

    def has_factor(self, user_id: int) -> bool:
        totp = self.totps.get(user_id)
        confirmed = totp is not None and totp.confirmed_at is not None
        return confirmed or any(each.user_id == user_id for each in self.stored.values())

    def drop_codes_of_nothing(self, user_id: int) -> bool:
        if self.has_factor(user_id):
            return True
        self.codes.pop(user_id, None)
        return False

    async def unused_codes(self, user_id: int) -> Sequence[bytes]:
        codes = self.codes.get(user_id, {})
        return [digest for digest, used_at in codes.items() if used_at is None]

    async def use_code(self, user_id: int, digest: bytes, at_ms: int) -> bool:
        codes = self.codes.get(user_id, {})
        if digest not in codes or codes[digest] is not None:
            return False
        codes[digest] = at_ms
        return True

    async def attempt(self, user_id: int, door: Door, at_ms: int, lock_for: LockFor) -> int:
        count, locked_until = self.attempts.get((user_id, door), (0, 0))
        if locked_until > at_ms:
            return locked_until
        locked = lock_for(count + 1)
        self.attempts[user_id, door] = (count + 1, at_ms + locked if locked else 0)
        return 0

    async def forget_attempts(self, user_id: int, door: Door) -> None:
        self.attempts.pop((user_id, door), None)

    async def mark_proved(self, user_id: int, session_id: str, at_ms: int) -> bool:
        if await self.proved_at(user_id, session_id) is None:
            return False
        self.step_ups[session_id] = at_ms
        return True

    async def proved_at(self, user_id: int, session_id: str) -> int | None:
        session = self.sessions.sessions.get(session_id)
        if session is None or session.user_id != user_id or session_id in self.sessions.revoked:
            return None
        return max(session.created_at, self.step_ups.get(session_id, 0))

    def _same(self, totp: Totp) -> Totp | None:
        known = self.totps.get(totp.user_id)
        return known if known is not None and known.sealed == totp.sealed else None

    def _confirmed(self, totp: Totp) -> Totp | None:
        known = self._same(totp)
        return None if known is None or known.confirmed_at is None else known
