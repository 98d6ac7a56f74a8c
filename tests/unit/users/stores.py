"""The user service's stores in a few dicts; the contract suites hold them to what SQL does."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from cse.users.errors import DamagedKeys, EmailTaken, HandleTaken
from cse.users.model import (
    Credentials,
    NewUser,
    Opening,
    RefreshToken,
    SeenSession,
    Session,
    Use,
    User,
)
from cse.users.ports import RefreshOutcome, Rotation


class MemoryUserStore:
    """UserStore without a database."""

    def __init__(self) -> None:
        self.next_account = 1_000
        self.users: list[tuple[User, NewUser]] = []
        self.openings: dict[int, Opening] = {}
        self.claimed: set[int] = set()
        self.done: dict[int, int] = {}

    async def add_user(self, new: NewUser) -> User:
        if any(known.email == new.email for _, known in self.users):
            raise EmailTaken
        if any(known.handle_key == new.handle_key for _, known in self.users):
            raise HandleTaken
        opening = self._open(new.fee_tier, new.created_at)
        user = User(
            len(self.users) + 1,
            new.email,
            new.handle,
            opening.account_id,
            new.created_at,
            new.verified_at,
        )
        self.users.append((user, new))
        return user

    async def is_email_taken(self, email: str) -> bool:
        return any(user.email == email for user, _ in self.users)

    async def credentials(self, email: str) -> Credentials | None:
        return self._credentials(lambda user: user.email == email)

    async def credentials_of(self, user_id: int) -> Credentials | None:
        return self._credentials(lambda user: user.user_id == user_id)

    def _credentials(self, fits: Callable[[User], bool]) -> Credentials | None:
        for user, new in self.users:
            if fits(user):
                waiting = user.account_id not in self.done
                opening = self.openings[user.account_id] if waiting else None
                return Credentials(user, new.password_hash, opening)
        return None

    async def replace_password_hash(self, user_id: int, old: str, new: str) -> bool:
        user, known = self.users[user_id - 1] if user_id <= len(self.users) else (None, None)
        if user is None or known is None or known.password_hash != old:
            return False
        self.users[user_id - 1] = (user, msgspec.structs.replace(known, password_hash=new))
        return True

    async def reserve_account_ids(self, through: int) -> None:
        self.next_account = max(self.next_account, through + 1)

    async def claim_opening(self, account_id: int, at_ms: int) -> bool:
        if account_id not in self.openings or account_id in self.done:
            return False
        self.claimed.add(account_id)
        return True

    async def renumber_account(self, account_id: int) -> Opening | None:
        if account_id not in self.openings or account_id in self.claimed | self.done.keys():
            return None
        old = self.openings.pop(account_id)
        opening = self._open(old.fee_tier, old.created_at)
        self.users = [
            (msgspec.structs.replace(user, account_id=opening.account_id), new)
            if user.account_id == account_id
            else (user, new)
            for user, new in self.users
        ]
        return opening

    async def pending_openings(
        self, *, before_ms: int, after_account_id: int, limit: int
    ) -> Sequence[Opening]:
        return [
            opening
            for account_id, opening in sorted(self.openings.items())
            if account_id not in self.done
            and opening.created_at < before_ms
            and account_id > after_account_id
        ][:limit]

    async def mark_opened(self, account_id: int, at_ms: int) -> None:
        if account_id in self.openings:
            self.done.setdefault(account_id, at_ms)

    def _open(self, fee_tier: int, created_at: int) -> Opening:
        opening = Opening(self.next_account, fee_tier, created_at)
        self.next_account += 1
        self.openings[opening.account_id] = opening
        return opening


class MemorySessionStore:
    """SessionStore without a database."""

    def __init__(self, users: MemoryUserStore | None = None) -> None:
        self.people = users
        self.sessions: dict[str, Session] = {}
        self.revoked: dict[str, int] = {}
        self.tokens: dict[bytes, tuple[str, RefreshToken]] = {}
        self.used: dict[bytes, int] = {}
        self.uses: dict[str, Use] = {}

    async def add_session(self, session: Session, token: RefreshToken) -> None:
        self.sessions[session.session_id] = session
        self.tokens[token.digest] = (session.session_id, token)

    async def rotate(
        self, digest: bytes, successor: RefreshToken, *, replay_ms: int = 0
    ) -> Rotation:
        session = await self.session_of(digest)
        if session is None:
            return Rotation(RefreshOutcome.UNKNOWN, None)
        now_ms = successor.issued_at
        was_used = digest in self.used
        family = [key for key, (name, _) in self.tokens.items() if name == session.session_id]
        if not was_used:
            for key in family:
                self.used.setdefault(key, now_ms)
        else:
            used_at = self.used[digest]
            since = [key for key in family if self.tokens[key][1].issued_at >= used_at]
            was_used = max(now_ms - used_at, 0) >= replay_ms or any(
                key in self.used for key in since if key != digest
            )
        if session.session_id in self.revoked:
            return Rotation(RefreshOutcome.REVOKED, session)
        if was_used:
            self.revoked[session.session_id] = successor.issued_at
            return Rotation(RefreshOutcome.REUSED, session)
        if session.ends_at <= successor.issued_at:
            return Rotation(RefreshOutcome.ENDED, session)
        if self.tokens[digest][1].expires_at <= successor.issued_at:
            return Rotation(RefreshOutcome.EXPIRED, session)
        expires_at = min(successor.expires_at, session.ends_at)
        stored = msgspec.structs.replace(successor, expires_at=expires_at)
        self.tokens[successor.digest] = (session.session_id, stored)
        self.sessions[session.session_id] = msgspec.structs.replace(session, expires_at=expires_at)
        return Rotation(RefreshOutcome.ROTATED, session)

    async def session_of(self, digest: bytes) -> Session | None:
        known = self.tokens.get(digest)
        return self.sessions[known[0]] if known else None

    async def revoke(self, session_id: str, at_ms: int) -> bool:
        if session_id not in self.sessions or session_id in self.revoked:
            return False
        self.revoked[session_id] = at_ms
        return True

    async def sessions_of(
        self, user_id: int, *, at_ms: int, before: tuple[int, str] | None, limit: int
    ) -> Sequence[SeenSession]:
        mine = [
            session
            for session in self._live(at_ms)
            if session.user_id == user_id
            and (before is None or (session.created_at, session.session_id) < before)
        ]
        mine.sort(key=lambda session: (session.created_at, session.session_id), reverse=True)
        return [self._seen(session) for session in mine[:limit]]

    async def revoke_own(self, user_id: int, session_id: str, at_ms: int) -> bool:
        session = self.sessions.get(session_id)
        if session is None or session.user_id != user_id:
            return False
        await self.revoke(session_id, at_ms)
        return True

    async def revoke_others(self, user_id: int, keep: str | None, at_ms: int) -> Sequence[str]:
        mine = [each for each in self._live(at_ms) if each.user_id == user_id]
        ended = [each.session_id for each in mine if each.session_id != keep]
        self.revoked |= dict.fromkeys(ended, at_ms)
        return ended

    async def revoke_accounts(self, account_ids: Sequence[int], at_ms: int) -> Sequence[str]:
        theirs = [each for each in self._live(at_ms) if each.account_id in account_ids]
        ended = [each.session_id for each in theirs]
        self.revoked |= dict.fromkeys(ended, at_ms)
        return ended

    async def log_in_addresses(self, email: str, since_ms: int) -> Sequence[str]:
        known = await self.people.credentials(email) if self.people is not None else None
        mine = known.user.user_id if known is not None else None
        return sorted(
            {
                each.began_from
                for each in self.sessions.values()
                if each.user_id == mine and each.created_at >= since_ms
            }
        )

    async def mark_used(self, uses: Mapping[str, Use]) -> None:
        for session_id, use in uses.items():
            session = self.sessions.get(session_id)
            if session is not None and self._seen(session).used_at < use.at_ms:
                self.uses[session_id] = use

    def _live(self, at_ms: int) -> list[Session]:
        known = self.sessions.values()
        return [s for s in known if s.session_id not in self.revoked and s.expires_at > at_ms]

    def _seen(self, session: Session) -> SeenSession:
        use = self.uses.get(session.session_id, Use(session.created_at, session.began_from))
        fields = msgspec.structs.asdict(session)
        return SeenSession(**fields, used_at=use.at_ms, used_from=use.address)

    async def revoked_since(self, time_ms: int) -> Sequence[tuple[str, int]]:
        found = [(key, at_ms) for key, at_ms in self.revoked.items() if at_ms >= time_ms]
        return sorted(found, key=lambda item: item[1])

    async def purge(self, before_ms: int) -> int:
        over = [key for key, session in self.sessions.items() if session.expires_at < before_ms]
        for key in over:
            del self.sessions[key]
            self.revoked.pop(key, None)
        self.tokens = {digest: item for digest, item in self.tokens.items() if item[0] not in over}
        return len(over)


class MemoryKeyStore:
    """KeyStore without a file."""

    def __init__(self) -> None:
        self.data: bytes | None = None

    def load_or_create(self, create: Callable[[], bytes]) -> bytes:
        if self.data is None:
            self.data = create()
        return self.data

    def replace(self, change: Callable[[bytes], bytes]) -> None:
        if self.data is None:
            raise DamagedKeys("there is no key ring")
        self.data = change(self.data)
