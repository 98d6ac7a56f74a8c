"""Likenesses to the sanctions list: risk staff clear or confirm them; a changed list is compared with everybody."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.messages.commands import SetAccountStatus
from cse.messages.events import Rejected
from cse.messages.ports import CommandQueue
from cse.messages.wire import AccountStatus
from cse.users.audit import (
    NO_FACTS,
    SYSTEM,
    Act,
    AuditAct,
    AuditTrail,
    Facts,
    account_object,
    user_actor,
)
from cse.users.errors import DamagedKeys
from cse.users.identity_checks.documents import check_object
from cse.users.identity_checks.errors import NoSuchCheck, OwnCheck, WrongState
from cse.users.identity_checks.lists import Lists
from cse.users.identity_checks.model import Check, Found, Hit
from cse.users.identity_checks.personal_data import open_data
from cse.users.identity_checks.ports import IdentityStore
from cse.users.identity_checks.sanctions import SanctionsList
from cse.users.ports import UserStore
from cse.users.secret_box import SecretBox

PAGE: Final = 100
"""People that are looked at between two notes of how far it is."""

log = structlog.get_logger(__name__)


class HoldParts(NamedTuple):
    """What it works with."""

    store: IdentityStore
    users: UserStore
    lists: Lists
    queue: CommandQueue
    trail: AuditTrail
    box: SecretBox
    clock: Clock
    freeze_others: Callable[[int, AccountStatus], Awaitable[object]] | None = None
    """Gives the sub-accounts of whoever has this account the same status; None: there are none."""


class Holds:
    """Hits, for risk staff."""

    def __init__(self, parts: HoldParts) -> None:
        """Work with these."""
        self._parts = parts

    async def hits(self, status: str, *, after: int, limit: int) -> Sequence[Hit]:
        """Return hits in a state, oldest first."""
        return await self._parts.store.hits(status, after=after, limit=limit)

    async def hit(self, hit_id: int) -> Hit:
        """Return one; raises NoSuchCheck, Unavailable."""
        hit = await self._parts.store.hit(hit_id)
        if hit is None:
            raise NoSuchCheck("There is no such likeness.")
        return hit

    async def decide(
        self, hit_id: int, by: int, reason: str, *, confirmed: bool, signed: Facts = NO_FACTS
    ) -> Hit:
        """Clear an open hit, or confirm it, which freezes the account first. The same again: nothing more happens.

        `signed` goes into the record: who let it through.

        Raises:
            NoSuchCheck, OwnCheck: as they say.
            WrongState: it was decided the other way.
            Unavailable: nothing was decided; the account may be frozen already: do it again.
        """
        hit = await self.hit(hit_id)
        if hit.user_id == by:
            raise OwnCheck
        wanted = "confirmed" if confirmed else "cleared"
        if hit.status == wanted:
            return hit
        if hit.status != "open":
            raise WrongState
        if confirmed:
            await self._freeze(hit, by, reason)
        parts = self._parts
        act = AuditAct(
            act=Act.SANCTIONS_HIT_CONFIRMED if confirmed else Act.SANCTIONS_HIT_CLEARED,
            actor=user_actor(by),
            object=check_object(hit.check_id),
            before={"hit_id": hit_id, "status": "open"},
            after={"hit_id": hit_id, "status": wanted, "entry_id": hit.entry_id, **signed},
            reason=reason,
        )
        now_ms = parts.clock.now_ms()
        if not await parts.store.decide_hit(hit, act, now_ms, confirmed=confirmed, by=by):
            now = await self.hit(hit_id)
            if now.status != wanted:
                raise WrongState
        return await self.hit(hit_id)

    async def rescreen(self) -> int:
        """Go on comparing everybody with the list in use, from where the last run stopped; return new hits.

        Raises:
            Unavailable: it stopped; the next run goes on.
        """
        parts, new = self._parts, 0
        sanctions = parts.lists.sanctions
        position = await parts.store.screened_until(sanctions.digest) or 0
        while page := await parts.store.to_screen(after=position, limit=PAGE):
            for check, found in await asyncio.to_thread(self._compared, page, sanctions):
                new += await self._note(check, found)
            position = page[-1].check_id
            await parts.store.note_screened(sanctions.digest, position, parts.clock.now_ms())
            log.info("sanctions_rescreened", until_check=position, new_hits=new)
            if len(page) < PAGE:
                break
        return new

    def _compared(
        self, page: Sequence[Check], sanctions: SanctionsList
    ) -> list[tuple[Check, list[Found]]]:
        compared = []
        for check in page:
            try:
                data = open_data(self._parts.box, check.user_id, check.sealed)
            except DamagedKeys as error:
                log.warning("identity_data_damaged", check_id=check.check_id, error=str(error))
                continue
            if found := sanctions.like(data.legal_name, data.birth_date):
                compared.append((check, found))
        return compared

    async def _note(self, check: Check, found: Sequence[Found]) -> int:
        parts = self._parts
        act = AuditAct(
            act=Act.SANCTIONS_HIT_FOUND,
            actor=SYSTEM,
            object=check_object(check.check_id),
            after={"entries": [each.entry_id for each in found]},
            reason="list_changed",
        )
        return await parts.store.add_hits(check, found, act, parts.clock.now_ms())

    async def _freeze(self, hit: Hit, by: int, reason: str) -> None:
        parts = self._parts
        known = await parts.users.credentials_of(hit.user_id)
        if known is None:
            raise NoSuchCheck
        account_id = known.user.account_id
        await parts.trail.record(
            AuditAct(
                act=Act.ACCOUNT_STATUS_SET,
                actor=user_actor(by),
                object=account_object(account_id),
                after={"status": "frozen"},
                reason=reason,
            )
        )
        applied = await parts.queue.submit(SetAccountStatus(account_id, AccountStatus.FROZEN))
        if applied.events and isinstance(applied.events[0], Rejected):
            code = applied.events[0].code.name.lower()
            raise Unavailable(f"The account cannot be frozen: {code}")
        if parts.freeze_others is not None:
            await parts.freeze_others(account_id, AccountStatus.FROZEN)
