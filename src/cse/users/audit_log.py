"""The audit log as it is kept: numbered records, each with a hash over itself and the one before.

Whoever changes, inserts or takes out a record breaks the chain from there on. Taking records off the *end* breaks
nothing: against that, note the last number and digest somewhere else (`cse audit verify` prints and compares them).
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, Protocol

import msgspec

from cse.users.audit import AuditAct, Facts

DIGEST_BYTES: Final = 32
GENESIS: Final = bytes(DIGEST_BYTES)
"""What stands for the digest of the record before the first."""
_PERSON: Final = b"cse audit log 1"
MAX_TEXT: Final = {"actor": 64, "object": 128, "reason": 64, "session_id": 32, "ip": 64}
"""Characters that a field may have at most."""
MAX_FACTS: Final = 8_192
"""Bytes of JSON that `before` and `after` may have at most, each."""


class AuditLine(msgspec.Struct, frozen=True, kw_only=True):
    """Where, when and by whom a record was made. The order of fields is that of the hash."""

    number: int
    """1, 2, 3, ... without gaps."""
    at_ms: int
    """Unix milliseconds."""
    act: str
    actor: str
    object: str
    session_id: str
    ip: str


class AuditRecord(AuditLine, frozen=True, kw_only=True):
    """One record. `before` and `after` are JSON objects with sorted keys, as their hash was taken."""

    before: str
    after: str
    reason: str
    digest: bytes


class Head(msgspec.Struct, frozen=True):
    """The end of the chain."""

    number: int = 0
    digest: bytes = GENESIS


class AuditFilter(msgspec.Struct, frozen=True):
    """Which records; None: any."""

    act: str | None = None
    actor: str | None = None
    object: str | None = None
    from_ms: int | None = None
    """Not older than."""
    to_ms: int | None = None
    """Older than."""
    ip: str | None = None
    session_id: str | None = None


class AuditReader(Protocol):
    """Reads the log. Every method raises cse.core.errors.Unavailable while it is out of reach."""

    async def search(
        self, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> Sequence[AuditRecord]:
        """Return matching records, newest first, from below number `before` on."""
        ...

    async def after(self, number: int, limit: int) -> Sequence[AuditRecord]:
        """Return the records that follow a number, in order."""
        ...

    async def head(self) -> Head:
        """Return the end of the chain."""
        ...


def next_record(head: Head, act: AuditAct, at_ms: int) -> AuditRecord:
    """Return the record of an act that follows `head`.

    Raises:
        ValueError: a field is longer than the log takes: a bug of whoever made the act.
    """
    for name, most in MAX_TEXT.items():
        if len(getattr(act, name)) > most:
            raise ValueError(f"an audit act's {name} has at most {most} characters")
    record = AuditRecord(
        number=head.number + 1,
        at_ms=at_ms,
        act=act.act.value,
        actor=act.actor,
        object=act.object,
        session_id=act.session_id,
        ip=act.ip,
        before=_facts(act.before),
        after=_facts(act.after),
        reason=act.reason,
        digest=b"",
    )
    return msgspec.structs.replace(record, digest=digest_of(record, head.digest))


def digest_of(record: AuditRecord, previous: bytes) -> bytes:
    """Return BLAKE2b-256 over the digest before and the record's canonical bytes (a JSON array of its fields)."""
    fields = [getattr(record, name) for name in record.__struct_fields__ if name != "digest"]
    canonical = previous + msgspec.json.encode(fields)
    return blake2b(canonical, digest_size=DIGEST_BYTES, person=_PERSON).digest()


class BrokenChain(msgspec.Struct, frozen=True):
    """The first record that is not what was written, or is not there."""

    number: int
    reason: str


class ChainCheck:
    """Walks the chain, a page at a time."""

    def __init__(self) -> None:
        """Begin before the first record."""
        self.head = Head()
        self.broken: BrokenChain | None = None

    def walk(self, records: Sequence[AuditRecord]) -> bool:
        """Check the records that follow; False: one of them is bad, and `broken` names it."""
        for record in records:
            wanted = self.head.number + 1
            if record.number != wanted:
                self.broken = BrokenChain(wanted, f"it is missing: {record.number} follows")
                return False
            if digest_of(record, self.head.digest) != record.digest:
                self.broken = BrokenChain(wanted, "its hash is not that of its contents")
                return False
            self.head = Head(record.number, record.digest)
        return True

    def expect(self, noted: Head) -> None:
        """Compare the record that was checked last with what was noted of it somewhere else."""
        if noted != self.head:
            self.broken = BrokenChain(
                noted.number, "it is not the one that was noted: the log was rewritten"
            )


def _facts(facts: Facts) -> str:
    text = msgspec.json.encode(facts, order="sorted")
    if len(text) > MAX_FACTS:
        raise ValueError(f"an audit act's facts have at most {MAX_FACTS} bytes")
    return text.decode()
