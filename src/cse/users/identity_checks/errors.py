"""Why a call about identity checks is refused. Messages are written for the person who reads them."""

from typing import ClassVar

from cse.core.errors import CseError


class IdentityRefusal(CseError):
    """Nothing was changed. `code` is what programs read, `status` the one of HTTP."""

    code: ClassVar[str]
    status: ClassVar[int] = 409
    meaning: ClassVar[str]

    def __init__(self, message: str = "") -> None:
        """Say it, in other words than usual if there are any."""
        super().__init__(message or self.meaning)


class LevelTooLow(IdentityRefusal):
    """The account's identity level does not cover what was asked for."""

    code, status = "identity_level_too_low", 403
    meaning = "This takes a higher identity level; POST /api/identity-checks begins a check."


class NoSuchCheck(IdentityRefusal):
    """There is no such check, document or hit, or it is somebody else's."""

    code, status = "identity_check_not_found", 404
    meaning = "There is no such identity check."


class NoSuchPerson(IdentityRefusal):
    """Nobody is registered with this id."""

    code, status = "person_not_found", 404
    meaning = "There is no such person."


class CheckOpen(IdentityRefusal):
    """The person has a check that is not over."""

    code = "identity_check_open"
    meaning = "You have an identity check that is not over; submit or withdraw it first."


class WrongLevel(IdentityRefusal):
    """A check is for the level above the person's own."""

    code = "identity_level_order"
    meaning = "A check is for the level above your own."


class WrongState(IdentityRefusal):
    """The check is not in a state where this can be done."""

    code = "identity_check_state"
    meaning = "The identity check is not in a state where this can be done."


class Incomplete(IdentityRefusal):
    """Something is missing for this level."""

    code = "identity_check_incomplete"
    meaning = "Documents are missing for this level."


class NotClaimed(IdentityRefusal):
    """Only who has a check on their desk decides about it."""

    code = "identity_check_not_claimed"
    meaning = "Claim the identity check first; another reviewer may have it."


class OwnCheck(IdentityRefusal):
    """Nobody reviews themself."""

    code, status = "own_identity_check", 403
    meaning = "Nobody decides about their own identity."


class CountryNotServed(IdentityRefusal):
    """The operator serves no residents or nationals of this country up to this level."""

    code, status = "country_not_served", 403
    meaning = "The exchange does not offer this level to residents or nationals of this country."


class DocumentRefused(IdentityRefusal):
    """The file is no document that we take."""

    code, status = "document_refused", 400
    meaning = "The file is not a whole PDF, JPEG or PNG of the type that the request says."


class TooManyDocuments(IdentityRefusal):
    """The check has as many documents as it may have."""

    code = "too_many_documents"
    meaning = "The identity check has as many documents as it may have."


class OnlyLower(IdentityRefusal):
    """By hand a level is taken, never given."""

    code = "identity_level_only_lower"
    meaning = "By hand a level can only be lowered; it is raised by a check."


REFUSALS: tuple[type[IdentityRefusal], ...] = (
    LevelTooLow,
    NoSuchCheck,
    NoSuchPerson,
    CheckOpen,
    WrongLevel,
    WrongState,
    Incomplete,
    NotClaimed,
    OwnCheck,
    CountryNotServed,
    DocumentRefused,
    TooManyDocuments,
    OnlyLower,
)
