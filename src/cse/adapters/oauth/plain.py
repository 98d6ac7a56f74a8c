"""Providers without id tokens, which are asked who somebody is: X and Discord.

Sources: https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code and
https://docs.x.com/x-api/users/user-lookup-me; https://discord.com/developers/docs/topics/oauth2 and
https://discord.com/developers/docs/resources/user.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from cse.adapters.oauth.client import Client, Endpoints, OAuthClient, subject_of
from cse.adapters.oauth.emails import vouched_email
from cse.adapters.outgoing.client import OutgoingHttp
from cse.users.linked.errors import ProviderRefused
from cse.users.linked.model import Proven, ProviderName, shown_name
from cse.users.linked.ports import Answer, Attempt

X_SCOPE: Final = "users.read tweet.read"
"""What `/2/users/me` needs. X tells no e-mail address with it."""
DISCORD_SCOPE: Final = "identify email"


class Person(NamedTuple):
    """Where a provider says whose an access token is, and how that is read."""

    provider: ProviderName
    url: str
    read: Callable[[dict[str, Any]], Proven]


class PlainProvider:
    """A provider of plain OAuth 2.0."""

    def __init__(
        self, issuer: str, oauth: OAuthClient, endpoints: Endpoints, person: Person
    ) -> None:
        """`issuer` is what the provider calls itself, should it say `iss` (RFC 9207)."""
        self._issuer = issuer
        self._oauth = oauth
        self._endpoints = endpoints
        self._person = person

    @property
    def name(self) -> ProviderName:
        """Which it is."""
        return self._person.provider

    async def authorization_url(self, attempt: Attempt) -> str:
        """Return where the person goes to; asks nobody."""
        return self._oauth.authorization_url(self._endpoints, attempt)

    async def identify(self, attempt: Attempt, answer: Answer) -> Proven:
        """Use the code up and ask whose it was."""
        if answer.issuer is not None and answer.issuer != self._issuer:
            raise ProviderRefused("other_issuer")
        tokens = await self._oauth.exchange(self._endpoints, attempt, answer.code)
        return self._person.read(await self._oauth.get(self._person.url, tokens))


def x_provider(
    http: OutgoingHttp, client_id: str, secret: str, authorize: str, api: str
) -> PlainProvider:
    """Return X; `authorize` is https://x.com and `api` https://api.x.com, or what stands in for them."""
    endpoints = Endpoints(f"{authorize}/i/oauth2/authorize", f"{api}/2/oauth2/token")
    oauth = OAuthClient(http, Client(client_id, secret, X_SCOPE))
    person = Person(ProviderName.X, f"{api}/2/users/me", _x_person)
    return PlainProvider(authorize, oauth, endpoints, person)


def discord_provider(http: OutgoingHttp, client_id: str, secret: str, base: str) -> PlainProvider:
    """Return Discord; `base` is https://discord.com, or what stands in for it."""
    endpoints = Endpoints(f"{base}/oauth2/authorize", f"{base}/api/oauth2/token")
    oauth = OAuthClient(http, Client(client_id, secret, DISCORD_SCOPE))
    person = Person(ProviderName.DISCORD, f"{base}/api/users/@me", _discord_person)
    return PlainProvider(base, oauth, endpoints, person)


def _x_person(found: dict[str, Any]) -> Proven:
    data = found.get("data")
    if not isinstance(data, dict):
        raise ProviderRefused("no_user")
    subject = subject_of(data, "id")
    handle = shown_name(data.get("username"))
    return Proven(
        provider=ProviderName.X,
        subject=subject,
        name=shown_name(data.get("name")) or handle,
        channel_id=subject,
        channel_name=shown_name(f"@{handle}") if handle else None,
    )


def _discord_person(found: dict[str, Any]) -> Proven:
    return Proven(
        provider=ProviderName.DISCORD,
        subject=subject_of(found, "id"),
        name=shown_name(found.get("global_name")) or shown_name(found.get("username")),
        email=vouched_email(found.get("email"), found.get("verified")),
    )
