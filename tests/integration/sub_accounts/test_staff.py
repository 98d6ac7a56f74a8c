"""Freezing a person freezes all their accounts; staff finds people by any of them; unfreezing takes two."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cse.core.errors import OutcomeUnknown
from cse.messages.commands import SetAccountStatus
from cse.messages.wire import AccountStatus
from cse.users.authority import Role
from tests.integration.http_exchange import (
    MARKET,
    HttpExchange,
    good,
    http_exchange,
    order,
    problem,
)
from tests.integration.sub_accounts.parts import main_of, sub_account, transfer
from tests.integration.sub_accounts.test_keys_of_accounts import bot
from tests.integration.users.staff import approve, staff

REASON = {"reason": "court_order"}


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


def standing(exchange: HttpExchange, account_id: int) -> str:
    found = exchange.deps.live.account(account_id)
    assert found is not None
    return found.status.name.lower()


async def test_freezing_a_person_freezes_their_sub_accounts_and_stops_their_keys(
    exchange: HttpExchange,
) -> None:
    """Sub-accounts of others, and closed ones, stay as they are; a program of a sub-account trades no more."""
    ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
    main, one, two = await main_of(ada), await sub_account(ada, "1"), await sub_account(ada, "2")
    gone = await sub_account(ada, "gone")
    good(await ada.post(f"/api/sub-accounts/{gone}/close"))
    bobs = await sub_account(bob)
    good(await transfer(ada, main, one, "50"), 201)
    program = await bot(exchange, ada, one)
    good(await program.send("POST", "/api/orders", order("buy", "1.2000", "1.00")), 201)
    risk = await staff(exchange, "rita", Role.RISK)
    frozen = {**REASON, "status": "frozen"}
    good(await risk.post(f"/api/admin/accounts/{main}/status", json=frozen))
    assert [standing(exchange, each) for each in (main, one, two, bobs, gone)] == [
        "frozen",
        "frozen",
        "frozen",
        "open",
        "closed",
    ]
    refused = await program.send("POST", "/api/orders", order("buy", "1.2000", "1.00"))
    problem(refused, 403, "account_frozen")
    good(await program.send("DELETE", f"/api/orders?market={MARKET}"))


async def test_a_freeze_that_broke_off_is_done_again(exchange: HttpExchange) -> None:
    """Whoever was not answered repeats it: what was frozen stays so, the rest follows."""
    ada = await exchange.person("ada")
    main, sub = await main_of(ada), await sub_account(ada)
    risk = await staff(exchange, "rita", Role.RISK)
    url, frozen = f"/api/admin/accounts/{main}/status", {**REASON, "status": "frozen"}
    exchange.queue.after = OutcomeUnknown("gone midway")
    problem(await risk.post(url, json=frozen), 503, "outcome_unknown")
    exchange.queue.after = None
    assert (standing(exchange, main), standing(exchange, sub)) == ("frozen", "open")
    good(await risk.post(url, json=frozen))
    assert (standing(exchange, main), standing(exchange, sub)) == ("frozen", "frozen")


async def test_unfreezing_a_person_opens_their_sub_accounts_once_another_agrees(
    exchange: HttpExchange,
) -> None:
    """As the first account itself."""
    ada = await exchange.person("ada")
    main, sub = await main_of(ada), await sub_account(ada)
    ann, bob = (
        await staff(exchange, "ann", Role.ADMIN),
        await staff(exchange, "bob", Role.ADMIN),
    )
    url = f"/api/admin/accounts/{main}/status"
    good(await ann.post(url, json={**REASON, "status": "frozen"}))
    proposed = good(await ann.post(url, json={**REASON, "status": "open"}), 202)["approval"]
    assert standing(exchange, sub) == "frozen"
    assert (await approve(bob, proposed))["status"] == "done"
    assert (standing(exchange, main), standing(exchange, sub)) == ("open", "open")


async def test_freezing_a_sub_account_freezes_it_alone(exchange: HttpExchange) -> None:
    """Its owner stays logged in and trades on the others."""
    ada = await exchange.person("ada")
    main, one, two = await main_of(ada), await sub_account(ada, "1"), await sub_account(ada, "2")
    risk = await staff(exchange, "rita", Role.RISK)
    frozen = {**REASON, "status": "frozen"}
    good(await risk.post(f"/api/admin/accounts/{one}/status", json=frozen))
    assert [standing(exchange, each) for each in (main, one, two)] == ["open", "frozen", "open"]
    good(await ada.get("/api/account"))


async def test_nobody_with_a_frozen_account_makes_another(exchange: HttpExchange) -> None:
    """Whether their session has heard of it yet (401) or not (403)."""
    ada = await exchange.person("ada")
    main = await main_of(ada)
    sub_accounts = exchange.deps.concerns.sub_accounts
    assert sub_accounts is not None
    await exchange.queue.submit(SetAccountStatus(main, AccountStatus.FROZEN))
    answer = await ada.post("/api/sub-accounts", json={"label": "x"})
    assert answer.status_code in {401, 403}, answer.text
    assert await sub_accounts.page(1, after=0, limit=9) == []


async def test_staff_sees_a_persons_sub_accounts_and_finds_them_by_one(
    exchange: HttpExchange,
) -> None:
    """Paged; nobody else sees them."""
    ada = await exchange.person("ada")
    ids = [await sub_account(ada, f"n{n}") for n in range(3)]
    helper = await staff(exchange, "hal", Role.SUPPORT)
    [found] = good(await helper.get(f"/api/admin/users?account_id={ids[1]}"))["people"]
    url = f"/api/admin/users/{found['user_id']}/sub-accounts"
    page = good(await helper.get(url, params={"limit": "2"}))
    rest = good(await helper.get(url, params={"limit": "2", "cursor": page["next_cursor"]}))
    told = page["sub_accounts"] + rest["sub_accounts"]
    assert [each["account_id"] for each in told] == ids
    problem(await ada.get(url), 403, "forbidden")
    problem(await helper.get("/api/admin/users/999/sub-accounts"), 404, "not_found")
