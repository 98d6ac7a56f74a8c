"""Attacks on signing in through other providers, each by its name; the provider really runs, and is the attacker's
tool where that is the attack. After each of them nobody is logged in and nothing is linked.
"""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import pytest_asyncio
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from cse.users.step_up import STEP_UP_MS
from tests.integration.http_exchange import good, problem
from tests.integration.oauth.bad_tokens import CLAIMS, TOKENS
from tests.integration.oauth.stage import Stage, allow, begin, finish, staged, through

GOOGLE_PERSON = {"id": "g-1", "name": "Ada", "email": "ada@gmail.com", "verified": True}


pytestmark = pytest.mark.asyncio(loop_scope="module")
_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One exchange for all attacks: none of them leaves anything."""
    async with staged(tmp_path_factory.mktemp("exchange"), timeout_ms=30_000) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def stage(running: Stage) -> AsyncIterator[Stage]:
    """With a provider that is whole again, and somebody new in front of it."""
    provider = running.provider
    provider.person = {"id": f"id-{next(_numbers)}", "name": "Ada"}
    provider.faults, provider.claims, provider.make_id_token = {}, {}, None
    provider.asked.clear()
    yield running
    acts = [each.act for each in await running.recorded()]
    assert "linked_identity.sign_in" not in acts, "somebody got in"


async def person(stage: Stage, name: str) -> httpx.AsyncClient:
    """Somebody new with a session."""
    return await stage.person(f"{name}_{next(_numbers)}")


async def identities(client: httpx.AsyncClient) -> list[Any]:
    """What is linked to somebody."""
    page: Any = good(await client.get("/api/identities"))
    return list(page["identities"])


async def test_a_missing_state_is_refused(stage: Stage) -> None:
    """Before the provider is asked anything."""
    browser = stage.exchange.client()
    back = await allow(await begin(browser, "x"))
    answer = await browser.post("/api/auth/oauth/x/finish", json={"code": back["code"]})
    problem(answer, 400, "invalid_request")
    assert "/2/oauth2/token" not in stage.provider.asked


@pytest.mark.parametrize("state", ["x", "x" * 43, "\u00e9\n", "' OR 1=1 --"])
async def test_a_made_up_state_is_refused(stage: Stage, state: str) -> None:
    """Whatever it looks like, with any binding."""
    answer = await finish(
        stage.exchange.client(), "x", {"state": state, "code": "c"}, binding="b" * 43
    )
    problem(answer, 400, "oauth_refused")


async def test_a_foreign_state_is_refused_log_in_csrf(stage: Stage) -> None:
    """A victim's browser that is sent to our page with the attacker's code and state is not logged in as them."""
    attacker, victim = stage.exchange.client(), stage.exchange.client()
    back = await allow(await begin(attacker, "x"))
    problem(await finish(victim, "x", back), 400, "binding_required")
    own = await begin(victim, "x")
    problem(await finish(victim, "x", back, binding=own["binding"]), 400, "oauth_refused")
    problem(await finish(attacker, "x", back), 400, "oauth_refused")  # tried once, gone for good


async def test_a_used_state_is_refused(stage: Stage) -> None:
    """With the same code, and with a new one: the way through the provider is begun anew."""
    ada = await person(stage, "ada")
    started = await begin(ada, "x", "link")
    back = await allow(started)
    good(await finish(ada, "x", back, binding=started["binding"]))
    problem(await finish(ada, "x", back, binding=started["binding"]), 400, "oauth_refused")
    second = await allow(started)
    problem(await finish(ada, "x", second, binding=started["binding"]), 400, "oauth_refused")


async def test_a_code_of_another_flow_is_refused(stage: Stage) -> None:
    """An injected code: PKCE binds it to the flow that it was given out for (RFC 9700, 4.5)."""
    attacker, victim = stage.exchange.client(), await person(stage, "victim")
    stolen = await allow(await begin(attacker, "x"))
    started = await begin(victim, "x", "link")
    mixed = {**await allow(started), "code": stolen["code"]}
    problem(await finish(victim, "x", mixed), 502, "provider_refused")
    assert await identities(victim) == []


async def test_another_code_cannot_be_put_into_a_flow_that_goes_on(stage: Stage) -> None:
    """Once the provider has said who it is, nobody else's code counts."""
    stage.provider.person = GOOGLE_PERSON
    browser = stage.exchange.client()
    back = await allow(await begin(browser, "youtube"))
    problem(await finish(browser, "youtube", back), 409, "handle_required")
    other = {**back, "code": "another"}
    problem(await finish(browser, "youtube", other, handle="ada_g"), 400, "oauth_refused")
    problem(await finish(browser, "youtube", back, handle="ada_g"), 400, "oauth_refused")


async def test_a_wrong_pkce_verifier_is_refused_by_the_provider_and_so_by_us(stage: Stage) -> None:
    """Somebody changed the challenge on the way: the provider compares it with the verifier that we send."""
    browser = stage.exchange.client()
    started = await begin(browser, "x")
    asked = parse_qs(urlsplit(started["authorization_url"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    challenge = asked["code_challenge"][0]
    changed = started["authorization_url"].replace(challenge, "A" * len(challenge))
    back = await allow({**started, "authorization_url": changed})
    problem(await finish(browser, "x", back), 502, "provider_refused")


async def test_the_verifier_and_the_secret_never_go_through_the_browser(stage: Stage) -> None:
    """What the browser sees is state, challenge and nonce."""
    answer = await stage.exchange.client().post(
        "/api/auth/oauth/youtube/start", json={"purpose": "sign_in"}
    )
    started = good(answer)
    names = set(parse_qs(urlsplit(started["authorization_url"]).query))
    assert names == {
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "prompt",
        "code_challenge",
        "code_challenge_method",
    }
    assert "verifier" not in answer.text
    assert started["binding"] not in started["authorization_url"]


@pytest.mark.parametrize("attack", TOKENS)
async def test_an_id_token_that_its_issuer_did_not_sign_is_refused(
    stage: Stage, attack: str
) -> None:
    """The algorithm is pinned, the key comes from the issuer's JWKS."""
    stage.provider.person = GOOGLE_PERSON
    stage.provider.make_id_token = TOKENS[attack]
    answer = await through(stage.exchange.client(), "youtube", handle="ada_g")
    problem(answer, 502, "provider_refused")


@pytest.mark.parametrize("attack", CLAIMS)
async def test_an_id_token_for_somebody_else_or_another_time_is_refused(
    stage: Stage, attack: str
) -> None:
    """Every claim that OpenID Connect Core 3.1.3.7 asks to look at."""
    stage.provider.person, stage.provider.claims = GOOGLE_PERSON, CLAIMS[attack]
    answer = await through(stage.exchange.client(), "youtube", handle="ada_g")
    problem(answer, 502, "provider_refused")


async def test_a_mix_up_of_providers_is_refused(stage: Stage) -> None:
    """A flow of one provider is not finished at another; each has a redirect URI of its own; `iss` must fit."""
    browser = stage.exchange.client()
    started = await begin(browser, "x")
    assert started["redirect_uri"].endswith("/x")
    answer = await finish(browser, "discord", await allow(started), binding=started["binding"])
    problem(answer, 400, "oauth_refused")
    for provider in ("x", "youtube"):
        back = await allow(await begin(browser, provider))
        foreign = await finish(browser, provider, back, iss="https://attacker.example.com")
        problem(foreign, 502, "provider_refused")
    assert not {"/2/oauth2/token", "/token", "/api/oauth2/token"} & set(stage.provider.asked)


async def test_a_redirect_uri_cannot_be_chosen(stage: Stage) -> None:
    """No open redirect: `start` takes none, the URL has ours, and the provider knows no other."""
    client = stage.exchange.client()
    body = {"purpose": "sign_in", "redirect_uri": "https://attacker.example.com/"}
    problem(await client.post("/api/auth/oauth/x/start", json=body), 400, "invalid_request")
    started = await begin(client, "x")
    asked = parse_qs(urlsplit(started["authorization_url"]).query)
    assert asked["redirect_uri"] == [started["redirect_uri"]]
    url = urlsplit(started["authorization_url"])
    changed = {name: values[0] for name, values in asked.items()}
    changed["redirect_uri"] = "https://attacker.example.com/"
    async with httpx.AsyncClient(trust_env=False, timeout=30) as browser:
        answer = await browser.get(f"{url.scheme}://{url.netloc}{url.path}?{urlencode(changed)}")
    assert answer.status_code == 400


async def test_link_csrf_the_attackers_identity_never_becomes_the_victims(stage: Stage) -> None:
    """A victim who is logged in and sent to finish the attacker's link links nothing to their own account."""
    attacker, victim = await person(stage, "mallory"), await person(stage, "ada")
    started = await begin(attacker, "x", "link")
    back = await allow(started)
    problem(await finish(victim, "x", back), 400, "binding_required")
    good(await finish(victim, "x", back, binding=started["binding"]))
    assert await identities(victim) == []
    assert len(await identities(attacker)) == 1


async def test_link_csrf_the_victims_identity_never_becomes_the_attackers(stage: Stage) -> None:
    """A victim who follows the attacker's link to the provider and back has no part of it that would finish it."""
    attacker, victim = await person(stage, "mallory"), stage.exchange.client()
    back = await allow(await begin(attacker, "x", "link"))  # in the victim's browser
    problem(await finish(victim, "x", back), 400, "binding_required")
    assert await identities(attacker) == []


async def test_linking_takes_a_session_that_proved_itself_and_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No token, one that ended meanwhile, or a proof that is old: nothing is linked."""
    nobody = stage.exchange.client()
    path, body = "/api/auth/oauth/x/start", {"purpose": "link"}
    problem(await nobody.post(path, json=body), 401, "not_authenticated")
    ada = await person(stage, "ada")
    back = await allow(await begin(ada, "x", "link"))
    other = await person(stage, "bob")
    assert (await ada.post("/api/auth/logout")).status_code == 204
    assert (await finish(ada, "x", back)).status_code == 401
    clock = stage.exchange.deps.clock
    later = clock.now_ms() + STEP_UP_MS + 1
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now_ms", lambda: later)
        problem(await other.post(path, json=body), 403, "step_up_required")
    assert await identities(other) == []


async def test_an_identity_of_somebody_else_cannot_be_linked(stage: Stage) -> None:
    """409 that does not say whose it is; it stays where it was."""
    ada, bob = await person(stage, "ada"), await person(stage, "bob")
    good(await through(ada, "x", "link"))
    told = problem(await through(bob, "x", "link"), 409, "identity_taken")
    assert "ada" not in str(told)
    assert (len(await identities(ada)), await identities(bob)) == (1, [])


async def test_an_account_is_never_taken_over_by_its_address(stage: Stage) -> None:
    """The provider vouches for an address that is registered: whoever registered it logs in and links."""
    name = f"owner_{next(_numbers)}"
    ada = await stage.person(name)
    stage.provider.person = {**GOOGLE_PERSON, "email": f"{name.upper()}@Example.com"}
    for provider in ("youtube", "discord"):
        answer = await through(stage.exchange.client(), provider, handle="ada_g")
        problem(answer, 409, "email_taken")
    assert await identities(ada) == []


async def _down(_request: Request) -> Response:
    return JSONResponse({"error": "server_error"}, 503)


async def _limited(_request: Request) -> Response:
    return JSONResponse({}, 429)


async def _slow(request: Request) -> Response:
    await request.receive()
    while not await request.is_disconnected():
        await request.receive()
    return PlainTextResponse("")


async def _dead(_request: Request) -> Response:
    return JSONResponse({"error": "server_error"}, 500)


@pytest.mark.parametrize("fault", [_down, _limited, _dead])
@pytest.mark.parametrize("path", ["/2/oauth2/token", "/2/users/me"])
async def test_a_provider_that_is_down_is_503_and_changes_nothing(
    stage: Stage, path: str, fault: Callable[[Request], Awaitable[Response]]
) -> None:
    """The flow can be finished when it is back, as far as its code is still good."""
    ada = await person(stage, "ada")
    back = await allow(await begin(ada, "x", "link"))
    stage.provider.faults[path] = fault
    assert problem(await finish(ada, "x", back), 503, "unavailable")["retryable"]
    assert await identities(ada) == []
    del stage.provider.faults[path]
    again = await finish(ada, "x", back)
    if path == "/2/oauth2/token":
        assert good(again)["identity"]["subject"] == stage.provider.person["id"]
    else:
        problem(again, 502, "provider_refused")  # it had taken the code


async def test_a_provider_that_is_slow_is_left_with_503_and_changes_nothing(tmp_path: Path) -> None:
    """It answers no byte, at either of the two questions, for longer than the settings let it."""
    async with staged(tmp_path, timeout_ms=200) as fresh:
        ada = await fresh.person("ada")
        for path in ("/2/oauth2/token", "/2/users/me"):
            back = await allow(await begin(ada, "x", "link"))
            fresh.provider.faults = {path: _slow}
            problem(await finish(ada, "x", back), 503, "unavailable")
        assert await identities(ada) == []


DOCUMENTS: list[Any] = [{}, {"issuer": "https://other.example.com"}, [], "x"]


async def test_a_provider_that_describes_itself_wrongly_or_not_is_refused(tmp_path: Path) -> None:
    """OpenID discovery is asked before anything begins: else its author would choose where codes and secrets go."""
    place = "/.well-known/openid-configuration"
    async with staged(tmp_path) as fresh:
        provider, client = fresh.provider, fresh.exchange.client()
        path, body = "/api/auth/oauth/youtube/start", {"purpose": "sign_in"}
        for document in (*DOCUMENTS, {"issuer": provider.origin, "token_endpoint": "/token"}):

            async def configuration(_request: Request, told: Any = document) -> Response:
                return JSONResponse(told)

            provider.faults[place] = configuration
            problem(await client.post(path, json=body), 502, "provider_refused")
        provider.faults[place] = _down
        problem(await client.post(path, json=body), 503, "unavailable")


GARBAGE: dict[str, Response] = {
    "a page": PlainTextResponse("<html>", media_type="text/html"),
    "no JSON": PlainTextResponse("{", media_type="application/json"),
    "a list": JSONResponse([]),
    "nothing": JSONResponse({}),
    "null": JSONResponse(None),
    "deep nesting": PlainTextResponse("[" * 100_000, media_type="application/json"),
    "huge": PlainTextResponse(" " * 5_000_000 + "{}", media_type="application/json"),
    "other types": JSONResponse({"access_token": 7, "token_type": [], "data": "x", "items": 1}),
    "a token with a line break": JSONResponse(
        {"access_token": "a\r\nx: y", "token_type": "bearer"}
    ),
    "an error with 200": JSONResponse({"error": "invalid_grant"}),
    "a redirect": RedirectResponse("http://127.0.0.1:1/admin", 307),
    "another scheme of tokens": JSONResponse({"access_token": "a", "token_type": "mac"}),
}


@pytest.mark.parametrize("what", GARBAGE)
@pytest.mark.parametrize("path", ["/2/oauth2/token", "/2/users/me"])
async def test_garbage_of_a_provider_is_refused(stage: Stage, path: str, what: str) -> None:
    """502 that tells nothing of it; nothing is linked."""

    async def garbage(_request: Request) -> Response:
        return GARBAGE[what]

    stage.provider.faults[path] = garbage
    ada = await person(stage, "ada")
    problem(await through(ada, "x", "link"), 502, "provider_refused")
    assert await identities(ada) == []


async def test_names_that_strangers_give_themselves_are_made_harmless(stage: Stage) -> None:
    """Control characters, directions of writing and length: what is shown is one short printable line."""
    stage.provider.person = {
        "id": "77",
        "name": "<script>\u202eevil\r\nSet-Cookie: a\0" + "x" * 500,
    }
    ada = await person(stage, "ada")
    name = good(await through(ada, "x", "link"))["identity"]["name"]
    assert name.isprintable()
    assert len(name) <= 64
