"""Every route with every set of scopes: a key may call what the table says, and nothing else."""

import re
from itertools import combinations

import pytest

from cse.gateway.http.access import Need
from cse.gateway.http.key_scopes import KEY_SCOPES, scope_for
from cse.gateway.http.operations import Operation, PathEndpoint
from cse.users.model import ALL_SCOPES
from tests.unit.gateway.signing import Caller, SignedBench, program

CLOSED = ("/api/keys", "/api/auth", "/api/admin", "/api/sessions", "/api/sub-accounts")
SUB = 5_000
"""A sub-account of user 1."""
TRANSFERS = ("POST", "/api/transfers")
SETS = [
    frozenset(chosen) for size in (1, 2, 3) for chosen in combinations(sorted(ALL_SCOPES), size)
]


def operations(bench: SignedBench) -> list[Operation]:
    return [
        operation._replace(method=method)
        for route in bench.app.app.router.routes
        if isinstance(endpoint := getattr(route, "app", None), PathEndpoint)
        for method, operation in endpoint.operations.items()
    ]


@pytest.fixture
async def bench() -> SignedBench:
    made = SignedBench()
    await made.start()
    return made


async def test_every_route_with_every_set_of_scopes(bench: SignedBench) -> None:
    """403 unless the table gives the route a scope that the key has; what needs nobody is open to everybody."""
    caller, at_ms = Caller(bench), bench.people.clock.now_ms()
    for scopes in SETS:
        bot = await program(bench, scopes=sorted(scopes))
        for operation in operations(bench):
            target = re.sub(r"\{[^}]*\}", "1", operation.path)
            answer = await caller.send(bot, operation.method, target, at_ms=at_ms)
            needed = scope_for(operation.method, operation.path)
            admitted = operation.need is Need.NOBODY or needed in scopes
            what = (operation.method, operation.path, sorted(scopes), answer.status_code)
            assert (answer.status_code == 403) is not admitted, what
            assert answer.status_code != 401, what
            at_ms -= 1 if at_ms > bench.people.clock.now_ms() - 4_000 else -4_000


async def test_every_route_with_a_key_of_a_sub_account(bench: SignedBench) -> None:
    """The same table, but no transfers: such a key acts on its own account, and never beyond it."""
    bench.people.api_keys.sub_accounts[SUB] = 1
    caller, at_ms = Caller(bench), bench.people.clock.now_ms()
    for scopes in SETS:
        bot = await program(bench, scopes=sorted(scopes), sub_account_id=SUB)
        for operation in operations(bench):
            target = re.sub(r"\{[^}]*\}", "1", operation.path)
            at_ms -= 1 if at_ms > bench.people.clock.now_ms() - 4_000 else -4_000
            answer = await caller.send(bot, operation.method, target, at_ms=at_ms)
            needed = scope_for(operation.method, operation.path)
            admitted = operation.need is Need.NOBODY or needed in scopes
            admitted = admitted and (operation.method, operation.path) != TRANSFERS
            what = (operation.method, operation.path, sorted(scopes), answer.status_code)
            assert (answer.status_code == 403) is not admitted, what
            assert answer.status_code != 401, what


async def test_every_route_with_a_key_that_names_an_account(bench: SignedBench) -> None:
    """Its own changes nothing; any other opens nothing, whatever the scopes, and nobody learns which there are."""
    bench.people.api_keys.sub_accounts[SUB] = 1
    caller, at_ms = Caller(bench), bench.people.clock.now_ms()
    of_main = await program(bench)
    of_sub = await program(bench, sub_account_id=SUB)
    for bot, own in ((of_main, 1_000), (of_sub, SUB)):
        for operation in operations(bench):
            if operation.need is Need.NOBODY:
                continue
            target = re.sub(r"\{[^}]*\}", "1", operation.path)
            for named in {"1000", "1001", str(SUB), "999999", "x", ""} - {str(own)}:
                at_ms -= 1 if at_ms > bench.people.clock.now_ms() - 4_000 else -4_000
                answer = await caller.send(
                    bot, operation.method, target, at_ms=at_ms, extra={"X-CSE-ACCOUNT": named}
                )
                assert answer.status_code == 403, (operation.method, operation.path, named)
        at_ms -= 1 if at_ms > bench.people.clock.now_ms() - 4_000 else -4_000
        extra = {"X-CSE-ACCOUNT": str(own)}
        answer = await caller.send(bot, "GET", "/api/balances", at_ms=at_ms, extra=extra)
        assert answer.status_code == 200, answer.text


def test_the_table_names_routes_that_are_there_and_asks_no_less_of_keys(bench: SignedBench) -> None:
    """Each entry is a route, and its scope is what a log-in needs for it."""
    needs = {(each.method, each.path): each.need for each in operations(bench)}
    assert KEY_SCOPES.keys() <= needs.keys()
    for route, scope in KEY_SCOPES.items():
        assert needs[route] == scope


def test_what_changes_who_gets_in_is_closed_to_keys(bench: SignedBench) -> None:
    """No key makes, deletes or rotates keys, and none reaches what is staff's or a person's own security."""
    for operation in operations(bench):
        if operation.path.startswith(CLOSED):
            assert scope_for(operation.method, operation.path) is None
