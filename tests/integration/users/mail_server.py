"""A mail server for tests: as much of RFC 5321, STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954) as one letter needs."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class MailServer:
    """Where it listens, and what it was told."""

    port: int = 0
    lines: list[tuple[bool, bytes]] = field(default_factory=list)
    """Every line of a client, and whether it came encrypted."""
    letters: list[bytes] = field(default_factory=list)

    def said(self, verb: bytes) -> list[bool]:
        """For each line that begins with a verb, whether it came encrypted."""
        return [safe for safe, line in self.lines if line.upper().startswith(verb)]


def certificate(folder: Path, name: str) -> Path:
    """Make a certificate of this name that vouches for itself; the file has its key, too."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    kind, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = folder / f"{name}.pem"
    file.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, kind, plain))
    return file


class _Server(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine."""

    daemon_threads = True

    def __init__(self, pem: Path, *, at_once: bool, offers: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        self.at_once, self.offers = at_once, offers
        self.seen = MailServer(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up on us are what some tests are about."""


class _Handler(socketserver.StreamRequestHandler):
    """One connection."""

    server: _Server
    safe = False
    """Whether it is encrypted."""

    def handle(self) -> None:
        if self.server.at_once and not self._encrypt():
            return
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            self.server.seen.lines.append((self.safe, line))
            verb = line[:4].upper()
            self.wfile.write(self._reply(verb))
            if verb == b"DATA":
                self._letter()
            elif verb == b"QUIT" or (verb == b"STAR" and not self._encrypt()):
                return

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _reply(self, verb: bytes) -> bytes:
        if verb == b"EHLO":
            is_offered = self.server.offers and not self.safe
            offer = b"STARTTLS" if is_offered else b"AUTH PLAIN"
            return b"250-here\r\n250 " + offer + b"\r\n"
        codes = {b"STAR": b"220", b"DATA": b"354", b"AUTH": b"235", b"QUIT": b"221"}
        return codes.get(verb, b"250") + b" go on\r\n"

    def _letter(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        self.server.seen.letters.append(b"".join(lines))
        self.wfile.write(b"250 ok\r\n")

    def _encrypt(self) -> bool:
        try:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        except OSError:  # the client does not trust us
            return False
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        self.safe = True
        return True


@contextmanager
def mail_server(pem: Path, *, at_once: bool = False, offers: bool = True) -> Iterator[MailServer]:
    """A server on a free port; `at_once`: TLS from the first byte; `offers`: STARTTLS, otherwise nothing."""
    with _Server(pem, at_once=at_once, offers=offers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.seen
        server.shutdown()
        thread.join()
