"""/api/portfolio and /api/statements: what the own account has, what it cost, earned and did."""

from typing import Final

from cse.gateway.concerns import served
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.operations import Call, Operation
from cse.gateway.http.portfolio_schemas import (
    PeriodQuery,
    Portfolio,
    PortfolioHistory,
    PortfolioHistoryQuery,
    PortfolioQuery,
    Statement,
)
from cse.gateway.order_entry import Answer
from cse.gateway.portfolio.keeping import Kept
from cse.gateway.portfolio.parts import PortfolioParts
from cse.gateway.portfolio.statements import MAX_PERIOD_MS
from cse.gateway.present import encode
from cse.gateway.problems import invalid
from cse.portfolio.model import Method

TAG: Final = "Account"


class PortfolioCalls:
    """The own portfolio over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read history and live prices."""
        self._deps = deps
        self._made: PortfolioParts | None = None

    @property
    def parts(self) -> PortfolioParts:
        """What is behind the calls; raises Unavailable where it is not served."""
        if self._made is None:
            self._made = PortfolioParts(self._deps, served(self._deps.concerns.portfolio))
        return self._made

    async def portfolio(self, call: Call) -> Answer:
        """Return what the account has, what it cost by the method, and what it earned.

        Never older than your last answered call. After a start of the server a long history takes a while: 503
        `portfolio_behind` says to ask again.
        """
        wanted: PortfolioQuery = call.query(PortfolioQuery)
        kept = await self._kept(call, Method(wanted.method))
        venue, now_ms = self.parts.venues.now(), self._deps.clock.now_ms()
        return Answer(200, encode(self.parts.teller.portfolio(venue, kept, now_ms)))

    async def history(self, call: Call) -> Answer:
        """Return the account's value over time, what was put in, and which assets made the difference."""
        wanted: PortfolioHistoryQuery = call.query(PortfolioHistoryQuery)
        kept = await self._kept(call, Method.FIFO)
        venue, now_ms = self.parts.venues.now(), self._deps.clock.now_ms()
        told = await self.parts.growth.history(venue, kept, wanted.range, now_ms)
        return Answer(200, encode(told))

    async def statement(self, call: Call) -> Answer:
        """Return opening, movements by kind and closing of every asset, to the unit."""
        wanted: PeriodQuery = call.query(PeriodQuery)
        if wanted.to <= wanted.from_:
            raise invalid({"to": "must be after from"})
        if wanted.to - wanted.from_ > MAX_PERIOD_MS:
            raise invalid({"to": "must be at most 366 days after from"})
        await self._deps.gate.reach(self._deps.live.last_sequence(call.account_id))
        statements = self.parts.statements
        told = await statements.statement(call.account_id, wanted.from_, wanted.to)
        return Answer(200, encode(told))

    async def _kept(self, call: Call, method: Method) -> Kept:
        parts = self.parts
        return await parts.portfolios.fresh(parts.venues.now(), call.account_id, method)


def portfolio_operations(calls: PortfolioCalls) -> list[Operation]:
    """Return the calls about the own portfolio."""
    read = Need.READ
    return [
        Operation(
            "GET",
            "/api/portfolio",
            calls.portfolio,
            "Own portfolio",
            TAG,
            Portfolio,
            read,
            query=PortfolioQuery,
            statuses=(409,),
        ),
        Operation(
            "GET",
            "/api/portfolio/history",
            calls.history,
            "Own portfolio over time",
            TAG,
            PortfolioHistory,
            read,
            query=PortfolioHistoryQuery,
            statuses=(409,),
        ),
        Operation(
            "GET",
            "/api/statements",
            calls.statement,
            "Statement of a period",
            TAG,
            Statement,
            read,
            query=PeriodQuery,
        ),
    ]
