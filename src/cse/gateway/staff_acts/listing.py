"""A new market of two assets that are there. It begins halted: opening it is a proposal of its own."""

import msgspec

from cse.gateway.deps import GatewayDeps
from cse.gateway.present_market import MARKET_STATUSES
from cse.gateway.staff_acts.doing import apply, catch_up, text
from cse.gateway.staff_acts.markets import limits_of
from cse.messages.catalog import Catalog, Market
from cse.messages.commands import CreateMarket
from cse.users.approvals.ports import Executable, Execution
from cse.users.audit import Facts
from cse.users.authority import Permission


def market_listed(deps: GatewayDeps) -> Executable:
    """Wanted: the fields of `CreateMarket`. A market that is none yet shows as nothing."""

    async def now(wanted: Facts) -> Facts:
        await catch_up(deps)
        known = deps.catalog.markets_by_symbol.get(text(wanted, "symbol"))
        return {} if known is None else listing_of(known)

    async def execute(execution: Execution) -> None:
        await apply(deps, execution, msgspec.convert(dict(execution.wanted), CreateMarket))

    return Executable(Permission.MARKET_LIST, now, execute)


def listing_of(market: Market) -> Facts:
    """Return a market as it is listed, as people read it."""
    return {
        "market_id": market.market_id,
        "status": MARKET_STATUSES[market.status],
        "tick_size": market.format_price(1),
        "lot_size": market.format_quantity(1),
        "reference_price": market.format_price(market.reference_price),
        **limits_of(market),
    }


def as_market(command: CreateMarket, catalog: Catalog) -> Market:
    """Return the market that the command would make."""
    fields = msgspec.structs.asdict(command)
    base, quote = fields.pop("base_asset_id"), fields.pop("quote_asset_id")
    return Market(**fields, base=catalog.assets[base], quote=catalog.assets[quote], unit_notional=0)
