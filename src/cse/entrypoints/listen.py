"""The listening socket: taken before anything slow begins, and said plainly when it is taken already."""

import errno
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cse.entrypoints.exits import CannotStart

_BACKLOG = 2_048
_LISTENING = "0A"


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; who connects before we serve waits in its backlog.

    Raises:
        CannotStart: the port is taken (says by whom) or the address is not ours.
    """
    family, kind, protocol, _, address = _resolve(host, port)
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise CannotStart(_complaint(host, port, error)) from error
    bound.set_inheritable(False)
    return bound


def _resolve(
    host: str, port: int
) -> tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]  # type: ignore[return-value]  # no AF_UNIX here
    except socket.gaierror as error:
        raise CannotStart(
            f"http.host: {host!r} is no address of this machine: {error.strerror}"
        ) from error


def _complaint(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        found = port_holder(port)
        who = (
            f"process {found[0]} ({found[1]}) listens there"
            if found
            else "another program listens there"
        )
        return f"port {port} on {host} is taken: {who}. Stop it, or choose another with --port (0: any free one)."
    if error.errno == errno.EACCES:
        return f"port {port} on {host} may not be opened by this user: choose one above 1023 with --port."
    return f"cannot listen on {host}:{port}: {error.strerror}"


def port_holder(port: int) -> tuple[int, str] | None:
    """Return (process id, its command line) of who listens on a TCP port, as far as we may see it."""
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for folder in Path("/proc").iterdir() if inodes else ():
        if folder.name.isdigit() and inodes & set(_open_files(folder)):
            with suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                return int(folder.name), " ".join(
                    word.decode(errors="replace") for word in words[:3] if word
                )
    return None


def _listening_inodes(port: int) -> Iterator[str]:
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == _LISTENING and int(words[1].rpartition(":")[2], 16) == port:
                    yield words[9]


def _open_files(folder: Path) -> Iterator[str]:
    with suppress(OSError):
        for file in (folder / "fd").iterdir():
            with suppress(OSError):
                yield str(file.readlink())
