"""Staff search the audit log; whoever does stands in it."""

from typing import Annotated

import msgspec
from msgspec import Meta

from cse.gateway.cursors import AUDIT, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import TAG, act_of, encode
from cse.gateway.http.lists import Page
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.problems import invalid
from cse.users.audit import Act
from cse.users.audit_log import AuditFilter, AuditRecord
from cse.users.authority import Permission

_ACTS = frozenset(act.value for act in Act)
Name = Annotated[str, Meta(min_length=1, max_length=128, pattern="^[!-~]+$")]
Time = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class AuditQuery(Page, frozen=True, forbid_unknown_fields=True):
    """Which records: all that is given must fit."""

    act: Name | None = None
    actor: Name | None = None
    """Such as `user:17` or `system`."""
    object: Name | None = None
    """Such as `account:1000` or `market:NOVA-USDC`."""
    from_ms: Time | None = None
    """Not older than (Unix ms)."""
    to_ms: Time | None = None
    """Older than (Unix ms)."""


class AuditEntry(msgspec.Struct, frozen=True):
    """One record of the audit log."""

    number: int
    at_ms: int
    act: str
    actor: str
    object: str
    session_id: str
    ip: str
    before: msgspec.Raw
    after: msgspec.Raw
    reason: str
    digest: str
    """BLAKE2b-256 over this record and the digest of the one before, in hexadecimal."""


class AuditPage(msgspec.Struct, frozen=True):
    """A page of records, newest first."""

    records: list[AuditEntry]
    next_cursor: str | None


class AuditCalls:
    """The audit log over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read the log."""
        self._deps = deps

    async def search(self, call: Call) -> Answer:
        """Search the audit log. That it was read, and for what, is recorded too."""
        wanted: AuditQuery = call.query(AuditQuery)
        if wanted.act is not None and wanted.act not in _ACTS:
            raise invalid({"act": "is no act that is recorded"})
        after = read_cursor(AUDIT, wanted.cursor)
        authority = self._deps.authority
        found = await authority.log.search(
            AuditFilter(wanted.act, wanted.actor, wanted.object, wanted.from_ms, wanted.to_ms),
            before=after[0] if after else None,
            limit=wanted.limit + 1,
        )
        if after is None:  # once a search, not once a page
            asked = {"act": wanted.act, "actor": wanted.actor, "object": wanted.object}
            act = act_of(call, Act.AUDIT_READ, "audit", before={}, after=asked, reason="")
            await authority.trail.record(act)
        page = found[: wanted.limit]
        cursor = write_cursor(AUDIT, page[-1].number) if len(found) > wanted.limit else None
        return Answer(200, encode(AuditPage([_entry(record) for record in page], cursor)))


def audit_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about the audit log."""
    return [
        Operation(
            "GET",
            "/api/admin/audit",
            AuditCalls(deps).search,
            "Search the audit log",
            TAG,
            AuditPage,
            Need.READ,
            query=AuditQuery,
            permission=Permission.AUDIT_READ,
        )
    ]


def _entry(record: AuditRecord) -> AuditEntry:
    fields = msgspec.structs.asdict(record)
    fields["before"] = msgspec.Raw(record.before.encode())
    fields["after"] = msgspec.Raw(record.after.encode())
    fields["digest"] = record.digest.hex()
    return AuditEntry(**fields)
