"""The sections of letters to people and of how people join; see `cse.settings.sections`."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from cse.settings.sections import Port, Section


class MailSettings(Section):
    """E-mails to people: what hands them over. The sandbox needs nothing, it keeps them on /dev/mailbox."""

    host: str = ""
    """Mail server (SMTP). Empty: the sandbox's mailbox; in production no mails, so nobody can reset a password."""
    port: Port = 587
    """Its port: usually 587 for starttls, 465 for tls."""
    user: str = ""
    """Who logs in to it; empty: nobody."""
    password: SecretStr = SecretStr("")
    """Their password."""
    sender: Annotated[str, Field(pattern=r"^[!-~]+@[!-~]+$")] = "exchange@localhost"
    """Address that mails come from."""
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """none is for development only."""
    reset_page: str = ""
    """https://... page of yours that sets passwords: letters link to it with #token=... behind. Empty: the web
    app's own, below http.public_url."""

    verify_page: str = ""
    """https://... page of yours that takes links which prove addresses: letters link to it with #token=... behind
    (registrations) or #change=... (new addresses of people). Empty: the web app's own, below http.public_url."""

    @field_validator("reset_page", "verify_page")
    @classmethod
    def _is_page(cls, value: str) -> str:
        if value and (not value.startswith(("https://", "http://")) or not value.isprintable()):
            raise ValueError("must begin with https:// or http://")
        return value


class RegistrationSettings(Section):
    """How people join."""

    verify_email: bool | None = None
    """Whether a link must prove the address before there is an account. true, false, or not set: on in
    production (where false is refused), off in the sandbox."""
