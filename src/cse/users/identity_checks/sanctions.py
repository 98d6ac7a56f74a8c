"""Lists of sanctioned people, and whether a name is like one of theirs. A likeness never decides anything by itself."""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from hashlib import blake2b
from typing import Final, NamedTuple

from cse.core.errors import CseError
from cse.users.identity_checks.model import Found

COLUMNS: Final = ("id", "name", "birth_date", "source")
MAX_ENTRIES: Final = 500_000
LIKE_PERCENT: Final = 88
"""From which likeness on two names are one that people must look at."""
MAX_COMPARED: Final = 2_000
"""Entries that one name is compared with letter by letter; those that share the most words with it."""
_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_DATE: Final = re.compile(r"([0-9]{4}(-[0-9]{2}-[0-9]{2})?)?")
_WORD: Final = re.compile(r"\w+")
_START: Final = 3
"""Letters of a word that lead to it: names that are misspelt are mostly so further in."""
_LETTERS: Final = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "þ": "th",
        "\u0131": "i",
    }
)
"""What has no decomposition in Unicode and is written so in Latin letters without marks (ICAO Doc 9303-3)."""


class ListDamaged(CseError):
    """A list that cannot be used; the message says where."""


class Entry(NamedTuple):
    """One name of a sanctioned person."""

    entry_id: str
    name: str
    birth_date: str
    """YYYY-MM-DD, YYYY, or empty: not known."""
    source: str
    words: tuple[str, ...]

    @property
    def digest(self) -> bytes:
        """Return the digest of all that the entry says."""
        return blake2b("\0".join(self[:4]).encode(), digest_size=16).digest()


def words_of(name: str) -> tuple[str, ...]:
    """Return a name's words without case, marks, punctuation and order (Unicode NFKD, case folded)."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return tuple(
        sorted(_WORD.findall(letters.replace("_", " ").replace("'", "").replace("\u2019", "")))
    )


class SanctionsList:
    """A list that was read as a whole."""

    def __init__(self, entries: Iterable[Entry], digest: bytes) -> None:
        """Index the entries by how their words begin."""
        self.entries: Final = tuple(entries)
        self.digest: Final = digest
        """Of the file that it was read from."""
        self._by_start: dict[str, list[int]] = defaultdict(list)
        for at, entry in enumerate(self.entries):
            for start in {word[:_START] for word in entry.words}:
                self._by_start[start].append(at)

    def like(self, name: str, birth_date: str) -> list[Found]:
        """Return the entries that a person's name is like, each person of the list once, the likest first.

        The same words in whatever order are 100 percent. A birth date that the list has and that is another one
        rules an entry out, but for the same words with the same year.
        """
        words = words_of(name)
        best: dict[str, Found] = {}
        for entry in self._near(words):
            likeness = _likeness(words, entry.words)
            if likeness < LIKE_PERCENT or not _may_be(entry, birth_date, likeness):
                continue
            known = best.get(entry.entry_id)
            if known is None or known.likeness < likeness:
                best[entry.entry_id] = Found(entry.entry_id, entry.name, entry.digest, likeness)
        return sorted(best.values(), key=lambda found: (-found.likeness, found.entry_id))

    def _near(self, words: tuple[str, ...]) -> list[Entry]:
        shared: dict[int, int] = defaultdict(int)
        for start in {word[:_START] for word in words}:
            for at in self._by_start.get(start, ()):
                shared[at] += 1
        nearest = sorted(shared, key=lambda at: (-shared[at], at))[:MAX_COMPARED]
        return [self.entries[at] for at in nearest]


def _likeness(mine: tuple[str, ...], theirs: tuple[str, ...]) -> int:
    """Return 100 for the same words; else how alike the words are, letter by letter (Ratcliff and Obershelp 1988)."""
    if set(mine) == set(theirs):
        return 100
    one, other = " ".join(mine), " ".join(theirs)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if (
        matcher.real_quick_ratio() * 100 < LIKE_PERCENT
        or matcher.quick_ratio() * 100 < LIKE_PERCENT
    ):
        return 0
    return min(99, int(matcher.ratio() * 100))


def _may_be(entry: Entry, birth_date: str, likeness: int) -> bool:
    if not entry.birth_date or birth_date.startswith(entry.birth_date):
        return True
    return likeness == 100 and birth_date[:4] == entry.birth_date[:4]  # days get mistyped


def read_sanctions(data: bytes) -> SanctionsList:
    """Return the list of a file: CSV in UTF-8 with the columns id, name, birth_date, source; `#` begins a comment.

    Raises:
        ListDamaged: it is not of this form, is empty or too long, or has an entry without words.
    """
    rows = rows_of(data, COLUMNS)
    entries = [_entry(number, row) for number, row in rows]
    if not entries or len(entries) > MAX_ENTRIES:
        raise ListDamaged(f"the list has {len(entries)} entries; 1 to {MAX_ENTRIES} are taken")
    return SanctionsList(entries, blake2b(data, digest_size=32).digest())


def _entry(number: int, row: list[str]) -> Entry:
    entry_id, name, birth_date, source = (cell.strip() for cell in row)
    words = words_of(name)
    if not _ID.fullmatch(entry_id):
        raise ListDamaged(f"line {number}: the id must be 1 to 64 of A-Z a-z 0-9 . _ : -")
    if not _DATE.fullmatch(birth_date):
        raise ListDamaged(f"line {number}: the birth date must be YYYY-MM-DD, YYYY or empty")
    if not words or len(name) > 300 or len(source) > 300:
        raise ListDamaged(f"line {number}: a name has 1 to 300 characters, and a word at least")
    return Entry(entry_id, name, birth_date, source, words)


def rows_of(data: bytes, columns: tuple[str, ...]) -> list[tuple[int, list[str]]]:
    """Return a CSV file's rows with their line numbers, without comments and without its head.

    Raises:
        ListDamaged: no UTF-8, no CSV, another head, or a row with more or fewer cells.
    """
    try:
        lines = data.decode("utf-8-sig").splitlines()
        kept = [(at, line) for at, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
        cells = list(csv.reader((line for _, line in kept), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ListDamaged(f"the file is no CSV in UTF-8: {error}") from error
    if len(cells) != len(kept) or not cells or tuple(cells[0]) != columns:
        raise ListDamaged(f"the first line must be {','.join(columns)}, and each entry one line")
    rows = [(at, row) for (at, _), row in zip(kept, cells, strict=True)][1:]
    for at, row in rows:
        if len(row) != len(columns):
            raise ListDamaged(f"line {at}: {len(columns)} cells are needed")
    return rows
