"""Authority without a database: roles in a dict, an audit trail in a list, nobody to find."""

from collections.abc import Sequence

from cse.adapters.bus.memory import MemoryBus
from cse.core.clock import Clock
from cse.users.audit import Act, AuditAct, MemoryAuditTrail, user_actor
from cse.users.audit_log import AuditFilter, AuditRecord, Head, next_record
from cse.users.authority_parts import Authority, AuthorityPorts
from cse.users.people_search import PeopleSearch, Person
from cse.users.roles import Asked, RoleChange, Roles


class MemoryRoleStore:
    """RoleStore without a database; whoever is asked for exists. `failure` is raised instead of reading."""

    def __init__(self, trail: MemoryAuditTrail) -> None:
        self.changes: dict[tuple[int, str], RoleChange] = {}
        self.failure: Exception | None = None
        self._trail = trail

    async def set_role(self, asked: Asked, at_ms: int) -> bool:
        if self.failure is not None:
            raise self.failure
        key = (asked.user_id, asked.role.value)
        known = self.changes.get(key)
        if (known is not None and known.held) == asked.held:
            return False
        await self._trail.record(
            AuditAct(
                act=Act.ROLE_GRANTED if asked.held else Act.ROLE_REVOKED,
                actor=asked.actor,
                object=user_actor(asked.user_id),
                reason=asked.reason,
            )
        )
        self.changes[key] = RoleChange(*key, asked.held, at_ms)
        return True

    async def changed_since(self, time_ms: int) -> Sequence[RoleChange]:
        if self.failure is not None:
            raise self.failure
        return [change for change in self.changes.values() if change.changed_at >= time_ms]


class MemoryAuditReader:
    """AuditReader over a MemoryAuditTrail; every record has time 0."""

    def __init__(self, trail: MemoryAuditTrail) -> None:
        self._trail = trail

    async def search(
        self, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> Sequence[AuditRecord]:
        found = [
            record
            for record in self._records()
            if (before is None or record.number < before)
            and wanted.act in {None, record.act}
            and wanted.actor in {None, record.actor}
            and wanted.object in {None, record.object}
            and wanted.ip in {None, record.ip}
            and wanted.session_id in {None, record.session_id}
        ]
        return found[::-1][:limit]

    async def after(self, number: int, limit: int) -> Sequence[AuditRecord]:
        return [record for record in self._records() if record.number > number][:limit]

    async def head(self) -> Head:
        records = self._records()
        return Head(records[-1].number, records[-1].digest) if records else Head()

    def _records(self) -> list[AuditRecord]:
        head, records = Head(), []
        for act in self._trail.acts:
            records.append(next_record(head, act, 0))
            head = Head(records[-1].number, records[-1].digest)
        return records


class ListedPeople:
    """PeopleReader over a list that a test fills."""

    def __init__(self) -> None:
        self.people: list[Person] = []

    async def find(self, wanted: PeopleSearch, *, after: int, limit: int) -> Sequence[Person]:
        return [
            person
            for person in self.people
            if person.user_id > after
            and person.email.startswith(wanted.email or "")
            and person.handle.startswith(wanted.handle or "")
            and wanted.account_id in {None, person.account_id}
            and wanted.user_id in {None, person.user_id}
        ][:limit]


def memory_authority(trail: MemoryAuditTrail, roles: MemoryRoleStore) -> AuthorityPorts:
    return AuthorityPorts(trail, MemoryAuditReader(trail), roles, ListedPeople())


def authority_of(trail: MemoryAuditTrail, roles: MemoryRoleStore, clock: Clock) -> Authority:
    ports = memory_authority(trail, roles)
    return Authority(ports.trail, ports.log, Roles(roles, MemoryBus(), clock), ports.people)
