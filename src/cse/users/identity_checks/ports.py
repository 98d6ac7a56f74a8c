"""What identity checks stand on: tables, files of documents, and whoever looks at a check.

Every method of a store raises cse.core.errors.Unavailable while what it stands on is out of reach. What changes
something takes the act that is recorded with it: both happen or neither.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from cse.users.audit import AuditAct
from cse.users.identity_checks.model import (
    Check,
    Document,
    Found,
    Hit,
    NewCheck,
    NewDocument,
    Status,
)


class LevelChange(NamedTuple):
    """Somebody's level, the last time that it changed."""

    user_id: int
    account_id: int
    level: int
    changed_at: int


class LevelStore(Protocol):
    """Identity levels; who has no row has level 0."""

    async def level_of(self, user_id: int) -> int:
        """Return a person's level."""
        ...

    async def levels_changed(self, after: tuple[int, int], limit: int) -> Sequence[LevelChange]:
        """Return changes by (time, user id), those after this key."""
        ...

    async def lower_level(
        self, user_id: int, before: int, level: int, act: AuditAct, at_ms: int
    ) -> bool:
        """Put `level` in the place of `before`; False if it is no longer that."""
        ...


class Decided(NamedTuple):
    """What is decided about a check."""

    check_id: int
    user_id: int
    level: int
    """The level that the check is for."""
    status: Status
    """APPROVED, REJECTED or MORE_NEEDED."""
    reviewer_id: int | None
    """Who has it on their desk; None: a provider outside decides, nobody has it."""
    reason: str
    note: str


class CheckStore(Protocol):
    """Checks. Every method that changes one says False where it was not as expected, and then changed nothing."""

    async def begin(self, new: NewCheck, act: AuditAct) -> int | None:
        """Store a new draft and return its id; None: the person has one that is not over."""
        ...

    async def check(self, check_id: int) -> Check | None:
        """Return a check."""
        ...

    async def checks_of(self, user_id: int, *, before: int | None, limit: int) -> Sequence[Check]:
        """Return a person's checks, newest first, those with a smaller id than `before`."""
        ...

    async def last_approved(self, user_id: int) -> Check | None:
        """Return the newest check of a person that was approved."""
        ...

    async def queue(self, status: Status, *, after: int, limit: int) -> Sequence[Check]:
        """Return checks in a state, by rising id, those above `after`."""
        ...

    async def submit(
        self, check: Check, found: Sequence[Found], act: AuditAct, at_ms: int
    ) -> Status | None:
        """Hand a check in, with its hits; return its state, HELD if a hit is open; None: not as expected."""
        ...

    async def change_data(self, check: Check, sealed: bytes, act: AuditAct, at_ms: int) -> bool:
        """Put other personal data into a check that is with its person."""
        ...

    async def withdraw(self, check: Check, act: AuditAct, at_ms: int) -> bool:
        """End a check by its person's will."""
        ...

    async def claim(
        self, check_id: int, reviewer_id: int, act: AuditAct, at_ms: int, stale_ms: int
    ) -> bool:
        """Put a submitted check on a desk; False: it is on another one, since no longer than `stale_ms`."""
        ...

    async def release(self, check_id: int, reviewer_id: int, act: AuditAct, at_ms: int) -> bool:
        """Take a check from one's desk."""
        ...

    async def decide(self, decided: Decided, act: AuditAct, at_ms: int) -> bool:
        """Decide a submitted check that lies on this reviewer's desk; an approval raises the level with it."""
        ...


class DocumentStore(Protocol):
    """What the database knows of documents."""

    async def add_document(self, new: NewDocument, act: AuditAct, most: int) -> int | None:
        """Store a document of a check that is with its person; None: it is not, or it has `most` already.

        Returns:
            The document's id.
        """
        ...

    async def documents_of(self, *check_ids: int) -> Sequence[Document]:
        """Return all documents of these checks, oldest first; each has MAX_DOCUMENTS at most."""
        ...

    async def to_purge(self, decided_before: int, limit: int) -> Sequence[Document]:
        """Return documents, not deleted, of checks that were refused before a time and have no open hit."""
        ...

    async def mark_deleted(self, document: Document, act: AuditAct, at_ms: int) -> bool:
        """Note that a document's file is gone."""
        ...

    async def known_files(self, names: Sequence[str]) -> frozenset[str]:
        """Return those of these file names that belong to documents which are not deleted."""
        ...


class HitStore(Protocol):
    """Names that are like one of the sanctions list, and how far a list was gone through."""

    async def hits(self, status: str, *, after: int, limit: int) -> Sequence[Hit]:
        """Return hits in a state, by rising id, those above `after`."""
        ...

    async def hit(self, hit_id: int) -> Hit | None:
        """Return a hit."""
        ...

    async def hits_of(self, check_id: int) -> Sequence[Hit]:
        """Return the hits of a check; the list's own size is their bound."""
        ...

    async def decide_hit(
        self, hit: Hit, act: AuditAct, at_ms: int, *, confirmed: bool, by: int
    ) -> bool:
        """Clear or confirm an open hit; False: somebody did.

        When the last open one of a held check is cleared it goes back to the queue; confirming one ends the
        check as rejected.
        """
        ...

    async def add_hits(
        self, check: Check, found: Sequence[Found], act: AuditAct, at_ms: int
    ) -> int:
        """Store hits of a check that were not known, and hold it if it is submitted; return how many are new."""
        ...

    async def screened_until(self, list_digest: bytes) -> int | None:
        """Return up to which check a list was gone through; None: it was not begun."""
        ...

    async def note_screened(self, list_digest: bytes, check_id: int, at_ms: int) -> None:
        """Note how far a list was gone through."""
        ...

    async def to_screen(self, *, after: int, limit: int) -> Sequence[Check]:
        """Return checks, submitted, held or approved, by rising id, those above `after`."""
        ...


class IdentityStore(LevelStore, CheckStore, DocumentStore, HitStore, Protocol):
    """All of it, in one database."""


class DocumentFiles(Protocol):
    """Where sealed documents lie. Blocking: called in threads."""

    def write(self, name: str, sealed: bytes) -> None:
        """Store a new file durably; raises Unavailable, and then there is none."""
        ...

    def read(self, name: str) -> bytes:
        """Return a file.

        Raises:
            FileNotFoundError: there is none of this name.
            Unavailable: it cannot be read.
        """
        ...

    def delete(self, name: str) -> None:
        """Remove a file; harmless twice."""
        ...

    def older_than(self, seconds: float, after: str, limit: int) -> Sequence[str]:
        """Return names of files that were written longer ago than this, by name, those after `after`."""
        ...


class KycProvider(Protocol):
    """Who looks at checks: people of the exchange (`manual.py`), or a service outside.

    A provider hands what it decides to the `Decide` that it was made with, whenever that is: there is one door for
    decisions, and it refuses those about checks that are not submitted any more.
    """

    name: str

    async def start(self, check: Check) -> None:
        """Hear of a check that was submitted just now. The queue of submitted checks is what a provider works off:
        what it hears while it is away is not lost, so this raises nothing.
        """
        ...

    async def status(self, check: Check) -> str:
        """Return how far it is, as a word that its person is shown."""
        ...


class Decide(Protocol):
    """The door for decisions."""

    async def __call__(self, decided: Decided, actor: str) -> Check:
        """Decide.

        Raises:
            cse.users.identity_checks.errors.IdentityRefusal: it was decided, withdrawn or held meanwhile.
            Unavailable: nothing was done.
        """
        ...
