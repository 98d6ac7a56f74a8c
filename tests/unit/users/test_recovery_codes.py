"""Recovery codes are random, easy to type, and found in constant work."""

import re

import pytest

from cse.users.recovery_codes import CODES, find, new_codes, normalise


def test_ten_different_codes_of_eighty_bits() -> None:
    """Sixteen letters of thirty-two in groups of four; no two sets share one."""
    codes = new_codes()
    assert len(set(codes) | set(new_codes())) == 2 * CODES
    for code in codes:
        assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}", code)


def test_a_code_may_be_typed_as_people_type() -> None:
    """Capitals, blanks, missing dashes, and letters that look like digits."""
    assert normalise("0x1k-9p7d-w2mc-81za") == b"0x1k9p7dw2mc81za"
    assert normalise(" OXIK 9P7D w2mc81ZA") == b"0x1k9p7dw2mc81za"
    assert all(normalise(code) == code.replace("-", "").encode() for code in new_codes())


@pytest.mark.parametrize("wrong", ["", "x", "0x1k-9p7d-w2mc-81zu", "0x1k-9p7d-w2mc-81z", "é" * 16])
def test_what_cannot_be_a_code_is_none(wrong: str) -> None:
    """Other letters, other lengths."""
    assert normalise(wrong) is None


def test_a_digest_is_found_under_any_key_that_may_have_made_it() -> None:
    """Every pair is compared, so an old key's digests still count."""
    assert find([b"new", b"old"], [b"a", b"old", b"b"]) == b"old"
    assert find([b"new"], [b"a", b"b"]) is None
    assert find([], [b"a"]) is None
