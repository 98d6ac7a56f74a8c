"""Sessions: no fixation, nothing after log-out, a copied refresh token ends its family; each by a test of its name."""

import pytest

from tests.unit.gateway.http.auth_bench import LOGIN, Bench, problem


@pytest.fixture
async def bench() -> Bench:
    made = Bench()
    await made.service.start(0)
    return made


async def test_session_fixation(bench: Bench) -> None:
    """A log-in makes tokens and a session of its own, whatever the client brings along from before."""
    planted = await bench.logged_in()
    before = set(bench.people.sessions.sessions)
    brought = {
        "authorization": f"Bearer {planted['access_token']}",
        "cookie": f"sid={next(iter(before))}; refresh_token={planted['refresh_token']}",
    }
    pair = (await bench.post("login", LOGIN, **brought)).json()
    assert set(pair.values()).isdisjoint({planted["access_token"], planted["refresh_token"]})
    assert len(set(bench.people.sessions.sessions) - before) == 1
    await bench.post("logout", {"refresh_token": planted["refresh_token"]})
    authorization = f"Bearer {pair['access_token']}"
    own = await bench.http.get("/api/orders", headers={"authorization": authorization})
    assert own.status_code == 200
    for field in ("session_id", "sid"):
        problem(await bench.post("login", LOGIN | {field: "a" * 32}), 400, "invalid_request")


async def test_use_after_log_out(bench: Bench) -> None:
    """An account call works with a token, and not any more right after the log-out; no refresh does either."""
    pair = await bench.logged_in()
    headers = {"authorization": f"Bearer {pair['access_token']}"}
    before = await bench.http.get("/api/orders", headers=headers)
    assert before.status_code == 200, before.text
    await bench.post("logout", {"refresh_token": pair["refresh_token"]})
    for path in ("/api/orders", "/api/sessions", "/api/keys"):
        problem(await bench.http.get(path, headers=headers), 401, "session_revoked")
    again = await bench.post("refresh", {"refresh_token": pair["refresh_token"]})
    problem(again, 401, "session_revoked")


async def test_refresh_reuse_kills_the_family(bench: Bench) -> None:
    """With a code of its own; the successor and the access tokens go with it; the audit trail has it."""
    pair = await bench.logged_in()
    body = {"refresh_token": pair["refresh_token"]}
    successor = (await bench.post("refresh", body)).json()
    problem(await bench.post("refresh", body), 401, "refresh_token_reused")
    for each in (pair, successor):
        authorization = f"Bearer {each['access_token']}"
        problem(await bench.post("logout", authorization=authorization), 401, "session_revoked")
    after = await bench.post("refresh", {"refresh_token": successor["refresh_token"]})
    problem(after, 401, "session_revoked")
    assert "session.refresh_reused" in bench.people.trail.names()
