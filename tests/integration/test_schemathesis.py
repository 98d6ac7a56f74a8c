"""Schemathesis drives every call that the OpenAPI document describes, with and without a login.

No input that it can think of may give a 5xx, an undocumented status or content type, or an answer that
is not what the document says; what the document forbids must be refused.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from cse.users.authority import Role
from tests.integration.http_server import Served, served_exchange
from tests.unit.gateway.world import World

STAFF = (Role.CREATOR, Role.SUPPORT, Role.RISK, Role.FINANCE, Role.ADMIN)
EXCLUDED = [positive_data_acceptance]
"""Good shapes may be refused: there may be no such cursor, no money, a password that anybody would guess."""
schemathesis.serializer.alias(
    "application/pdf", "application/octet-stream"
)  # bytes, as it sends pictures


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served_exchange(tmp_path_factory.mktemp("exchange"), STAFF) as running:
        yield running


REAL: dict[str, list[Any]] = {
    "market": ["NOVA-USDC", "LUMEN-USDC", "NO-SUCH"],
    "asset": ["USDC", "NOVA", "NONE"],
    "price": ["1.2000", "1.2500", "1.3000", "0", "1.25001"],
    "trigger_price": ["1.1000", "1.4000"],
    "quantity": ["1.00", "25.00", "0", "0.001", "99999999999"],
    "quote_quantity": ["5.000000", "0.1"],
    "amount": ["10", "0.000001", "0.0000001"],
    "order_id": list(range(1, 12)),
    "client_order_id": ["a", "b", "c/d", "sp ace"],
}
"""What makes random requests meet what is there; tests of shapes alone would never place an order."""


def _meeting(part: Any) -> Any:
    """The document, with values that exist (and some that do not) where names and amounts go."""
    if isinstance(part, list):
        return [_meeting(each) for each in part]
    if not isinstance(part, dict):
        return part
    if "in" in part and part.get("name") in REAL:
        return {**part, "schema": {"enum": REAL[part["name"]]}}
    return {name: _meeting(value) for name, value in part.items()}


def _document() -> dict[str, Any]:
    document: dict[str, Any] = _meeting(World().app.app.openapi())
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Request") or name.startswith("Batch"):
            for field in REAL.keys() & schema.get("properties", {}).keys():
                nullable = "null" in str(schema["properties"][field])
                values = [*REAL[field], None] if nullable else REAL[field]
                schema["properties"][field] = {"enum": values}
    return document


schema = schemathesis.openapi.from_dict(_document())
_REJECTED = schema.config.checks.negative_data_rejection
_REJECTED.expected_statuses = [*_REJECTED.expected_statuses, "414"]  # a query of 8 KiB is one
examples = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schema.parametrize()
@examples
def test_every_call_without_a_login(case: schemathesis.Case, served: Served) -> None:
    """Whoever is not logged in gets what is public, and 401 for the rest, always as documented."""
    case.call_and_validate(base_url=served.url, excluded_checks=EXCLUDED)


@schema.parametrize()
@examples
def test_every_call_with_a_login(case: schemathesis.Case, served: Served) -> None:
    """A trader with money gets what is documented, whatever is asked."""
    headers = {"Authorization": f"Bearer {served.token}"}
    case.call_and_validate(base_url=served.url, headers=headers, excluded_checks=EXCLUDED)


staff = schema.include(path_regex="^/api/admin")
few = settings(examples, max_examples=2)


@staff.parametrize()
@few
def test_every_call_of_staff_with_each_role(case: schemathesis.Case, served: Served) -> None:
    """Creator, support, risk, finance and admin each get what is documented: an answer, or a 403, never a fault."""
    for role in STAFF:
        headers = {"Authorization": f"Bearer {served.staff[role.value]}"}
        case.call_and_validate(base_url=served.url, headers=headers, excluded_checks=EXCLUDED)
