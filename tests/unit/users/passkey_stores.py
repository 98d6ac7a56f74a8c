"""Passkeys in a dict; the contract suite holds it to what SQL does."""

from collections.abc import Sequence

import msgspec

from cse.users.errors import UnknownUser
from cse.users.passkeys.errors import LastFactor, PasskeyKnown, TooManyPasskeys
from cse.users.passkeys.model import Passkey
from cse.users.passkeys.ports import Removed
from tests.unit.users.factor_stores import MemoryFactorStore


class MemoryPasskeyStore:
    """PasskeyStore without a database; the other factors are those of a `MemoryFactorStore`."""

    def __init__(self, factors: MemoryFactorStore) -> None:
        self.factors = factors

    async def add(self, new: Passkey, codes: Sequence[bytes], at_most: int) -> bool:
        if await self.factors.person(new.user_id) is None:
            raise UnknownUser
        if len(await self.passkeys_of(new.user_id)) >= at_most:
            raise TooManyPasskeys(at_most)
        if await self.by_credential(new.credential_id) is not None:
            raise PasskeyKnown
        is_first = not self.factors.has_factor(new.user_id)
        self.factors.stored[new.passkey_id] = new
        if is_first:
            self.factors.codes[new.user_id] = dict.fromkeys(codes)
        return is_first

    async def passkeys_of(self, user_id: int) -> Sequence[Passkey]:
        return [each for each in self.factors.stored.values() if each.user_id == user_id]

    async def by_credential(self, credential_id: bytes) -> Passkey | None:
        known = self.factors.stored.values()
        return next((each for each in known if each.credential_id == credential_id), None)

    async def rename(self, user_id: int, passkey_id: str, label: str) -> Passkey | None:
        known = self._own(user_id, passkey_id)
        return None if known is None else self._put(known, label=label)

    async def remove(self, user_id: int, passkey_id: str, *, spare_last: bool) -> Removed | None:
        known = self._own(user_id, passkey_id)
        if known is None:
            return None
        del self.factors.stored[passkey_id]
        if spare_last and not self.factors.has_factor(user_id):
            self.factors.stored[passkey_id] = known
            raise LastFactor
        return Removed(known, self.factors.drop_codes_of_nothing(user_id))

    async def use(self, used: Passkey, sign_count: int, *, backed_up: bool, at_ms: int) -> bool:
        known = self._own(used.user_id, used.passkey_id)
        if known is None:
            return False
        if sign_count <= known.sign_count and (sign_count or known.sign_count):
            return False
        self._put(known, sign_count=sign_count, backed_up=backed_up, last_used_at=at_ms)
        return True

    def _own(self, user_id: int, passkey_id: str) -> Passkey | None:
        known = self.factors.stored.get(passkey_id)
        return known if known is not None and known.user_id == user_id else None

    def _put(self, known: Passkey, **values: object) -> Passkey:
        new = msgspec.structs.replace(known, **values)
        self.factors.stored[known.passkey_id] = new
        return new
