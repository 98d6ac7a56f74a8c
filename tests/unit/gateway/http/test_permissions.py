"""Every call as every role, as nobody and with every set of scopes: docs/reference/permissions.md says who gets in."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from cse.gateway.http.access import Need
from cse.gateway.http.operations import Operation
from cse.gateway.http.permissions_page import operations_of, permission_of, permissions_page
from cse.users.authority import TABLE, Permission, Role
from cse.users.model import ALL_SCOPES
from tests.unit.gateway.world import World

PAGE = Path(__file__).parents[4] / "docs/reference/permissions.md"
ROLES = list(Role)
PERSON = dict(zip(ROLES, range(2_001, 2_001 + len(ROLES)), strict=True))


@pytest.fixture(scope="module")
def world() -> World:
    """One person for each role; making a gateway takes a while, and nothing here changes it."""
    return World()


async def give_roles(world: World) -> None:
    for role, user_id in PERSON.items():
        if role is not Role.USER:
            await world.authority.roles.grant(user_id, role, actor="system", reason="test")


def table() -> dict[tuple[str, str], list[bool]]:
    """The page's rows: (method, path) -> nobody and each role."""
    rows = re.findall(
        r"^\| `([A-Z]+) (\S+)` \| `[a-z._]+` \|(.*)\|$", PAGE.read_text(), re.MULTILINE
    )
    return {
        (method, path): [mark.strip() == "yes" for mark in marks.split("|")]
        for method, path, marks in rows
    }


async def status(world: World, operation: Operation, user_id: int | None) -> int:
    """The status of a call that is wrong in its shape: it changes nothing, and shows who gets that far."""
    return await raw_status(world, operation.method, operation.path, user_id)


async def raw_status(world: World, method: str, template: str, user_id: int | None) -> int:
    """The same by method and path, whoever serves it."""
    path = re.sub(r"\{[^}]*\}", "1", template)
    async with world.client(user_id) as client:
        answer = await client.request(method, f"{path}?no_such_parameter=1", content=b"no")
    return answer.status_code


async def test_every_call_as_every_role_and_as_nobody(world: World) -> None:
    """401 for nobody, 403 for whom the page gives nothing, neither of them for all others."""
    await give_roles(world)
    marks = table()
    for operation in operations_of(world.app.app.router.routes):
        nobody, *by_role = marks.pop((operation.method, operation.path))
        assert (await status(world, operation, None) != 401) is nobody, operation.path
        for role, may in zip(ROLES, by_role, strict=True):
            found = await status(world, operation, PERSON[role])
            assert (found not in {401, 403}) is may, (operation.method, operation.path, role, found)


async def test_every_call_of_fastapis_half_as_every_role_and_as_nobody(world: World) -> None:
    """Registering, logging in and their like ask nobody for a role; with it the page's rows are walked to the last."""
    await give_roles(world)
    lean = {(each.method, each.path) for each in operations_of(world.app.app.router.routes)}
    rest = {call: marks for call, marks in table().items() if call not in lean}
    assert ("POST", "/api/auth/login") in rest
    for (method, path), marks in sorted(rest.items()):
        assert all(marks), (method, path)
        for user_id in (None, *PERSON.values()):
            found = await raw_status(world, method, path, user_id)
            assert found not in {401, 403, 404, 405}, (method, path, user_id, found)


async def test_scopes_that_are_less_than_a_persons_open_less(world: World) -> None:
    """With an admin's roles: a log-in opens staff's calls only together with the scope that reading needs."""
    await give_roles(world)
    sets = [frozenset(each) for size in range(4) for each in combinations(sorted(ALL_SCOPES), size)]
    everybodys = world.authenticator.scopes
    for scopes in sets:
        world.authenticator.scopes = scopes
        for operation in operations_of(world.app.app.router.routes):
            found = await status(world, operation, PERSON[Role.ADMIN])
            may = operation.need is Need.NOBODY or operation.need.value in scopes
            assert (found != 403) is may, (operation.method, operation.path, scopes, found)
    world.authenticator.scopes = everybodys


def test_the_page_is_the_table_in_the_code(world: World) -> None:
    """`tools/write_reference.py` would write nothing else."""
    assert PAGE.read_text() == permissions_page(world.app.app.router.routes)


def test_staff_calls_are_never_open_by_omission(world: World) -> None:
    """Whatever lies under /api/admin names a permission that a plain user has not."""
    found = [
        o for o in operations_of(world.app.app.router.routes) if o.path.startswith("/api/admin")
    ]
    assert len(found) > 8
    for operation in found:
        assert operation.need is not Need.NOBODY
        assert permission_of(operation) in set(Permission) - TABLE[Role.USER]
