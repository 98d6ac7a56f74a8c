"""Staff searches the audit log; whoever does stands in it."""

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
from cse.users.audit_log import AuditFilter, AuditLine, AuditRecord
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
    """Such as `account:1000`, `market:NOVA-USDC` or `approval:3`."""
    from_ms: Time | None = None
    """Not older than (Unix ms)."""
    to_ms: Time | None = None
    """Older than (Unix ms)."""
    ip: Name | None = None
    """Where it was asked from."""
    session_id: Name | None = None
    """In which session."""


class AuditEntry(AuditLine, frozen=True, kw_only=True):
    """One record of the audit log."""

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
        filtered = {name: getattr(wanted, name) for name in AuditFilter.__struct_fields__}
        authority = self._deps.authority
        found = await authority.log.search(
            AuditFilter(**filtered), before=after[0] if after else None, limit=wanted.limit + 1
        )
        if after is None:  # once a search, not once a page
            asked = {name: value for name, value in filtered.items() if value is not None}
            act = act_of(call, Act.AUDIT_READ, "audit", before={}, after=asked, reason="")
            await authority.trail.record(act)
        page = found[: wanted.limit]
        cursor = write_cursor(AUDIT, page[-1].number) if len(found) > wanted.limit else None
        return Answer(200, encode(AuditPage([entry_of(record) for record in page], cursor)))


def audit_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the call that searches the audit log."""
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


def entry_of(record: AuditRecord) -> AuditEntry:
    """Return a record as the API shows it."""
    fields = msgspec.structs.asdict(record)
    fields["before"] = msgspec.Raw(record.before.encode())
    fields["after"] = msgspec.Raw(record.after.encode())
    fields["digest"] = record.digest.hex()
    return AuditEntry(**fields)
