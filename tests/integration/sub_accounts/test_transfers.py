"""Transfers between own accounts over HTTP: exactly once per key, never beyond what is there, listed, recorded."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cse.core.errors import OutcomeUnknown, Unavailable
from cse.messages.commands import SetAccountStatus
from cse.messages.wire import AccountStatus
from cse.users.audit_log import AuditFilter
from tests.integration.http_exchange import HttpExchange, good, http_exchange, problem
from tests.integration.sub_accounts.parts import acting, available, main_of, sub_account, transfer


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


async def test_money_moves_once_per_key(exchange: HttpExchange) -> None:
    """The same again answers the same and moves nothing; another amount, or the way back, is 409."""
    ada = await exchange.trader("ada", usdc="100", nova="1")
    main, sub = await main_of(ada), await sub_account(ada)
    first = good(await transfer(ada, main, sub, "12.5"), 201)
    assert first == {
        "from_account_id": main,
        "to_account_id": sub,
        "asset": "USDC",
        "amount": "12.500000",
        "from_balance": {"asset": "USDC", "available": "87.500000", "held": "0.000000"},
        "to_balance": {"asset": "USDC", "available": "12.500000", "held": "0.000000"},
    }
    again = await transfer(ada, main, sub, "12.5")
    assert good(again) == first
    assert again.headers["idempotent-replayed"] == "true"
    problem(await transfer(ada, main, sub, "13"), 409, "key_conflict")
    problem(await transfer(ada, sub, main, "12.5"), 409, "key_conflict")
    assert await available(ada, sub) == "12.500000"


async def test_a_hundred_at_once_with_one_key_move_money_once(exchange: HttpExchange) -> None:
    """Whoever comes first moves it; the others are told that it was done."""
    ada = await exchange.trader("ada", usdc="100", nova="1")
    main, sub = await main_of(ada), await sub_account(ada)
    answers = await asyncio.gather(*(transfer(ada, main, sub, "7") for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [200] * 99 + [201]
    assert (await available(ada, main), await available(ada, sub)) == ("93.000000", "7.000000")


async def test_a_transfer_whose_answer_got_lost_is_safe_to_repeat(exchange: HttpExchange) -> None:
    """After `outcome_unknown` the same key gives the outcome; what was never handed in is made then."""
    ada = await exchange.trader("ada", usdc="100", nova="1")
    main, sub = await main_of(ada), await sub_account(ada)
    exchange.queue.after = OutcomeUnknown("the disk failed midway")
    problem(await transfer(ada, main, sub, "5"), 503, "outcome_unknown")
    exchange.queue.after = None
    assert good(await transfer(ada, main, sub, "5"))["to_balance"]["available"] == "5.000000"
    exchange.queue.before = Unavailable("the engine is away")
    problem(await transfer(ada, main, sub, "6", key="k2"), 503, "unavailable")
    exchange.queue.before = None
    good(await transfer(ada, main, sub, "6", key="k2"), 201)
    assert await available(ada, sub) == "11.000000"


async def test_every_way_between_own_accounts_and_none_to_another_person(
    exchange: HttpExchange,
) -> None:
    """Main to sub, sub to sub, sub to main; to, from and between others' accounts is 404 whether they exist or not."""
    ada, bob = await exchange.trader("ada", usdc="100"), await exchange.trader("bob", usdc="100")
    main, one, two = await main_of(ada), await sub_account(ada, "1"), await sub_account(ada, "2")
    bobs, bobs_sub = await main_of(bob), await sub_account(bob)
    good(await transfer(ada, main, one, "10", key="a"), 201)
    good(await transfer(ada, one, two, "10", key="b"), 201)
    good(await transfer(ada, two, main, "10", key="c"), 201)
    foreign = [(main, bobs), (bobs, main), (main, bobs_sub), (bobs_sub, one), (bobs, bobs_sub)]
    details = set()
    for n, (from_id, to_id) in enumerate([*foreign, (main, 999_999), (999_999, main), (1, main)]):
        answer = await transfer(ada, from_id, to_id, "1", key=f"f{n}")
        details.add(problem(answer, 404, "account_not_found")["detail"])
    assert len(details) == 1, "told alike"
    for client, account_id in ((ada, main), (bob, bobs)):
        assert await available(client, account_id) == "100.000000"


async def test_what_cannot_be_moved_is_refused_and_nothing_moves(exchange: HttpExchange) -> None:
    """More than is available, to itself, nothing, no such asset, too many decimals, no key, numbers for text."""
    ada = await exchange.trader("ada", usdc="100", nova="1")
    main, sub = await main_of(ada), await sub_account(ada)
    problem(await transfer(ada, main, sub, "100.000001", key="a"), 400, "insufficient_funds")
    problem(await transfer(ada, main, main, "1", key="b"), 400, "invalid_request")
    problem(await transfer(ada, main, sub, "0", key="c"), 400, "invalid_request")
    problem(await transfer(ada, main, sub, "-1", key="d"), 400, "invalid_request")
    problem(await transfer(ada, main, sub, "0.0000001", key="e"), 400, "invalid_request")
    problem(await transfer(ada, main, sub, "1", key="f", asset="NONE"), 404, "asset_not_found")
    body = {"from_account_id": main, "to_account_id": sub, "asset": "USDC", "amount": "1"}
    problem(await ada.post("/api/transfers", json=body), 400, "invalid_request")
    key = {"idempotency-key": "g"}
    for wrong in ({"amount": 1}, {"more": 1}, {"from_account_id": str(main)}, {"to_account_id": 0}):
        answer = await ada.post("/api/transfers", json=body | wrong, headers=key)
        problem(answer, 400, "invalid_request")
    assert await available(ada, main) == "100.000000"
    assert await available(ada, sub) == "0"


async def test_a_frozen_account_pays_nothing_and_may_receive(exchange: HttpExchange) -> None:
    """As the engine says of all money."""
    ada = await exchange.trader("ada", usdc="100", nova="1")
    main, sub = await main_of(ada), await sub_account(ada)
    good(await transfer(ada, main, sub, "10"), 201)
    await exchange.queue.submit(SetAccountStatus(sub, AccountStatus.FROZEN))
    problem(await transfer(ada, sub, main, "1", key="out"), 403, "account_frozen")
    good(await transfer(ada, main, sub, "1", key="in"), 201)


async def test_transfers_are_listed_by_both_accounts_newest_first(exchange: HttpExchange) -> None:
    """Each page by page, once each, with both sides; other movements of money are not among them."""
    ada = await exchange.trader("ada", usdc="100", nova="1")
    main, one, two = await main_of(ada), await sub_account(ada, "1"), await sub_account(ada, "2")
    good(await transfer(ada, main, one, "3", key="a"), 201)
    good(await transfer(ada, one, two, "2", key="b"), 201)
    good(await transfer(ada, one, main, "1", key="c"), 201)
    found, cursor = [], None
    while True:
        params = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = good(await ada.get("/api/transfers", params=params, headers=acting(one)))
        found += page["transfers"]
        if (cursor := page["next_cursor"]) is None:
            break
    sides = [(t["from_account_id"], t["to_account_id"], t["amount"]) for t in found]
    assert sides == [(one, main, "1.000000"), (one, two, "2.000000"), (main, one, "3.000000")]
    of_main = good(await ada.get("/api/transfers"))["transfers"]
    assert [t["sequence"] for t in of_main] == [found[0]["sequence"], found[2]["sequence"]]
    lines = good(await ada.get("/api/ledger", headers=acting(one)))["ledger"]
    assert [line["sequence"] for line in lines] == [t["sequence"] for t in found]


async def test_each_is_recorded_before_it_is_made(exchange: HttpExchange) -> None:
    """Who moved what, from where, to where."""
    ada = await exchange.trader("ada", usdc="100", nova="1")
    main, sub = await main_of(ada), await sub_account(ada)
    good(await transfer(ada, main, sub, "3"), 201)
    log = exchange.deps.authority.log
    [record] = await log.search(AuditFilter(act="money.transfer"), before=None, limit=9)
    assert (record.actor, record.object) == ("user:1", f"account:{main}")
    assert record.after == f'{{"amount":"3.000000","asset":"USDC","to":"account:{sub}"}}'
