"""YouTube: Google's OpenID Connect for who somebody is, the YouTube Data API for which channel is theirs.

Sources: https://developers.google.com/identity/openid-connect/openid-connect,
https://developers.google.com/youtube/v3/docs/channels/list, OpenID Connect Discovery 1.0.
"""

from typing import Any, Final, NamedTuple

from cse.adapters.oauth.client import Client, Endpoints, OAuthClient, Tokens, subject_of
from cse.adapters.oauth.emails import vouched_email
from cse.adapters.oauth.id_token import Expected, claims_of, key_id, signing_key
from cse.adapters.outgoing.client import OutgoingHttp
from cse.core.clock import Clock
from cse.users.linked.errors import ProviderRefused
from cse.users.linked.model import Proven, ProviderName, shown_name
from cse.users.linked.ports import Answer, Attempt

SCOPE: Final = "openid email profile https://www.googleapis.com/auth/youtube.readonly"
_DESCRIBED_MS: Final = 3_600_000
"""How long we go by what the provider said of itself; a key that is not in it is asked for anew."""
_ASK_AGAIN_MS: Final = 60_000
"""No more often are keys asked for anew, whatever key ids tokens name."""
_CHANNELS: Final = "/youtube/v3/channels?part=snippet&mine=true&maxResults=1"


class _Described(NamedTuple):
    endpoints: Endpoints
    jwks_uri: str
    at_ms: int


class _Keys(NamedTuple):
    jwks: dict[str, Any]
    at_ms: int


class YouTubeProvider:
    """Google, asked for a YouTube channel."""

    name: Final = ProviderName.YOUTUBE

    def __init__(
        self, http: OutgoingHttp, client: Client, issuer: str, api: str, clock: Clock
    ) -> None:
        """`issuer` is https://accounts.google.com and `api` https://www.googleapis.com, or what stands in for them."""
        self._oauth = OAuthClient(http, client)
        self._issuer = issuer
        self._api = api
        self._clock = clock
        self._described: _Described | None = None
        self._keys: _Keys | None = None

    async def authorization_url(self, attempt: Attempt) -> str:
        """Return where the person goes to; asks the provider where that is, once an hour."""
        described = await self._describe()
        return self._oauth.authorization_url(
            described.endpoints, attempt, nonce=attempt.nonce, prompt="select_account"
        )

    async def identify(self, attempt: Attempt, answer: Answer) -> Proven:
        """Use the code up, believe the id token if it is ours, and ask for the channel."""
        if answer.issuer is not None and answer.issuer != self._issuer:
            raise ProviderRefused("other_issuer")
        described = await self._describe()
        tokens = await self._oauth.exchange(described.endpoints, attempt, answer.code)
        claims = await self._claims(tokens, described, attempt.nonce)
        channel_id, channel_name = await self._channel(tokens)
        return Proven(
            provider=ProviderName.YOUTUBE,
            subject=subject_of(claims, "sub"),
            name=shown_name(claims.get("name")) or channel_name or "",
            channel_id=channel_id,
            channel_name=channel_name,
            email=vouched_email(claims.get("email"), claims.get("email_verified")),
        )

    async def _describe(self) -> _Described:
        now_ms = self._clock.now_ms()
        if self._described is not None and now_ms - self._described.at_ms < _DESCRIBED_MS:
            return self._described
        found = await self._oauth.get(f"{self._issuer}/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer:
            raise ProviderRefused("describes_another_issuer")
        places = [
            found.get(each) for each in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        ]
        authorize, token, jwks_uri = (
            each if isinstance(each, str) and each.startswith(("https://", "http://")) else None
            for each in places
        )
        if authorize is None or token is None or jwks_uri is None:
            raise ProviderRefused("describes_no_endpoints")
        self._described = _Described(Endpoints(authorize, token), jwks_uri, now_ms)
        return self._described

    async def _claims(self, tokens: Tokens, described: _Described, nonce: str) -> dict[str, Any]:
        if tokens.id_token is None:
            raise ProviderRefused("no_id_token")
        wanted = key_id(tokens.id_token)
        key = signing_key(await self._jwks(described, _DESCRIBED_MS), wanted)
        if key is None:  # rotated lately, or made up
            key = signing_key(await self._jwks(described, _ASK_AGAIN_MS), wanted)
        if key is None:
            raise ProviderRefused("unknown_key")
        # Google writes itself with and without the scheme (its documentation of `iss`).
        issuers = frozenset({self._issuer, self._issuer.removeprefix("https://")})
        expected = Expected(issuers, self._oauth.client_id, nonce)
        return claims_of(tokens.id_token, key, expected, self._clock)

    async def _jwks(self, described: _Described, max_age_ms: int) -> dict[str, Any]:
        now_ms = self._clock.now_ms()
        if self._keys is None or now_ms - self._keys.at_ms >= max_age_ms:
            self._keys = _Keys(await self._oauth.get(described.jwks_uri), now_ms)
        return self._keys.jwks

    async def _channel(self, tokens: Tokens) -> tuple[str | None, str | None]:
        """Return the id and title of the channel; a Google account need not have one."""
        found = await self._oauth.get(f"{self._api}{_CHANNELS}", tokens)
        items = found.get("items", [])
        if not isinstance(items, list):
            raise ProviderRefused("no_channels")
        if not items:
            return None, None
        if not isinstance(items[0], dict) or not isinstance(items[0].get("snippet"), dict):
            raise ProviderRefused("no_channel")
        return subject_of(items[0], "id"), shown_name(items[0]["snippet"].get("title"))
