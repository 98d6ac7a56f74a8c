"""Letters over TLS: nothing secret goes out before the connection is encrypted to the server that was meant."""

from pathlib import Path
from typing import Literal

import pytest

from cse.adapters.mail.smtp import SmtpMailer, SmtpServer
from cse.core.errors import Unavailable
from tests.integration.users.mail_server import certificate, mail_server

TO = "ada@example.com"
Mode = Literal["starttls", "tls", "none"]


def mailer(port: int, tls: Mode, host: str = "localhost") -> SmtpMailer:
    return SmtpMailer(SmtpServer(host, port, "cse@example.com", tls, "user", "the password"))


@pytest.fixture
def pem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for localhost that this process trusts."""
    made = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_letter_and_its_password_go_encrypted(pem: Path, tls: Mode) -> None:
    """The server gets one letter; log-in, addressee and text came after the encryption began."""
    with mail_server(pem, at_once=tls == "tls") as server:
        await mailer(server.port, tls).send(TO, "hello", "text")
    assert len(server.letters) == 1
    assert b"To: ada@example.com" in server.letters[0]
    for verb in (b"AUTH", b"RCPT", b"DATA"):
        assert server.said(verb) == [True]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_server_that_nobody_vouches_for(tmp_path: Path, tls: Mode) -> None:
    """Its certificate is none that we trust: it is told neither password nor letter; we try again later."""
    with (
        mail_server(certificate(tmp_path, "localhost"), at_once=tls == "tls") as server,
        pytest.raises(Unavailable),
    ):
        await mailer(server.port, tls).send(TO, "hello", "text")
    assert not server.letters
    assert not server.said(b"AUTH")


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_server_of_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: Mode
) -> None:
    """A certificate that we trust, but for somebody else."""
    other = certificate(tmp_path, "elsewhere.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with mail_server(other, at_once=tls == "tls") as server, pytest.raises(Unavailable):
        await mailer(server.port, tls).send(TO, "hello", "text")
    assert not server.letters
    assert not server.said(b"AUTH")


async def test_a_server_that_offers_no_encryption(pem: Path) -> None:
    """Somebody between us who takes the offer away gets nothing: no password, no letter."""
    with mail_server(pem, offers=False) as server, pytest.raises(Unavailable):
        await mailer(server.port, "starttls").send(TO, "hello", "text")
    assert not server.letters
    assert not server.said(b"AUTH")


async def test_none_is_in_the_clear(pem: Path) -> None:
    """What production refuses (mail.tls): the letter arrives, and anybody on the way reads it."""
    with mail_server(pem, offers=False) as server:
        await mailer(server.port, "none").send(TO, "hello", "text")
    assert len(server.letters) == 1
    assert server.said(b"AUTH") == [False]
