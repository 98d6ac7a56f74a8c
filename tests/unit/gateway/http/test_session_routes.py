"""The calls about own sessions and the own password do what authentication.md says, for their person only."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from cse.messages.wire import AccountStatus
from tests.unit.gateway.http.auth_bench import LOGIN, PERSON, Bench, problem
from tests.unit.users.people import PASSWORD, START_MS

NEW = "another horse, another battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BOB = {"email": "bob@example.com", "password": PASSWORD}


@pytest.fixture
async def bench() -> Bench:
    made = Bench()
    await made.service.start(0)
    await made.post("register", PERSON)
    await made.post("register", BOB | {"handle": "bob"})
    return made


async def login(
    bench: Bench, who: Mapping[str, str] = LOGIN, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    answer = await bench.post("login", who, **(headers or {}))
    assert answer.status_code == 200, answer.text
    pair: dict[str, Any] = answer.json()
    return pair


async def call(bench: Bench, pair: dict[str, Any], method: str, path: str, **more: Any) -> Any:
    headers = {"authorization": f"Bearer {pair['access_token']}", **more.pop("headers", {})}
    return await bench.http.request(method, path, headers=headers, **more)


async def listed(bench: Bench, pair: dict[str, Any]) -> list[dict[str, Any]]:
    answer: httpx.Response = await call(bench, pair, "GET", "/api/sessions")
    assert answer.status_code == 200, answer.text
    sessions: list[dict[str, Any]] = answer.json()["sessions"]
    return sessions


async def test_a_session_is_shown_with_its_device(bench: Bench) -> None:
    """Client, addresses, times, and which one asks; the last use comes with the next minute's writing."""
    there = {"x-forwarded-for": "203.0.113.7", "user-agent": FIREFOX}
    first = await login(bench, headers=there)
    bench.people.clock.time_ms += 5_000
    strange = {b"x-forwarded-for": b"2001:db8::7", b"user-agent": "a\u202eb \u2714".encode()}
    pair = (await bench.http.post("/api/auth/login", json=LOGIN, headers=strange)).json()
    bench.people.clock.time_ms += 70_000
    await call(bench, first, "GET", "/api/orders", headers={"x-forwarded-for": "198.51.100.1"})
    await bench.service.session_uses.write()
    own, old = await listed(bench, pair)
    assert (own["current"], old["current"]) == (True, False)
    assert own["user_agent"] == "a b \u2714"
    assert own["created_from"] == "2001:db8::7"
    assert old == {
        "id": old["id"],
        "current": False,
        "user_agent": FIREFOX,
        "created_at": START_MS,
        "created_from": "203.0.113.7",
        "last_used_at": START_MS + 75_000,
        "last_used_from": "198.51.100.1",
        "expires_at": START_MS + 2_592_000_000,
        "ends_at": START_MS + 7_776_000_000,
    }


async def test_lists_go_on_from_the_newest(bench: Bench) -> None:
    """Page by page, also through sessions of one millisecond; another list's cursor is refused."""
    pairs = [await login(bench) for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = ""
    pages = 0
    while cursor is not None:
        query = "?limit=2" + (f"&cursor={cursor}" if cursor else "")
        page = (await call(bench, pairs[0], "GET", f"/api/sessions{query}")).json()
        seen += [session["id"] for session in page["sessions"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert pages == 3
    assert seen == sorted(bench.people.sessions.sessions, reverse=True)
    other = await call(bench, pairs[0], "GET", "/api/sessions?cursor=BQEAAAAAAAAAAAAAAAAAAAA")
    problem(other, 400, "invalid_cursor")


async def test_one_session_is_ended_at_once(bench: Bench) -> None:
    """Its access and refresh token are refused; the others go on; ending it again answers the same."""
    here, there = await login(bench), await login(bench)
    target = next(one["id"] for one in await listed(bench, there) if one["current"])
    for _ in range(2):
        answer = await call(bench, here, "DELETE", f"/api/sessions/{target}")
        assert (answer.status_code, answer.json()) == (200, {"session_id": target})
    problem(await call(bench, there, "GET", "/api/sessions"), 401, "session_revoked")
    refresh = await bench.post("refresh", {"refresh_token": there["refresh_token"]})
    problem(refresh, 401, "session_revoked")
    assert [one["current"] for one in await listed(bench, here)] == [True]


async def test_somebody_elses_session_is_not_found(bench: Bench) -> None:
    """As one that never was; it goes on."""
    ada, bob = await login(bench), await login(bench, BOB)
    (theirs,) = await listed(bench, bob)
    for session_id in (theirs["id"], "0" * 32, "x"):
        problem(await call(bench, ada, "DELETE", f"/api/sessions/{session_id}"), 404, "not_found")
    assert len(await listed(bench, bob)) == 1


async def test_all_others_are_ended_at_once(bench: Bench) -> None:
    """Not the one that asks, and nobody else's."""
    pairs, bob = [await login(bench) for _ in range(4)], await login(bench, BOB)
    assert (await call(bench, pairs[2], "DELETE", "/api/sessions")).json() == {"ended": 3}
    for number in (0, 1, 3):
        problem(await call(bench, pairs[number], "GET", "/api/keys"), 401, "session_revoked")
    assert len(await listed(bench, pairs[2])) == len(await listed(bench, bob)) == 1
    assert (await call(bench, pairs[2], "DELETE", "/api/sessions")).json() == {"ended": 0}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/sessions"),
        ("DELETE", "/api/sessions"),
        ("DELETE", f"/api/sessions/{'a' * 32}"),
        ("POST", "/api/auth/password"),
    ],
)
async def test_the_calls_need_a_log_in(bench: Bench, method: str, path: str) -> None:
    """Nobody and made-up tokens get 401."""
    problem(await bench.http.request(method, path), 401, "not_authenticated")
    problem(await call(bench, {"access_token": "x"}, method, path), 401, "invalid_token")


async def test_a_changed_password_ends_all_other_sessions(bench: Bench) -> None:
    """The one that asks goes on; the old password opens nothing more, the new one does."""
    here, there = await login(bench), await login(bench)
    body = {"old_password": PASSWORD, "new_password": NEW}
    answer = await call(bench, here, "POST", "/api/auth/password", json=body)
    assert (answer.status_code, answer.json()) == (200, {"changed": True})
    problem(await call(bench, there, "GET", "/api/sessions"), 401, "session_revoked")
    assert len(await listed(bench, here)) == 1
    problem(await bench.post("login", LOGIN), 401, "wrong_credentials")
    assert await login(bench, LOGIN | {"password": NEW})
    assert bench.people.trail.names().count("user.change_password") == 1


@pytest.mark.parametrize(
    ("old", "new", "status", "code"),
    [
        ("wrong horse battery", NEW, 403, "wrong_proof"),
        (PASSWORD, PASSWORD, 400, "invalid_request"),
        (PASSWORD, "password123", 400, "invalid_request"),
        (PASSWORD, "short", 400, "invalid_request"),
        (PASSWORD, "ada@example.com", 400, "invalid_request"),
        (PASSWORD, None, 400, "invalid_request"),
    ],
)
async def test_a_refused_password_changes_nothing(
    bench: Bench, old: str, new: str, status: int, code: str
) -> None:
    """Wrong old, unacceptable new: told why without either, all sessions go on, the old password is good."""
    here, there = await login(bench), await login(bench)
    body = {"old_password": old, "new_password": new}
    answer = await call(bench, here, "POST", "/api/auth/password", json=body)
    document = problem(answer, status, code)
    if status == 400:
        assert document["fields"].keys() == {"new_password"}
    assert PASSWORD not in answer.text
    assert len(await listed(bench, there)) == 2
    assert await login(bench)
    assert "user.change_password" not in bench.people.trail.names()


async def test_a_person_who_is_gone_changes_nothing(bench: Bench) -> None:
    """The database was put back from an older copy: 401, log in again."""
    here = await login(bench)
    bench.people.users.users.clear()
    body = {"old_password": PASSWORD, "new_password": NEW}
    answer = await call(bench, here, "POST", "/api/auth/password", json=body)
    problem(answer, 401, "invalid_token")


async def test_guesses_at_the_old_password_count_as_failed_log_ins(bench: Bench) -> None:
    """Twenty from one address, together with log-ins; then even the right one is refused."""
    here = await login(bench)
    await bench.post("login", LOGIN | {"password": "wrong horse battery"})
    for old, code in [("wrong horse battery", "wrong_proof")] * 19 + [
        (PASSWORD, "too_many_attempts")
    ]:
        body = {"old_password": old, "new_password": NEW}
        answer = await call(bench, here, "POST", "/api/auth/password", json=body)
        assert answer.json()["code"] == code
    problem(await bench.post("login", LOGIN), 429, "too_many_attempts")


async def test_a_frozen_account_cannot_log_in_until_it_is_unfrozen(bench: Bench) -> None:
    """403 with its code, only after the right password: a stranger does not learn of it."""
    for status, code in [
        (AccountStatus.FROZEN, "account_frozen"),
        (AccountStatus.CLOSED, "account_closed"),
    ]:
        bench.people.statuses[1_000] = status
        problem(await bench.post("login", LOGIN), 403, code)
        wrong = await bench.post("login", LOGIN | {"password": "wrong horse battery"})
        problem(wrong, 401, "wrong_credentials")
    assert bench.people.sessions.sessions == {}
    bench.people.statuses[1_000] = AccountStatus.OPEN
    assert await login(bench)
    assert bench.people.trail.acts[-1].act.value == "session.log_in"
