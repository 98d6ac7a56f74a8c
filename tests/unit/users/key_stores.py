"""API keys in a list; the contract suite holds it to what SQL does."""

from collections.abc import Mapping, Sequence

import msgspec

from cse.users.errors import (
    KeyKnown,
    RotationRuns,
    TooManyKeys,
    TooManyNewKeys,
    UnknownAccount,
    UnknownUser,
)
from cse.users.model import ApiKey, NewApiKey, Renewal
from cse.users.ports import KeyBounds
from tests.unit.users.stores import MemoryUserStore

DAY_MS = 86_400_000


class MemoryApiKeyStore:
    """ApiKeyStore without a database; people are those of a MemoryUserStore."""

    def __init__(self, users: MemoryUserStore) -> None:
        self.users = users
        self.sub_accounts: dict[int, int] = {}
        """Users by the ids of their sub-accounts."""
        self.keys: list[ApiKey] = []

    async def add_key(self, new: NewApiKey, bounds: KeyBounds) -> ApiKey:
        account_id = self._account(new.user_id)
        if account_id is None:
            raise UnknownUser
        if new.sub_account_id is not None:
            if self.sub_accounts.get(new.sub_account_id) != new.user_id:
                raise UnknownAccount
            account_id = new.sub_account_id
        theirs = [key for key in self.keys if key.user_id == new.user_id]
        self._refuse_known(new.user_id, new.public_key)
        live = [key for key in theirs if key.revoked_at is None]
        if sum(key.sub_account_id == new.sub_account_id for key in live) >= bounds.at_once:
            raise TooManyKeys(bounds.at_once)
        if sum(key.created_at > new.created_at - DAY_MS for key in theirs) >= bounds.per_day:
            raise TooManyNewKeys(bounds.per_day)
        key = ApiKey(
            **msgspec.structs.asdict(new),
            number=len(self.keys) + 1,
            account_id=account_id,
            last_used_at=None,
            revoked_at=None,
        )
        self.keys.append(key)
        return key

    async def key(self, key_id: str) -> ApiKey | None:
        found = next((key for key in self.keys if key.key_id == key_id), None)
        return found and self._of_today(found)

    async def keys_of(self, user_id: int, *, before: int | None, limit: int) -> Sequence[ApiKey]:
        found = [
            self._of_today(key)
            for key in reversed(self.keys)
            if key.user_id == user_id
            and key.revoked_at is None
            and (before is None or key.number < before)
        ]
        return found[:limit]

    async def revoke_key(self, user_id: int, key_id: str, at_ms: int) -> ApiKey | None:
        key = await self.key(key_id)
        if key is None or key.user_id != user_id:
            return None
        if key.revoked_at is None:
            key = self._change(key, revoked_at=at_ms)
        return key

    async def renew_key(self, user_id: int, key_id: str, new: Renewal) -> ApiKey | None:
        key = await self.key(key_id)
        if key is None or key.user_id != user_id or key.revoked_at is not None:
            return None
        if key.expires_at is not None and key.expires_at <= new.at_ms:
            return None
        if key.old_until is not None and key.old_until > new.at_ms:
            raise RotationRuns(key.old_until)
        self._refuse_known(user_id, new.public_key)
        return self._change(
            key,
            public_key=new.public_key,
            sealed_secret=new.sealed_secret,
            old_public_key=key.public_key,
            old_sealed_secret=key.sealed_secret,
            old_until=new.old_until,
        )

    def _refuse_known(self, user_id: int, public_key: bytes | None) -> None:
        theirs = [key for key in self.keys if key.user_id == user_id]
        if public_key is not None and any(
            public_key in {key.public_key, key.old_public_key} for key in theirs
        ):
            raise KeyKnown

    async def mark_used(self, used: Mapping[str, int]) -> None:
        for key_id, at_ms in used.items():
            key = await self.key(key_id)
            if key is not None and (key.last_used_at is None or key.last_used_at < at_ms):
                self._change(key, last_used_at=at_ms)

    async def revoked_keys_since(self, time_ms: int) -> Sequence[tuple[str, int]]:
        found = [
            (key.key_id, key.revoked_at)
            for key in self.keys
            if key.revoked_at is not None and key.revoked_at >= time_ms
        ]
        return sorted(found, key=lambda item: item[1])

    def _change(self, key: ApiKey, **changes: int | bytes | None) -> ApiKey:
        changed = msgspec.structs.replace(key, **changes)
        self.keys[key.number - 1] = changed
        return changed

    def _of_today(self, key: ApiKey) -> ApiKey:
        """The account may have been renumbered since the key was made."""
        account_id = key.sub_account_id or self._account(key.user_id)
        assert account_id is not None, "people stay"
        return msgspec.structs.replace(key, account_id=account_id)

    def _account(self, user_id: int) -> int | None:
        return next(
            (user.account_id for user, _ in self.users.users if user.user_id == user_id), None
        )
