"""The OpenID Connect flow against somebody else's provider (oidc-provider-mock), which really runs: what we take for
the protocol is the protocol.
"""

import logging
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.integration.http_exchange import good, http_exchange
from tests.integration.oauth.local_provider import LocalProvider, local_provider
from tests.integration.oauth.stage import PAGE, Stage, begin, finish, settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it uses a part of Authlib that goes in 2.0; we do not
    import oidc_provider_mock

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the provider's own code
CLAIMS = {"name": "Ada", "email": "ada@gmail.com", "email_verified": True}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The provider, on a free port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would print states and nonces
    person = oidc_provider_mock.User(sub="g-1", claims=CLAIMS)
    with oidc_provider_mock.run_server_in_thread(
        require_client_registration=True, require_nonce=True, user_claims=[person]
    ) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
async def stage(issuer: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """An exchange that is registered there; the channels come from the small local server."""
    async with (
        local_provider(PAGE) as api,
        httpx.AsyncClient(trust_env=False, timeout=30) as operator,
    ):
        api.channels = [{"id": "UCada", "snippet": {"title": "Ada plays"}}]
        _let_anybody_in(api)
        registered = await operator.post(
            f"{issuer}/oauth2/clients", json={"redirect_uris": [f"{PAGE}/youtube"]}
        )
        client = good(registered, 201)
        more = {
            "private_origins": (issuer, api.origin),
            "youtube_client_id": client["client_id"],
            "youtube_client_secret": client["client_secret"],
            "youtube_issuer": issuer,
            "youtube_api": api.origin,
        }
        wanted = settings(tmp_path, api.origin, **more)
        async with http_exchange(tmp_path, settings=wanted) as exchange:
            yield Stage(exchange, api)


def _let_anybody_in(api: LocalProvider) -> None:
    """Its tokens are of the other server."""

    async def channels(_request: Request) -> Response:
        return JSONResponse({"items": api.channels})

    api.faults["/youtube/v3/channels"] = channels


async def allow(url: str) -> dict[str, str]:
    """A person says who they are and agrees; what comes back to our page."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as browser:
        answer = await browser.post(url, data={"sub": "g-1"})
    assert answer.status_code == 302, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


async def test_a_person_joins_signs_in_again_and_has_their_channel(stage: Stage) -> None:
    """Discovery, authorization, code, id token by its JWKS, nonce, channel: twice, into the same account."""
    accounts = []
    for _ in range(2):
        browser = stage.exchange.client()
        back = await allow((await begin(browser, "youtube"))["authorization_url"])
        tokens = good(await finish(browser, "youtube", back, handle="ada_g"))
        browser.headers["authorization"] = f"Bearer {tokens['access_token']}"
        accounts.append(good(await browser.get("/api/account"))["account_id"])
        mine = good(await browser.get("/api/identities"))["identities"]
        assert [(each["subject"], each["channel_id"]) for each in mine] == [("g-1", "UCada")]
    assert accounts[0] == accounts[1]


async def test_somebody_who_is_registered_links_their_channel(stage: Stage) -> None:
    """The same provider, for the person who asks."""
    bob = await stage.person("bob")
    back = await allow((await begin(bob, "youtube", "link"))["authorization_url"])
    made = good(await finish(bob, "youtube", back))["identity"]
    assert (made["name"], made["channel_name"]) == ("Ada", "Ada plays")
