"""Markets: opened, and their limits changed."""

import msgspec

from cse.gateway.deps import GatewayDeps
from cse.gateway.present_market import MARKET_STATUSES
from cse.gateway.staff_acts.doing import apply, catch_up, number, refuse_if_stopped_again, text
from cse.messages.catalog import Market
from cse.messages.commands import SetMarketStatus, UpdateMarket
from cse.messages.wire import MarketStatus
from cse.users.approvals.errors import ActRefused
from cse.users.approvals.ports import Executable, Execution
from cse.users.audit import Act, Facts
from cse.users.authority import Permission


def market_status_set(deps: GatewayDeps) -> Executable:
    """Wanted: `market_id`, `status`."""

    async def now(wanted: Facts) -> Facts:
        return {"status": MARKET_STATUSES[(await _market_now(deps, wanted)).status]}

    async def execute(execution: Execution) -> None:
        wanted = execution.wanted
        status = MarketStatus[text(wanted, "status").upper()]
        await refuse_if_stopped_again(deps, execution, Act.MARKET_STATUS_SET, Act.KILL_SWITCH)
        await apply(deps, execution, SetMarketStatus(number(wanted, "market_id"), status))

    return Executable(Permission.MARKET_STATUS, now, execute)


def market_limits_set(deps: GatewayDeps) -> Executable:
    """Wanted: the fields of `UpdateMarket`."""

    async def now(wanted: Facts) -> Facts:
        return limits_of(await _market_now(deps, wanted))

    async def execute(execution: Execution) -> None:
        command = msgspec.convert(dict(execution.wanted), UpdateMarket)
        await apply(deps, execution, command)

    return Executable(Permission.MARKET_LIMITS, now, execute)


def limits_of(market: Market) -> Facts:
    """Return a market's limits as people read them."""
    return {
        "min_quantity": market.format_quantity(market.min_quantity),
        "max_quantity": market.format_quantity(market.max_quantity),
        "min_notional": market.quote.format(market.min_notional),
        "band_ppm": market.band_ppm,
        "max_open_orders": market.max_open_orders,
    }


async def _market_now(deps: GatewayDeps, wanted: Facts) -> Market:
    await catch_up(deps)
    market = deps.catalog.markets.get(number(wanted, "market_id"))
    if market is None:
        raise ActRefused("market_not_found")
    return market
