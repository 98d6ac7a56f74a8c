"""Where order entry listens: beside HTTP by default, exactly where it is told to otherwise, nowhere when it is off."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cse.entrypoints.entry_sockets import OFFSET, bind_entry, entry_addresses
from cse.entrypoints.exits import CannotStart
from cse.settings import load_settings
from tests.servers.process import free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield int(server.getsockname()[1])


def _addresses(**variables: str) -> list[str]:
    bound = bind_entry(load_settings(environ={f"CSE_{k}": v for k, v in variables.items()}))
    try:
        return entry_addresses(bound)
    finally:
        for each in bound:
            each.close()


def test_by_default_it_is_beside_http() -> None:
    """A hundred above, as long as that is a port."""
    port = free_port()
    assert _addresses(HTTP_PORT=str(port - OFFSET)) == [f"tcp:127.0.0.1:{port}"]
    assert _addresses(HTTP_PORT="65535")


def test_a_second_exchange_takes_any_port(taken: int) -> None:
    """Nobody chose the port, so nobody has to be refused for it."""
    (address,) = _addresses(HTTP_PORT=str(taken - OFFSET))
    assert address != f"tcp:127.0.0.1:{taken}"


def test_a_port_that_was_asked_for_is_had_or_refused(taken: int) -> None:
    """By the name of its setting."""
    port = free_port()
    assert _addresses(ENTRY_PORT=str(port)) == [f"tcp:127.0.0.1:{port}"]
    with pytest.raises(CannotStart, match=r"entry\.port"):
        _addresses(ENTRY_PORT=str(taken))


def test_a_unix_socket_comes_besides(tmp_path: Path) -> None:
    """Only our own user can open it."""
    path = tmp_path / "entry.sock"
    tcp, unix = _addresses(ENTRY_SOCKET=str(path))
    assert tcp.startswith("tcp:127.0.0.1:")
    assert unix == f"unix:{path}"
    assert path.stat().st_mode & 0o077 == 0


def test_a_path_that_cannot_be_is_named(tmp_path: Path) -> None:
    """As an error that says which setting."""
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match=r"entry\.socket"):
        _addresses(ENTRY_SOCKET=str(tmp_path / "file" / "entry.sock"))


def test_off_is_off() -> None:
    """No socket at all."""
    assert _addresses(ENTRY_ENABLED="false") == []
