"""What a person does about their own identity: begin a check, add documents, hand it in, withdraw it."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import structs

from cse.core.clock import Clock
from cse.users.audit import Act, AuditAct, Facts, user_actor
from cse.users.identity_checks.documents import Documents, check_object
from cse.users.identity_checks.errors import (
    CheckOpen,
    CountryNotServed,
    Incomplete,
    NoSuchCheck,
    WrongLevel,
    WrongState,
)
from cse.users.identity_checks.jurisdictions import highest_level
from cse.users.identity_checks.lists import Lists
from cse.users.identity_checks.model import (
    NEEDED,
    Check,
    Document,
    DocumentKind,
    Found,
    Level,
    NewCheck,
    PersonalData,
    Status,
)
from cse.users.identity_checks.personal_data import accepted, open_data, seal_data
from cse.users.identity_checks.ports import IdentityStore, KycProvider
from cse.users.identity_checks.states import WAITING
from cse.users.secret_box import SecretBox


class Told(NamedTuple):
    """A check as its person is shown it."""

    check: Check
    documents: Sequence[Document]
    missing: Sequence[DocumentKind]
    progress: str
    """The provider's word for how far it is; empty unless it is submitted."""


class OwnParts(NamedTuple):
    """What it works with."""

    store: IdentityStore
    documents: Documents
    lists: Lists
    provider: KycProvider
    box: SecretBox
    clock: Clock


class OwnChecks:
    """Checks as their people see them: somebody else's is not there at all."""

    def __init__(self, parts: OwnParts) -> None:
        """Work with these."""
        self._parts = parts

    async def begin(self, user_id: int, level: int, data: PersonalData | None) -> Told:
        """Begin a check for the level above the person's own; without `data` with those of the last approved one.

        Raises:
            InvalidField: the data cannot be.
            WrongLevel, CheckOpen, CountryNotServed, Incomplete: as they say.
        """
        parts = self._parts
        if level not in NEEDED or await parts.store.level_of(user_id) != level - 1:
            raise WrongLevel
        if data is None:
            approved = await parts.store.last_approved(user_id)
            if approved is None:
                raise Incomplete("The first check takes personal data.")
            data = open_data(parts.box, user_id, approved.sealed)
        sealed = self._sealed(user_id, level, data)
        now_ms = parts.clock.now_ms()
        new = NewCheck(user_id, level, parts.provider.name, sealed, now_ms)
        act = _act(Act.IDENTITY_CHECK_BEGUN, user_id, user_actor(user_id), {"level": level})
        check_id = await parts.store.begin(new, act)
        if check_id is None:
            raise CheckOpen
        return await self._told(await self._own(user_id, check_id))

    async def change_data(self, user_id: int, check_id: int, data: PersonalData) -> Told:
        """Put other personal data into a check that is with its person."""
        parts, check = self._parts, await self._own(user_id, check_id)
        sealed = self._sealed(user_id, check.level, data)
        act = _act(Act.IDENTITY_DATA_CHANGED, user_id, check_object(check_id))
        if not await parts.store.change_data(check, sealed, act, parts.clock.now_ms()):
            raise WrongState
        return await self._told(await self._own(user_id, check_id))

    async def add_document(
        self, user_id: int, check_id: int, kind: DocumentKind, media: str, data: bytes
    ) -> int:
        """Add a document; return its id. Raises as `Documents.add`, and NoSuchCheck."""
        check = await self._own(user_id, check_id)
        return await self._parts.documents.add(check, kind, media, data, user_actor(user_id))

    async def submit(self, user_id: int, check_id: int) -> Told:
        """Hand a check in. Again: nothing more happens.

        Raises:
            Incomplete: documents are missing; the message says which.
            CountryNotServed, NoSuchCheck, WrongState: as they say.
        """
        parts, check = self._parts, await self._own(user_id, check_id)
        told = await self._told(check)
        if check.status in WAITING:
            return told
        if told.missing:
            raise Incomplete(f"Missing: {', '.join(told.missing)}.")
        data = open_data(parts.box, user_id, check.sealed)
        await asyncio.to_thread(parts.lists.refresh)
        self._require_served(check.level, data)
        found = await self._screened(check, data)
        act = _act(
            Act.IDENTITY_CHECK_SUBMITTED,
            user_id,
            check_object(check_id),
            {"level": check.level, "likenesses": len(found)},
        )
        status = await parts.store.submit(check, found, act, parts.clock.now_ms())
        now = await self._own(user_id, check_id)
        if status is None and now.status not in WAITING:
            raise WrongState
        if status is not None:
            await parts.provider.start(now)
        return await self._told(now)

    async def withdraw(self, user_id: int, check_id: int) -> Told:
        """End a check by one's own will; its documents are deleted later. Again: nothing more happens."""
        check = await self._own(user_id, check_id)
        if check.status is not Status.WITHDRAWN:
            act = _act(Act.IDENTITY_CHECK_WITHDRAWN, user_id, check_object(check_id))
            if not await self._parts.store.withdraw(check, act, self._parts.clock.now_ms()):
                raise WrongState
        return await self._told(await self._own(user_id, check_id))

    async def listed(self, user_id: int, *, before: int | None, limit: int) -> Sequence[Told]:
        """Return own checks, newest first."""
        checks = await self._parts.store.checks_of(user_id, before=before, limit=limit)
        documents = await self._parts.store.documents_of(*(check.check_id for check in checks))
        return [await self._told(check, documents) for check in checks]

    async def level_of(self, user_id: int) -> Level:
        """Return a person's level."""
        return Level(await self._parts.store.level_of(user_id))

    async def _own(self, user_id: int, check_id: int) -> Check:
        check = await self._parts.store.check(check_id)
        if check is None or check.user_id != user_id:
            raise NoSuchCheck
        return check

    async def _told(self, check: Check, known: Sequence[Document] | None = None) -> Told:
        if known is None:
            known = await self._parts.store.documents_of(check.check_id)
        documents = [each for each in known if each.check_id == check.check_id]
        there = {each.kind for each in documents if each.deleted_at is None}
        missing = sorted(NEEDED[check.level] - there) if check.decided_at is None else []
        waits = check.status in WAITING
        progress = await self._parts.provider.status(check) if waits else ""
        return Told(check, documents, missing, progress)

    def _sealed(self, user_id: int, level: int, data: PersonalData) -> bytes:
        parts = self._parts
        good = accepted(data, parts.lists.jurisdictions, parts.clock.now_ms())
        self._require_served(level, good)
        return seal_data(parts.box, user_id, good)

    def _require_served(self, level: int, data: PersonalData) -> None:
        known = self._parts.lists.jurisdictions
        if highest_level(known, data.country_of_residence, data.nationality) < level:
            raise CountryNotServed

    async def _screened(self, check: Check, data: PersonalData) -> list[Found]:
        """Return the entries that the name is like; those that were cleared for the same data stay so."""
        parts = self._parts
        sanctions = parts.lists.sanctions
        found = await asyncio.to_thread(sanctions.like, data.legal_name, data.birth_date)
        approved = await parts.store.last_approved(check.user_id) if found else None
        if approved is None or open_data(parts.box, check.user_id, approved.sealed) != data:
            return found
        hits = await parts.store.hits_of(approved.check_id)
        cleared = {hit.entry_digest for hit in hits if hit.status == "cleared"}
        return [structs.replace(each, is_cleared=each.entry_digest in cleared) for each in found]


_NOTHING: Facts = {}


def _act(act: Act, user_id: int, object_: str, after: Facts = _NOTHING) -> AuditAct:
    return AuditAct(act=act, actor=user_actor(user_id), object=object_, after=after)
