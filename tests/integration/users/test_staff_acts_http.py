"""Each act of staff over HTTP: what one person does at once, and what takes two."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cse.core.errors import OutcomeUnknown
from cse.core.ids import FEE_ACCOUNT
from cse.messages.commands import CreditDeposit
from cse.users.authority import Role
from tests.integration.http_exchange import (
    MARKET,
    good,
    http_exchange,
    order,
    place,
    problem,
)
from tests.integration.users.staff import (
    PEOPLE,
    Office,
    account_of,
    approval,
    approve,
    id_of,
    records,
    staff,
)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with http_exchange(tmp_path) as exchange:
        ann = await staff(exchange, "ann", Role.ADMIN)
        yield Office(exchange, ann, await staff(exchange, "bob", Role.ADMIN))


async def test_roles_are_given_and_taken_by_two(office: Office) -> None:
    """The role counts after the approval, not before; the record names both; no role that is none."""
    eve = await office.exchange.person("eve")
    user_id = await id_of(office.exchange, "eve")
    url = f"{PEOPLE}/{user_id}/roles/support"
    made = approval(await office.ann.put(url, json={"reason": "new_hire"}))
    assert (made["before"], made["after"]) == ({"roles": []}, {"roles": ["support"]})
    assert (await eve.get(PEOPLE)).status_code == 403
    assert (await approve(office.bob, made))["status"] == "done"
    assert (await eve.get(PEOPLE)).status_code == 200
    granted = (await records(office.bob, object=f"user:{user_id}", act="role.grant"))[-1]
    bob = await id_of(office.exchange, "bob")
    assert granted["actor"] == f"user:{await id_of(office.exchange, 'ann')}"
    assert granted["after"]["approved_by"] == [f"user:{bob}"]
    problem(await office.ann.put(url, json={"reason": "again"}), 409, "no_change")
    taken = approval(await office.bob.request("DELETE", url, json={"reason": "left"}))
    await approve(office.ann, taken)
    assert (await eve.get(PEOPLE)).status_code == 403
    for path in (f"{PEOPLE}/{user_id}/roles/owner", f"{PEOPLE}/{user_id}/roles/user"):
        problem(await office.ann.put(path, json={"reason": "why"}), 404, "not_found")
    problem(
        await office.ann.put(f"{PEOPLE}/999/roles/risk", json={"reason": "why"}), 404, "not_found"
    )


async def test_freezing_and_stopping_take_one_person_and_loosening_two(office: Office) -> None:
    """A frozen account, a halted market, the kill switch: at once. The way back: proposals."""
    fan = await office.exchange.trader("fan")
    account = await account_of(fan)
    url = f"/api/admin/accounts/{account}/status"
    why = {"reason": "court_order"}
    frozen = good(await office.ann.post(url, json={"status": "frozen", **why}))
    assert (frozen["before"], frozen["status"], frozen["approval"]) == ("open", "frozen", None)
    asked = good(await office.ann.post(url, json={"status": "open", **why}), 202)
    assert asked["status"] == "frozen"
    assert (await approve(office.bob, asked["approval"]))["status"] == "done"
    view = office.exchange.deps.live.account(account)
    assert view is not None
    assert view.status.name == "OPEN"
    market = f"/api/admin/markets/{MARKET}/status"
    for status in ("cancel_only", "halted"):
        stopped = good(await office.ann.post(market, json={"status": status, "reason": "incident"}))
        assert (stopped["market"]["status"], stopped["approval"]) == (status, None)
    opening = good(await office.ann.post(market, json={"status": "open", "reason": "over"}), 202)
    assert opening["market"]["status"] == "halted"
    assert (await approve(office.bob, opening["approval"]))["status"] == "done"
    again = await office.exchange.trader("fan2")
    await place(again, "buy", "1.0000", "1.00")
    kill = {"mode": "cancel_only", "reason": "incident"}
    good(await office.ann.post("/api/admin/kill-switch", json=kill))
    problem(
        await again.post("/api/orders", json=order("buy", "1.0000", "1.00")),
        400,
        "market_cancel_only",
    )


async def test_what_is_stopped_once_more_is_not_opened_by_an_older_proposal(office: Office) -> None:
    """Frozen, proposed to be opened, frozen again for another reason: that proposal is stale, a new one is not."""
    account = await account_of(await office.exchange.trader("fan"))
    at_account = f"/api/admin/accounts/{account}/status"
    at_market = f"/api/admin/markets/{MARKET}/status"
    for url, stop in ((at_account, "frozen"), (at_market, "halted")):
        good(await office.ann.post(url, json={"status": stop, "reason": "first"}))
        older = good(await office.ann.post(url, json={"status": "open", "reason": "over"}), 202)
        good(await office.bob.post(url, json={"status": stop, "reason": "second"}))
        failed = await approve(office.bob, older["approval"])
        assert (failed["status"], failed["outcome"]) == ("failed", "stale")
        newer = good(await office.ann.post(url, json={"status": "open", "reason": "over"}), 202)
        assert (await approve(office.bob, newer["approval"]))["status"] == "done"
    stopped = good(await office.ann.post(at_market, json={"status": "halted", "reason": "first"}))
    assert stopped["approval"] is None
    older = good(await office.ann.post(at_market, json={"status": "open", "reason": "over"}), 202)
    kill = {"mode": "halt", "reason": "incident"}
    good(await office.bob.post("/api/admin/kill-switch", json=kill))
    assert (await approve(office.bob, older["approval"]))["outcome"] == "stale"


async def test_limits_and_assigned_tiers_are_proposals(office: Office) -> None:
    """The bands, sizes and fees of others; what the engine would refuse is refused at once where we can tell."""
    fan = await office.exchange.trader("fan")
    url = f"/api/admin/markets/{MARKET}/limits"
    made = approval(await office.ann.post(url, json={"band_ppm": 50_000, "reason": "volatile"}))
    assert made["after"]["band_ppm"] == 50_000
    assert (await approve(office.bob, made))["status"] == "done"
    market = office.exchange.deps.catalog.markets_by_symbol[MARKET]
    assert market.band_ppm == 50_000
    beyond = market.format_quantity(market.max_quantity * 2)
    wrong = await office.ann.post(url, json={"min_quantity": beyond, "reason": "dust"})
    problem(wrong, 400, "invalid_request")
    await approve(office.bob, await office.tier())
    assign = f"/api/admin/accounts/{await account_of(fan)}/fee-tier"
    problem(
        await office.ann.post(assign, json={"fee_tier": 9, "reason": "vip"}),
        404,
        "fee_tier_not_found",
    )
    moved = approval(await office.ann.post(assign, json={"fee_tier": 7, "reason": "vip"}))
    assert (await approve(office.bob, moved))["status"] == "done"
    assert good(await fan.get("/api/account"))["fee_tier"] == 7


LISTING = {
    "base": "LUMEN",
    "quote": "NOVA",
    "tick_size": "0.01",
    "lot_size": "1",
    "min_quantity": "1",
    "max_quantity": "1000",
    "min_notional": "0.01",
    "reference_price": "1.50",
    "band_ppm": 200_000,
    "max_open_orders": 50,
    "reason": "demand",
}


async def test_a_market_is_listed_and_opened_by_two_proposals(office: Office) -> None:
    """Listed it is halted; opened it trades; what cannot be a market is refused before anybody sees it."""
    fan = await office.exchange.trader("fan")
    url = "/api/admin/markets"
    made = approval(await office.ann.post(url, json=LISTING))
    assert (made["before"], made["object"]) == ({}, "market:LUMEN-NOVA")
    assert (await approve(office.bob, made))["status"] == "done"
    listed = good(await office.ann.get(url))["markets"]
    (market,) = [each for each in listed if each["market"] == "LUMEN-NOVA"]
    for name in ("tick_size", "lot_size", "min_quantity", "reference_price"):
        assert Decimal(market[name]) == Decimal(str(LISTING[name]))
    assert (market["status"], market["price_band"]) == ("halted", "0.200000")
    status = f"{url}/LUMEN-NOVA/status"
    opening = good(await office.ann.post(status, json={"status": "open", "reason": "ready"}), 202)
    assert (await approve(office.bob, opening["approval"]))["status"] == "done"
    bid = {**order("buy", "1.50", "2"), "market": "LUMEN-NOVA"}
    assert good(await fan.post("/api/orders", json=bid), 201)["order"]["status"] == "open"
    problem(await office.ann.post(url, json=LISTING), 409, "market_exists")
    for wrong in (
        {"quote": "USDC"},
        {"tick_size": "0"},
        {"tick_size": "0.0000000000001"},
        {"lot_size": "0.000000001"},
        {"min_quantity": "1001"},
        {"reference_price": "1.505"},
        {"band_ppm": 0},
    ):
        other = {**LISTING, "base": "USDC", **wrong}
        problem(await office.ann.post(url, json=other), 400, "invalid_request")
    problem(await office.ann.post(url, json={**LISTING, "base": "NONE"}), 404, "asset_not_found")


async def test_house_money_moves_once_by_its_key(office: Office) -> None:
    """The same key is the same proposal; a lost answer is settled by sending the engine the same key again."""
    fan = await office.exchange.trader("fan")
    queue = office.exchange.queue
    await queue.submit(CreditDeposit(FEE_ACCOUNT, 1, 10**9, b"f" * 16))
    symbol = office.exchange.deps.catalog.assets[1].symbol
    account = await account_of(fan)
    asked = {
        "from_account_id": FEE_ACCOUNT,
        "to_account_id": account,
        "asset": symbol,
        "amount": "1",
        "reason": "refund",
    }
    key = {"idempotency-key": "refund-17"}
    url = "/api/admin/house/transfers"
    problem(await office.ann.post(url, json=asked), 400, "invalid_request")
    made = approval(await office.ann.post(url, json=asked, headers=key))
    again = approval(await office.ann.post(url, json=asked, headers=key))
    assert again["id"] == made["id"]
    other = await office.ann.post(url, json={**asked, "amount": "2"}, headers=key)
    problem(other, 409, "key_conflict")
    before = office.exchange.deps.live.balance(account, 1).available
    unit = 10 ** office.exchange.deps.catalog.assets[1].scale
    answers = queue.submit_batch
    lost: list[Any] = []

    async def lose_once(commands: Any) -> Any:
        applied = await answers(commands)
        if type(commands[0]).__name__ == "Transfer" and not lost:
            lost.append(commands)
            raise OutcomeUnknown("the connection broke")
        return applied

    queue.submit_batch = lose_once  # type: ignore[method-assign]  # the first answer is lost
    assert (await approve(office.bob, made))["status"] == "executing"
    await office.look()
    await office.look()
    assert (await office.now(made))[0] == "done"
    assert office.exchange.deps.live.balance(account, 1).available == before + unit
    taken = await office.ann.post(url, json={**asked, "from_account_id": account}, headers=key)
    problem(taken, 400, "invalid_request")
    much = {**asked, "amount": "1000000000"}
    poor = approval(await office.ann.post(url, json=much, headers={"idempotency-key": "2"}))
    failed = await approve(office.bob, poor)
    assert (failed["status"], failed["outcome"]) == ("failed", "insufficient_funds")
