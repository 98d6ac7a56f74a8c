"""Mailer over SMTP (RFC 5321), by the standard library in a thread."""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Final, Literal

from cse.core.errors import Unavailable
from cse.users.mail import Letter, MailRefused, letter
from cse.users.model import Guarded

_TIMEOUT_S: Final = 10.0
"""For each exchange with the server."""


class SmtpServer(Guarded, frozen=True):
    """Where letters are handed over, and as whom."""

    host: str
    port: int
    sender: str
    tls: Literal["starttls", "tls", "none"]
    user: str = ""
    password: str = ""


class SmtpMailer:
    """A connection per letter: they are few."""

    def __init__(self, server: SmtpServer) -> None:
        """Nothing is connected yet."""
        self._server = server

    async def send(self, to: str, subject: str, text: str) -> None:
        checked = letter(to, subject, text)
        try:
            await asyncio.to_thread(self._hand_over, checked)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise _told(codes[0] if codes else 0) from error
        except smtplib.SMTPResponseException as error:
            raise _told(error.smtp_code) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(f"the mail server is out of reach: {type(error).__name__}") from error

    def _hand_over(self, what: Letter) -> None:
        server, context = self._server, ssl.create_default_context()
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = server.sender, what.to, what.subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="cs-exchange")
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody is to answer by machine
        message.set_content(what.text)
        connection = (
            smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT_S, context=context)
            if server.tls == "tls"
            else smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_S)
        )
        with connection:
            if server.tls == "starttls":
                connection.starttls(context=context)
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(message, server.sender, [what.to])


def _told(code: int) -> Unavailable | MailRefused:
    """Return what a reply means: 5xx of this letter is for good, the rest may pass (RFC 5321, 4.2.1)."""
    if code in {550, 551, 553, 554}:
        return MailRefused(f"the mail server refused the letter ({code})")
    return Unavailable(f"the mail server did not take the letter ({code})")
