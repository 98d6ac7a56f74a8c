"""The listening socket: refusals say who holds the port and how to choose another."""

import os
import socket

import pytest

from cse.entrypoints.exits import CannotStart
from cse.entrypoints.listen import listen, port_holder


def test_a_free_port_is_found_for_zero() -> None:
    """The socket says which one it got, and takes connections."""
    with listen("127.0.0.1", 0) as bound:
        port = bound.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            assert port > 0


def test_a_taken_port_names_its_holder() -> None:
    """The holder is this very process, so its id must be in the message."""
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(CannotStart) as caught:
            listen("127.0.0.1", port)
        assert f"port {port} on 127.0.0.1 is taken: process {os.getpid()} (" in str(caught.value)
        assert "--port" in str(caught.value)
    assert port_holder(port) is None


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.7"])
def test_an_address_that_is_not_ours_is_refused(host: str) -> None:
    """A name that resolves to nothing, and an address (RFC 5737) that no machine has."""
    with pytest.raises(CannotStart, match=host.replace(".", r"\.")):
        listen(host, 0)
