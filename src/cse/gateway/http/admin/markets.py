"""Staff list markets, halt and resume them, and change their limits."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import STATUSES, TAG, Reason, act_of, encode, market_named, told
from cse.gateway.http.operations import Call, Operation
from cse.gateway.market_schemas import MarketInfo
from cse.gateway.order_entry import Answer
from cse.gateway.order_requests import Price
from cse.gateway.present_market import market_json
from cse.gateway.requests import Amounts, decode
from cse.messages.catalog import Market
from cse.messages.commands import SetMarketStatus, UpdateMarket
from cse.messages.wire import MarketStatus
from cse.users.audit import Act, Facts
from cse.users.authority import Permission


class MarketsAnswer(msgspec.Struct, frozen=True):
    """Every market, closed ones too, by symbol: there are so few that they come in one page."""

    markets: list[MarketInfo]


class MarketAnswer(msgspec.Struct, frozen=True):
    """A market as it is now."""

    market: MarketInfo


class MarketStatusRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a market is to let people do."""

    status: Literal["open", "halted", "cancel_only"]
    reason: Reason


class LimitsRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A market's limits; what is not given stays."""

    reason: Reason
    min_quantity: Price | None = None
    max_quantity: Price | None = None
    min_notional: Price | None = None
    band_ppm: Annotated[int, Meta(ge=1, le=2**32 - 1)] | None = None
    """How far from the reference price an order may be priced, in parts per million."""
    max_open_orders: Annotated[int, Meta(ge=1, le=2**16 - 1)] | None = None
    """Per account."""


class MarketCalls:
    """Markets over HTTP, for staff."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read the catalog, act through the queue."""
        self._deps = deps

    async def markets(self, _call: Call) -> Answer:
        """Return every market with its status and limits."""
        markets = sorted(self._deps.catalog.markets.values(), key=lambda market: market.symbol)
        told_ = [market_json(market, self._deps.catalog) for market in markets]
        return Answer(200, encode(MarketsAnswer(told_)))

    async def set_status(self, call: Call) -> Answer:
        """Halt a market, let people only cancel, or resume trading."""
        asked = decode(MarketStatusRequest, call.body)
        market = market_named(self._deps, call.path["market"])
        act = act_of(
            call,
            Act.MARKET_STATUS_SET,
            f"market:{market.symbol}",
            before={"status": STATUSES[market.status]},
            after={"status": asked.status},
            reason=asked.reason,
        )
        status = MarketStatus[asked.status.upper()]
        await told(self._deps, act, SetMarketStatus(market.market_id, status))
        return self._now(market)

    async def set_limits(self, call: Call) -> Answer:
        """Change a market's limits. Orders that are in already stay."""
        asked = decode(LimitsRequest, call.body)
        market = market_named(self._deps, call.path["market"])
        command = _limits(asked, market)
        after = msgspec.structs.replace(market, **_changes(command))
        act = act_of(
            call,
            Act.MARKET_LIMITS_SET,
            f"market:{market.symbol}",
            before=_facts(market),
            after=_facts(after),
            reason=asked.reason,
        )
        await told(self._deps, act, command)
        return self._now(market)

    def _now(self, market: Market) -> Answer:
        catalog = self._deps.catalog
        return Answer(
            200, encode(MarketAnswer(market_json(catalog.markets[market.market_id], catalog)))
        )


def market_admin_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about markets."""
    calls = MarketCalls(deps)
    of_market: dict[str, Any] = {
        "need": Need.READ,
        "statuses": (404, 409),
        "parameters": {"market": {"type": "string", "maxLength": 33}},
    }
    return [
        Operation(
            "GET",
            "/api/admin/markets",
            calls.markets,
            "Markets as staff sees them",
            TAG,
            MarketsAnswer,
            Need.READ,
            permission=Permission.MARKET_READ,
        ),
        Operation(
            "POST",
            "/api/admin/markets/{market}/status",
            calls.set_status,
            "Halt, restrict or resume a market",
            TAG,
            MarketAnswer,
            body=MarketStatusRequest,
            permission=Permission.MARKET_STATUS,
            **of_market,
        ),
        Operation(
            "POST",
            "/api/admin/markets/{market}/limits",
            calls.set_limits,
            "Change a market's limits",
            TAG,
            MarketAnswer,
            body=LimitsRequest,
            permission=Permission.MARKET_LIMITS,
            **of_market,
        ),
    ]


def _limits(asked: LimitsRequest, market: Market) -> UpdateMarket:
    amounts = Amounts()
    min_quantity = amounts.quantity("min_quantity", asked.min_quantity, market)
    max_quantity = amounts.quantity("max_quantity", asked.max_quantity, market)
    min_notional = amounts.units("min_notional", asked.min_notional, market.quote)
    amounts.check()
    return UpdateMarket(
        market_id=market.market_id,
        min_quantity=min_quantity or market.min_quantity,
        max_quantity=max_quantity or market.max_quantity,
        min_notional=min_notional or market.min_notional,
        band_ppm=asked.band_ppm or market.band_ppm,
        max_open_orders=asked.max_open_orders or market.max_open_orders,
    )


def _changes(command: UpdateMarket) -> dict[str, int]:
    return {
        name: value
        for name, value in msgspec.structs.asdict(command).items()
        if name != "market_id"
    }


def _facts(market: Market) -> Facts:
    return {
        "min_quantity": market.format_quantity(market.min_quantity),
        "max_quantity": market.format_quantity(market.max_quantity),
        "min_notional": market.quote.format(market.min_notional),
        "band_ppm": market.band_ppm,
        "max_open_orders": market.max_open_orders,
    }
