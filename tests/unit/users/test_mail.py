"""Letters and where they go: no header can be injected, the mailbox is bounded, its page is for this machine only."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from cse.adapters.mail.mailbox import KEPT, Mailbox
from cse.adapters.mail.smtp import SmtpMailer, SmtpServer
from cse.core.errors import Unavailable
from cse.gateway.http.mailbox_page import mailbox_routes
from cse.settings import Settings
from cse.users.mail import MailRefused, letter
from cse.wiring.mail import change_link, mailer, reset_link, verify_link

TO = "ada@example.com"


class _Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as one letter needs; `refusal` is what it says to RCPT."""

    refusal = b""
    got: bytes = b""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (line := self.rfile.readline()) not in {b".\r\n", b""}:
                    lines.append(line)
                type(self).got = b"".join(lines)
            if verb == b"RCPT" and self.refusal:
                self.wfile.write(self.refusal)
            else:
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


@pytest.fixture
def smtp() -> Iterator[tuple[type[_Smtp], SmtpMailer]]:
    """A mail server on a free port, and a mailer that uses it."""
    handler = type("Handler", (_Smtp,), {})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        port = server.server_address[1]
        yield handler, SmtpMailer(SmtpServer("127.0.0.1", port, "cse@example.com", "none"))
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("ada@example.com\r\nBcc: eve@example.com", "hello"),
        ("ada@example.com\nBcc: eve@example.com", "hello"),
        (TO, "hello\r\nBcc: eve@example.com"),
        (TO, "hello\rX: y"),
        (TO, "hello\x00"),
        (TO, "hello\u2028X: y"),
        ("", "hello"),
    ],
)
async def test_header_injection(to: str, subject: str, tmp_path: Path) -> None:
    """No mailer takes an address or a subject that could begin another header."""
    smtp_server = SmtpServer("127.0.0.1", 1, "cse@example.com", "none")
    for one in (SmtpMailer(smtp_server), Mailbox(tmp_path / "mailbox.json")):
        with pytest.raises(ValueError, match="printable"):
            await one.send(to, subject, "text")


async def test_a_letter_arrives_as_plain_text(smtp: tuple[type[_Smtp], SmtpMailer]) -> None:
    """The server gets one addressee, one subject, and the text."""
    handler, sends = smtp
    await sends.send(TO, "A new password", "first line\nsecond line\n")
    headers, _, body = handler.got.partition(b"\r\n\r\n")
    assert b"To: ada@example.com" in headers
    assert b"Content-Type: text/plain" in headers
    assert body == b"first line\r\nsecond line\r\n"


async def test_a_refusal_for_good_is_told_from_one_that_passes(
    smtp: tuple[type[_Smtp], SmtpMailer],
) -> None:
    """550 is for good; 451, and a server that is not there, may pass."""
    handler, sends = smtp
    handler.refusal = b"550 no such person\r\n"
    with pytest.raises(MailRefused):
        await sends.send(TO, "hello", "text")
    handler.refusal = b"451 later\r\n"
    with pytest.raises(Unavailable):
        await sends.send(TO, "hello", "text")
    with pytest.raises(Unavailable):
        await SmtpMailer(SmtpServer("127.0.0.1", 1, "cse@example.com", "none")).send(TO, "a", "b")


async def test_the_mailbox_is_bounded_private_and_its_log_line_has_no_secret(
    tmp_path: Path,
) -> None:
    """The newest 100 letters lie in a file of the owner's; the log says where to look, not what it says."""
    box = Mailbox(tmp_path / "mailbox.json")
    with capture_logs() as lines:
        for number in range(KEPT + 1):
            await box.send(TO, f"letter {number}", "the secret")
    kept = [one.subject for one in box.letters()]
    assert kept == [f"letter {number}" for number in range(1, KEPT + 1)]
    assert (tmp_path / "mailbox.json").stat().st_mode & 0o777 == 0o600
    assert "the secret" not in str(lines)


async def _get(box: Mailbox, peer: str, **headers: str) -> httpx.Response:
    app = Starlette(routes=list(mailbox_routes(box.letters)))
    transport = httpx.ASGITransport(app=app, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.get("/dev/mailbox", headers=named)


async def test_the_page_escapes_letters_and_runs_no_script(tmp_path: Path) -> None:
    """Markup in a letter is shown as text, and the policy allows nothing."""
    box = Mailbox(tmp_path / "mailbox.json")
    await box.send(TO, "<b>subject</b>", "<script>alert(1)</script>")
    answer = await _get(box, "127.0.0.1")
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("203.0.113.7", {}),
        ("127.0.0.1", {"x_forwarded_for": "203.0.113.7"}),
        ("127.0.0.1", {"host": "evil.example:8000"}),
    ],
)
async def test_the_page_is_for_this_machine_only(
    peer: str, headers: dict[str, str], tmp_path: Path
) -> None:
    """Strangers, proxies, and pages whose name was rebound to this machine get 404."""
    assert (await _get(Mailbox(tmp_path / "m"), peer, **headers)).status_code == 404


def test_production_has_no_mailbox(tmp_path: Path) -> None:
    """Without a mail server the sandbox has its mailbox and production sends nothing; none as TLS is refused."""
    assert isinstance(mailer(Settings(data_dir=tmp_path)), Mailbox)
    assert mailer(Settings(data_dir=tmp_path, mode="production")) is None
    with pytest.raises(ValueError, match=r"mail\.tls"):
        Settings.model_validate({"mode": "production", "mail": {"host": "mx", "tls": "none"}})


def test_the_token_stands_in_the_links_fragment() -> None:
    """No server's log and no Referer shows it."""
    settings = Settings.model_validate({"mail": {"reset_page": "https://example.com/reset"}})
    assert reset_link(settings, "abc") == "https://example.com/reset#token=abc"
    here, other = Settings(), Settings.model_validate({"mail": {"verify_page": "https://a.test/x"}})
    assert reset_link(here, "abc") == "http://localhost:8000/reset-password#token=abc"
    assert verify_link(here, "abc") == "http://localhost:8000/verify-email#token=abc"
    assert change_link(here, "abc") == "http://localhost:8000/confirm-email#token=abc"
    assert change_link(other, "abc") == "https://a.test/x#change=abc"


def test_letters_link_to_where_the_exchange_is_found() -> None:
    """To http.public_url; production without it, and a port that nobody knows yet, give the bare token."""
    public = {"http": {"public_url": "https://exchange.example"}, "mode": "production"}
    settings = Settings.model_validate(public)
    assert reset_link(settings, "abc") == "https://exchange.example/reset-password#token=abc"
    assert settings.oauth_page == "https://exchange.example/oauth/callback"
    assert reset_link(Settings.model_validate({"mode": "production"}), "abc") == "Token: abc"
    free = Settings.model_validate({"http": {"port": 0}})
    assert reset_link(free, "abc") == "Token: abc"
    assert reset_link(free.listening_on(9000), "abc").startswith("http://localhost:9000/")


@pytest.mark.parametrize("url", ["exchange.example", "https://x.test/path", "ftp://x.test", "//x"])
def test_the_public_url_is_an_origin(url: str) -> None:
    """A path, another scheme or none is refused at the start."""
    with pytest.raises(ValueError, match="must be a scheme and a host"):
        Settings.model_validate({"http": {"public_url": url}})


def test_a_letter_does_not_show_itself() -> None:
    """Its repr has neither address nor text."""
    assert "secret" not in repr(letter(TO, "hello", "the secret"))
