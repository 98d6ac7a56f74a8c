"""Sanctions and jurisdictions are data: read whole or refused, read again when they change; comparing names."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from cse.users.identity_checks.jurisdictions import highest_level, read_jurisdictions
from cse.users.identity_checks.lists import Lists
from cse.users.identity_checks.sanctions import (
    LIKE_PERCENT,
    ListDamaged,
    SanctionsList,
    read_sanctions,
    words_of,
)

HEAD = "id,name,birth_date,source\n"


def listed(*lines: str) -> SanctionsList:
    return read_sanctions((HEAD + "\n".join(lines) + "\n").encode())


def likeness(theirs: str, mine: str, born: str = "1970-01-01", entry_born: str = "") -> int:
    found = listed(f'X-1,"{theirs}",{entry_born},test').like(mine, born)
    return found[0].likeness if found else 0


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        ("José María Núñez", "JOSE MARIA NUNEZ"),
        ("Nunez, Jose-Maria", "José María Núñez"),
        ("Straße Jürgen", "Jurgen STRASSE"),
        ("O'Neill Seán", "Sean ONeill"),
        ("\uff21\uff4e\uff4e Lee", "Lee Ann"),
        ("Łukasz Ørsted", "Lukasz Orsted"),
        ("\u0130brahim Y\u0131ld\u0131z", "ibrahim yildiz"),
    ],
)
def test_the_same_name_in_other_letters_and_order(theirs: str, mine: str) -> None:
    """Case, marks, width, punctuation and the order of words do not hide a name."""
    assert likeness(theirs, mine) == 100


@pytest.mark.parametrize(
    ("theirs", "mine", "is_like"),
    [
        ("Maximiliana Mustermann", "Maximilana Musterman", True),
        ("Alexander Petrov", "Aleksander Petrov", True),
        ("Maximiliana Mustermann", "Maximilian Schmidt", False),
        ("Ann Lee", "Bob Stone", False),
    ],
)
def test_a_misspelt_name_is_alike(theirs: str, mine: str, *, is_like: bool) -> None:
    """A letter more or less is looked at by people, and is never called the same; other people are left alone."""
    found = likeness(theirs, mine)
    assert (LIKE_PERCENT <= found < 100) is is_like


@pytest.mark.parametrize(
    ("entry_born", "mine", "born", "is_like"),
    [
        ("1970-01-01", "Ann Lee", "1970-01-01", True),
        ("1970", "Ann Lee", "1970-06-30", True),
        ("", "Ann Lee", "1999-06-30", True),
        ("1970-01-01", "Ann Lee", "1970-12-31", True),
        ("1970-01-01", "Ann Leee", "1970-12-31", False),
        ("1970", "Ann Lee", "1971-01-01", False),
    ],
)
def test_a_birth_date_tells_people_apart(
    entry_born: str, mine: str, born: str, *, is_like: bool
) -> None:
    """Another year is another person; another day of the same year only where the name is not the same."""
    assert bool(likeness("Ann Lee", mine, born, entry_born)) is is_like


def test_a_person_of_the_list_is_found_once_by_the_likest_name() -> None:
    """Whatever number of names the list has of them; the likest person first."""
    found = listed("A,Ann Leee,,x", "A,Lee Ann,,x", "B,Anna Lee,,x").like("Ann Lee", "1970-01-01")
    assert [hit.entry_id for hit in found] == ["A", "B"]
    assert (found[0].entry_name, found[0].likeness) == ("Lee Ann", 100)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"name,id\n",
        HEAD.encode(),
        (HEAD + "X-1,Ann Lee,1970-01-01\n").encode(),
        (HEAD + "X 1,Ann Lee,,x\n").encode(),
        (HEAD + "X-1,Ann Lee,01/01/1970,x\n").encode(),
        (HEAD + "X-1,!!!,,x\n").encode(),
        (HEAD + 'X-1,"Ann\nLee",,x\n').encode(),
        HEAD.encode() + b"X-1,\xff\xfe,,x\n",
        (HEAD + "X-1," + "a" * 301 + ",,x\n").encode(),
    ],
)
def test_a_list_that_is_not_of_its_form_is_refused_as_a_whole(data: bytes) -> None:
    """No half of a list is ever used."""
    with pytest.raises(ListDamaged):
        read_sanctions(data)


def test_the_bundled_lists_are_whole_and_block_nobody() -> None:
    """All countries of ISO 3166-1 up to level 3; on the list of sanctions only who says that they are an example."""
    lists = Lists()
    assert len(lists.jurisdictions) == 249
    assert {
        (each.residents_up_to, each.nationals_up_to) for each in lists.jurisdictions.values()
    } == {(3, 3)}
    assert lists.sanctions.entries
    assert all(entry.entry_id.startswith("EXAMPLE-") for entry in lists.sanctions.entries)
    assert not Lists(example=False).sanctions.like("Jane Q. Fictitious-Person", "1970-01-01")


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "DE,Germany,3",
        "de,Germany,3,3",
        "DE,Germany,4,3",
        "DE,,3,3",
        "DE,Germany,3,3\nDE,Germany,3,3",
    ],
)
def test_countries_that_are_not_of_their_form_are_refused(lines: str) -> None:
    """A level that does not exist, a code that is none, a country twice."""
    with pytest.raises(ListDamaged):
        read_jurisdictions(f"code,name,residents_up_to,nationals_up_to\n{lines}\n".encode())


def test_the_lower_of_two_countries_counts() -> None:
    """Where somebody lives and what they are a national of; a country that is not listed is not served."""
    known = read_jurisdictions(
        b"code,name,residents_up_to,nationals_up_to\nAA,A,3,1\nBB,B,2,3\nCC,C,0,3\n"
    )
    assert highest_level(known, "BB", "BB") == 2
    assert highest_level(known, "BB", "AA") == 1
    assert highest_level(known, "CC", "BB") == 0
    assert highest_level(known, "BB", "ZZ") == 0


def test_a_changed_file_is_read_again_and_a_damaged_one_is_not_used(tmp_path: Path) -> None:
    """Without a restart; what was read before stays in use while a file is broken or gone, and the log says so."""
    file = tmp_path / "sanctions.csv"
    file.write_text(HEAD + "X-1,Ann Lee,,x\n")
    lists = Lists(file)
    assert not lists.refresh()
    file.write_text(HEAD + "X-1,Ann Lee,,x\nX-2,Bob Stone,,x\n")
    assert lists.refresh()
    before = lists.sanctions
    assert before.like("Bob Stone", "1970-01-01")
    for damage in (lambda: file.write_text("not a list"), file.unlink):
        damage()
        with capture_logs() as logs:
            assert not lists.refresh()
        assert [entry["event"] for entry in logs] == ["identity_list_not_read"]
        assert lists.sanctions is before
    new = tmp_path / "new"
    new.write_text(HEAD + "X-3,Cy Young,,x\n")
    new.replace(file)
    assert lists.refresh()
    assert lists.sanctions.like("Cy Young", "1970-01-01")


def test_a_missing_file_refuses_the_start(tmp_path: Path) -> None:
    """An operator who names a list gets that list or no exchange."""
    with pytest.raises(ListDamaged, match="cannot be read"):
        Lists(tmp_path / "none.csv")


def test_words_are_few_and_plain() -> None:
    """What is compared has no marks, no punctuation and one order."""
    assert words_of("  Þór  d'Arc-Ætna_X ") == ("aetna", "darc", "thor", "x")
