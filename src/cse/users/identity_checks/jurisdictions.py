"""Which countries there are, and up to which level their residents and their nationals are served. Data, not code."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from cse.users.identity_checks.model import Level
from cse.users.identity_checks.sanctions import ListDamaged, rows_of

COLUMNS: Final = ("code", "name", "residents_up_to", "nationals_up_to")
_CODE: Final = re.compile("[A-Z]{2}")
_LEVELS: Final = {str(level.value): level.value for level in Level}


class Jurisdiction(NamedTuple):
    """A country, by its ISO 3166-1 alpha-2 code."""

    code: str
    name: str
    residents_up_to: int
    """The highest level of who lives there; 0: none."""
    nationals_up_to: int


Jurisdictions = Mapping[str, Jurisdiction]


def read_jurisdictions(data: bytes) -> dict[str, Jurisdiction]:
    """Return the countries of a file: CSV in UTF-8 with the columns of COLUMNS; `#` begins a comment.

    A country that is not in it is not served.

    Raises:
        ListDamaged: it is not of this form, empty, or has a country twice.
    """
    found: dict[str, Jurisdiction] = {}
    for number, row in rows_of(data, COLUMNS):
        code, name, residents, nationals = (cell.strip() for cell in row)
        if not _CODE.fullmatch(code) or not name:
            raise ListDamaged(f"line {number}: a country needs a code of two letters and a name")
        if residents not in _LEVELS or nationals not in _LEVELS:
            raise ListDamaged(f"line {number}: levels are 0 to 3")
        if code in found:
            raise ListDamaged(f"line {number}: {code} is there twice")
        found[code] = Jurisdiction(code, name, _LEVELS[residents], _LEVELS[nationals])
    if not found:
        raise ListDamaged("there is no country in it")
    return found


def highest_level(known: Jurisdictions, residence: str, nationality: str) -> int:
    """Return the highest level that somebody may be checked for; 0: none."""
    lives, citizen = known.get(residence), known.get(nationality)
    if lives is None or citizen is None:
        return 0
    return min(lives.residents_up_to, citizen.nationals_up_to)
