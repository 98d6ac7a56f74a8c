"""Personal data: who is too young, which names could be something else in a table, a log or a page, and sealing."""

from datetime import UTC, datetime

import msgspec
import pytest

from cse.users.errors import DamagedKeys, InvalidField
from cse.users.identity_checks.lists import Lists
from cse.users.identity_checks.model import PersonalData
from cse.users.identity_checks.personal_data import accepted, open_data, seal_data
from cse.users.secret_box import SecretBox, rotate_sealing_key
from tests.unit.users.stores import MemoryKeyStore

NOW_MS = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp() * 1_000)
ADA = PersonalData("Ada King", "1990-12-10", "GB", "GB")
COUNTRIES = Lists().jurisdictions


def with_(**changes: str) -> PersonalData:
    return msgspec.structs.replace(ADA, **changes)


@pytest.mark.parametrize("born", ["2008-03-01", "1900-01-01", "1904-02-29"])
def test_who_is_old_enough(born: str) -> None:
    """On the day of their eighteenth birthday; in UTC."""
    assert accepted(with_(birth_date=born), COUNTRIES, NOW_MS).birth_date == born


@pytest.mark.parametrize(
    "born", ["2008-03-02", "2026-03-02", "1850-01-01", "1990-02-30", "0000-01-01", "1990-13-01"]
)
def test_who_is_not(born: str) -> None:
    """A day too young, not born yet, born too long ago, or on no day at all."""
    with pytest.raises(InvalidField, match="birth_date"):
        accepted(with_(birth_date=born), COUNTRIES, NOW_MS)


@pytest.mark.parametrize(
    "name",
    [
        "Ada King",
        "Åsa d'Örebro-Łó",
        "王 小明",
        "محمد علي",
        "Jean-Luc O\u2019Brien",
        "Martin Luther King, Jr.",
        "X",
    ],
)
def test_people_are_called_like_this(name: str) -> None:
    """In whatever script."""
    assert accepted(with_(legal_name=name), COUNTRIES, NOW_MS).legal_name == name


@pytest.mark.parametrize(
    "name",
    [
        "=HYPERLINK(1)",
        "+1",
        "-Ada",
        "@SUM",
        "\tAda",
        "Ada\nlevel=admin",
        "Ada\r\nSet-Cookie: x",
        "Ada\x00",
        "Ada\u2028King",
        "Ada \u202eKing",
        "<script>alert(1)</script>",
        "Ada <b>",
        "../../etc/passwd",
        "Ada/King",
        "Ada\\King",
        "Ada {{7*7}}",
        "Ada'; DROP TABLE users;--",
        "Ada 2",
        " ",
        "...",
        "😀",
    ],
)
def test_csv_log_html_and_path_injection_in_names(name: str) -> None:
    """A name begins with a letter and has nothing but letters, marks and what stands in names."""
    with pytest.raises(InvalidField, match="legal_name"):
        accepted(with_(legal_name=name), COUNTRIES, NOW_MS)


@pytest.mark.parametrize("field", ["country_of_residence", "nationality"])
def test_countries_must_be_known(field: str) -> None:
    """By their code; which are served is another question."""
    with pytest.raises(InvalidField, match=field):
        accepted(with_(**{field: "XX"}), COUNTRIES, NOW_MS)


def test_data_lie_sealed_for_their_person() -> None:
    """Nothing of them is to be read in the database; in another person's row they do not open; keys may be rotated."""
    keys = MemoryKeyStore()
    box = SecretBox(keys)
    sealed = seal_data(box, 1, ADA)
    assert b"King" not in sealed
    with pytest.raises(DamagedKeys):
        open_data(box, 2, sealed)
    rotate_sealing_key(keys)
    assert open_data(SecretBox(keys), 1, sealed) == ADA


def test_data_show_nothing_in_logs() -> None:
    """Neither in a traceback nor in a log line."""
    assert repr(ADA) == "PersonalData(...)"
