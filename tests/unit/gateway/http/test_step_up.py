"""What changes who can get in needs a session that proved itself lately: every route is looked at."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cse.gateway.http.operations import Operation, PathEndpoint
from cse.gateway.http.step_up import NEEDS_STEP_UP, PROVE_THEMSELVES, WHEN_OPENING
from cse.users.authority import Role
from cse.users.step_up import STEP_UP_MS
from tests.unit.gateway.http.test_key_routes import Bench, body

GUARDED_PLACES = (
    "/api/keys",
    "/api/auth",
    "/api/sessions",
    "/api/identities",
    "/api/admin",
    "/api/sub-accounts",
    "/api/transfers",
)
FREE = {
    ("POST", "/api/auth/register"): "begins an account",
    ("POST", "/api/auth/login"): "is itself a proof",
    ("POST", "/api/auth/refresh"): "takes a refresh token, opens nothing new",
    ("POST", "/api/auth/logout"): "closes",
    ("POST", "/api/auth/passkeys/login/options"): "is a question",
    ("POST", "/api/auth/passkeys/login"): "is itself a proof",
    ("POST", "/api/auth/passkeys/step-up/options"): "is a question",
    ("PATCH", "/api/auth/passkeys/{passkey_id}"): "a name opens nothing",
    ("DELETE", "/api/sessions"): "closes; in an emergency it must be quick",
    ("DELETE", "/api/sessions/{session_id}"): "closes; in an emergency it must be quick",
    ("POST", "/api/auth/verify-email"): "takes a link from the mailbox",
    ("POST", "/api/auth/verify-email/resend"): "sends a link to the mailbox",
    ("POST", "/api/auth/email/confirm"): "takes a link whose sending needed the step-up",
    (
        "POST",
        "/api/auth/oauth/{provider}/start",
    ): "opens nothing; to link it asks for a step-up itself",
    (
        "POST",
        "/api/auth/oauth/{provider}/finish",
    ): "takes a flow; to link it asks for a step-up itself",
    ("POST", "/api/sub-accounts"): "lets nobody in: its keys need a step-up",
    ("PATCH", "/api/sub-accounts/{account_id}"): "a name opens nothing",
    ("POST", "/api/sub-accounts/{account_id}/close"): "closes, what is empty",
    ("POST", "/api/transfers"): "the money stays its owner's",
    ("POST", "/api/auth/password-reset"): "sends a link to the mailbox",
    ("POST", "/api/auth/password-reset/confirm"): "takes a link from the mailbox",
    (
        "POST",
        "/api/admin/identity-checks/{check_id}/claim",
    ): "takes it from the queue, decides nothing",
    ("POST", "/api/admin/identity-checks/{check_id}/release"): "puts it back, decides nothing",
    ("POST", "/api/admin/kill-switch"): "stops; it must work at once, and without the database",
}
"""Calls that change something about log-ins and yet need no step-up, and why."""
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    await made.start()
    yield made
    made.assembled.service.close()


def lean(bench: Bench) -> list[Operation]:
    return [
        operation
        for route in bench.app.app.router.routes
        if isinstance(endpoint := getattr(route, "app", None), PathEndpoint)
        for operation in endpoint.operations.values()
    ]


def changing(bench: Bench) -> set[tuple[str, str]]:
    """Method and path of every call, lean or FastAPI's, that changes something where people get in."""
    paths = bench.app.app.openapi()["paths"]
    return {
        (method.upper(), path)
        for path, methods in paths.items()
        for method in methods
        if method.upper() in CHANGING and path.startswith(GUARDED_PLACES)
    }


async def test_every_route_that_changes_who_gets_in_is_guarded_or_has_a_reason(
    bench: Bench,
) -> None:
    """A new call under these paths fails here until somebody has decided about it."""
    decided = NEEDS_STEP_UP | PROVE_THEMSELVES | WHEN_OPENING | FREE.keys()
    assert changing(bench) - decided == set()
    assert not NEEDS_STEP_UP & FREE.keys()


async def test_the_table_names_routes_that_are_there(bench: Bench) -> None:
    """A misspelt entry would guard nothing; each is a lean call, whose guard is in one place."""
    served = {(operation.method, operation.path) for operation in lean(bench)}
    assert (NEEDS_STEP_UP | PROVE_THEMSELVES | WHEN_OPENING) - served == set()


async def test_every_guarded_route_refuses_a_session_that_proved_nothing_lately(
    bench: Bench,
) -> None:
    """And lets a fresh one as far as the call itself; the refusal is the same whatever the body holds."""
    roles = bench.gateway.authority.roles
    await roles.grant(1, Role.ADMIN, actor="system", reason="test")
    for is_fresh in (True, False):
        if not is_fresh:
            bench.people.clock.time_ms += STEP_UP_MS + 1
        async with bench.client() as ann:
            for method, path in sorted(NEEDS_STEP_UP):
                filled = re.sub(r"\{[^}]*\}", "1", path.replace("{key_id}", "f" * 32))
                answer = await ann.request(method, filled)
                refused = answer.json().get("code") == "step_up_required"
                assert refused is not is_fresh, (method, path, answer.text)
                assert answer.status_code == 403 or is_fresh


async def test_a_refused_call_changes_nothing_and_succeeds_after_the_proof(bench: Bench) -> None:
    """The key is made once the session has proved itself, in another session still not."""
    bench.people.clock.time_ms += STEP_UP_MS + 1
    asked = body()
    async with bench.client() as ann:
        refused = (await ann.post("/api/keys", json=asked)).json()
        assert (refused["status"], refused["code"]) == (403, "step_up_required")
        assert "your password" in refused["detail"]
        assert (await ann.get("/api/keys")).json()["keys"] == []
        now_ms = bench.people.clock.now_ms()
        await bench.people.factors.mark_proved(1, f"{1:032x}", now_ms)
        assert (await ann.post("/api/keys", json=asked)).status_code == 201
    async with bench.client(2) as bob:
        assert (await bob.post("/api/keys", json=body())).status_code == 403


async def test_openapi_says_which_calls_are_guarded(bench: Bench) -> None:
    """Whoever writes a client reads it where the call is described."""
    paths: dict[str, Any] = bench.app.app.openapi()["paths"]
    for method, path in NEEDS_STEP_UP:
        assert "step_up_required" in paths[path][method.lower()]["description"]


def test_the_reference_names_every_guarded_call() -> None:
    """docs/reference/authentication.md lists what the table lists."""
    page = (Path(__file__).parents[4] / "docs/reference/authentication.md").read_text("utf-8")
    rows = page.partition("| Needs a step-up |")[2].partition("\n\n")[0]
    told = set(re.findall(r"`(\w+) (/api/[^`]+)`", rows))
    assert told == NEEDS_STEP_UP
