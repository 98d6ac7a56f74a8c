"""Cursors come back as they were given, and only to the list that gave them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cse.core.ids import MAX_ID
from cse.gateway.cursors import FILLS, LEDGER, ORDERS, TRADES, read_cursor, write_cursor
from cse.gateway.problems import ApiProblem

ids = st.integers(0, MAX_ID)


@given(st.sampled_from([ORDERS, FILLS, LEDGER, TRADES]), ids, ids)
def test_a_cursor_comes_back(kind: int, first: int, second: int) -> None:
    """Every key survives the way out and back, and needs no escaping in a URL."""
    text = write_cursor(kind, first, second)
    assert read_cursor(kind, text) == (first, second)
    assert text.replace("-", "").replace("_", "").isalnum()


def test_no_cursor_is_the_first_page() -> None:
    """None stays None."""
    assert read_cursor(ORDERS, None) is None


@given(st.text(max_size=64))
def test_anything_else_is_refused(text: str) -> None:
    """Made-up cursors are a 400, never a crash, never another spelling of a good one."""
    with suppress(ApiProblem):
        key = read_cursor(FILLS, text)
        assert key is not None
        assert write_cursor(FILLS, *key) == text


@pytest.mark.parametrize("text", ["", "x", "=", "AAAA", "A" * 64, "é", "AgAA AAAA"])
def test_what_is_no_cursor_says_so(text: str) -> None:
    """A 400 of its own code."""
    with pytest.raises(ApiProblem) as caught:
        read_cursor(FILLS, text)
    assert (caught.value.status, caught.value.code) == (400, "invalid_cursor")


def test_a_cursor_of_another_list_is_refused() -> None:
    """Each list takes its own cursors only."""
    with pytest.raises(ApiProblem):
        read_cursor(LEDGER, write_cursor(FILLS, 1, 2))
