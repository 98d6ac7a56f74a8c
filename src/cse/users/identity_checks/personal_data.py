"""Personal data: what is accepted, and how it lies in the database."""

import unicodedata
from datetime import UTC, date, datetime
from typing import Final

import msgspec

from cse.users.errors import InvalidField
from cse.users.identity_checks.jurisdictions import Jurisdictions
from cse.users.identity_checks.model import PersonalData
from cse.users.secret_box import SecretBox

MIN_AGE: Final = 18
MAX_AGE: Final = 130
"""Years. Above it a birth date is a mistake."""
_PURPOSE: Final = "identity-data"
_MARKS_IN_NAMES: Final = frozenset(" '\u2019-.,\u00b7")
"""What stands in names besides letters: nothing that begins a formula, a tag, a path or a line."""


def accepted(data: PersonalData, jurisdictions: Jurisdictions, now_ms: int) -> PersonalData:
    """Return the data as they are kept: the name in Unicode NFC, without spaces around.

    Raises:
        InvalidField: no name, no such day, too young, or no such country.
    """
    name = unicodedata.normalize("NFC", data.legal_name).strip(" ")
    if not name or not unicodedata.category(name[0]).startswith("L"):
        raise InvalidField("legal_name", "must begin with a letter")
    if not all(_is_in_names(each) for each in name):
        raise InvalidField("legal_name", "may have letters, spaces and ' - . , only")
    for field in ("country_of_residence", "nationality"):
        if getattr(data, field) not in jurisdictions:
            raise InvalidField(field, "must be the ISO 3166-1 code of a country, such as DE")
    _check_age(data.birth_date, datetime.fromtimestamp(now_ms / 1_000, UTC).date())
    return msgspec.structs.replace(data, legal_name=name)


def _is_in_names(each: str) -> bool:
    return each in _MARKS_IN_NAMES or unicodedata.category(each)[0] in "LM"


def _check_age(text: str, today: date) -> None:
    try:
        born = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidField("birth_date", "must be a day, YYYY-MM-DD") from error
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if not 0 <= years <= MAX_AGE:
        raise InvalidField("birth_date", "cannot be a living person's")
    if years < MIN_AGE:
        raise InvalidField("birth_date", f"must be {MIN_AGE} years ago at least")


def seal_data(box: SecretBox, user_id: int, data: PersonalData) -> bytes:
    """Return the data sealed for their person."""
    return box.seal(_PURPOSE, f"user:{user_id}", msgspec.json.encode(data))


def open_data(box: SecretBox, user_id: int, sealed: bytes) -> PersonalData:
    """Return what was sealed.

    Raises:
        cse.users.errors.DamagedKeys: it is another person's, was changed, or its key is gone.
    """
    return msgspec.json.decode(box.open(_PURPOSE, f"user:{user_id}", sealed), type=PersonalData)
