"""Closing an account and taking one's data along, over HTTP: refused with reasons, carried to the end, told once."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.gateway.concerns import served
from cse.messages.commands import CreditDeposit
from cse.messages.wire import AccountStatus
from cse.users.authority import Role
from cse.users.leaving.closure import RESUME_AFTER_MS
from cse.users.leaving.model import EXPORTS_PER_DAY, RETENTION_MS
from cse.users.notices import Notice
from tests.integration.http_exchange import (
    PASSWORD,
    HttpExchange,
    good,
    http_exchange,
    place,
    problem,
)
from tests.waiting import wait_until_async

CLOSE = "/api/account/close"
EXPORT = "/api/account/export"


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


async def rows(exchange: HttpExchange, statement: str) -> list[Any]:
    async with exchange.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]


async def acts(exchange: HttpExchange, act: str) -> int:
    return len(await rows(exchange, f"SELECT number FROM audit_log WHERE act = '{act}'"))


def log_in_body(name: str) -> dict[str, str]:
    return {"email": f"{name}@example.com", "password": PASSWORD}


async def test_a_closed_account_is_over_everywhere(exchange: HttpExchange) -> None:
    """Sessions, keys and profile end; a log-in is told why; address and handle stay taken; a letter says so."""
    ada = await exchange.person("ada")
    good(await ada.patch("/api/profile", json={"bio": "soon gone"}))
    made = {"name": "bot", "kind": "hmac-sha256", "scopes": ["read"]}
    good(await ada.post("/api/keys", json=made), 201)
    letters = len(await rows(exchange, "SELECT number FROM mail_outbox"))
    closed = good(await ada.post(CLOSE, json={"handle": "ada", "reason": "enough"}))
    assert closed["status"] == "closed"
    await wait_until_async(_is_refused(ada), what="the session to end")
    problem(await exchange.client().get("/api/people/ada"), 404, "not_found")
    again = await exchange.client().post("/api/auth/login", json=log_in_body("ada"))
    problem(again, 403, "account_closed")
    wrong = {**log_in_body("ada"), "password": "something else 1"}
    assert (await exchange.client().post("/api/auth/login", json=wrong)).status_code == 401
    assert await rows(exchange, "SELECT user_id FROM profiles") == []
    assert await rows(exchange, "SELECT key_id FROM api_keys WHERE revoked_at IS NULL") == []
    assert await rows(exchange, "SELECT email FROM users") == [("ada@example.com",)]
    assert await acts(exchange, "account.close") == 1
    assert len(await rows(exchange, "SELECT number FROM mail_outbox")) == letters + 1


async def test_what_stands_in_the_way_is_listed_and_nothing_changes(exchange: HttpExchange) -> None:
    """Open orders, money, holds and an office, each named; the account trades on."""
    ada = await exchange.trader("ada")
    await place(ada, "buy", "1.00", "1")
    await exchange.people.core.roles.grant(1, Role.SUPPORT, actor="machine:test", reason="needed")
    refused = problem(await ada.post(CLOSE, json={"handle": "ada"}), 409, "closure_refused")
    told = " ".join(refused["fields"].values())
    for word in ("1 open orders", "USDC", "NOVA", "held", "support"):
        assert word in told
    assert await rows(exchange, "SELECT user_id FROM closures") == []
    assert good(await ada.get("/api/account"))["status"] == "open"


async def test_a_closure_takes_the_handle_and_a_fresh_proof(exchange: HttpExchange) -> None:
    """Another handle, a missing one, fields that are not asked for, nobody, an old session: nothing happens."""
    ada = await exchange.person("ada")
    for body in ({"handle": "ADA"}, {"handle": ""}, {}, {"handle": "ada", "user_id": 2}):
        problem(await ada.post(CLOSE, json=body), 400, "invalid_request")
    problem(await exchange.client().post(CLOSE, json={"handle": "ada"}), 401, "not_authenticated")
    async with exchange.engine.begin() as connection:
        await connection.execute(text("UPDATE sessions SET created_at = 1"))
    problem(await ada.post(CLOSE, json={"handle": "ada"}), 403, "step_up_required")
    problem(await ada.post(EXPORT), 403, "step_up_required")
    assert good(await ada.get("/api/account"))["status"] == "open"


async def test_sub_accounts_are_looked_at_and_closed_too(exchange: HttpExchange) -> None:
    """Closing is closing all of it: each of a person's accounts, further ones first."""
    ada = await exchange.person("ada")
    sub = good(await ada.post("/api/sub-accounts", json={"label": "second"}), 201)
    good(await ada.post(CLOSE, json={"handle": "ada"}))
    for account_id in (sub["sub_account"]["account_id"], 1_000):
        view = exchange.deps.live.account(account_id)
        assert view is not None
        assert view.status is AccountStatus.CLOSED


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_closure_that_was_cut_off_is_carried_to_its_end(
    exchange: HttpExchange, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """The engine away, or its answer lost: 202; the loop goes on, closes once and records once."""
    ada = await exchange.person("ada")
    failure = {"before": Unavailable("away"), "after": OutcomeUnknown("who knows")}[when]
    setattr(exchange.queue, when, failure)
    answer = await ada.post(CLOSE, json={"handle": "ada"})
    assert good(answer, 202) == {"status": "closing", "closed_at": None}
    setattr(exchange.queue, when, None)
    closures = served(exchange.deps.concerns.closures)
    assert await closures.resume() == 0, "left alone while the call may be at it"
    now_ms = exchange.deps.clock.now_ms()
    later = now_ms + RESUME_AFTER_MS + 1
    monkeypatch.setattr(type(exchange.deps.clock), "now_ms", lambda _self: later)
    assert await closures.resume() == 1
    assert await closures.resume() == 0
    assert await acts(exchange, "account.close") == 1
    view = exchange.deps.live.account(1_000)
    assert view is not None
    assert view.status is AccountStatus.CLOSED


async def test_an_account_that_got_money_meanwhile_stays_open(
    exchange: HttpExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine has the last word: the closure is given up, and its owner is told."""
    ada = await exchange.person("ada")
    told: list[str] = []

    async def tell(_user_id: int, notice: Notice) -> None:
        told.append(notice.subject)

    monkeypatch.setattr(exchange.people.core.notices, "tell", tell)
    exchange.queue.before = Unavailable("away")
    good(await ada.post(CLOSE, json={"handle": "ada"}), 202)
    exchange.queue.before = None
    asset_id = exchange.deps.catalog.assets_by_symbol["USDC"].asset_id
    await exchange.queue.submit(CreditDeposit(1_000, asset_id, 5, b"late".ljust(16)))
    later = exchange.deps.clock.now_ms() + RESUME_AFTER_MS + 1
    monkeypatch.setattr(type(exchange.deps.clock), "now_ms", lambda _self: later)
    assert await served(exchange.deps.concerns.closures).resume() == 0
    assert await rows(exchange, "SELECT user_id FROM closures") == []
    assert told == ["Your account was not closed"]
    assert await acts(exchange, "account.give_up_closure") == 1
    assert await acts(exchange, "account.close") == 0


async def test_a_name_goes_after_five_years_and_not_before(
    exchange: HttpExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Address and handle are free again; the audit log keeps the number of who it was."""
    ada = await exchange.person("ada")
    good(await ada.post(CLOSE, json={"handle": "ada"}))
    closures = served(exchange.deps.concerns.closures)
    assert await closures.purge() == 0
    later = exchange.deps.clock.now_ms() + RETENTION_MS + 1
    monkeypatch.setattr(type(exchange.deps.clock), "now_ms", lambda _self: later)
    assert await closures.purge() == 1
    assert await closures.purge() == 0
    assert await rows(exchange, "SELECT email, handle FROM users") == [
        ("closed-1@invalid", "closed-1")
    ]
    assert await acts(exchange, "user.anonymise") == 1


def lines_of(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_an_export_has_everything_and_no_secret(exchange: HttpExchange) -> None:
    """Every kind is there with the person's own data, other people's is not, and nothing that opens anything."""
    ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
    good(await ada.patch("/api/profile", json={"bio": "a bio of ada"}))
    made = {"name": "my bot", "kind": "hmac-sha256", "scopes": ["read"]}
    secret = good(await ada.post("/api/keys", json=made), 201)["secret"]
    enrolled = good(await ada.post("/api/auth/totp/enroll"))["secret"]
    await place(bob, "sell", "1.2400", "3")
    await place(ada, "buy", "1.2400", "3")
    await wait_until_async(_has_fills(ada), what="history")
    answer = await ada.post(EXPORT)
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    found = lines_of(answer)
    assert found[-1] == {"kind": "end", "lines": len(found) - 1}
    kinds = {line["kind"] for line in found}
    assert kinds >= {"export", "person", "profile", "session", "api_key", "authenticator", "act"}
    assert kinds >= {"account", "balance", "order", "fill", "ledger"}
    assert [line["data"]["bio"] for line in found if line["kind"] == "profile"] == ["a bio of ada"]
    for hidden in (secret, enrolled, PASSWORD, "bob@example.com", "$2"):
        assert hidden not in answer.text
    sealed = await rows(exchange, "SELECT sealed_secret, password_hash FROM api_keys, users")
    for value in (each for row in sealed for each in row if each):
        assert (value if isinstance(value, str) else value.hex()) not in answer.text


async def test_exports_are_few_and_listed(exchange: HttpExchange) -> None:
    """Three a day, each with when and how long; the fourth is told when to come back."""
    ada = await exchange.person("ada")
    for _ in range(EXPORTS_PER_DAY):
        lines_of(await ada.post(EXPORT))
    refused = await ada.post(EXPORT)
    problem(refused, 429, "too_many_exports")
    assert int(refused.headers["retry-after"]) > 86_000
    listed = good(await ada.get(EXPORT))["exports"]
    assert len(listed) == EXPORTS_PER_DAY
    assert all(each["finished_at"] and each["lines"] > 3 for each in listed)
    bob = await exchange.person("bob")
    assert good(await bob.get(EXPORT)) == {"exports": []}
    lines_of(await bob.post(EXPORT))


async def test_one_export_at_a_time_and_a_cut_one_says_so(
    exchange: HttpExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one runs another is refused; one whose database went away has no last line, and is over."""
    await exchange.person("ada")
    exports = served(exchange.deps.concerns.exports)
    _, running = await exports.begin(1)
    await anext(running)
    token = good(await exchange.client().post("/api/auth/login", json=log_in_body("ada")))
    ada = exchange.client(authorization=f"Bearer {token['access_token']}")
    problem(await ada.post(EXPORT), 409, "export_runs")
    await running.aclose()  # type: ignore[attr-defined]  # a generator: what the server does when its client is gone

    async def away(*_: object, **__: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(exchange.deps.history, "fills", away)
    assert "end" not in {line["kind"] for line in lines_of(await ada.post(EXPORT))}
    monkeypatch.undo()
    assert lines_of(await ada.post(EXPORT))[-1]["kind"] == "end"


def _is_refused(client: httpx.AsyncClient) -> Any:
    async def refused() -> bool:
        return (await client.get("/api/account")).status_code == 401

    return refused


def _has_fills(client: httpx.AsyncClient) -> Any:
    async def has() -> bool:
        return bool(good(await client.get("/api/fills"))["fills"])

    return has
