"""The audit log in pages, oldest first, for other programs: CSV that no spreadsheet runs, or one JSON object a line."""

from collections.abc import Sequence
from typing import Final

import msgspec

from cse.core.csv_cells import harmless, quoted
from cse.gateway.cursors import AUDIT_EXPORT, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import TAG, act_of
from cse.gateway.http.admin.audit import entry_of
from cse.gateway.http.lists import Page
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.users.audit import Act
from cse.users.audit_log import AuditRecord
from cse.users.authority import Permission

NEXT_CURSOR: Final = "Next-Cursor"
"""The header that carries on: the cursor of the page that follows; not there on the last one."""
_COLUMNS: Final = AuditRecord.__struct_fields__


class ExportCalls:
    """The whole log over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read the log."""
        self._deps = deps

    async def csv(self, call: Call) -> Answer:
        """Return a page of the audit log, oldest first, as CSV with a header line.

        Text that a spreadsheet would run as a formula has an apostrophe before it. The header `Next-Cursor` is the
        `cursor` of the page that follows. That the log was exported is recorded.
        """
        page, headers = await self._page(call, "csv")
        lines = [",".join(_COLUMNS), *(_csv_line(record) for record in page)]
        return Answer(200, "".join(f"{line}\n" for line in lines).encode(), headers)

    async def ndjson(self, call: Call) -> Answer:
        """Return a page of the audit log, oldest first, one JSON object a line; pages as for CSV."""
        page, headers = await self._page(call, "ndjson")
        lines = [msgspec.json.encode(entry_of(record)) + b"\n" for record in page]
        return Answer(200, b"".join(lines), headers)

    async def _page(self, call: Call, form: str) -> tuple[Sequence[AuditRecord], dict[str, str]]:
        wanted: Page = call.query(Page)
        after = read_cursor(AUDIT_EXPORT, wanted.cursor)
        authority = self._deps.authority
        if after is None:  # once an export, not once a page
            asked = act_of(
                call, Act.AUDIT_EXPORTED, "audit", before={}, after={"format": form}, reason=""
            )
            await authority.trail.record(asked)
        found = await authority.log.after(after[0] if after else 0, wanted.limit + 1)
        page = found[: wanted.limit]
        if len(found) <= wanted.limit:
            return page, {}
        return page, {NEXT_CURSOR: write_cursor(AUDIT_EXPORT, page[-1].number)}


def audit_export_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls that export the audit log."""
    calls = ExportCalls(deps)
    return [
        Operation(
            "GET",
            f"/api/admin/audit/export.{ending}",
            handler,
            f"Export the audit log as {words}",
            TAG,
            None,
            Need.READ,
            query=Page,
            media=media,
            permission=Permission.AUDIT_READ,
        )
        for ending, handler, words, media in (
            ("csv", calls.csv, "CSV", "text/csv; charset=utf-8"),
            ("ndjson", calls.ndjson, "JSON lines", "application/x-ndjson"),
        )
    ]


def _csv_line(record: AuditRecord) -> str:
    fields = msgspec.structs.asdict(record) | {"digest": record.digest.hex()}
    return ",".join(_cell(value) for value in fields.values())


def _cell(value: int | str) -> str:
    return str(value) if isinstance(value, int) else quoted(harmless(value))
