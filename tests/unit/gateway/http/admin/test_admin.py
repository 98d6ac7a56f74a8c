"""The admin API: acts are recorded with what was and is before they are done; what cannot be recorded is not done."""

import csv
import json
from io import StringIO
from typing import Any

import httpx
import pytest
from prometheus_client import Gauge

from cse.core.errors import Unavailable
from cse.messages.commands import SetMarketStatus
from cse.messages.wire import AccountStatus, MarketStatus
from cse.users.authority import Role
from cse.users.people_search import Person
from tests.unit.gateway.world import ANN, BOB, MARKET, World


class Trusting:
    """Stands for the user service: every session has proved itself."""

    def __init__(self) -> None:
        self.step_ups = self

    async def require(self, _user_id: int, _session_id: str) -> None:
        """Let it through."""


@pytest.fixture
async def world() -> World:
    """Ann is an admin; Bob is nobody special."""
    made = World()
    made.deps.users = Trusting()  # type: ignore[assignment]  # the one part that these calls use
    await made.authority.roles.grant(ANN, Role.ADMIN, actor="system", reason="first_admin")
    made.trail.acts.clear()
    return made


def good(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def status(world: World, symbol: str = MARKET) -> MarketStatus:
    return world.catalog.markets_by_symbol[symbol].status


async def test_an_account_is_frozen_at_once_with_a_reason(world: World) -> None:
    """The engine has it, the answer says before and after, and so does the record."""
    async with world.client() as ann:
        url = f"/api/admin/accounts/{BOB}/status"
        frozen = good(await ann.post(url, json={"status": "frozen", "reason": "court_order"}))
        told = {"account_id": BOB, "before": "open", "status": "frozen", "approval": None}
        assert frozen == told
        view = world.live.account(BOB)
        assert view is not None
        assert view.status is AccountStatus.FROZEN
        gone = await ann.post(
            "/api/admin/accounts/9999/status", json={"status": "open", "reason": "why"}
        )
        assert gone.status_code == 404
    (first,) = world.trail.acts
    assert (first.act, first.actor, first.object) == (
        "account.set_status",
        f"user:{ANN}",
        f"account:{BOB}",
    )
    assert (first.before, first.after) == ({"status": "open"}, {"status": "frozen"})
    assert first.reason == "court_order"
    assert first.session_id == f"session-{ANN}"
    assert first.ip == "127.0.0.1"


@pytest.mark.parametrize("reason", ["", "x", "Court", "court order", "a" * 65, "=cmd()", None, 5])
async def test_a_reason_is_a_code_and_required(world: World, reason: object) -> None:
    """Free text, formulas and nothing are refused, and nothing is done."""
    async with world.client() as ann:
        for url, body in (
            (f"/api/admin/accounts/{BOB}/status", {"status": "frozen"}),
            (f"/api/admin/markets/{MARKET}/status", {"status": "halted"}),
            ("/api/admin/kill-switch", {"mode": "halt"}),
            ("/api/admin/fee-tiers/1", {"maker_ppm": 1, "taker_ppm": 1}),
        ):
            call = ann.put if "fee-tiers" in url else ann.post
            for given in ({**body, "reason": reason}, body):
                answer = await call(url, json=given)
                assert answer.status_code == 400, answer.text
                assert "reason" in answer.json()["fields"]
    assert not world.trail.acts
    assert status(world) is MarketStatus.OPEN


async def test_a_market_is_stopped_at_once_and_never_loosened_that_way(world: World) -> None:
    """Each step is in the engine and in the log; a market that is none is 404; loosening needs the approvals."""
    async with world.client() as ann:
        url = f"/api/admin/markets/{MARKET}/status"
        for wanted in ("cancel_only", "halted", "halted"):
            told = good(await ann.post(url, json={"status": wanted, "reason": "incident"}))
            assert told["market"]["status"] == wanted
            assert status(world).name.lower() == wanted
        for wanted in ("cancel_only", "open"):
            away = await ann.post(url, json={"status": wanted, "reason": "incident"})
            assert away.status_code == 503  # approvals are not served in this world
        nowhere = await ann.post(
            "/api/admin/markets/X-Y/status", json={"status": "open", "reason": "why"}
        )
        assert nowhere.status_code == 404
        closed = await ann.post(url, json={"status": "closed", "reason": "why"})
        assert closed.status_code == 400
        market = world.catalog.markets_by_symbol[MARKET]
        world.queue.apply(SetMarketStatus(market.market_id, MarketStatus.CLOSED))
        over = await ann.post(url, json={"status": "halted", "reason": "why"})
        assert over.json()["code"] == "market_closed"
        listed = good(await ann.get("/api/admin/markets"))["markets"]
        assert [market["market"] for market in listed] == sorted(world.catalog.markets_by_symbol)
    assert [act.after["status"] for act in world.trail.acts] == ["cancel_only", "halted", "halted"]


async def test_the_kill_switch_stops_one_market_or_all_and_loosens_none(world: World) -> None:
    """All go to cancel_only but the halted one; then all are halted; orders are refused at once."""
    symbols = sorted(world.catalog.markets_by_symbol)
    async with world.client() as ann:
        one = good(
            await ann.post(
                "/api/admin/kill-switch",
                json={"mode": "halt", "market": MARKET, "reason": "incident"},
            )
        )
        assert one["markets"] == [{"market": MARKET, "before": "open", "status": "halted"}]
        every = good(
            await ann.post(
                "/api/admin/kill-switch", json={"mode": "cancel_only", "reason": "incident"}
            )
        )
        assert [told["market"] for told in every["markets"]] == symbols
        for told in every["markets"]:
            assert told["status"] == ("halted" if told["market"] == MARKET else "cancel_only")
        good(await ann.post("/api/admin/kill-switch", json={"mode": "halt", "reason": "incident"}))
        assert {status(world, symbol) for symbol in symbols} == {MarketStatus.HALTED}
        order = {
            "market": MARKET,
            "side": "buy",
            "type": "limit",
            "price": "1.2500",
            "quantity": "1.00",
        }
        refused = await ann.post("/api/orders", json=order)
        assert refused.json()["code"] == "market_halted"
    assert {act.act for act in world.trail.acts} == {"market.kill_switch"}
    assert len(world.trail.acts) == 1 + 2 * len(symbols)


async def test_what_cannot_be_recorded_is_not_done_but_the_kill_switch_works(world: World) -> None:
    """With the audit log away acts are refused whole; stopping the market is not."""
    world.trail.fails = Unavailable("the audit log's database is out of reach")
    before = world.queue.engine.sequence
    async with world.client() as ann:
        for url, body in (
            (f"/api/admin/accounts/{BOB}/status", {"status": "frozen", "reason": "why"}),
            (f"/api/admin/markets/{MARKET}/status", {"status": "halted", "reason": "why"}),
        ):
            assert (await ann.post(url, json=body)).status_code == 503
        assert (await ann.get("/api/admin/audit")).status_code == 503
        assert world.queue.engine.sequence == before
        good(await ann.post("/api/admin/kill-switch", json={"mode": "halt", "reason": "incident"}))
    assert status(world) is MarketStatus.HALTED


async def test_people_are_found_and_paged(world: World) -> None:
    """By how the address or handle begins, or by account; with the account's standing."""
    world.authority.people.people = [  # type: ignore[attr-defined]  # the list of these tests
        Person(number, f"p{number}@example.com", f"p{number}", account, 1, [])
        for number, account in ((1, ANN), (2, BOB), (3, 5_000))
    ]
    async with world.client() as ann:
        page = good(await ann.get("/api/admin/users?limit=2"))
        assert [person["user_id"] for person in page["people"]] == [1, 2]
        assert page["people"][0]["status"] == "open"
        rest = good(await ann.get(f"/api/admin/users?limit=2&cursor={page['next_cursor']}"))
        assert [person["status"] for person in rest["people"]] == [None]
        assert rest["next_cursor"] is None
        found = good(await ann.get(f"/api/admin/users?account_id={BOB}"))["people"]
        assert [person["handle"] for person in found] == ["p2"]
        found = good(await ann.get("/api/admin/users?email=p3@"))["people"]
        assert [person["handle"] for person in found] == ["p3"]
        assert (await ann.get("/api/admin/users?role=admin")).status_code == 400


async def test_the_audit_log_is_searched_and_says_so(world: World) -> None:
    """Filtered and paged, newest first; the search itself is recorded once."""
    async with world.client() as ann:
        url = f"/api/admin/markets/{MARKET}/status"
        for wanted in ("cancel_only", "halted", "halted"):
            good(await ann.post(url, json={"status": wanted, "reason": "incident"}))
        query = f"/api/admin/audit?object=market:{MARKET}&limit=2"
        page = good(await ann.get(query))
        assert [record["after"] for record in page["records"]] == [
            {"status": "halted"},
            {"status": "halted"},
        ]
        rest = good(await ann.get(f"{query}&cursor={page['next_cursor']}"))
        assert [record["number"] for record in rest["records"]] == [1]
        assert (await ann.get("/api/admin/audit?act=nothing.like_it")).status_code == 400
        assert (await ann.get("/api/admin/audit?from_ms=-1")).status_code == 400
        for found, where in ((3, f"session_id=session-{ANN}"), (0, "ip=203.0.113.9")):
            page = good(await ann.get(f"/api/admin/audit?object=market:{MARKET}&{where}"))
            assert len(page["records"]) == found
    read = [act for act in world.trail.acts if act.act == "audit.read"]
    assert [act.after["object"] for act in read] == 3 * [f"market:{MARKET}"]
    assert read[1].after["session_id"] == f"session-{ANN}"


async def test_the_audit_log_is_exported_in_pages_oldest_first(world: World) -> None:
    """As CSV and as JSON lines, the same records; that it was exported is recorded once an export."""
    async with world.client() as ann:
        url = f"/api/admin/markets/{MARKET}/status"
        for wanted in ("cancel_only", "halted", "halted"):
            good(await ann.post(url, json={"status": wanted, "reason": "incident"}))
        first = await ann.get("/api/admin/audit/export.csv?limit=2")
        assert first.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(StringIO(first.text)))
        assert [row["number"] for row in rows] == ["1", "2"]
        assert json.loads(rows[0]["after"]) == {"status": "cancel_only"}
        cursor = first.headers["next-cursor"]
        rest = await ann.get(f"/api/admin/audit/export.csv?limit=2&cursor={cursor}")
        assert [row["number"] for row in csv.DictReader(StringIO(rest.text))] == ["3", "4"]
        assert "next-cursor" not in rest.headers
        lines = await ann.get("/api/admin/audit/export.ndjson")
        assert lines.headers["content-type"] == "application/x-ndjson"
        records = [json.loads(line) for line in lines.text.splitlines()]
        assert [record["act"] for record in records] == 3 * ["market.set_status"] + 2 * [
            "audit.export"
        ]
        assert records[3]["after"] == {"format": "csv"}


async def test_system_says_where_the_journal_is_and_how_far_history_lags(world: World) -> None:
    """Also while history cannot be asked."""
    async with world.client() as ann:
        told = good(await ann.get("/api/admin/system"))
        assert told["sequence"] == world.live.sequence
        assert told["history_lag"] == 0
        world.history.failure = Unavailable("away")
        told = good(await ann.get("/api/admin/system"))
        assert told["history_lag"] is None
        assert not told["dependencies"]["history"]["ok"]


async def test_system_says_how_much_waits_in_each_queue_that_this_process_has(world: World) -> None:
    """By what waits, read from the metrics; a process without a publisher names none."""
    gauge = Gauge("cse_engine_waiting_commands", "Of a test.", registry=world.deps.registry)
    gauge.set(17)
    async with world.client() as ann:
        told = good(await ann.get("/api/admin/system"))
    assert told["waiting"] == {"engine_commands": 17}


async def test_a_role_that_is_taken_away_opens_nothing_any_more(world: World) -> None:
    """The same token: 200, then 403 with the next request."""
    async with world.client() as ann:
        good(await ann.get("/api/admin/markets"))
        await world.authority.roles.revoke(ANN, Role.ADMIN, actor="system", reason="left")
        refused = await ann.get("/api/admin/markets")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_a_deposit_of_play_money_is_recorded_and_goes_on_without_the_log(
    world: World,
) -> None:
    """Who, what and how much; with the audit log away the journal alone has it."""
    body = {"asset": "USDC", "amount": "5"}
    async with world.client(BOB) as bob:
        done = await bob.post("/api/sandbox/deposits", json=body, headers={"idempotency-key": "1"})
        assert done.status_code == 201
        world.trail.fails = Unavailable("away")
        done = await bob.post("/api/sandbox/deposits", json=body, headers={"idempotency-key": "2"})
        assert done.status_code == 201
    (act,) = world.trail.acts
    assert (act.act, act.actor, act.object) == (
        "money.sandbox_deposit",
        f"user:{BOB}",
        f"account:{BOB}",
    )
    assert act.after["asset"] == "USDC"
