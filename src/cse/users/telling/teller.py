"""Follows the audit log and tells people what was done with their account.

The log is the outbox: every act is in it, whether it was recorded in the transaction of the act or before it, by
whichever part of the exchange. How far people were told is one number in SQL; it moves in the transaction that
puts the letters into the outbox, so each act is told once, however many gateways there are and whenever one crashes.
"""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Final, Protocol

import structlog

from cse.core.errors import Unavailable
from cse.users.audit import Act
from cse.users.audit_log import AuditFilter, AuditReader, AuditRecord
from cse.users.core import UserCore
from cse.users.telling.catalogue import Told, concerned, new_place, told_of

PAGE: Final = 200
EARLIER: Final = 100
"""A log-in is compared with so many before it."""
NEW_PLACES: Final = 5
"""Letters about new places that a person gets in an hour at most."""
_HOUR_MS: Final = 3_600_000
_LOOK_S: Final = 1.0
_PREFIX: Final = {4: 24, 6: 48}
"""Bits of an address that say which network it is in."""

log = structlog.get_logger(__name__)


class ToldStore(Protocol):
    """How far people were told. Every method raises Unavailable while the database is out of reach."""

    async def position(self) -> int:
        """Return the number of the last record that was told."""
        ...

    async def advance(
        self, before: int, after: int, letters: Sequence[tuple[int, bytes]], at_ms: int
    ) -> int | None:
        """Move from `before` to `after` and put letters (person, sealed) into the outbox, both or neither.

        Returns:
            How many letters there was room for; None: it was not at `before` any more.
        """
        ...


class Teller:
    """Tells people; keep `run` running."""

    def __init__(self, records: AuditReader, store: ToldStore, core: UserCore) -> None:
        """Use these."""
        self._records = records
        self._store = store
        self._core = core

    async def tell_new(self) -> int:
        """Tell of the next page of records; return how many there were.

        Raises:
            Unavailable: the database is out of reach; nobody was told, and it is tried again.
        """
        before = await self._store.position()
        records = await self._records.after(before, PAGE)
        if not records:
            return 0
        letters: list[tuple[int, bytes]] = []
        for record in records:
            told = await self._told(record)
            sealed = await self._core.notices.sealed(*told) if told is not None else None
            if told is not None and sealed is not None:
                letters.append((told.user_id, sealed))
        now_ms = self._core.clock.now_ms()
        put = await self._store.advance(before, records[-1].number, letters, now_ms)
        if put is not None and put < len(letters):
            log.warning("notices_dropped_outbox_full", dropped=len(letters) - put)
        return len(records)

    async def run(self) -> None:
        """Tell people until cancelled."""
        while True:
            try:
                if await self.tell_new() == PAGE:
                    continue
            except Unavailable as error:
                log.warning("notices_wait", error=str(error))
            await asyncio.sleep(_LOOK_S)

    async def _told(self, record: AuditRecord) -> Told | None:
        if record.act != Act.LOG_IN.value:
            return told_of(record)
        return new_place(record) if await self._is_new_place(record) else None

    async def _is_new_place(self, record: AuditRecord) -> bool:
        """Return whether somebody who logged in before did not do so from this network lately."""
        user_id, here = concerned(record), _network(record.ip)
        if user_id is None or not here:
            return False
        log_ins = AuditFilter(act=record.act, actor=record.actor)
        earlier = await self._records.search(log_ins, before=record.number, limit=EARLIER)
        if not earlier or any(_network(each.ip) == here for each in earlier):
            return False
        letters = await self._core.cache.increment(f"told:new-place:{user_id}", _HOUR_MS)
        return letters <= NEW_PLACES


def _network(address: str) -> str:
    """Return the network that an address is in; empty where it is not known."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network(f"{parsed}/{_PREFIX[parsed.version]}", strict=False))
