"""What people may write about themselves: normalised, bounded, nothing invisible."""

import pytest

from cse.users.errors import InvalidField
from cse.users.profiles.model import LOCALES, Change
from cse.users.profiles.profile import checked, time_zones
from cse.users.profiles.text import clean_line, clean_text

HIDDEN = ["\u0000", "\u001b", "\u007f", "\u0085", "\u200b", "\u200e", "\u202e", "\u2067", "\u2028"]
HIDDEN += ["\ufeff", "\ue000", "\U000e0041", "\u061c", "\ufffe"]


@pytest.mark.parametrize("char", HIDDEN, ids=lambda char: f"U+{ord(char):04X}")
def test_what_cannot_be_seen_or_turns_text_around_is_refused(char: str) -> None:
    """In one line and in many, and the refusal names the character in letters that can be read."""
    for clean in (clean_line, clean_text):
        with pytest.raises(InvalidField, match=f"U\\+{ord(char):04X}"):
            clean("bio", f"a{char}b", 10)


@pytest.mark.parametrize(
    "text", ["Ada", "Δάφνη", "علی‌رضا", "👩‍💻 코인", "<b>&amp;{{7*7}}", "क्षत्रिय", "Nguyễn"]
)
def test_real_writing_is_taken_as_it_is(text: str) -> None:
    """Scripts that need joiners, emoji made of several characters, and what only looks dangerous."""
    assert clean_line("display_name", text, 50) == text


def test_text_is_brought_into_nfc_and_counted_afterwards() -> None:
    """Two ways to write the same are the same, and as long."""
    assert clean_line("display_name", " e\u0301 ", 1) == "\u00e9"
    with pytest.raises(InvalidField, match="at most 1 "):
        clean_line("display_name", "ab", 1)


def test_lines_end_in_one_way_and_one_line_has_no_end() -> None:
    """Windows' line ends become plain ones; a lone carriage return is a control."""
    assert clean_text("bio", "a\r\nb\n", 10) == "a\nb"
    for text in ("a\rb", "a\nb"):
        with pytest.raises(InvalidField):
            clean_line("bio", text, 10)


def test_towers_of_marks_are_refused() -> None:
    """What real writing needs passes."""
    assert clean_line("bio", "a\u0323\u0302\u0301", 10)
    with pytest.raises(InvalidField, match="pile"):
        clean_line("bio", "x" + "\u0334" * 5, 10)


def test_languages_and_time_zones_are_from_lists() -> None:
    """A path is no time zone, and a tag that we do not know is no language."""
    assert "UTC" in time_zones()
    assert checked(Change(locale=LOCALES[-1], time_zone="UTC")).locale == LOCALES[-1]
    for bad in (Change(locale="EN"), Change(time_zone="/etc/passwd"), Change(time_zone="")):
        with pytest.raises(InvalidField):
            checked(bad)
