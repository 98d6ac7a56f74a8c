"""Documents at rest: made clean, sealed for their check, written as a file; opened again for staff alone."""

import asyncio
import secrets
from hashlib import sha256
from typing import Final, NamedTuple

import structlog

from cse.core.clock import Clock
from cse.core.errors import Unavailable
from cse.users.audit import SYSTEM, Act, AuditAct
from cse.users.errors import DamagedKeys
from cse.users.identity_checks.errors import NoSuchCheck, TooManyDocuments, WrongState
from cse.users.identity_checks.files import CleanFile, cleaned
from cse.users.identity_checks.model import (
    MAX_DOCUMENTS,
    Check,
    Document,
    DocumentKind,
    NewDocument,
)
from cse.users.identity_checks.ports import DocumentFiles, IdentityStore
from cse.users.identity_checks.states import WITH_THE_PERSON
from cse.users.secret_box import SecretBox

_PURPOSE: Final = "identity-document"
_TOGETHER: Final = 2
"""Pictures that are unpacked at a time: 75 MB each at most, and a copy."""
ORPHAN_S: Final = 86_400.0
"""A file that the database has not known for so long was left by a crash, or by a check that was over."""
PURGED_AT_ONCE: Final = 100
LOOKED_AT_ONCE: Final = 1_000
"""Files that are compared with the database at a time."""

log = structlog.get_logger(__name__)


class Opened(NamedTuple):
    """A document as it was kept."""

    document: Document
    data: bytes


class Documents:
    """Stores, opens and deletes documents."""

    def __init__(
        self, store: IdentityStore, files: DocumentFiles, box: SecretBox, clock: Clock
    ) -> None:
        """Keep what is known in `store`, the documents themselves in `files`."""
        self._store = store
        self._files = files
        self._box = box
        self._clock = clock
        self._looked_until = ""
        self._unpacking = asyncio.Semaphore(_TOGETHER)

    async def add(
        self, check: Check, kind: DocumentKind, media: str, data: bytes, actor: str
    ) -> int:
        """Keep a document of a check that is with its person; return its id.

        Raises:
            DocumentRefused: the file is none that is taken.
            WrongState, TooManyDocuments: the check takes no more.
            Unavailable: nothing was kept.
        """
        if check.status not in WITH_THE_PERSON:
            raise WrongState
        async with self._unpacking:
            clean = await asyncio.to_thread(cleaned, media, data)
        name = secrets.token_hex(16)
        digest = await asyncio.to_thread(self._write, _owner(check.check_id, name), name, clean)
        new = NewDocument(
            check_id=check.check_id,
            kind=kind,
            media=clean.media,
            size_bytes=len(clean.data),
            digest=digest,
            file_name=name,
            uploaded_at=self._clock.now_ms(),
        )
        act = AuditAct(
            act=Act.IDENTITY_DOCUMENT_ADDED,
            actor=actor,
            object=check_object(check.check_id),
            after={"kind": kind.value, "media": new.media, "size_bytes": new.size_bytes},
        )
        # What fails here may have been stored all the same: its file stays, and is purged if nobody knows it.
        document_id = await self._store.add_document(new, act, MAX_DOCUMENTS)
        if document_id is None:
            await asyncio.to_thread(self._files.delete, name)
            now = await self._store.check(check.check_id)
            raise WrongState if now is None or now.status != check.status else TooManyDocuments
        return document_id

    def _write(self, owner: str, name: str, clean: CleanFile) -> bytes:
        """Write a file sealed and return its digest: ten megabytes would hold the event loop up."""
        sealed = self._box.seal(_PURPOSE, owner, clean.data)
        self._files.write(name, sealed)
        return sha256(sealed).digest()

    async def open(self, check_id: int, document_id: int) -> Opened:
        """Return a document.

        Raises:
            NoSuchCheck: there is no such document, or it was deleted.
            Unavailable: its file is gone, was changed, or does not belong to it; operators see it in the log.
        """
        for document in await self._store.documents_of(check_id):
            if document.document_id == document_id and document.deleted_at is None:
                return Opened(document, await asyncio.to_thread(self._read, document))
        raise NoSuchCheck

    def _read(self, document: Document) -> bytes:
        try:
            sealed = self._files.read(document.file_name)
            return self._box.open(_PURPOSE, _owner(document.check_id, document.file_name), sealed)
        except (FileNotFoundError, DamagedKeys) as error:
            log.warning(
                "identity_document_damaged", document_id=document.document_id, error=str(error)
            )
            raise Unavailable("This document is damaged.") from error

    async def purge(self, decided_before: int) -> int:
        """Delete documents of checks that were refused before a time, and files that nobody knows; return how many.

        At most PURGED_AT_ONCE documents, of LOOKED_AT_ONCE files; what fails is tried again the next time.
        """
        documents = await self._store.to_purge(decided_before, PURGED_AT_ONCE)
        for document in documents:
            await asyncio.to_thread(self._files.delete, document.file_name)
            act = AuditAct(
                act=Act.IDENTITY_DOCUMENT_DELETED,
                actor=SYSTEM,
                object=check_object(document.check_id),
                before={"document_id": document.document_id, "kind": document.kind.value},
                reason="retention_over",
            )
            await self._store.mark_deleted(document, act, self._clock.now_ms())
        return len(documents) + await self._purge_unknown()

    async def _purge_unknown(self) -> int:
        old = await asyncio.to_thread(
            self._files.older_than, ORPHAN_S, self._looked_until, LOOKED_AT_ONCE
        )
        self._looked_until = old[-1] if len(old) == LOOKED_AT_ONCE else ""
        unknown = set(old) - await self._store.known_files(old) if old else set()
        for name in unknown:
            await asyncio.to_thread(self._files.delete, name)
        return len(unknown)


def check_object(check_id: int) -> str:
    """Return a check as the audit trail names it."""
    return f"identity_check:{check_id}"


def _owner(check_id: int, name: str) -> str:
    return f"check:{check_id}/{name}"
