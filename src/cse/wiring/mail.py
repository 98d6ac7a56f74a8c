"""Who delivers letters: the configured mail server, the sandbox's mailbox, or nobody."""

from cse.adapters.mail.mailbox import Mailbox
from cse.adapters.mail.smtp import SmtpMailer, SmtpServer
from cse.settings import Settings
from cse.users.mail import Mailer
from cse.wiring.places import mailbox_file


def mailer(settings: Settings) -> Mailer | None:
    """Return the mailer; None: production without a mail server, which sends no letters."""
    mail = settings.mail
    if mail.host:
        password = mail.password.get_secret_value()
        return SmtpMailer(
            SmtpServer(mail.host, mail.port, mail.sender, mail.tls, mail.user, password)
        )
    return Mailbox(mailbox_file(settings)) if settings.sandbox else None


def verify_link(settings: Settings, token: str) -> str:
    """Return what stands in a letter that proves an address; see `reset_link`."""
    page = settings.mail.verify_page
    return f"{page}#token={token}" if page else _own_page(settings, "verify-email", token)


def change_link(settings: Settings, token: str) -> str:
    """Return what stands in a letter that changes an address; see `reset_link`."""
    page = settings.mail.verify_page
    return f"{page}#change={token}" if page else _own_page(settings, "confirm-email", token)


def reset_link(settings: Settings, token: str) -> str:
    """Return what stands in a letter: a link to the configured page, else to the web app's, else the bare token.

    The token is in the fragment: it is in no server's log and no Referer.
    """
    page = settings.mail.reset_page
    return f"{page}#token={token}" if page else _own_page(settings, "reset-password", token)


def _own_page(settings: Settings, page: str, token: str) -> str:
    own = settings.public_url
    return f"{own}/{page}#token={token}" if own else f"Token: {token}"
