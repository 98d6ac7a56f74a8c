"""The table of who may make which call (docs/reference/permissions.md), made from the calls themselves."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from starlette.routing import BaseRoute

from cse.gateway.http.access import Need
from cse.gateway.http.operations import Operation, PathEndpoint
from cse.users.authority import TABLE, Permission, Role, permissions_of

PUBLIC: Final = "public"
_OWN: Final = {Need.READ: Permission.OWN_READ, Need.TRADE: Permission.OWN_TRADE}
_HEAD: Final = """# Who may call what

Made from the calls and the table in [`cse.users.authority`](../../src/cse/users/authority.py) by
`tools/write_reference.py`; a test makes every call as every role and compares. Everybody who is registered is a `user`;
the other roles are given by `cse admin grant`. What is not in the table is nobody's. Calls that need a staff permission
take a person's log-in, never an API key.
"""


class Line(NamedTuple):
    """One call and what it needs."""

    method: str
    path: str
    permission: str


def operations_of(routes: Sequence[BaseRoute]) -> list[Operation]:
    """Return the lean calls behind an application's routes."""
    return [
        operation
        for route in routes
        if isinstance(endpoint := getattr(route, "app", None), PathEndpoint)
        for method, operation in endpoint.operations.items()
        if method == operation.method
    ]


def permission_of(operation: Operation) -> str:
    """Return what a call needs; `public`: nothing."""
    needed = operation.permission or _OWN.get(operation.need)
    return PUBLIC if needed is None else needed.value


def roles_with(permission: str) -> list[Role]:
    """Return the roles that have a permission; of what is public, all."""
    return [role for role in Role if permission == PUBLIC or permission in TABLE[role]]


def permissions_page(routes: Sequence[BaseRoute]) -> str:
    """Return the page for an application's routes."""
    lines = [Line(o.method, o.path, permission_of(o)) for o in operations_of(routes)]
    known = {(line.method, line.path) for line in lines}
    lines += [line for line in _control_lines(routes) if (line.method, line.path) not in known]
    parts = [_HEAD, "## Roles\n", *_role_rows(), "\n## Calls\n", *_call_rows(lines)]
    return "\n".join(parts) + "\n"


def _control_lines(routes: Iterable[BaseRoute]) -> list[Line]:
    """Return FastAPI's routes and pages: they ask for no role (log-out takes the session that it ends)."""
    return [
        Line(method, route.path, PUBLIC)
        for route in _flat(routes)
        if hasattr(route, "path") and not isinstance(getattr(route, "app", None), PathEndpoint)
        for method in sorted((getattr(route, "methods", None) or set()) - {"HEAD", "OPTIONS"})
    ]


def _flat(routes: Iterable[BaseRoute]) -> Iterable[BaseRoute]:
    """Yield single routes: FastAPI keeps those of a router together behind one."""
    for route in routes:
        router = getattr(route, "original_router", None)
        yield from (route,) if router is None else router.routes


def _role_rows() -> list[str]:
    rows = ["| Permission | " + " | ".join(Role) + " |", "|---" * (len(Role) + 1) + "|"]
    for permission in Permission:
        marks = ["yes" if permission in permissions_of([role]) else "" for role in Role]
        rows.append(f"| `{permission.value}` | " + " | ".join(marks) + " |")
    return rows


def _call_rows(lines: Iterable[Line]) -> list[str]:
    rows = ["| Call | Needs | Nobody | " + " | ".join(Role) + " |", "|---" * (len(Role) + 3) + "|"]
    for line in sorted(lines, key=lambda each: (each.path, each.method)):
        having = roles_with(line.permission)
        marks = ["yes" if line.permission == PUBLIC else ""]
        marks += ["yes" if role in having else "" for role in Role]
        rows.append(
            f"| `{line.method} {line.path}` | `{line.permission}` | " + " | ".join(marks) + " |"
        )
    return rows
