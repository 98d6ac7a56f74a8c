"""What the calls about other providers take and answer."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from cse.gateway.http.factor_routes import RecoveryCode, TotpCode
from cse.gateway.http.passkey_json import AssertionJson
from cse.gateway.schemas import TimeMs
from cse.users.identity import HANDLE_LENGTH
from cse.users.model import Guarded

_HANDLE: Final = Meta(
    min_length=HANDLE_LENGTH[0],
    max_length=HANDLE_LENGTH[1],
    pattern="^[A-Za-z][A-Za-z0-9_]*$",
    examples=["ada"],
)
Provider = Literal["x", "discord", "youtube"]
Secret = Annotated[str, Meta(min_length=1, max_length=128)]


class ProvidersAnswer(msgspec.Struct, frozen=True):
    """Providers that one can sign in through here."""

    providers: list[Provider]


class OAuthStart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What it is for. `link` takes the access token of the person whom the identity is linked to."""

    purpose: Literal["sign_in", "link"]


class OAuthStarted(Guarded, frozen=True):
    """A flow that is good once, for ten minutes."""

    authorization_url: str
    """Where the person goes to, in a browser."""
    state: str
    """Comes back with the code."""
    binding: str
    """Keep it, send it to `finish`, show it to nobody. Browsers hold it as a cookie, too."""
    redirect_uri: str
    """Where the provider sends the person, with `code` and `state`."""
    expires_at: TimeMs


class OAuthFinish(Guarded, frozen=True, forbid_unknown_fields=True):
    """What the provider's redirect brought, and what is needed besides."""

    state: Secret
    code: Annotated[str, Meta(min_length=1, max_length=2_048)] | None = None
    """Not needed once more when the same flow goes on after 401 or 409."""
    iss: Annotated[str, Meta(max_length=512)] | None = None
    """If the redirect had it."""
    binding: Secret | None = None
    """From `start`; a browser that has the cookie need not send it."""
    handle: Annotated[str, _HANDLE] | None = None
    """For a new account."""
    totp: TotpCode | None = None
    recovery_code: RecoveryCode | None = None
    """The second factor, of an account that has one."""
    passkey: AssertionJson | None = None
    """In the place of `totp`: an assertion for the options that `second_factor_required` told."""


class IdentityJson(msgspec.Struct, frozen=True):
    """An identity at another provider that is linked to the account."""

    id: int
    provider: Provider
    subject: str
    """The provider's own id."""
    name: str
    """What the provider showed when it was asked last; nothing to believe."""
    channel_id: str | None
    """What its owner publishes on, such as a YouTube channel."""
    channel_name: str | None
    linked_at: TimeMs
    last_used_at: TimeMs


class OAuthFinished(Guarded, frozen=True):
    """Tokens of a sign-in, or the identity of a link; the rest is null."""

    access_token: str | None
    refresh_token: str | None
    """Null for the web app (`X-CSE-Client: web`), too: it gets a cookie."""
    expires_in: int | None
    """Seconds."""
    identity: IdentityJson | None


class IdentityPage(msgspec.Struct, frozen=True):
    """A page of linked identities, newest first."""

    identities: list[IdentityJson]
    next_cursor: str | None


class IdentityRemoved(msgspec.Struct, frozen=True):
    """The identity that is linked no more."""

    id: int
