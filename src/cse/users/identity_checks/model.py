"""What is kept of identity checks. Times are Unix milliseconds; personal data are sealed wherever they lie."""

from enum import IntEnum, StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cse.users.model import Guarded

MAX_DOCUMENT_BYTES: Final = 10 * 1_048_576
"""Of one document, as it is sent."""
MAX_DOCUMENTS: Final = 10
"""Of one check."""


class Level(IntEnum):
    """What the exchange knows of a person."""

    REGISTERED = 0
    BASIC_DATA = 1
    DOCUMENT = 2
    ADDRESS_AND_FUNDS = 3


class Status(StrEnum):
    """Where a check stands; `states.py` says what may follow what."""

    DRAFT = "draft"
    """The person is putting it together."""
    SUBMITTED = "submitted"
    """In the queue, or on a reviewer's desk."""
    HELD = "held"
    """The name is like one of the sanctions list: risk staff must look before anybody decides."""
    MORE_NEEDED = "more_needed"
    """The person is asked for more."""
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class DocumentKind(StrEnum):
    """What a document is to show."""

    IDENTITY_DOCUMENT = "identity_document"
    SELFIE = "selfie"
    PROOF_OF_ADDRESS = "proof_of_address"
    SOURCE_OF_FUNDS = "source_of_funds"


NEEDED: Final[dict[int, frozenset[DocumentKind]]] = {
    1: frozenset(),
    2: frozenset({DocumentKind.IDENTITY_DOCUMENT, DocumentKind.SELFIE}),
    3: frozenset({DocumentKind.PROOF_OF_ADDRESS, DocumentKind.SOURCE_OF_FUNDS}),
}
"""The documents of a check, by the level that it is for; every check has the personal data, too."""

Country = Annotated[str, Meta(pattern="^[A-Z]{2}$", examples=["DE"])]


class PersonalData(Guarded, frozen=True, forbid_unknown_fields=True):
    """What a person says of themself."""

    legal_name: Annotated[str, Meta(min_length=1, max_length=200, examples=["Ada King"])]
    """As the identity document has it."""
    birth_date: Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    country_of_residence: Country
    nationality: Country


class NewCheck(msgspec.Struct, frozen=True):
    """A check that begins."""

    user_id: int
    level: int
    provider: str
    sealed: bytes
    """PersonalData, bound to the person."""
    created_at: int


class Check(msgspec.Struct, frozen=True):
    """A check as it is kept."""

    check_id: int
    user_id: int
    level: int
    status: Status
    provider: str
    sealed: bytes
    created_at: int
    changed_at: int
    submitted_at: int | None
    reviewer_id: int | None
    """Whose desk it lies on; of a decided one, who decided."""
    claimed_at: int | None
    decided_at: int | None
    reason: str
    """Machine-readable; empty until there is a decision, or a wish for more."""
    note: str
    """What the person was told with it."""


class NewDocument(msgspec.Struct, frozen=True):
    """A document whose file is written."""

    check_id: int
    kind: DocumentKind
    media: str
    size_bytes: int
    """Of what was sealed."""
    digest: bytes
    """SHA-256 of the sealed file."""
    file_name: str
    uploaded_at: int


class Document(NewDocument, frozen=True):
    """A document as it is kept."""

    document_id: int
    deleted_at: int | None


class Hit(msgspec.Struct, frozen=True):
    """A name that is like one of the sanctions list."""

    hit_id: int
    check_id: int
    user_id: int
    entry_id: str
    """The list's own id of the person."""
    entry_name: str
    entry_digest: bytes
    likeness: int
    """In percent; 100: the same words."""
    found_at: int
    status: str
    """`open`, `cleared` or `confirmed`."""
    decided_at: int | None
    decided_by: int | None


class Found(msgspec.Struct, frozen=True):
    """An entry of the sanctions list that somebody's name is like."""

    entry_id: str
    entry_name: str
    entry_digest: bytes
    """Of all that the entry says: a changed entry is looked at anew."""
    likeness: int
    is_cleared: bool = False
    """Whether risk staff have cleared it for the same person with the same data."""
