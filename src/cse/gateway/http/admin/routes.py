"""All calls of the admin API."""

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.admin.audit import audit_operations
from cse.gateway.http.admin.fees import fee_operations
from cse.gateway.http.admin.kill_switch import kill_operations
from cse.gateway.http.admin.markets import market_admin_operations
from cse.gateway.http.admin.people import people_operations
from cse.gateway.http.admin.system import system_operations
from cse.gateway.http.operations import Operation


def admin_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls of staff; each has a permission of its own."""
    return [
        *people_operations(deps),
        *market_admin_operations(deps),
        *kill_operations(deps),
        *fee_operations(deps),
        *audit_operations(deps),
        *system_operations(deps),
    ]
