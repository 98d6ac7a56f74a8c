"""Everything that is held about a person, for that person: one JSON object a line, made while it is sent.

Nothing is stored on the way, so nothing lies about that could be stolen or must be cleared away, any gateway can
serve it, and memory holds one page. What was cut off has no last line of the kind `end`.
"""

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

import msgspec
import structlog

from cse.core.errors import Unavailable
from cse.users.audit import Act, AuditAct, user_actor
from cse.users.core import UserCore
from cse.users.errors import UnknownUser
from cse.users.leaving.model import EXPORT_MS, Export
from cse.users.leaving.ports import ExportStore, Holdings, PersonalData
from cse.users.model import User

_RECENT: Final = 20
_LINE: Final = msgspec.json.Encoder()

log = structlog.get_logger(__name__)


class Exports:
    """Makes exports."""

    def __init__(
        self,
        store: ExportStore,
        sources: Sequence[PersonalData],
        holdings: Holdings,
        core: UserCore,
    ) -> None:
        """Put into an export what `sources` have, one after the other."""
        self._store = store
        self._sources = sources
        self._holdings = holdings
        self._core = core

    async def begin(self, user_id: int) -> tuple[Export, AsyncIterator[bytes]]:
        """Begin an export; return it with its text in pieces of whole lines.

        Raises:
            ExportRuns, TooManyExports: not now.
            UnknownUser: the person is gone.
            Unavailable: the database is out of reach.
        """
        known = await self._core.users.credentials_of(user_id)
        if known is None:
            raise UnknownUser
        person = user_actor(user_id)
        export = Export(secrets.token_hex(16), user_id, self._core.clock.now_ms(), None, 0)
        act = AuditAct(act=Act.DATA_EXPORTED, actor=person, object=person)
        await self._store.begin(export, act)
        return export, self._text(export, known.user)

    async def recent(self, user_id: int) -> Sequence[Export]:
        """Return a person's last exports, newest first; raises Unavailable."""
        return await self._store.recent(user_id, _RECENT)

    async def _text(self, export: Export, user: User) -> AsyncIterator[bytes]:
        lines = 0
        until_ms = export.asked_at + EXPORT_MS
        try:
            async with aclosing(self._pages(export, user)) as pages:
                async for page in pages:
                    if self._core.clock.now_ms() >= until_ms:
                        return
                    lines += len(page)
                    yield _LINE.encode_lines(page)
            yield _LINE.encode_lines([{"kind": "end", "lines": lines}])
        except Unavailable as error:
            log.warning("export_cut_off", export_id=export.export_id, error=str(error))
        finally:
            await self._ended(export, lines)

    async def _ended(self, export: Export, lines: int) -> None:
        try:
            await self._store.finish(export.export_id, lines, self._core.clock.now_ms())
        except Unavailable as error:  # it counts as over in half an hour
            log.warning("export_end_not_noted", export_id=export.export_id, error=str(error))

    async def _pages(
        self, export: Export, user: User
    ) -> AsyncGenerator[Sequence[Mapping[str, Any]]]:
        yield [{"kind": "export", "export_id": export.export_id, "asked_at": export.asked_at}]
        account_ids = await self._holdings.accounts(user.user_id, user.account_id)
        for source in self._sources:
            async for page in source.pages(user.user_id, account_ids):
                yield page
