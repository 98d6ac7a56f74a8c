"""Sub-accounts over HTTP: made, seen, renamed, closed; each with its own money, orders and fills."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.messages.commands import SetAccountFeeTier, SetAccountStatus, SetFeeTier
from cse.messages.wire import AccountStatus
from tests.integration.http_exchange import (
    HttpExchange,
    deposit,
    good,
    http_exchange,
    order,
    place,
    problem,
)
from tests.integration.sub_accounts.parts import acting, main_of, sub_account, transfer

SUBS = "/api/sub-accounts"


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


async def test_one_is_made_listed_renamed_and_closed(exchange: HttpExchange) -> None:
    """The whole life of one; closing it again answers the same, and its label is free then."""
    ada = await exchange.person("ada")
    made = good(await ada.post(SUBS, json={"label": "  hedge "}), 201)["sub_account"]
    assert made | {"account_id": 0, "created_at": 0} == {
        "account_id": 0,
        "label": "hedge",
        "status": "open",
        "created_at": 0,
    }
    one = f"{SUBS}/{made['account_id']}"
    assert good(await ada.get(SUBS)) == {"sub_accounts": [made], "next_cursor": None}
    problem(await ada.post(SUBS, json={"label": "hedge"}), 409, "label_taken")
    renamed = good(await ada.patch(one, json={"label": "carry"}))["sub_account"]
    assert renamed == made | {"label": "carry"}
    closed = good(await ada.post(one + "/close"))["sub_account"]
    assert closed == renamed | {"status": "closed"}
    assert good(await ada.post(one + "/close"))["sub_account"] == closed
    problem(await ada.patch(one, json={"label": "x"}), 404, "account_not_found")
    good(await ada.post(SUBS, json={"label": "carry"}), 201)


async def test_lists_are_paged(exchange: HttpExchange) -> None:
    """Walking pages gives each one once, oldest first; nobody else's are among them."""
    ada, bob = await exchange.person("ada"), await exchange.person("bob")
    ids = [await sub_account(ada, f"n{n}") for n in range(5)]
    await sub_account(bob)
    found, cursor = [], None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = good(await ada.get(SUBS, params=params))
        found += [each["account_id"] for each in page["sub_accounts"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert found == ids


async def test_orders_money_and_fills_are_the_chosen_accounts_own(exchange: HttpExchange) -> None:
    """What a log-in does with the header happens on the sub-account, and the first account does not see it."""
    ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
    main, sub = await main_of(ada), await sub_account(ada)
    good(await transfer(ada, main, sub, "500"), 201)
    on_sub = exchange.client(authorization=ada.headers["authorization"], **acting(sub))
    await place(bob, "sell", "1.2400", "4.00")
    placed = await place(on_sub, "buy", "1.2500", "10.00", client_order_id="mine")
    order_id = placed["order"]["id"]
    assert good(await on_sub.get("/api/account"))["account_id"] == sub
    assert [o["id"] for o in good(await on_sub.get("/api/orders"))["orders"]] == [order_id]
    assert len(good(await on_sub.get("/api/fills"))["fills"]) == 1
    assert good(await ada.get("/api/orders"))["orders"] == []
    assert good(await ada.get("/api/fills"))["fills"] == []
    problem(await ada.get(f"/api/orders/{order_id}"), 404, "order_not_found")
    problem(await ada.delete(f"/api/orders/{order_id}"), 404, "order_not_found")
    problem(await ada.get("/api/orders/by-client-id/mine"), 404, "order_not_found")
    assert good(await ada.delete("/api/orders"))["cancelled"] == 0
    preview = good(await on_sub.post("/api/orders/preview", json=order("buy", "1.2500", "1.00")))
    assert preview
    batch = {"items": [{"op": "place", **order("buy", "1.2000", "1.00")}]}
    good(await on_sub.post("/api/orders/batch", json=batch))
    good(await on_sub.post("/api/orders/cancel-after", json={"timeout_ms": 60_000}))
    assert good(await on_sub.get("/api/account"))["cancel_at"]
    assert good(await ada.get("/api/account"))["cancel_at"] is None
    assert {line["reason"] for line in good(await on_sub.get("/api/ledger"))["ledger"]} >= {
        "transfer",
        "trade",
    }
    good(await on_sub.delete(f"/api/orders/{order_id}"))


async def test_only_an_empty_one_is_closed_and_a_frozen_one_by_staff_alone(
    exchange: HttpExchange,
) -> None:
    """Money or an order keeps it open; so does a freeze, whatever is on it."""
    ada = await exchange.trader("ada")
    main, sub = await main_of(ada), await sub_account(ada)
    good(await transfer(ada, main, sub, "5"), 201)
    problem(await ada.post(f"{SUBS}/{sub}/close"), 409, "account_not_empty")
    good(await transfer(ada, sub, main, "5", key="back"), 201)
    await exchange.queue.submit(SetAccountStatus(sub, AccountStatus.FROZEN))
    problem(await ada.post(f"{SUBS}/{sub}/close"), 403, "account_frozen")
    assert good(await ada.get(SUBS))["sub_accounts"][0]["status"] == "frozen"
    good(await ada.get("/api/account")), "its owner stays logged in"
    await exchange.queue.submit(SetAccountStatus(sub, AccountStatus.OPEN))
    good(await ada.post(f"{SUBS}/{sub}/close"))
    problem(await transfer(ada, main, sub, "1", key="late"), 403, "account_closed")


async def test_one_that_the_engine_closed_and_nobody_noted_is_closed_by_closing_it_again(
    exchange: HttpExchange,
) -> None:
    """The crash between the engine and the database."""
    ada = await exchange.person("ada")
    sub = await sub_account(ada)
    exchange.queue.after = OutcomeUnknown("gone midway")
    problem(await ada.post(f"{SUBS}/{sub}/close"), 503, "outcome_unknown")
    exchange.queue.after = None
    assert good(await ada.post(f"{SUBS}/{sub}/close"))["sub_account"]["status"] == "closed"


async def test_one_that_could_not_be_opened_is_opened_later(exchange: HttpExchange) -> None:
    """The engine is away: it is there, `opening`, cannot be acted on, and opens with the outbox."""
    ada = await exchange.person("ada")
    exchange.queue.before = Unavailable("the engine is away")
    made = good(await ada.post(SUBS, json={"label": "later"}), 201)["sub_account"]
    exchange.queue.before = None
    assert made["status"] == "opening"
    header = acting(made["account_id"])
    problem(await ada.get("/api/balances", headers=header), 404, "account_not_found")
    problem(await ada.post(f"{SUBS}/{made['account_id']}/close"), 503, "unavailable")
    opener = exchange.people.service._opener  # as its loop does every ten seconds
    await opener.resend_outbox(everything=True)
    sub_accounts = exchange.deps.concerns.sub_accounts
    assert sub_accounts is not None
    await sub_accounts.ownership.read()
    assert good(await ada.get(SUBS))["sub_accounts"][0]["status"] == "open"
    assert good(await ada.get("/api/balances", headers=header))["balances"] == []


async def test_a_gateway_that_did_not_hear_of_it_reads_it_in_sql(exchange: HttpExchange) -> None:
    """Whose it is stands there; the bus is for speed (tests/unit/users/sub_accounts)."""
    sub_accounts = exchange.deps.concerns.sub_accounts
    assert sub_accounts is not None
    owners = sub_accounts.ownership
    ada = await exchange.person("ada")
    sub = await sub_account(ada)
    user_id = owners.owner_of(sub)
    owners._owners.clear()  # as a process that has not heard of it
    await owners.read()
    assert owners.owner_of(sub) == user_id


async def test_no_more_are_made_than_allowed(exchange: HttpExchange) -> None:
    """Twenty at once is the setting's default; the next one is told so."""
    ada = await exchange.person("ada")
    for n in range(20):
        await sub_account(ada, f"n{n}")
    problem(await ada.post(SUBS, json={"label": "more"}), 409, "too_many_sub_accounts")


async def test_one_pays_by_the_fee_tier_of_its_owners_first_account(exchange: HttpExchange) -> None:
    """As it is when it is made."""
    ada = await exchange.person("ada")
    await exchange.queue.submit(SetFeeTier(7, 100, 200))
    await exchange.queue.submit(SetAccountFeeTier(await main_of(ada), 7))
    sub = await sub_account(ada)
    assert good(await ada.get("/api/account", headers=acting(sub)))["fee_tier"] == 7


async def test_play_money_goes_to_the_chosen_account(exchange: HttpExchange) -> None:
    """And the same idempotency key of another account is another deposit."""
    ada = await exchange.person("ada")
    sub = await sub_account(ada)
    on_sub = exchange.client(authorization=ada.headers["authorization"], **acting(sub))
    await deposit(ada, "USDC", "3")
    await deposit(on_sub, "USDC", "3")
    assert good(await on_sub.get("/api/balances")) == good(await ada.get("/api/balances"))


@pytest.mark.parametrize("label", ["", "   ", "x" * 33, "a\u202eb", "a\nb", 7, None])
async def test_labels_that_cannot_be_shown_are_refused(
    exchange: HttpExchange, label: object
) -> None:
    """400 names the field, and nothing is made."""
    ada = await exchange.person("ada")
    answer = await ada.post(SUBS, json={"label": label})
    assert "label" in problem(answer, 400, "invalid_request")["fields"]
    assert good(await ada.get(SUBS))["sub_accounts"] == []
