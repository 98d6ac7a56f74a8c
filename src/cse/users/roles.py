"""Who has which role, as every process knows it: read from SQL twice a second, told over the bus at once.

Nothing in a token says what somebody is, so a role that was taken away counts nowhere within a second. With the
database away what was known last goes on to count: a halt must be possible just then.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.messages.bus import Bus
from cse.users.audit import NO_FACTS, Facts
from cse.users.authority import Permission, Role, permissions_of
from cse.users.endings import POLL_MS
from cse.users.errors import InvalidField

CHANNEL: Final = "roles:changed"
_OVERLAP_MS: Final = 120_000
"""Read again this far back: clocks of processes differ, and a transaction may commit late."""

log = structlog.get_logger(__name__)


class RoleChange(NamedTuple):
    """A role that somebody was given (`held`) or lost, the last time that it changed."""

    user_id: int
    role: str
    held: bool
    changed_at: int


class Asked(NamedTuple):
    """A change of role that somebody asks for."""

    user_id: int
    role: Role
    held: bool
    actor: str
    reason: str
    signed: Facts = NO_FACTS
    """What its record says besides, such as who approved it."""


class RoleStore(Protocol):
    """Roles besides `user`. Every method is one transaction; all raise Unavailable."""

    async def set_role(self, asked: Asked, at_ms: int) -> bool:
        """Give or take a role, with its record in the audit log; False if it was so already.

        Raises:
            cse.users.errors.UnknownUser: there is no such user.
        """
        ...

    async def changed_since(self, time_ms: int) -> Sequence[RoleChange]:
        """Return roles that were given or taken at or after a time."""
        ...


class Roles:
    """The roles that this process knows; keep `run` running."""

    def __init__(self, store: RoleStore, bus: Bus, clock: Clock) -> None:
        """Know nobody yet; `read` or `run` fills it."""
        self._store = store
        self._bus = bus
        self._clock = clock
        self._held: dict[int, frozenset[str]] = {}
        self._read_until: int | None = None

    def of(self, user_id: int) -> frozenset[str]:
        """Return somebody's roles besides `user`."""
        return self._held.get(user_id, frozenset())

    def may(self, user_id: int, permission: Permission) -> bool:
        """Return whether somebody may do this now; two look-ups in memory."""
        return permission in permissions_of(self.of(user_id))

    async def grant(self, user_id: int, role: Role, *, actor: str, reason: str) -> bool:
        """Give somebody a role; False if they had it.

        Raises:
            InvalidField: everybody is a `user` anyway.
            cse.users.errors.UnknownUser: there is no such user.
            Unavailable: the database is out of reach; nothing was done.
        """
        return await self.change(Asked(user_id, role, held=True, actor=actor, reason=reason))

    async def revoke(self, user_id: int, role: Role, *, actor: str, reason: str) -> bool:
        """Take a role away: here at once, everywhere within a second; False if they did not have it.

        Raises:
            InvalidField, cse.users.errors.UnknownUser, Unavailable: as `grant`.
        """
        return await self.change(Asked(user_id, role, held=False, actor=actor, reason=reason))

    async def read(self) -> None:
        """Take in what changed.

        Raises:
            Unavailable: the database is out of reach.
        """
        now_ms = self._clock.now_ms()
        since = 0 if self._read_until is None else self._read_until - _OVERLAP_MS
        for change in await self._store.changed_since(since):
            self._note(change.user_id, change.role, held=change.held)
        self._read_until = now_ms

    async def run(self) -> None:
        """Stay current until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poll())
            tasks.create_task(self._listen())

    async def change(self, asked: Asked) -> bool:
        """Give or take a role; False if it was so already. Errors as `grant`."""
        if asked.role is Role.USER:
            raise InvalidField("role", "is everybody's: it is neither given nor taken")
        changed = await self._store.set_role(asked, self._clock.now_ms())
        self._note(asked.user_id, asked.role.value, held=asked.held)
        try:
            await self._bus.publish(CHANNEL, str(asked.user_id).encode("ascii"))
        except Unavailable as error:  # the others will read it in SQL
            log.warning("role_change_not_announced", error=str(error))
        return changed

    def _note(self, user_id: int, role: str, *, held: bool) -> None:
        before = self.of(user_id)
        after = before | {role} if held else before - {role}
        if after:
            self._held[user_id] = after
        else:
            self._held.pop(user_id, None)

    async def _poll(self) -> None:
        while True:
            await self._read_if_possible()
            await asyncio.sleep(POLL_MS / 1000)

    async def _listen(self) -> None:
        async with self._bus.subscribe([CHANNEL]) as messages:
            async for _ in messages:  # whatever came or was missed: the truth is in SQL
                await self._read_if_possible()

    async def _read_if_possible(self) -> None:
        try:
            await self.read()
        except Unavailable as error:
            log.warning("roles_not_read", error=str(error))
