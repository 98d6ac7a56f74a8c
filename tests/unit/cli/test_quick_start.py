"""Services start without the garbage collector, and run with it."""

import gc

import pytest

from cse.cli.quick_start import no_collecting


def test_what_is_made_meanwhile_is_left_out_of_later_collections() -> None:
    """Nothing is collected inside; afterwards it is, but for what was made inside."""
    with no_collecting():
        assert not gc.isenabled()
        made = [[number] for number in range(100)]
    assert gc.isenabled()
    left = {id(each) for each in gc.get_objects()}
    assert left.isdisjoint(map(id, made))


def test_an_import_that_fails_leaves_the_collector_on() -> None:
    """A service that cannot start may be a test, or a command that goes on."""
    with pytest.raises(ImportError), no_collecting():
        raise ImportError
    assert gc.isenabled()
