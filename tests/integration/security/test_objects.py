"""Somebody else's object is 404, told alike with one that does not exist, and nothing of it changes: every route."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cse.adapters.sql.linked import SqlLinkedStore
from cse.gateway.http.operations import Operation, PathEndpoint
from cse.users.audit import Act, AuditAct, user_actor
from cse.users.linked.model import Proven, ProviderName
from tests.integration.http_exchange import (
    PASSWORD,
    HttpExchange,
    good,
    http_exchange,
    order,
    place,
    problem,
)
from tests.integration.identity.people import DATA, add, begin, picture, user_id
from tests.integration.sub_accounts.parts import acting, main_of, sub_account, transfer

SUBJECTS = {
    "/api/orders/{order_id}",
    "/api/orders/by-client-id/{client_order_id:path}",
    "/api/keys/{key_id}",
    "/api/keys/{key_id}/rotate",
    "/api/sessions/{session_id}",
    "/api/sub-accounts/{account_id}",
    "/api/sub-accounts/{account_id}/close",
    "/api/identities/{identity_id}",
    "/api/identity-checks/{check_id}",
    "/api/identity-checks/{check_id}/documents",
    "/api/identity-checks/{check_id}/submit",
    "/api/identity-checks/{check_id}/withdraw",
}
"""Paths that name something of somebody's and are tried here."""


@pytest.fixture
async def exchange(tmp_path: Path) -> AsyncIterator[HttpExchange]:
    async with http_exchange(tmp_path) as running:
        yield running


class Possessions:
    """What Bob has, and how it looks to him."""

    def __init__(self, bob: httpx.AsyncClient) -> None:
        self.bob = bob
        self.order_id = 0
        self.key_id = ""
        self.session_id = ""
        self.sub = 0
        self.identity_id = 0
        self.check_id = 0

    async def seen(self) -> dict[str, Any]:
        """Everything of his as he sees it."""
        views = (
            "orders fills balances ledger keys sub-accounts transfers identities identity-checks"
        )
        found = {name: good(await self.bob.get(f"/api/{name}")) for name in views.split()}
        sessions = good(await self.bob.get("/api/sessions"))["sessions"]
        return {**found, "sessions": sorted(each["id"] for each in sessions)}


async def possessions(exchange: HttpExchange) -> Possessions:
    bob = await exchange.trader("bob")
    his = Possessions(bob)
    placed = await place(bob, "buy", "1.2000", "5.00", client_order_id="bobs-own")
    his.order_id = placed["order"]["id"]
    asked = {"name": "bot", "kind": "hmac-sha256", "scopes": ["read"]}
    his.key_id = good(await bob.post("/api/keys", json=asked), 201)["key"]["id"]
    his.session_id = good(await bob.get("/api/sessions"))["sessions"][0]["id"]
    his.sub = await sub_account(bob, "bobs")
    good(await transfer(bob, await main_of(bob), his.sub, "5"), 201)
    his.check_id = await begin(bob)
    his.identity_id = await _link(exchange, await user_id(exchange, "bob"))
    return his


async def _link(exchange: HttpExchange, owner: int) -> int:
    """Link a channel as if a provider had said so (tests/integration/security/test_oauth.py has one that does)."""
    proven = Proven(ProviderName.YOUTUBE, "subject-of-bob", "Bob")
    act = AuditAct(act=Act.IDENTITY_LINKED, actor=user_actor(owner), object=user_actor(owner))
    linked = await SqlLinkedStore(exchange.engine).link(owner, proven, 1_700_000_000_000, act)
    return linked.identity_id


async def test_every_object_route_with_another_users_id_is_404_and_changes_nothing(
    exchange: HttpExchange,
) -> None:
    """Orders, keys, sessions, sub-accounts, identities and their checks: told alike with ids that nothing has."""
    his = await possessions(exchange)
    mallory = await exchange.trader("mallory")
    before = await his.seen()
    calls: list[tuple[str, str, str, str, Any]] = [
        ("GET", "/api/orders/{}", str(his.order_id), "999999", None),
        ("PATCH", "/api/orders/{}", str(his.order_id), "999999", {"price": "1.1000"}),
        ("DELETE", "/api/orders/{}", str(his.order_id), "999999", None),
        ("GET", "/api/orders/by-client-id/{}", "bobs-own", "nobodys", None),
        ("DELETE", "/api/keys/{}", his.key_id, "f" * 32, None),
        ("POST", "/api/keys/{}/rotate", his.key_id, "f" * 32, {}),
        ("DELETE", "/api/sessions/{}", his.session_id, "f" * 32, None),
        ("PATCH", "/api/sub-accounts/{}", str(his.sub), "999999", {"label": "mine"}),
        ("POST", "/api/sub-accounts/{}/close", str(his.sub), "999999", None),
        ("DELETE", "/api/identities/{}", str(his.identity_id), "999999", None),
        ("PUT", "/api/identity-checks/{}", str(his.check_id), "999999", {"data": DATA}),
        ("POST", "/api/identity-checks/{}/submit", str(his.check_id), "999999", None),
        ("POST", "/api/identity-checks/{}/withdraw", str(his.check_id), "999999", None),
    ]
    for method, path, theirs, nobodys, body in calls:
        told = []
        for object_id in (theirs, nobodys):
            answer = await mallory.request(method, path.format(object_id), json=body)
            assert answer.status_code == 404, (method, path, answer.text)
            document = answer.json()
            told.append({name: document[name] for name in ("code", "title", "detail", "fields")})
        assert told[0] == told[1], (method, path)
    answers = [
        await add(mallory, check, "identity_document", picture())
        for check in (his.check_id, 999_999)
    ]
    assert {(each.status_code, each.json()["detail"]) for each in answers} == {
        (404, answers[0].json()["detail"])
    }
    assert await his.seen() == before


async def test_orders_of_others_cannot_be_touched_in_a_batch(exchange: HttpExchange) -> None:
    """Each item is refused as if there were no such order."""
    his = await possessions(exchange)
    mallory = await exchange.trader("mallory")
    before = await his.seen()
    items = [
        {"op": "cancel", "order_id": his.order_id},
        {"op": "amend", "order_id": his.order_id, "price": "1.1000"},
        {"op": "cancel", "client_order_id": "bobs-own"},
    ]
    results = good(await mallory.post("/api/orders/batch", json={"items": items}))["results"]
    assert [each["problem"]["code"] for each in results] == ["order_not_found"] * 3
    assert await his.seen() == before


async def test_money_of_others_cannot_be_moved_or_seen(exchange: HttpExchange) -> None:
    """Transfers from and to somebody else's accounts, and every list on their account, are 404."""
    his = await possessions(exchange)
    mallory = await exchange.trader("mallory")
    before, hers, main = await his.seen(), await main_of(mallory), await main_of(his.bob)
    for n, (payer, receiver) in enumerate([(main, hers), (his.sub, hers), (hers, his.sub)]):
        answer = await transfer(mallory, payer, receiver, "1", key=f"k{n}")
        problem(answer, 404, "account_not_found")
    for account_id in (main, his.sub):
        for name in ("balances", "account", "orders", "fills", "ledger", "transfers"):
            answer = await mallory.get(f"/api/{name}", headers=acting(account_id))
            problem(answer, 404, "account_not_found")
    assert await his.seen() == before


async def test_the_header_opens_no_account_of_anybody_else_for_any_call(
    exchange: HttpExchange,
) -> None:
    """Every call that needs a log-in, with another person's accounts and with none: 404, and nothing changes."""
    his = await possessions(exchange)
    mallory = await exchange.trader("mallory")
    before, main = await his.seen(), await main_of(his.bob)
    body = order("buy", "1.2000", "1.00")
    for method, path in sorted(_calls_that_need_somebody(exchange)):
        for account_id in (main, his.sub, 999_999, 1):
            answer = await mallory.request(method, path, json=body, headers=acting(account_id))
            assert answer.status_code == 404, (method, path, answer.text)
    assert await his.seen() == before


def test_every_path_that_names_something_of_somebodys_is_decided_about(
    exchange_paths: set[str],
) -> None:
    """A new object route fails here until it is tried above, or is here with where it is tried."""
    elsewhere = {path for path in exchange_paths if path.startswith(ELSEWHERE)}
    assert exchange_paths - elsewhere == SUBJECTS


ELSEWHERE = ("/api/admin/", "/api/auth/passkeys/")
"""Staff's calls (test_permissions.py, test_approvals_http.py), and passkeys (test_passkeys_http.py)."""


@pytest.fixture
async def exchange_paths(exchange: HttpExchange) -> set[str]:
    return {
        operation.path
        for operation in _operations(exchange)
        if "{" in operation.path and operation.need.value != "public"
    }


def _operations(exchange: HttpExchange) -> list[Operation]:
    return [
        operation
        for route in exchange.app.app.router.routes
        if isinstance(endpoint := getattr(route, "app", None), PathEndpoint)
        for operation in endpoint.operations.values()
    ]


def _calls_that_need_somebody(exchange: HttpExchange) -> set[tuple[str, str]]:
    return {
        (operation.method, re.sub(r"\{[^}]*\}", "1", operation.path))
        for operation in _operations(exchange)
        if operation.need.value != "public"
    }


_HEADER = st.one_of(
    st.binary(min_size=0, max_size=40).filter(lambda raw: not {10, 13, 0} & set(raw)),
    st.integers(-(2**70), 2**70).map(lambda n: str(n).encode()),
    st.sampled_from(
        [b"1e3", b"0x3e8", b" 1000", b"1000 ", b"+1000", b"01000", b"1_000", b"1000.0"]
    ),
    st.sampled_from(
        [
            "\u0661\u0660\u0660\u0660".encode(),
            b"1000,1001",
            b"1000\t",
            b"null",
            b"*",
            b"' OR 1=1 --",
        ]
    ),
)


async def test_whatever_stands_in_the_header_opens_nothing(exchange: HttpExchange) -> None:
    """Only the exact digits of an account of one's own do; all else is 404, never a fault, never another account."""
    bob, mallory = await exchange.person("bob"), await exchange.person("mallory")
    await sub_account(bob)
    sub, main = await sub_account(mallory), await main_of(mallory)
    own = {str(sub).encode(): sub, str(main).encode(): main}

    examples: list[bytes] = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(raw=_HEADER)
    def gather(raw: bytes) -> None:
        examples.append(raw)

    gather()
    for raw in [*examples, *own]:
        answer = await mallory.get("/api/account", headers=[(b"x-cse-account", raw)])
        if raw in own:
            assert good(answer)["account_id"] == own[raw]
        else:
            problem(answer, 404, "account_not_found")


async def test_the_header_does_nothing_for_nobody(exchange: HttpExchange) -> None:
    """Without a log-in it is 401 as ever, and public calls do not look at it."""
    nobody = exchange.client(**acting(1_000))
    problem(await nobody.get("/api/account"), 401, "not_authenticated")
    good(await nobody.get("/api/markets"))
    who = {"email": "x@example.com", "password": PASSWORD}
    assert (await nobody.post("/api/auth/login", json=who)).status_code == 401
