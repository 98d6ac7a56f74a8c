"""Orders over HTTP, on a real engine: what goes in comes out as the contract says, and exactly once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cse.core.errors import OutcomeUnknown, Unavailable
from tests.integration.http_exchange import (
    MARKET,
    HttpExchange,
    good,
    http_exchange,
    order,
    place,
    problem,
)


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


async def test_an_order_is_answered_as_it_stands_after_matching(exchange: HttpExchange) -> None:
    """The taker's answer shows its fills, fee and what rests; the maker finds its own side of the trade."""
    ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
    sold = await place(bob, "sell", "1.2400", "4.00", client_order_id="b-1")
    bought = await place(ada, "buy", "1.2500", "10.00", client_order_id="a-1")
    assert bought["order"] == {
        "id": sold["order"]["id"] + 1,
        "client_order_id": "a-1",
        "market": MARKET,
        "side": "buy",
        "type": "limit",
        "time_in_force": "gtc",
        "post_only": False,
        "self_trade_prevention": "expire_maker",
        "status": "partially_filled",
        "reason": None,
        "price": "1.2500",
        "trigger_price": None,
        "quantity": "10.00",
        "quote_quantity": None,
        "filled_quantity": "4.00",
        "remaining_quantity": "6.00",
        "average_price": "1.2400",
        "quote_filled": "4.960000",
        "expires_at": None,
        "created_at": bought["order"]["created_at"],
        "updated_at": bought["order"]["created_at"],
    }
    assert bought["fills"] == [
        {
            "trade_id": 1,
            "price": "1.2400",
            "quantity": "4.00",
            "fee": "0.008000",
            "fee_asset": "NOVA",
            "liquidity": "taker",
            "time": bought["order"]["created_at"],
        }
    ]
    makers = good(await bob.get(f"/api/orders/{sold['order']['id']}"))
    assert (makers["order"]["status"], makers["order"]["reason"]) == ("filled", "filled")
    assert (makers["fills"][0]["liquidity"], makers["fills"][0]["fee"]) == ("maker", "0.004960")


async def test_a_repeated_client_order_id_places_one_order(exchange: HttpExchange) -> None:
    """The same body again answers 200 with the first order as it stands; another body is a conflict."""
    ada = await exchange.trader("ada")
    body = order("buy", "1.2000", "10.00", client_order_id="once")
    first = good(await ada.post("/api/orders", json=body), 201)
    again = await ada.post("/api/orders", json=body)
    assert good(again) == first
    assert again.headers["idempotent-replayed"] == "true"
    other = await ada.post("/api/orders", json={**body, "quantity": "11.00"})
    problem(other, 409, "duplicate_client_order_id")
    assert len(good(await ada.get("/api/orders"))["orders"]) == 1


async def test_an_answer_that_got_lost_is_found_by_client_order_id(exchange: HttpExchange) -> None:
    """`outcome_unknown` is a retryable 503; the order is there, and sending it again does not double it."""
    ada = await exchange.trader("ada")
    exchange.queue.after = OutcomeUnknown("the connection to the engine broke")
    body = order("buy", "1.2000", "10.00", client_order_id="lost/1")
    lost = problem(await ada.post("/api/orders", json=body), 503, "outcome_unknown")
    assert lost["retryable"] is True
    assert "client_order_id" in lost["detail"]
    exchange.queue.after = None
    found = good(await ada.get("/api/orders/by-client-id/lost/1"))
    assert found["order"]["status"] == "open"
    assert good(await ada.post("/api/orders", json=body)) == found


async def test_an_exchange_that_takes_no_commands_says_so(exchange: HttpExchange) -> None:
    """Unavailable is a retryable 503 with Retry-After; reading goes on and nothing was done."""
    ada = await exchange.trader("ada")
    exchange.queue.before = Unavailable("the journal is read-only")
    refused = await ada.post("/api/orders", json=order("buy", "1.2000", "10.00"))
    assert problem(refused, 503, "unavailable")["retryable"] is True
    assert refused.headers["retry-after"] == "1"
    assert good(await ada.get("/api/orders"))["orders"] == []


async def test_cancel_answers_with_the_order_and_only_once(exchange: HttpExchange) -> None:
    """Cancelling shows the cancelled order; a second time is 409, and the money is available again."""
    ada = await exchange.trader("ada")
    order_id = (await place(ada, "buy", "1.2000", "10.00"))["order"]["id"]
    cancelled = good(await ada.delete(f"/api/orders/{order_id}"))["order"]
    assert (cancelled["status"], cancelled["reason"]) == ("cancelled", "cancelled")
    problem(await ada.delete(f"/api/orders/{order_id}"), 409, "order_closed")
    balances = good(await ada.get("/api/balances"))["balances"]
    assert {"asset": "USDC", "available": "100000.000000", "held": "0.000000"} in balances


async def test_amending_changes_terms_and_may_trade(exchange: HttpExchange) -> None:
    """PATCH changes what it names; a new price that crosses trades, and the answer shows the fill."""
    ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
    await place(bob, "sell", "1.2600", "3.00")
    order_id = (await place(ada, "buy", "1.2000", "10.00"))["order"]["id"]
    path = f"/api/orders/{order_id}"
    smaller = good(await ada.patch(path, json={"quantity": "8.00"}))["order"]
    assert (smaller["quantity"], smaller["price"]) == ("8.00", "1.2000")
    moved = good(await ada.patch(path, json={"price": "1.2600"}))
    assert moved["order"]["filled_quantity"] == "3.00"
    assert [fill["price"] for fill in moved["fills"]] == ["1.2600"]
    problem(await ada.patch(path, json={"quantity": "3.00"}), 409, "quantity_below_filled")
    problem(await ada.patch(path, json={}), 400, "invalid_request")


async def test_cancel_all_is_by_market_or_of_everything(exchange: HttpExchange) -> None:
    """DELETE /api/orders says how many and which orders it cancelled."""
    ada = await exchange.trader("ada")
    one = (await place(ada, "buy", "1.2000", "10.00"))["order"]["id"]
    two = (await place(ada, "buy", "0.4000", "10.00", market="LUMEN-USDC"))["order"]["id"]
    answer = good(await ada.delete("/api/orders", params={"market": MARKET}))
    assert answer == {"cancelled": 1, "order_ids": [one]}
    assert good(await ada.delete("/api/orders")) == {"cancelled": 1, "order_ids": [two]}
    assert good(await ada.delete("/api/orders")) == {"cancelled": 0, "order_ids": []}
    problem(await ada.delete("/api/orders", params={"market": "NO-SUCH"}), 404, "market_not_found")


async def test_others_objects_do_not_exist(exchange: HttpExchange) -> None:
    """Reading, amending or cancelling somebody else's order is the same 404 as one that never was."""
    ada, eve = await exchange.trader("ada"), await exchange.trader("eve")
    order_id = (await place(ada, "buy", "1.2000", "10.00", client_order_id="mine"))["order"]["id"]
    answers = [
        await eve.get(f"/api/orders/{order_id}"),
        await eve.get("/api/orders/999999"),
        await eve.get("/api/orders/by-client-id/mine"),
        await eve.delete(f"/api/orders/{order_id}"),
        await eve.patch(f"/api/orders/{order_id}", json={"quantity": "1.00"}),
    ]
    details = {problem(answer, 404, "order_not_found")["detail"] for answer in answers}
    assert len(details) == 1
    assert good(await ada.get(f"/api/orders/{order_id}"))["order"]["status"] == "open"


async def test_a_batch_is_answered_item_by_item(exchange: HttpExchange) -> None:
    """Good items are applied in their order, bad ones are refused for themselves, names work within a batch."""
    ada = await exchange.trader("ada")
    items = [
        {"op": "place", **order("buy", "1.2000", "10.00", client_order_id="one")},
        {"op": "place", **order("buy", "1.2000", "ten")},
        {"op": "amend", "client_order_id": "one", "quantity": "9.00"},
        {"op": "cancel", "client_order_id": "one"},
        {"op": "cancel", "order_id": 999_999},
        {"op": "dance"},
        {"op": "place", **order("buy", "1.2000", "9999999999.00")},
    ]
    results = good(await ada.post("/api/orders/batch", json={"items": items}))["results"]
    assert [result["status"] for result in results] == [201, 400, 200, 200, 404, 400, 400]
    assert results[1]["problem"]["fields"].keys() == {"quantity"}
    assert results[3]["order"]["status"] == "cancelled"
    assert results[6]["problem"]["code"] == "quantity_too_large"
    too_many = {"items": [items[3]] * 51}
    assert (
        "items"
        in problem(await ada.post("/api/orders/batch", json=too_many), 400, "invalid_request")[
            "fields"
        ]
    )


async def test_cancel_after_arms_and_disarms(exchange: HttpExchange) -> None:
    """The dead-man switch answers when it fires; the account shows it; 0 disarms it."""
    ada = await exchange.trader("ada")
    armed = good(await ada.post("/api/orders/cancel-after", json={"timeout_ms": 60_000}))
    now = good(await ada.get("/api/time"))["time"]
    assert now < armed["cancel_at"] <= now + 60_000
    assert good(await ada.get("/api/account"))["cancel_at"] == armed["cancel_at"]
    off = good(await ada.post("/api/orders/cancel-after", json={"timeout_ms": 0}))
    assert off == {"cancel_at": None}
    too_long = await ada.post("/api/orders/cancel-after", json={"timeout_ms": 86_400_001})
    problem(too_long, 400, "invalid_request")


async def test_a_preview_says_what_placing_then_does(exchange: HttpExchange) -> None:
    """Against an unchanged book the estimate is the outcome, and asking places nothing."""
    ada, bob = await exchange.trader("ada"), await exchange.trader("bob")
    await place(bob, "sell", "1.2400", "4.00")
    await place(bob, "sell", "1.2600", "4.00")
    body = order("buy", None, "6.00", type="market")
    told = good(await ada.post("/api/orders/preview", json=body))
    assert good(await ada.get("/api/orders", params={"status": "all"}))["orders"] == []
    done = good(await ada.post("/api/orders", json=body), 201)["order"]
    assert told["average_price"] == done["average_price"] == "1.2467"
    assert told["quote_amount"] == done["quote_filled"] == "7.480000"
    assert (told["filled_quantity"], told["worst_price"]) == ("6.00", "1.2600")
    assert (told["receives"], told["fee"], told["fee_asset"]) == ("5.988000", "0.012000", "NOVA")
    assert (told["hold_asset"], told["enough_funds"]) == ("USDC", True)
    poor = good(await ada.post("/api/orders/preview", json=order("buy", "1.2000", "1000000.00")))
    assert (poor["enough_funds"], poor["filled_quantity"]) == (False, "0.00")


async def test_refusals_say_what_is_needed(exchange: HttpExchange) -> None:
    """The engine's refusals come with the limit, the field, and how much money is missing."""
    ada = await exchange.trader("ada", usdc="100")
    poor = await ada.post("/api/orders", json=order("buy", "1.2500", "100.00"))
    assert problem(poor, 400, "insufficient_funds")["detail"] == (
        "Not enough USDC: you have 100.000000 available, this needs 125.000000."
    )
    small = problem(
        await ada.post("/api/orders", json=order("buy", "1.2500", "0.01")),
        400,
        "quantity_too_small",
    )
    assert small["fields"] == {"quantity": "must be at least 0.10 NOVA"}
    far = await ada.post("/api/orders", json=order("buy", "9.0000", "1.00"))
    assert problem(far, 400, "price_out_of_band")["fields"].keys() == {"price"}


async def test_lists_page_without_holes_or_doubles(exchange: HttpExchange) -> None:
    """Walking pages of own orders of every status gives each order once, the newest first."""
    ada = await exchange.trader("ada")
    ids = [(await place(ada, "buy", "1.2000", "1.00"))["order"]["id"] for _ in range(7)]
    for order_id in ids[::2]:
        good(await ada.delete(f"/api/orders/{order_id}"))
    for status, expected in (("all", ids), ("open", ids[1::2]), ("closed", ids[::2])):
        seen: list[int] = []
        cursor: str | None = None
        while True:
            params = {"status": status, "limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = good(await ada.get("/api/orders", params=params))
            seen += [each["id"] for each in page["orders"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == expected[::-1], status


async def test_while_history_is_behind_nothing_is_said_not_to_exist(exchange: HttpExchange) -> None:
    """Open orders come from memory; lists of the past and unknown ids are a retryable 503, no false 404."""
    exchange.deps.gate._wait_ms = 50
    ada = await exchange.trader("ada")
    exchange.feed.open.clear()
    kept = (await place(ada, "buy", "1.2000", "1.00"))["order"]["id"]
    gone = (await place(ada, "buy", "1.2000", "1.00"))["order"]["id"]
    good(await ada.delete(f"/api/orders/{gone}"))
    assert [each["id"] for each in good(await ada.get("/api/orders"))["orders"]] == [kept]
    assert good(await ada.get(f"/api/orders/{gone}"))["order"]["status"] == "cancelled"
    for path in ("/api/orders?status=closed", "/api/fills", "/api/ledger", "/api/orders/424242"):
        behind = problem(await ada.get(path), 503, "history_behind")
        assert behind["retryable"] is True
    exchange.feed.open.set()
    exchange.deps.gate._wait_ms = 60_000
    problem(await ada.get("/api/orders/424242"), 404, "order_not_found")
    assert len(good(await ada.get("/api/orders?status=closed"))["orders"]) == 1
