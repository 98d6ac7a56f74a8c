"""PersonalData in SQL (port: cse.users.leaving.ports): what the users' tables hold about somebody, without secrets.

Tables and columns are named one by one, so that a new column is exported only when somebody decided that it may be:
no hash, no sealed or digested secret, nothing of what only guards the exchange.
"""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Table, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.factor_tables import recovery_codes, totps
from cse.adapters.sql.identity_check_tables import (
    identity_checks,
    identity_documents,
    identity_levels,
)
from cse.adapters.sql.linked_tables import linked_identities
from cse.adapters.sql.passkey_tables import passkeys
from cse.adapters.sql.profile_tables import avatars, closures, exports, profiles
from cse.adapters.sql.sub_account_tables import sub_accounts
from cse.adapters.sql.user_tables import api_keys, audit_log, sessions, user_roles, users
from cse.users.audit import account_object, user_actor
from cse.users.errors import DamagedKeys
from cse.users.identity_checks.personal_data import open_data
from cse.users.secret_box import SecretBox

PAGE: Final = 500
_WHAT: Final = "the users' database"
Item = Mapping[str, Any]


class Part(NamedTuple):
    """What of one table is exported."""

    kind: str
    table: Table
    columns: str
    """Their names, with spaces between."""
    key: str = "user_id"
    """What pages go by, with spaces between: unique for a person."""


_CHECK: Final = "check_id level status provider created_at submitted_at decided_at reason note"
_DOCUMENT: Final = "document_id check_id kind media size_bytes uploaded_at deleted_at"
PARTS: Final = (
    Part("person", users, "user_id email handle account_id created_at"),
    Part("profile", profiles, "display_name bio locale time_zone avatar muted changed_at"),
    Part("picture", avatars, "size digest image", "size"),
    Part("role", user_roles, "role granted_at revoked_at", "role"),
    Part(
        "session",
        sessions,
        "session_id created_at expires_at ends_at revoked_at used_at began_from used_from user_agent",
        "session_id",
    ),
    Part(
        "api_key",
        api_keys,
        "key_id name kind public_key scopes ip_allowlist created_at expires_at last_used_at revoked_at",
        "number",
    ),
    Part("authenticator", totps, "enrolled_at confirmed_at"),
    Part("recovery_code", recovery_codes, "created_at used_at", "digest"),
    Part(
        "passkey",
        passkeys,
        "passkey_id label transports backed_up created_at last_used_at",
        "number",
    ),
    Part(
        "linked_identity",
        linked_identities,
        "provider subject name channel_id channel_name linked_at used_at",
        "identity_id",
    ),
    Part("sub_account", sub_accounts, "account_id label created_at closed_at", "number"),
    Part("identity_level", identity_levels, "level changed_at"),
    Part("closure", closures, "reason asked_at closed_at"),
    Part("export_made", exports, "export_id asked_at finished_at lines", "export_id"),
)
_UNDER_LAW: Final = ("identity%", "sanctions%")
"""What others do about somebody's identity: whoever screens people for crimes must not tell them (Directive (EU)
2015/849, article 39)."""
_RECORD: Final = [
    "number",
    "at_ms",
    "act",
    "actor",
    "object",
    "session_id",
    "ip",
    "before",
    "after",
    "reason",
]


class SqlPersonalData:
    """On SQLite and PostgreSQL alike; reads a page at a time, each in a transaction of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use a migrated database."""
        self._reader = read_only(engine)

    async def pages(
        self, user_id: int, account_ids: Sequence[int]
    ) -> AsyncIterator[Sequence[Item]]:
        for part in PARTS:
            async for page in self._part(part, user_id):
                yield page
        async for page in self._records(user_id, account_ids):
            yield page

    async def _part(self, part: Part, user_id: int) -> AsyncIterator[Sequence[Item]]:
        names = part.columns.split()
        async for rows in _rows(
            self._reader, part.table, part.key, part.table.c.user_id == user_id
        ):
            yield [
                {"kind": part.kind, "data": {name: _plain(row[name]) for name in names}}
                for row in rows
            ]

    async def _records(
        self, user_id: int, account_ids: Sequence[int]
    ) -> AsyncIterator[Sequence[Item]]:
        """Return what the audit log says of a person; of who else did it, only what kind of actor that was."""
        person = user_actor(user_id)
        own = audit_log.c.actor == person
        about = [person, *(account_object(account_id) for account_id in account_ids)]
        told = and_(*(~audit_log.c.act.like(each) for each in _UNDER_LAW))
        others = and_(~own, told)
        walks = [own, *(and_(audit_log.c.object == each, others) for each in about)]
        for walk in walks:  # each along its index; one for all of them would read the whole log
            async for rows in _rows(self._reader, audit_log, "number", walk):
                yield [_record(row, person) for row in rows]


class SqlIdentityData:
    """What people told of their identity, opened for them, and which documents there are (not the files: they sent
    them). Nothing of what they were compared with.
    """

    def __init__(self, engine: AsyncEngine, box: SecretBox) -> None:
        """Use a migrated database; `box` opens what lies sealed in it."""
        self._reader = read_only(engine)
        self._box = box

    async def pages(
        self,
        user_id: int,
        account_ids: Sequence[int],  # noqa: ARG002  # the port's
    ) -> AsyncIterator[Sequence[Item]]:
        mine = identity_checks.c.user_id == user_id
        async for rows in _rows(self._reader, identity_checks, "check_id", mine):
            yield [{"kind": "identity_check", "data": self._check(row)} for row in rows]
            checks = identity_documents.c.check_id.in_([row["check_id"] for row in rows])
            async for found in _rows(self._reader, identity_documents, "document_id", checks):
                yield [
                    {"kind": "identity_document", "data": _named(_DOCUMENT, row)} for row in found
                ]

    def _check(self, row: Mapping[str, Any]) -> Item:
        try:
            told = open_data(self._box, row["user_id"], row["sealed"])
        except DamagedKeys:
            told = None  # the data directory's keys are not those that sealed it
        return {**_named(_CHECK, row), "told": told}


def _named(names: str, row: Mapping[str, Any]) -> Item:
    return {name: _plain(row[name]) for name in names.split()}


def _record(row: Mapping[str, Any], person: str) -> Item:
    shown = {name: row[name] for name in _RECORD}
    shown["before"], shown["after"] = (
        msgspec.json.decode(row[name]) for name in ("before", "after")
    )
    if row["actor"] != person and row["actor"].startswith("user:"):
        shown.update(actor="staff", session_id="", ip="")  # somebody else's data
    return {"kind": "act", "data": shown}


def _plain(value: Any) -> Any:
    return b64encode(value).decode("ascii") if isinstance(value, bytes) else value


async def _rows(
    reader: AsyncEngine, table: Table, key: str, condition: ColumnElement[bool]
) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    columns = [table.c[name] for name in key.split()]
    last: tuple[Any, ...] | None = None
    while True:
        asked = select(table).where(condition).order_by(*columns).limit(PAGE)
        if last is not None:
            asked = asked.where(tuple_(*columns) > tuple_(*last))
        with database_errors(_WHAT):
            async with reader.connect() as connection:
                rows = (await connection.execute(asked)).mappings().all()
        if rows:
            yield [{str(name): value for name, value in row.items()} for row in rows]
        if len(rows) < PAGE:
            return
        last = tuple(rows[-1][column.name] for column in columns)
