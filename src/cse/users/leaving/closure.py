"""A person closes their account: the engine says whether it is empty, and what was begun is carried to its end.

The intent is stored first. Then the engine closes every account of the person, each exactly once: a closed one
refuses to be closed again, which tells us that it is done. Then keys, sessions, profile and factors end in one
transaction. Whatever crashes in between, `run` goes on from there; an account that got money meanwhile stays open.
"""

import asyncio
from typing import Final

import structlog

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.messages.commands import SetAccountStatus
from cse.messages.events import Rejected
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import AccountStatus
from cse.users.audit import Act, AuditAct, Facts, user_actor
from cse.users.core import UserCore
from cse.users.errors import UnknownUser
from cse.users.leaving.model import RETENTION_MS, Closure, NotEmpty, Obstacle, WrongHandle
from cse.users.leaving.ports import ClosureStore, Holdings
from cse.users.model import User
from cse.users.notices import Notice

RESUME_AFTER_MS: Final = 10_000
"""Younger closures are left to the call that is still at it."""
_LOOK_S: Final = 5.0
_PURGE_MS: Final = 3_600_000
_AT_ONCE: Final = 100
_GOODBYE: Final = Notice(
    "Your account is closed",
    "Your account at CS Exchange is closed. Your profile, picture, second factors and API keys are deleted or"
    " revoked. As the law asks, your name is kept for five years and is then deleted, too.",
)
_STAYS: Final = Notice(
    "Your account was not closed",
    "Your account at CS Exchange was not closed: something came into it before it could be. Empty it, and"
    " close it again.",
)

log = structlog.get_logger(__name__)


class Closures:
    """Closes accounts; keep `run` running."""

    def __init__(self, store: ClosureStore, holdings: Holdings, core: UserCore) -> None:
        """Use these."""
        self._store = store
        self._holdings = holdings
        self._core = core

    async def close(self, user_id: int, handle: str, reason: str) -> Closure:
        """Close a person's accounts. With engine or database away in the middle it goes on later by itself.

        Raises:
            WrongHandle: `handle` is not theirs.
            NotEmpty: it cannot be closed now; everything stays as it is.
            UnknownUser: the person is gone.
            Unavailable: the database is out of reach, and nothing was begun.
        """
        user = await self._user(user_id)
        if handle != user.handle:
            raise WrongHandle
        if obstacles := await self.obstacles(user):
            raise NotEmpty(obstacles)
        now_ms = self._core.clock.now_ms()
        act = _act(Act.CLOSURE_ASKED, user_id, {"reason_given": bool(reason)})
        await self._store.begin(user_id, reason, act, now_ms)
        try:
            return await self._carry_out(user)
        except (Unavailable, OutcomeUnknown) as error:
            log.warning("closure_goes_on_later", user_id=user_id, error=str(error))
            return Closure(user_id, now_ms, None)

    async def obstacles(self, user: User) -> list[Obstacle]:
        """Return all that stands in the way of closing; raises Unavailable."""
        found: list[Obstacle] = []
        for account_id in await self._holdings.accounts(user.user_id, user.account_id):
            found += self._holdings.obstacles(account_id)
        if roles := self._core.roles.of(user.user_id):
            words = f"you have the role {', '.join(sorted(roles))}"
            found.append(Obstacle(user.account_id, "role", words))
        return found

    async def resume(self) -> int:
        """Carry on with what was begun a while ago; return how many are done now.

        Raises:
            Unavailable: the database is out of reach.
        """
        done = 0
        before_ms = self._core.clock.now_ms() - RESUME_AFTER_MS
        for closure in await self._store.under_way(before_ms, _AT_ONCE):
            try:
                await self._carry_out(await self._user(closure.user_id))
                done += 1
            except (NotEmpty, OutcomeUnknown, Unavailable) as error:
                log.warning("closure_not_done", user_id=closure.user_id, error=str(error))
        return done

    async def purge(self) -> int:
        """Take the names of people away who closed long enough ago; return of how many; raises Unavailable."""
        now_ms = self._core.clock.now_ms()
        return await self._store.anonymise(now_ms - RETENTION_MS, now_ms, _AT_ONCE)

    async def run(self) -> None:
        """Carry on with closures and purge names until cancelled."""
        purge_at = 0
        while True:
            try:
                await self.resume()
                now_ms = self._core.clock.now_ms()
                if now_ms >= purge_at and await self.purge() < _AT_ONCE:
                    purge_at = now_ms + _PURGE_MS
            except Unavailable as error:
                log.warning("closures_wait", error=str(error))
            await asyncio.sleep(_LOOK_S)

    async def _user(self, user_id: int) -> User:
        known = await self._core.users.credentials_of(user_id)
        if known is None:
            raise UnknownUser
        return known.user

    async def _carry_out(self, user: User) -> Closure:
        for account_id in await self._holdings.accounts(user.user_id, user.account_id):
            if obstacle := await self._close_in_engine(account_id):
                await self._give_up(user.user_id, obstacle)
        act = _act(Act.ACCOUNT_CLOSED, user.user_id, {"account_id": user.account_id})
        letter = await self._core.notices.sealed(user.user_id, _GOODBYE)
        now_ms = self._core.clock.now_ms()
        closed_at = await self._store.finish(user.user_id, act, letter, now_ms)
        return Closure(user.user_id, now_ms, closed_at)

    async def _close_in_engine(self, account_id: int) -> Obstacle | None:
        """Have an account closed; return why it is not."""
        command = SetAccountStatus(account_id, AccountStatus.CLOSED)
        applied = await self._core.queue.submit(command)
        first = applied.events[0] if applied.events else None
        if not isinstance(first, Rejected) or first.code is RejectCode.ACCOUNT_CLOSED:
            return None
        return Obstacle(account_id, "not_empty", "it has money or open orders")

    async def _give_up(self, user_id: int, obstacle: Obstacle) -> None:
        act = _act(Act.CLOSURE_GIVEN_UP, user_id, {"account_id": obstacle.account_id})
        if await self._store.give_up(user_id, act, self._core.clock.now_ms()):
            await self._core.notices.tell(user_id, _STAYS)
        raise NotEmpty([obstacle])


def _act(act: Act, user_id: int, after: Facts) -> AuditAct:
    person = user_actor(user_id)
    return AuditAct(act=act, actor=person, object=person, after=after)
