"""What staff proves before it acts, whom it looks at, and how it helps somebody who lost their second factors."""

import base64
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from sqlalchemy import text

from cse.users.authority import Role
from cse.users.step_up import STEP_UP_MS
from cse.users.totp import STEP_SECONDS, code_at
from tests.integration.http_exchange import (
    MARKET,
    PASSWORD,
    HttpExchange,
    good,
    http_exchange,
    problem,
)
from tests.integration.users.staff import PEOPLE, approval, approve, id_of, records, staff

STATUS = f"/api/admin/markets/{MARKET}/status"


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


class Phone(NamedTuple):
    """An authenticator."""

    secret: bytes

    def code(self, later: int = 0) -> str:
        """The code of now, or of so many steps later."""
        return code_at(self.secret, int(time.time()) // STEP_SECONDS + later)


async def add_factor(client: httpx.AsyncClient) -> Phone:
    """An authenticator for whoever this client is."""
    made = good(await client.post("/api/auth/totp/enroll"))
    phone = Phone(base64.b32decode(made["secret"]))
    good(await client.post("/api/auth/totp/confirm", json={"code": phone.code()}))
    return phone


async def age_sessions(exchange: HttpExchange) -> None:
    """All log-ins and proofs are longer ago than a proof is good for."""
    async with exchange.engine.begin() as connection:
        for table, column in (("sessions", "created_at"), ("step_ups", "proved_at")):
            aged = (
                f"UPDATE {table} SET {column} = {column} - {STEP_UP_MS + 60_000}"  # names of ours
            )
            await connection.execute(text(aged))


async def test_loosening_takes_a_step_up_and_stopping_does_not(exchange: HttpExchange) -> None:
    """An old session halts a market and pulls the kill switch; it proposes nothing until it proves itself."""
    ann = await staff(exchange, "ann", Role.ADMIN)
    bob = await staff(exchange, "bob", Role.ADMIN)
    made = approval(
        await ann.put(
            "/api/admin/fee-tiers/7", json={"maker_ppm": 1, "taker_ppm": 2, "reason": "vip"}
        )
    )
    await age_sessions(exchange)
    why = {"reason": "incident"}
    good(await ann.post(STATUS, json={"status": "halted", **why}))
    good(await ann.post("/api/admin/kill-switch", json={"mode": "halt", **why}))
    opening = {"status": "open", **why}
    problem(await ann.post(STATUS, json=opening), 403, "step_up_required")
    url = f"/api/admin/approvals/{made['id']}/approve"
    problem(await bob.post(url, json=why), 403, "step_up_required")
    good(await ann.post("/api/auth/step-up", json={"password": PASSWORD}))
    assert good(await ann.post(STATUS, json=opening), 202)["approval"]["status"] == "pending"


async def test_lost_factors_are_reset_by_two_people(exchange: HttpExchange) -> None:
    """Proposal, approval; then the factors are gone, all sessions over, the person told, and both staff in the log."""
    ann = await staff(exchange, "ann", Role.SUPPORT)
    bob = await staff(exchange, "bob", Role.ADMIN)
    eve = await exchange.person("eve")
    await add_factor(eve)
    user_id = await id_of(exchange, "eve")
    url = f"{PEOPLE}/{user_id}/reset-factors"
    made = approval(await ann.post(url, json={"reason": "lost_phone"}))
    assert (made["before"], made["after"]) == ({"factors": ["totp"]}, {"factors": []})
    assert (await eve.get("/api/account")).status_code == 200
    who = {"email": "eve@example.com", "password": PASSWORD}
    locked = await exchange.client().post("/api/auth/login", json=who)
    assert locked.json()["code"] == "second_factor_required"
    letters = await count(exchange, "mail_outbox")
    assert (await approve(bob, made))["status"] == "done"
    assert (await eve.get("/api/account")).status_code == 401
    good(await exchange.client().post("/api/auth/login", json=who))
    assert await count(exchange, "mail_outbox") == letters + 1
    assert await count(exchange, "recovery_codes") == 0
    (reset,) = await records(bob, act="factor.reset")
    assert (reset["actor"], reset["object"]) == (
        f"user:{await id_of(exchange, 'ann')}",
        f"user:{user_id}",
    )
    assert reset["after"]["approved_by"] == [f"user:{await id_of(exchange, 'bob')}"]
    problem(await ann.post(url, json={"reason": "lost_phone"}), 409, "no_change")
    problem(await bob.post(f"{PEOPLE}/999/reset-factors", json={"reason": "why"}), 404, "not_found")


async def count(exchange: HttpExchange, table: str) -> int:
    """Rows of a table."""
    async with exchange.engine.connect() as connection:
        found = await connection.execute(text(f"SELECT count(*) FROM {table}"))  # a name of ours
        return int(found.scalar_one())


async def test_one_person_is_shown_with_what_they_have(exchange: HttpExchange) -> None:
    """Standing, roles, factors, how many sessions and keys, and where their records are."""
    ann = await staff(exchange, "ann", Role.ADMIN)
    eve = await staff(exchange, "eve", Role.CREATOR)
    await add_factor(eve)
    user_id = await id_of(exchange, "eve")
    told = good(await ann.get(f"{PEOPLE}/{user_id}"))
    person = told["person"]
    assert (person["handle"], person["status"], person["roles"]) == ("eve", "open", ["creator"])
    assert (told["factors"], told["sessions"], told["api_keys"]) == (["totp"], 1, 0)
    for link in (told["audit_of"], told["audit_by"]):
        assert good(await ann.get(link))["records"]
    for nobody in (999, "x", "0"):
        problem(await ann.get(f"{PEOPLE}/{nobody}"), 404, "not_found")


async def test_staff_without_a_second_factor_does_nothing_but_stop(tmp_path: Path) -> None:
    """Where the settings want one (production): 403 for every call, the kill switch apart; with one all is open."""
    async with http_exchange(tmp_path, staff_second_factor=True) as exchange:
        ann = await staff(exchange, "ann", Role.ADMIN)
        code = "second_factor_required_for_staff"
        problem(await ann.get(PEOPLE), 403, code)
        problem(await ann.get("/api/admin/audit"), 403, code)
        problem(await ann.post(STATUS, json={"status": "halted", "reason": "why"}), 403, code)
        stop = {"mode": "cancel_only", "reason": "incident"}
        good(await ann.post("/api/admin/kill-switch", json=stop))
        await add_factor(ann)
        good(await ann.get(PEOPLE))
        good(await ann.post(STATUS, json={"status": "halted", "reason": "why"}))
        fan = await exchange.person("fan")
        problem(await fan.get(PEOPLE), 403, "forbidden")
