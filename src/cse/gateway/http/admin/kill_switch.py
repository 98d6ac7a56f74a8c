"""The kill switch: one market or all stop at once. It must work on the worst day, so it acts first and records after.

It never loosens: a closed market stays closed, and a halted one halted when only `cancel_only` is asked for.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.admin.acts import STATUSES, TAG, Reason, act_of, encode, market_named
from cse.gateway.http.operations import Call, Operation
from cse.gateway.order_entry import Answer
from cse.gateway.problems import from_rejected
from cse.gateway.requests import decode
from cse.messages.catalog import Market
from cse.messages.commands import SetMarketStatus
from cse.messages.events import Rejected
from cse.messages.wire import MarketStatus
from cse.users.audit import Act, record_if_possible
from cse.users.authority import Permission

_STOPPED = {
    MarketStatus.HALTED: {MarketStatus.HALTED, MarketStatus.CLOSED},
    MarketStatus.CANCEL_ONLY: {
        MarketStatus.CANCEL_ONLY,
        MarketStatus.HALTED,
        MarketStatus.CLOSED,
    },
}


class KillRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to stop."""

    mode: Literal["cancel_only", "halt"]
    reason: Reason
    market: Annotated[str, Meta(max_length=33)] | None = None
    """None: all markets."""


class Stopped(msgspec.Struct, frozen=True):
    """What became of a market."""

    market: str
    before: str
    status: str


class KillAnswer(msgspec.Struct, frozen=True):
    """Every market that was asked for, by symbol; those that were stopped already are among them."""

    markets: list[Stopped]


class KillCalls:
    """The kill switch over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Act through the queue."""
        self._deps = deps

    async def kill(self, call: Call) -> Answer:
        """Stop one market or all at once: no new orders, or (halt) no cancels either. Resuming is per market."""
        asked = decode(KillRequest, call.body)
        status = MarketStatus.HALTED if asked.mode == "halt" else MarketStatus.CANCEL_ONLY
        markets = self._markets(asked.market)
        going = [market for market in markets if market.status not in _STOPPED[status]]
        await self._stop(going, status)
        now = self._deps.catalog.markets
        stopped = [
            Stopped(market.symbol, STATUSES[market.status], STATUSES[now[market.market_id].status])
            for market in markets
        ]
        for market, told in zip(markets, stopped, strict=True):
            act = act_of(
                call,
                Act.KILL_SWITCH,
                f"market:{market.symbol}",
                before={"status": told.before},
                after={"status": told.status},
                reason=asked.reason,
            )
            await record_if_possible(self._deps.authority.trail, act)
        return Answer(200, encode(KillAnswer(stopped)))

    async def _stop(self, markets: list[Market], status: MarketStatus) -> None:
        if not markets:
            return
        commands = [SetMarketStatus(market.market_id, status) for market in markets]
        for applied in await self._deps.queue.submit_batch(commands):
            if isinstance(first := applied.events[0], Rejected):
                raise from_rejected(first)

    def _markets(self, symbol: str | None) -> list[Market]:
        if symbol is not None:
            return [market_named(self._deps, symbol)]
        return sorted(self._deps.catalog.markets.values(), key=lambda market: market.symbol)


def kill_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the kill switch."""
    return [
        Operation(
            "POST",
            "/api/admin/kill-switch",
            KillCalls(deps).kill,
            "Stop one market or all, now",
            TAG,
            KillAnswer,
            Need.READ,
            body=KillRequest,
            statuses=(404, 409),
            permission=Permission.KILL_SWITCH,
        )
    ]
