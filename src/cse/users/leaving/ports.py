"""Ports of leaving. Every method of a store is one transaction and raises Unavailable without its database."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

from cse.users.audit import AuditAct
from cse.users.leaving.model import Closure, Export, Obstacle


class ClosureStore(Protocol):
    """Closures, and what ends with an account in the users' tables."""

    async def begin(self, user_id: int, reason: str, act: AuditAct, at_ms: int) -> bool:
        """Note that somebody closes their account, with its record; False: it was noted before."""
        ...

    async def closure(self, user_id: int) -> Closure | None:
        """Return somebody's closure."""
        ...

    async def under_way(self, before_ms: int, limit: int) -> Sequence[Closure]:
        """Return closures that were asked for before a time and are not done, oldest first."""
        ...

    async def give_up(self, user_id: int, act: AuditAct, at_ms: int) -> bool:
        """Forget a closure that is not done, with its record; False: there is none."""
        ...

    async def finish(
        self, user_id: int, act: AuditAct, sealed: bytes | None, at_ms: int
    ) -> int | None:
        """End keys and sessions, delete profile, picture, factors and links, put the last letter into the outbox.

        Returns:
            When it was done, now or before; None: there is no closure.
        """
        ...

    async def anonymise(self, before_ms: int, at_ms: int, limit: int) -> int:
        """Take the names of people away who closed before a time; return of how many."""
        ...


class Holdings(Protocol):
    """What people have on the exchange."""

    async def accounts(self, user_id: int, account_id: int) -> Sequence[int]:
        """Return a person's accounts, their own (`account_id`) last."""
        ...

    def obstacles(self, account_id: int) -> list[Obstacle]:
        """Return why an account cannot be closed; nothing: it can."""
        ...


class ExportStore(Protocol):
    """Which exports were made."""

    async def begin(self, export: Export, act: AuditAct) -> None:
        """Note an export that is about to begin, with its record.

        Raises:
            cse.users.leaving.model.ExportRuns: another one of this person is under way.
            cse.users.leaving.model.TooManyExports: they have had as many as one may have in a day.
        """
        ...

    async def finish(self, export_id: str, lines: int, at_ms: int) -> None:
        """Note that it ended."""
        ...

    async def recent(self, user_id: int, limit: int) -> Sequence[Export]:
        """Return a person's last exports, newest first."""
        ...


class PersonalData(Protocol):
    """Everything that is held about a person, in pages that fit into memory."""

    def pages(
        self, user_id: int, account_ids: Sequence[int]
    ) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
        """Return pages of items, each a JSON object with its `kind`; raises Unavailable meanwhile."""
        ...
