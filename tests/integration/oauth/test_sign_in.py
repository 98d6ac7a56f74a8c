"""Signing in through X, Discord and YouTube, and linking them, over HTTP against providers that really run."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cse.messages.commands import SetAccountStatus
from cse.messages.wire import AccountStatus
from cse.users.totp import STEP_SECONDS, code_at
from tests.integration.http_exchange import PASSWORD, good, problem
from tests.integration.oauth.stage import Stage, allow, begin, finish, staged, through
from tests.integration.outbox import tokens_of

CHANNEL = {"id": "UCada", "snippet": {"title": "Ada plays"}}
GOOGLE_PERSON = {"id": "g-1", "name": "Ada", "email": "ada@gmail.com", "verified": True}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as made:
        yield made


def bearer(client: httpx.AsyncClient, tokens: Any) -> httpx.AsyncClient:
    """The client with these tokens."""
    client.headers["authorization"] = f"Bearer {tokens['access_token']}"
    return client


async def linked(client: httpx.AsyncClient) -> list[Any]:
    """Own identities."""
    page: Any = good(await client.get("/api/identities"))
    return list(page["identities"])


async def test_a_person_links_x_and_signs_in_with_it(stage: Stage) -> None:
    """From an account with a password to a session without one; the identity says who it is."""
    ada = await stage.person("ada")
    assert good(await ada.get("/api/auth/providers")) == {"providers": ["discord", "x", "youtube"]}
    answer = good(await through(ada, "x", "link"))
    made = answer["identity"]
    assert (made["provider"], made["subject"], made["name"]) == ("x", "77", "Ada")
    assert (made["channel_id"], made["channel_name"]) == ("77", "@ada")
    assert answer["access_token"] is None
    assert await linked(ada) == [made]
    browser = stage.exchange.client()
    tokens = good(await through(browser, "x"))
    assert tokens["identity"] is None
    mine = good(await bearer(browser, tokens).get("/api/account"))
    assert mine["account_id"] == good(await ada.get("/api/account"))["account_id"]


async def test_nobody_keeps_a_way_into_an_account_of_somebody_elses_address(stage: Stage) -> None:
    """Who registered with an address that they did not prove links nothing to it: else its owner, who sets a new
    password, would share the account with a stranger's identity.
    """
    stranger = await stage.exchange.person("victim")
    start = "/api/auth/oauth/x/start"
    answer = await stranger.post(start, json={"purpose": "link"})
    problem(answer, 403, "email_not_verified")
    (token,) = await tokens_of(stage.exchange)
    good(await stranger.post("/api/auth/verify-email", json={"token": token}))
    good(await stranger.post(start, json={"purpose": "link"}))


async def test_a_channel_is_linked_with_its_id_and_title(stage: Stage) -> None:
    """YouTube: OpenID Connect for the person, the Data API for the channel; who has none links without."""
    stage.provider.person, stage.provider.channels = GOOGLE_PERSON, [CHANNEL]
    ada = await stage.person("ada")
    made = good(await through(ada, "youtube", "link"))["identity"]
    assert (made["channel_id"], made["channel_name"]) == ("UCada", "Ada plays")
    stage.provider.channels = []
    again = good(await through(ada, "youtube", "link"))["identity"]
    assert (again["id"], again["channel_id"]) == (made["id"], None)


async def test_who_is_new_opens_an_account_with_a_handle(stage: Stage) -> None:
    """The provider vouches for the address; the same flow goes on with a handle, then with another one."""
    stage.provider.person = GOOGLE_PERSON
    await stage.person("taken")
    browser = stage.exchange.client()
    back = await allow(await begin(browser, "youtube"))
    problem(await finish(browser, "youtube", back), 409, "handle_required")
    problem(await finish(browser, "youtube", back, handle="taken"), 409, "handle_taken")
    problem(await finish(browser, "youtube", back, handle="admin"), 400, "invalid_request")
    state = {"state": back["state"]}
    tokens = good(await finish(browser, "youtube", state, handle="ada_g"))
    assert len(await linked(bearer(browser, tokens))) == 1
    problem(await finish(browser, "youtube", state, handle="ada_h"), 400, "binding_required")
    again = good(await through(stage.exchange.client(), "youtube"))
    assert again["access_token"]
    wrong = {"email": "ada@gmail.com", "password": "!"}
    problem(await browser.post("/api/auth/login", json=wrong), 401, "wrong_credentials")


async def test_the_web_app_signs_in_without_a_refresh_token(stage: Stage) -> None:
    """Its answer has none: it is in the session's cookie; the flow's cookie is gone at the same time."""
    stage.provider.person = GOOGLE_PERSON
    browser = stage.exchange.client(**{"X-CSE-Client": "web", "Origin": "http://cse.test"})
    back = await allow(await begin(browser, "youtube"))
    answer = await finish(browser, "youtube", back, handle="ada_w")
    assert (good(answer)["refresh_token"], bool(good(answer)["access_token"])) == (None, True)
    assert [cookie.name for cookie in browser.cookies.jar] == ["cse_refresh"]
    assert good(await browser.post("/api/auth/refresh", json={}))["access_token"]


async def test_no_verified_address_opens_no_account(stage: Stage) -> None:
    """X tells none, Discord says that it is not verified, or says so in words: neither is enough."""
    problem(await through(stage.exchange.client(), "x", handle="ada"), 403, "no_verified_email")
    for verified in (False, None, "true", 1):
        stage.provider.person = {**GOOGLE_PERSON, "verified": verified}
        answer = await through(stage.exchange.client(), "discord", handle="ada")
        problem(answer, 403, "no_verified_email")


async def test_the_second_factor_is_asked_for(stage: Stage) -> None:
    """The provider is one factor only. The same flow goes on with the code, which is good once."""
    ada = await stage.person("ada")
    good(await through(ada, "x", "link"))
    secret = await authenticator(ada)
    browser = stage.exchange.client()
    back = await allow(await begin(browser, "x"))
    asked = await finish(browser, "x", back)
    told = asked.json()
    assert (asked.status_code, told["code"]) == (401, "second_factor_required")
    assert told["second_factor"]["kinds"] == ["totp", "recovery_code"]
    problem(await finish(browser, "x", back, totp="000000"), 401, "wrong_second_factor")
    assert good(await finish(browser, "x", back, totp=secret()))["access_token"]


async def authenticator(client: httpx.AsyncClient) -> Any:
    """Enrols one; returns a function that makes the next unused code."""
    made = good(await client.post("/api/auth/totp/enroll"))
    secret = base64.b32decode(made["secret"])
    step = int(time.time()) // STEP_SECONDS
    good(await client.post("/api/auth/totp/confirm", json={"code": code_at(secret, step)}))
    return lambda: code_at(secret, step + 1)


async def test_a_frozen_account_is_not_let_in(stage: Stage) -> None:
    """As with a password: 403, and no session."""
    ada = await stage.person("ada")
    good(await through(ada, "x", "link"))
    account = good(await ada.get("/api/account"))["account_id"]
    await stage.exchange.queue.submit(SetAccountStatus(account, AccountStatus.FROZEN))
    problem(await through(stage.exchange.client(), "x"), 403, "account_frozen")


async def test_linking_and_unlinking_are_told_and_recorded(stage: Stage) -> None:
    """The person hears of both; the log has who, what and how, and no token of the provider."""
    ada = await stage.person("ada")
    made = good(await through(ada, "x", "link"))["identity"]
    good(await through(stage.exchange.client(), "x"))
    good(await ada.delete(f"/api/identities/{made['id']}"))
    acts = await stage.recorded()
    kinds = [each.act for each in acts if each.act.startswith("linked_identity")]
    assert kinds == ["linked_identity.link", "linked_identity.sign_in", "linked_identity.unlink"]
    text = " ".join(str(each) for each in acts)
    assert not any(token in text for token in stage.provider.tokens)
    problem(await through(stage.exchange.client(), "x"), 403, "no_verified_email")


async def test_unlinking_is_ones_own_and_not_the_last_way_in(stage: Stage) -> None:
    """Somebody else's is 404; whoever has no password keeps one identity."""
    ada, bob = await stage.person("ada"), await stage.person("bob")
    made = good(await through(ada, "x", "link"))["identity"]
    problem(await bob.delete(f"/api/identities/{made['id']}"), 404, "not_found")
    problem(await bob.delete("/api/identities/zero"), 404, "not_found")
    assert good(await ada.delete(f"/api/identities/{made['id']}")) == {"id": made["id"]}
    problem(await ada.delete(f"/api/identities/{made['id']}"), 404, "not_found")
    stage.provider.person = GOOGLE_PERSON
    cleo = stage.exchange.client()
    bearer(cleo, good(await through(cleo, "youtube", handle="cleo")))
    only = (await linked(cleo))[0]
    problem(await cleo.delete(f"/api/identities/{only['id']}"), 409, "last_way_in")
    good(await through(cleo, "x", "link"))
    good(await cleo.delete(f"/api/identities/{only['id']}"))


async def test_lists_are_paged(stage: Stage) -> None:
    """Newest first; the cursor goes on where the page ended, and a foreign one is refused."""
    ada = await stage.person("ada")
    for number in range(3):
        stage.provider.person = {"id": f"id-{number}", "name": "Ada"}
        good(await through(ada, "x", "link"))
    first = good(await ada.get("/api/identities?limit=2"))
    rest = good(await ada.get(f"/api/identities?limit=2&cursor={first['next_cursor']}"))
    found = [each["subject"] for each in first["identities"] + rest["identities"]]
    assert (found, rest["next_cursor"]) == (["id-2", "id-1", "id-0"], None)
    problem(await ada.get("/api/identities?cursor=AAAA"), 400, "invalid_cursor")


async def test_a_program_sends_the_binding_itself(stage: Stage) -> None:
    """Without cookies: what `start` gave is what shows who began it."""
    ada = await stage.person("ada")
    started = await begin(ada, "x", "link")
    back = await allow(started)
    elsewhere = stage.exchange.client()
    made = good(await finish(elsewhere, "x", back, binding=started["binding"]))
    assert made["identity"]["subject"] == "77"
    assert len(await linked(ada)) == 1


async def test_of_many_who_finish_one_flow_one_gets_in(stage: Stage) -> None:
    """A state is good once, also when it comes ten times at the same moment."""
    ada = await stage.person("ada")
    good(await through(ada, "x", "link"))
    browser = stage.exchange.client()
    back = await allow(await begin(browser, "x"))
    answers = await asyncio.gather(*(finish(browser, "x", back) for _ in range(10)))
    assert [each.status_code for each in answers].count(200) == 1


async def test_the_cookie_is_of_one_flow_and_no_script_reads_it(tmp_path: Path) -> None:
    """HttpOnly, SameSite=Strict, Secure behind https, ten minutes, for these calls only."""
    page = "https://app.example.com/oauth"
    async with staged(tmp_path, redirect_page=page) as made:
        answer = await made.exchange.client().post(
            "/api/auth/oauth/x/start", json={"purpose": "sign_in"}
        )
    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert name.startswith("cse_oauth_")
    for part in ("HttpOnly", "SameSite=Strict", "Secure", "Max-Age=600", "Path=/api/auth/oauth"):
        assert part in rest
    assert good(answer)["redirect_uri"] == f"{page}/x"


async def test_providers_that_are_not_configured_are_not_there(tmp_path: Path) -> None:
    """404, and the list does not name them."""
    async with staged(tmp_path, x_client_id="", youtube_client_id="") as made:
        client = made.exchange.client()
        assert good(await client.get("/api/auth/providers")) == {"providers": ["discord"]}
        for name in ("x", "youtube", "myspace"):
            answer = await client.post(f"/api/auth/oauth/{name}/start", json={"purpose": "sign_in"})
            problem(answer, 404, "not_found")


async def test_a_password_can_be_had_later(stage: Stage) -> None:
    """Whoever joined without one is asked for none and has none, until a reset gives them one."""
    stage.provider.person = GOOGLE_PERSON
    cleo = stage.exchange.client()
    bearer(cleo, good(await through(cleo, "youtube", handle="cleo")))
    change = {"old_password": PASSWORD, "new_password": "another long pass phrase"}
    problem(await cleo.post("/api/auth/password", json=change), 403, "wrong_proof")
