"""What all providers have in common: the authorization request, the exchange of a code, reading their JSON.

Messages are made by Authlib (RFC 6749, RFC 7636 with S256); they go out through the guarded client only, and no
redirect is followed: a token endpoint that redirects is none.
"""

import re
from typing import Any, Final, NamedTuple

import msgspec
from authlib.oauth2.auth import ClientAuth  # type: ignore[import-untyped]  # Authlib has no types
from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]  # as above
    prepare_grant_uri,
    prepare_token_request,
)
from authlib.oauth2.rfc7636 import (  # type: ignore[import-untyped]  # as above
    create_s256_code_challenge,
)

from cse.adapters.outgoing.client import Fetched, OutgoingHttp, Wanted
from cse.adapters.outgoing.errors import AnswerRefused, TargetRefused
from cse.core.errors import Unavailable
from cse.users.linked.errors import ProviderRefused
from cse.users.linked.ports import Attempt
from cse.users.model import Guarded

_SUBJECT: Final = re.compile(r"[!-~]{1,255}")
_FORM: Final = {
    "accept": "application/json",
    "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
}
_OK: Final = 200
_SERVER_FAULT: Final = 500
_TOO_MANY: Final = 429


class Client(Guarded, frozen=True):
    """Us, as one provider knows us."""

    client_id: str
    client_secret: str
    """Empty: a public client, which PKCE alone protects."""
    scope: str


class Tokens(Guarded, frozen=True):
    """What a code was exchanged for; used at once and never kept."""

    access_token: str
    id_token: str | None = None


class Endpoints(NamedTuple):
    """Where a provider is asked."""

    authorize: str
    token: str


class OAuthClient:
    """Speaks OAuth 2.0 with one provider."""

    def __init__(self, http: OutgoingHttp, client: Client) -> None:
        """Use the guarded client."""
        self._http = http
        self._client = client

    @property
    def client_id(self) -> str:
        """Who we are to the provider."""
        return self._client.client_id

    def authorization_url(self, endpoints: Endpoints, attempt: Attempt, **more: str) -> str:
        """Return where the person goes to."""
        return str(
            prepare_grant_uri(
                endpoints.authorize,
                client_id=self._client.client_id,
                response_type="code",
                redirect_uri=attempt.redirect_uri,
                scope=self._client.scope,
                state=attempt.state,
                code_challenge=create_s256_code_challenge(attempt.verifier),
                code_challenge_method="S256",
                **more,
            )
        )

    async def exchange(self, endpoints: Endpoints, attempt: Attempt, code: str) -> Tokens:
        """Use a code up.

        Raises:
            ProviderRefused: the provider does not take it, or answers nonsense.
            Unavailable: it does not answer.
        """
        body = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=attempt.redirect_uri,
            code_verifier=attempt.verifier,
        )
        method = "client_secret_basic" if self._client.client_secret else "none"
        auth = ClientAuth(self._client.client_id, self._client.client_secret, method)
        url, headers, body = auth.prepare("POST", endpoints.token, dict(_FORM), body)
        answer = await self._ask(Wanted(url, "POST", headers, body.encode("ascii")))
        found = _object(answer)
        access, id_token = found.get("access_token"), found.get("id_token")
        kind = found.get("token_type")
        if not isinstance(access, str) or not access or not isinstance(kind, str):
            raise ProviderRefused("no_access_token")
        if kind.lower() != "bearer" or not access.isascii() or not access.isprintable():
            raise ProviderRefused("unusable_access_token")
        return Tokens(access, id_token if isinstance(id_token, str) else None)

    async def get(self, url: str, tokens: Tokens | None = None) -> dict[str, Any]:
        """Return the JSON object at a URL; errors as in `exchange`."""
        headers = {"accept": "application/json"}
        if tokens is not None:
            headers["authorization"] = f"Bearer {tokens.access_token}"
        return _object(await self._ask(Wanted(url, headers=headers)))

    async def _ask(self, wanted: Wanted) -> Fetched:
        try:
            answer = await self._http.fetch(wanted)
        except AnswerRefused as error:
            raise ProviderRefused("unacceptable_answer") from error
        except TargetRefused as error:
            raise ProviderRefused("refused_address") from error
        if answer.status >= _SERVER_FAULT or answer.status == _TOO_MANY:
            raise Unavailable("The provider cannot answer now")
        return answer


def subject_of(found: dict[str, Any], name: str) -> str:
    """Return the provider's own id of a person; raises ProviderRefused."""
    subject = found.get(name)
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise ProviderRefused("no_subject")
    return subject


def _object(answer: Fetched) -> dict[str, Any]:
    if answer.status != _OK:
        raise ProviderRefused(f"status_{answer.status}")
    try:
        found = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ProviderRefused("no_json") from error
    if not isinstance(found, dict):
        raise ProviderRefused("no_object")
    return found
