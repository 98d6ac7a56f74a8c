"""DocumentStore in SQL: what the database knows of documents (port: cse.users.identity_checks.ports)."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import RowMapping, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.audit import append
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.identity_check_tables import (
    identity_checks,
    identity_documents,
    identity_hits,
)
from cse.adapters.sql.identity_hits import lock_check
from cse.users.audit import AuditAct
from cse.users.identity_checks.model import Document, DocumentKind, NewDocument
from cse.users.identity_checks.states import REFUSED, WITH_THE_PERSON

_WHAT: Final = "the database of identity checks"
_documents: Final = identity_documents.c
_KEPT: Final = _documents.deleted_at.is_(None)


class SqlDocumentStore:
    """On SQLite and PostgreSQL alike."""

    _engine: AsyncEngine
    _reader: AsyncEngine

    async def add_document(self, new: NewDocument, act: AuditAct, most: int) -> int | None:
        kept = select(func.count()).where(_documents.check_id == new.check_id, _KEPT)
        row = {**msgspec.structs.asdict(new), "kind": new.kind.value}
        added = insert(identity_documents).values(row).returning(_documents.document_id)
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                status = await lock_check(connection, new.check_id)
                if status not in {one.value for one in WITH_THE_PERSON}:
                    return None
                if (await connection.execute(kept)).scalar_one() >= most:
                    return None
                document_id = int((await connection.execute(added)).scalar_one())
                await append(connection, act, new.uploaded_at)
                return document_id

    async def documents_of(self, *check_ids: int) -> Sequence[Document]:
        return await self._documents(
            select(identity_documents)
            .where(_documents.check_id.in_(check_ids))
            .order_by(_documents.document_id)
        )

    async def to_purge(self, decided_before: int, limit: int) -> Sequence[Document]:
        checks = identity_checks.c
        has_open_hit = exists().where(
            identity_hits.c.check_id == checks.check_id, identity_hits.c.status == "open"
        )
        return await self._documents(
            select(identity_documents)
            .join(identity_checks, checks.check_id == _documents.check_id)
            .where(
                _KEPT,
                checks.status.in_([one.value for one in REFUSED]),
                checks.decided_at < decided_before,
                ~has_open_hit,
            )
            .order_by(_documents.document_id)
            .limit(limit)
        )

    async def mark_deleted(self, document: Document, act: AuditAct, at_ms: int) -> bool:
        mine = _documents.document_id == document.document_id
        with database_errors(_WHAT):
            async with self._engine.begin() as connection:
                gone = update(identity_documents).where(mine, _KEPT).values(deleted_at=at_ms)
                if (await connection.execute(gone)).rowcount != 1:
                    return False
                await append(connection, act, at_ms)
                return True

    async def known_files(self, names: Sequence[str]) -> frozenset[str]:
        asked = select(_documents.file_name).where(_documents.file_name.in_(names), _KEPT)
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return frozenset(row.file_name for row in await connection.execute(asked))

    async def _documents(self, asked: Any) -> list[Document]:
        with database_errors(_WHAT):
            async with self._reader.connect() as connection:
                return [_document(row) for row in (await connection.execute(asked)).mappings()]


def _document(row: RowMapping) -> Document:
    return Document(**{**row, "kind": DocumentKind(row["kind"])})
