"""Leaked passwords: the bundled list is there, is large, and what is in it is refused however it is capitalised."""

import pytest

from cse.users.common_passwords import OURS, SHORTEST, common_passwords, leaked_passwords
from cse.users.errors import InvalidField
from cse.users.identity import check_new_password, parse_handle

HANDLE = parse_handle("ada")


def test_the_list_has_the_thirty_thousand_commonest() -> None:
    """Of them only those are kept that are long enough to be asked about, and ours besides."""
    leaked = leaked_passwords()
    assert len(leaked) >= 30_000
    long = {each for each in leaked if len(each) >= SHORTEST}
    assert len(long) > 1_000
    assert common_passwords() == long | OURS


def test_every_one_is_refused() -> None:
    """As it stands in the list and in capitals."""
    for each in common_passwords():
        for written in (each, each.upper()):
            with pytest.raises(InvalidField):
                check_new_password(written, email="ada@example.com", handle=HANDLE)


def test_a_pass_phrase_is_taken() -> None:
    """What nobody uses is not on a list."""
    secret = "seven lamps over a quiet harbour"
    assert check_new_password(secret, email="ada@example.com", handle=HANDLE) == secret


def test_the_list_is_read_once() -> None:
    """Later calls return the same set."""
    assert common_passwords() is common_passwords()
