"""Staff lists markets, stops them, and proposes to resume them and to change their limits."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import STATUSES, TAG, Reason, act_of, encode, market_named, told
from cse.gateway.http.admin.proposing import (
    PROPOSED,
    ApprovalAnswer,
    ApprovalJson,
    Wanted,
    approval_json,
    propose,
    proposed,
)
from cse.gateway.http.operations import Call, Operation
from cse.gateway.http.step_up import require_step_up
from cse.gateway.market_schemas import MarketInfo
from cse.gateway.order_entry import Answer
from cse.gateway.order_requests import Price
from cse.gateway.present_market import market_json
from cse.gateway.problems import from_reject_code, invalid
from cse.gateway.requests import Amounts, decode
from cse.gateway.staff_acts.markets import limits_of
from cse.messages.catalog import Market
from cse.messages.commands import SetMarketStatus, UpdateMarket
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import MarketStatus
from cse.users.approvals.model import Approval
from cse.users.audit import Act
from cse.users.authority import Permission

MAX_BAND_PPM: Final = 1_000_000_000
"""The most that the engine takes: a thousandfold."""
_ALLOWS: Final = {
    MarketStatus.CLOSED: 0,
    MarketStatus.HALTED: 1,
    MarketStatus.CANCEL_ONLY: 2,
    MarketStatus.OPEN: 3,
}
"""The higher, the more people may do."""


class MarketsAnswer(msgspec.Struct, frozen=True):
    """Every market, closed ones too, by symbol: there are so few that they come in one page."""

    markets: list[MarketInfo]


class MarketAnswer(msgspec.Struct, frozen=True):
    """A market as it is now."""

    market: MarketInfo
    approval: ApprovalJson | None
    """The proposal to let people do more; null: it was done at once."""


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
    band_ppm: Annotated[int, Meta(ge=1, le=MAX_BAND_PPM)] | None = None
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
        """Halt a market or let people only cancel, at once; whatever lets them do more is a proposal (202).

        That needs a session that proved itself lately, too; stopping does not: it must be quick.
        """
        asked = decode(MarketStatusRequest, call.body)
        market = market_named(self._deps, call.path["market"])
        if market.status is MarketStatus.CLOSED:
            raise from_reject_code(RejectCode.MARKET_CLOSED)
        status = MarketStatus[asked.status.upper()]
        if _ALLOWS[status] > _ALLOWS[market.status]:
            return await self._propose_opening(call, asked, market)
        act = act_of(
            call,
            Act.MARKET_STATUS_SET,
            f"market:{market.symbol}",
            before={"status": STATUSES[market.status]},
            after={"status": asked.status},
            reason=asked.reason,
        )
        await told(self._deps, act, SetMarketStatus(market.market_id, status))
        return self._now(market, None)

    async def _propose_opening(
        self, call: Call, asked: MarketStatusRequest, market: Market
    ) -> Answer:
        await require_step_up(call, self._deps.users.step_ups)
        wanted = Wanted(
            act=Act.MARKET_STATUS_SET,
            object=f"market:{market.symbol}",
            wanted={"market_id": market.market_id, "status": asked.status},
            after={"status": asked.status},
            reason=asked.reason,
        )
        return self._now(market, await proposed(self._deps, call, wanted))

    async def set_limits(self, call: Call) -> Answer:
        """Propose other limits for a market. Orders that are in already stay."""
        asked = decode(LimitsRequest, call.body)
        market = market_named(self._deps, call.path["market"])
        command = _limits(asked, market)
        changes = msgspec.structs.asdict(command)
        after = msgspec.structs.replace(market, **changes)
        if after.min_quantity > after.max_quantity:
            raise invalid({"min_quantity": "is more than max_quantity"})
        wanted = Wanted(
            act=Act.MARKET_LIMITS_SET,
            object=f"market:{market.symbol}",
            wanted=changes,
            after=limits_of(after),
            reason=asked.reason,
        )
        return await propose(self._deps, call, wanted)

    def _now(self, market: Market, approval: Approval | None) -> Answer:
        catalog = self._deps.catalog
        shown = market_json(catalog.markets[market.market_id], catalog)
        told_ = MarketAnswer(shown, approval_json(approval) if approval else None)
        return Answer(PROPOSED if approval else 200, encode(told_))


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
            "Halt or restrict a market; propose to resume it",
            TAG,
            MarketAnswer,
            also={PROPOSED: "It would let people do more than now: proposed."},
            body=MarketStatusRequest,
            permission=Permission.MARKET_STATUS,
            **of_market,
        ),
        Operation(
            "POST",
            "/api/admin/markets/{market}/limits",
            calls.set_limits,
            "Propose other limits for a market",
            TAG,
            ApprovalAnswer,
            status=PROPOSED,
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
