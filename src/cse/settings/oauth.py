"""The section of providers that people sign in through (docs/guides/social-sign-in.md)."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, field_validator

from cse.settings.sections import Milliseconds, Names, Section

_SCHEMES = ("https://", "http://")


def _is_base(value: str) -> str:
    """Take a URL without query, fragment and credentials; a slash at its end is dropped."""
    scheme, slashes, rest = value.partition("://")
    plain = rest.isascii() and rest.isprintable() and not set(rest) & set(" ?#@\\")
    if scheme + slashes not in _SCHEMES or not rest or rest.startswith("/") or not plain:
        raise ValueError("must be a URL such as https://example.com, without query or user")
    return value.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_is_base)]
ClientId = Annotated[str, Field(max_length=255, pattern=r"^[!-~]*$")]


class OAuthSettings(Section):
    """Signing in through X, Discord and YouTube, and linking identities there. A provider without a client id
    is off; docs/guides/social-sign-in.md tells where to get one.
    """

    redirect_page: str = ""
    """https://... page that providers send people back to, with /x, /discord or /youtube behind; exactly that is
    registered with each. Empty: the exchange's own, /oauth/callback below http.public_url."""
    private_origins: Names = ()
    """Origins (scheme://host[:port], comma-separated) of providers that may be plain http or lie at private
    addresses: for providers of your own. Nothing else is ever fetched from such a place."""
    timeout_ms: Milliseconds = 5_000
    """How long a provider may take for one answer; then 503, and nothing has changed."""
    x_client_id: ClientId = ""
    """X: OAuth 2.0 client id. Empty: off."""
    x_client_secret: SecretStr = SecretStr("")
    """Its secret; empty for a public client."""
    x_authorize: BaseUrl = "https://x.com"
    """Where people allow it."""
    x_api: BaseUrl = "https://api.x.com"
    """Where codes are exchanged and users are read."""
    discord_client_id: ClientId = ""
    """Discord: OAuth 2.0 client id. Empty: off."""
    discord_client_secret: SecretStr = SecretStr("")
    """Its secret."""
    discord_url: BaseUrl = "https://discord.com"
    """Where Discord is."""
    youtube_client_id: ClientId = ""
    """YouTube: Google's OAuth 2.0 client id. Empty: off."""
    youtube_client_secret: SecretStr = SecretStr("")
    """Its secret."""
    youtube_issuer: BaseUrl = "https://accounts.google.com"
    """OpenID Connect issuer; its discovery document tells the rest."""
    youtube_api: BaseUrl = "https://www.googleapis.com"
    """Where the YouTube Data API is."""

    @field_validator("redirect_page")
    @classmethod
    def _is_page(cls, value: str) -> str:
        return _is_base(value) if value else value

    @field_validator("private_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for item in value:
            if "/" in _is_base(item).partition("://")[2]:
                raise ValueError(f"{item!r} is no origin such as https://id.example.com")
        return value

    @property
    def is_on(self) -> bool:
        """Whether there is any provider."""
        return bool(self.x_client_id or self.discord_client_id or self.youtube_client_id)

    def development_only(self, page: str) -> list[str]:
        """Name what must not face real money, one sentence each; `page` is where providers send people back to."""
        if not self.is_on:
            return []
        found = []
        if not page.startswith("https://"):
            found.append("oauth.redirect_page (CSE_OAUTH_REDIRECT_PAGE): codes need an https page")
        bases = (
            self.x_authorize,
            self.x_api,
            self.discord_url,
            self.youtube_issuer,
            self.youtube_api,
        )
        if any(not each.startswith("https://") for each in (*bases, *self.private_origins)):
            found.append("oauth (CSE_OAUTH_*): providers over http show codes and secrets")
        return found
