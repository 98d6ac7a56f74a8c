"""The auth calls over HTTP, inside the whole gateway, on a real user service: shapes, codes, limits, hostility."""

import json
from typing import Any

import pytest

from cse.core.errors import Unavailable
from tests.unit.gateway.http.auth_bench import LOGIN, PERSON, Bench, problem
from tests.unit.users.people import EMAIL, HANDLE, PASSWORD


@pytest.fixture
async def bench() -> Bench:
    made = Bench()
    await made.service.start(0)
    return made


@pytest.fixture(scope="module")
def made_once() -> Bench:
    return Bench()


@pytest.fixture
async def untouched(made_once: Bench) -> Bench:
    """One for all tests that change nothing (making a gateway takes a while)."""
    await made_once.service.start(0)
    return made_once


async def test_register_answers_with_the_user(bench: Bench) -> None:
    """201, as api.md says, and nothing of the password."""
    answer = await bench.post("register", PERSON | {"email": "Ada@Example.com"})
    assert answer.status_code == 201
    assert answer.json() == {
        "user": {"id": 1, "email": EMAIL, "handle": HANDLE, "account_id": 1_000}
    }


async def test_login_refresh_logout(bench: Bench) -> None:
    """The three fields of a pair; refreshing gives another one; after logging out neither token is good."""
    first = await bench.logged_in()
    assert first.keys() == {"access_token", "refresh_token", "expires_in"}
    assert first["expires_in"] == 900
    second = (await bench.post("refresh", {"refresh_token": first["refresh_token"]})).json()
    assert second.keys() == first.keys()
    authorization = f"Bearer {second['access_token']}"
    gone = await bench.post("logout", authorization=authorization)
    assert (gone.status_code, gone.content) == (204, b"")
    problem(await bench.post("logout", authorization=authorization), 401, "session_revoked")
    answer = await bench.post("refresh", {"refresh_token": second["refresh_token"]})
    problem(answer, 401, "session_revoked")


async def test_what_is_taken_is_a_conflict(bench: Bench) -> None:
    """409 with a code for each."""
    await bench.post("register", PERSON)
    problem(await bench.post("register", PERSON | {"handle": "eve"}), 409, "email_taken")
    problem(await bench.post("register", PERSON | {"email": "e@e.eu"}), 409, "handle_taken")


async def test_a_wrong_log_in_does_not_tell_what_was_wrong(bench: Bench) -> None:
    """Unknown address and wrong password answer byte for byte the same, but for the request id."""
    await bench.post("register", PERSON)
    answers = [
        await bench.post("login", LOGIN | {"password": "wrong horse battery"}),
        await bench.post("login", LOGIN | {"email": "bob@example.com"}),
        await bench.post("login", LOGIN | {"email": "no address"}),
    ]
    documents = [problem(answer, 401, "wrong_credentials") for answer in answers]
    assert len({json.dumps(document | {"request_id": ""}) for document in documents}) == 1


async def test_an_expired_access_token_says_so(bench: Bench) -> None:
    """So that clients know to refresh; the refresh token still logs out."""
    pair = await bench.logged_in()
    bench.people.clock.time_ms += 900_000
    answer = await bench.post("logout", authorization=f"Bearer {pair['access_token']}")
    problem(answer, 401, "token_expired")
    assert answer.headers["www-authenticate"] == 'Bearer realm="cse", error="invalid_token"'
    answer = await bench.post("logout", {"refresh_token": pair["refresh_token"]})
    assert answer.status_code == 204


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "\u0430da@example.com"}, "email"),
        ({"email": "ada@example.com\u0000"}, "email"),
        ({"email": "a" * 300}, "email"),
        ({"email": None}, "email"),
        ({"email": 5}, "email"),
        ({"email": {"$ne": ""}}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "password123"}, "password"),
        ({"password": "x" * 2_000}, "password"),
        ({"password": ["x"] * 20}, "password"),
        ({"handle": "<script>"}, "handle"),
        ({"handle": "admin"}, "handle"),
        ({"handle": "ad\u200ba"}, "handle"),
        ({"is_admin": True}, "is_admin"),
        ({"account_id": 1}, "account_id"),
    ],
)
async def test_a_bad_field_is_named(untouched: Bench, changes: dict[str, Any], field: str) -> None:
    """400 with the field; unknown ones are refused; nobody is registered and no password is echoed."""
    answer = await untouched.post("register", PERSON | changes)
    document = problem(answer, 400, "invalid_request")
    assert field in document["fields"]
    assert PASSWORD not in answer.text
    assert untouched.people.users.users == []


@pytest.mark.parametrize("call", ["register", "login", "refresh"])
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"5",
        b'"x"',
        b"{",
        b"{}",
        b"\xff\xfe",
        b'{"email": "\\ud800@example.com", "password": "\\ud800", "refresh_token": "\\ud800"}',
        b'{"refresh_token": "x", "email": "a@b.cd", "password": "p", "more": 1}',
        b'{"a":' * 50_000,
        b'{"email": "' + b"a" * 300_000 + b'"}',
    ],
    ids=range(12),
)
async def test_bodies_that_are_none_are_refused(untouched: Bench, call: str, raw: bytes) -> None:
    """No JSON, no object, bad UTF-8, lone surrogates, too deep, too large: a 4xx problem, never a 5xx."""
    headers = {"content-type": "application/json"}
    answer = await untouched.http.post(f"/api/auth/{call}", content=raw, headers=headers)
    assert answer.status_code in {400, 401, 413}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_form_is_not_taken_for_json(untouched: Bench) -> None:
    """A page of somebody else's cannot post with a plain form."""
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = await untouched.http.post(
            "/api/auth/login", content=json.dumps(LOGIN), headers={"content-type": kind}
        )
        assert answer.status_code in {400, 415}


@pytest.mark.parametrize("authorization", [None, "", "Bearer x", "Basic eDp5"])
async def test_logging_out_needs_a_session(untouched: Bench, authorization: str | None) -> None:
    """Without a token of ours: 401."""
    headers = {} if authorization is None else {"authorization": authorization}
    answer = await untouched.post("logout", **headers)
    assert answer.status_code == 401
    assert answer.json()["code"] in {"not_authenticated", "invalid_token"}


async def test_an_address_may_try_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """All auth calls share one bucket per address; its state is in every answer, errors too; others go on."""
    bench = Bench(logins_per_minute=5)
    await bench.service.start(0)
    answers = [await bench.post("login", LOGIN) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    remaining = [answer.headers["ratelimit-remaining"] for answer in answers]
    assert remaining == ["4", "3", "2", "1", "0", "0"]
    document = problem(answers[5], 429, "rate_limited")
    assert document["retryable"] is True
    assert answers[5].headers.get_list("retry-after") == ["12"]
    other = await bench.post("login", LOGIN, **{"x-forwarded-for": "203.0.113.7"})
    assert other.status_code == 401
    bench.people.clock.time_ms += 12_000
    assert (await bench.post("login", LOGIN)).status_code == 401


async def test_guessing_one_password_is_stopped_from_many_addresses(bench: Bench) -> None:
    """Each address is within its limit, the person guessed at is protected all the same."""
    await bench.post("register", PERSON)
    wrong = LOGIN | {"password": "wrong horse battery"}
    codes = [
        (await bench.post("login", wrong, **{"x-forwarded-for": f"203.0.113.{n}"})).json()["code"]
        for n in range(101)
    ]
    assert codes == ["wrong_credentials"] * 100 + ["too_many_attempts"]


async def test_a_database_that_is_away_is_a_retryable_503(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Registering and logging in wait for it; the client is told that trying again may help."""

    async def away(*_: object) -> None:
        raise Unavailable("the users' database is out of reach")

    monkeypatch.setattr(bench.people.users, "credentials", away)
    monkeypatch.setattr(bench.people.users, "is_email_taken", away)
    for call, body in (("register", PERSON), ("login", LOGIN)):
        assert problem(await bench.post(call, body), 503, "unavailable")["retryable"] is True


async def test_the_calls_are_described(untouched: Bench) -> None:
    """Each with its body, its good answer and its problems; password fields are marked as such."""
    document = (await untouched.http.get("/api/openapi.json")).json()
    statuses = {
        call: set(document["paths"][f"/api/auth/{call}"]["post"]["responses"])
        for call in ("register", "login", "refresh", "logout")
    }
    assert {"201", "400", "409", "429", "503"} <= statuses["register"]
    assert {"200", "400", "401", "429", "503"} <= statuses["login"] & statuses["refresh"]
    assert {"204", "401", "429", "503"} <= statuses["logout"]
    password = document["components"]["schemas"]["LoginBody"]["properties"]["password"]
    assert password["format"] == "password"
