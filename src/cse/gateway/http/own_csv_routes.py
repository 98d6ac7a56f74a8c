"""CSV downloads of the own history: fills, ledger, orders, and the disposals of a year for the tax office."""

from collections.abc import AsyncIterator
from typing import Any, Final
from weakref import WeakValueDictionary

import msgspec

from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.operations import Call, Operation
from cse.gateway.http.portfolio_routes import PortfolioCalls
from cse.gateway.http.portfolio_schemas import (
    ExportQuery,
    LedgerExportQuery,
    MarketExportQuery,
    TaxQuery,
)
from cse.gateway.order_entry import Answer
from cse.gateway.order_requests import market_of
from cse.gateway.portfolio.csv_lines import heading, line
from cse.gateway.portfolio.exports import Exports, Period
from cse.gateway.portfolio.tax import COLUMNS, TaxReport
from cse.gateway.problems import ApiProblem, edge_problem, from_reject_code, invalid
from cse.gateway.schemas import AccountFill, LedgerLine, Order
from cse.messages.reject_codes import RejectCode
from cse.portfolio.model import Method

TAG: Final = "Account"
MEDIA: Final = "text/csv; charset=utf-8"
AT_ONCE: Final = 8
"""How many files are sent at the same time; of each account one."""


class OwnCsvCalls:
    """The own history as files."""

    def __init__(self, deps: GatewayDeps, portfolio: PortfolioCalls) -> None:
        """Share what the calls about portfolios are made of."""
        self._deps = deps
        self._portfolio = portfolio
        self._sending: WeakValueDictionary[int, Any] = WeakValueDictionary()
        """By account: a file is gone from here when nobody reads it any more, however its reader left."""

    async def fills(self, call: Call) -> Answer:
        """Send own fills as CSV, newest first."""
        wanted: MarketExportQuery = call.query(MarketExportQuery)
        period, market_id = _period(wanted), self._market(wanted.market)
        rest = (await self._exports(call)).fills(call.account_id, market_id, period)
        return self._file(call, "fills", heading(AccountFill), rest)

    async def ledger(self, call: Call) -> Answer:
        """Send every movement of own money as CSV, newest first."""
        wanted: LedgerExportQuery = call.query(LedgerExportQuery)
        period, asset_id = _period(wanted), self._asset(wanted.asset)
        rest = (await self._exports(call)).ledger(call.account_id, asset_id, period)
        return self._file(call, "ledger", heading(LedgerLine), rest)

    async def orders(self, call: Call) -> Answer:
        """Send own orders as CSV, open and closed, newest first; the period is of when they were created."""
        wanted: MarketExportQuery = call.query(MarketExportQuery)
        period, market_id = _period(wanted), self._market(wanted.market)
        rest = (await self._exports(call)).orders(call.account_id, market_id, period)
        return self._file(call, "orders", heading(Order), rest)

    async def tax(self, call: Call) -> Answer:
        """Send every disposal of a calendar year (UTC) as CSV, oldest first: when, how much, proceeds, cost, gain.

        Withdrawals and transfers are in it, each of its `kind`, at their value then: in most countries they are no
        sales. 503 `portfolio_behind` while a long history is being added up; ask again.
        """
        wanted: TaxQuery = call.query(TaxQuery)
        parts, method = self._portfolio.parts, Method(wanted.method)
        venue = parts.venues.now()
        kept = await parts.portfolios.fresh(venue, call.account_id, method)
        report = TaxReport(parts.happenings, self._deps.catalog)
        rest = report.lines(venue, call.account_id, method, wanted.year, kept.sequence)
        name = f"tax-{wanted.year}-{wanted.method}"
        return self._file(call, name, line(COLUMNS).encode(), rest)

    async def _exports(self, call: Call) -> Exports:
        deps = self._deps
        reader = self._portfolio.parts.reader
        await deps.gate.reach(deps.live.last_sequence(call.account_id))
        return Exports(deps.history, reader, deps.catalog)

    def _file(self, call: Call, name: str, first: bytes, rest: AsyncIterator[bytes]) -> Answer:
        """Return the answer that sends it, one at a time for each account."""
        if call.account_id in self._sending:
            raise ApiProblem(
                409, "export_runs", "A file of this account is being sent.", retryable=True
            )
        if len(self._sending) >= AT_ONCE:
            problem = edge_problem("rate_limited", "Too many files are being sent; try again.")
            problem.headers["Retry-After"] = "5"
            raise problem
        self._sending[call.account_id] = rest
        headers = {
            "Content-Disposition": f'attachment; filename="cs-exchange-{name}.csv"',
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return Answer(200, first, headers, rest)

    def _market(self, symbol: str | None) -> int | None:
        return None if symbol is None else market_of(self._deps.catalog, symbol).market_id

    def _asset(self, symbol: str | None) -> int | None:
        if symbol is None:
            return None
        asset = self._deps.catalog.assets_by_symbol.get(symbol)
        if asset is None:
            raise from_reject_code(RejectCode.ASSET_NOT_FOUND, fields={"asset": "does not exist"})
        return asset.asset_id


def own_csv_operations(deps: GatewayDeps, portfolio: PortfolioCalls) -> list[Operation]:
    """Return the downloads."""
    calls = OwnCsvCalls(deps, portfolio)

    def download(path: str, handler: Any, summary: str, query: type[msgspec.Struct]) -> Operation:
        return Operation(
            "GET",
            path,
            handler,
            summary,
            TAG,
            None,
            Need.READ,
            query=query,
            statuses=(404, 409),
            media=MEDIA,
        )

    return [
        download("/api/fills/export.csv", calls.fills, "Own fills as CSV", MarketExportQuery),
        download("/api/ledger/export.csv", calls.ledger, "Own ledger as CSV", LedgerExportQuery),
        download("/api/orders/export.csv", calls.orders, "Own orders as CSV", MarketExportQuery),
        download("/api/tax.csv", calls.tax, "Disposals of a year as CSV", TaxQuery),
    ]


def _period(wanted: ExportQuery) -> Period:
    if wanted.from_ is not None and wanted.to is not None and wanted.to <= wanted.from_:
        raise invalid({"to": "must be after from"})
    return Period(wanted.from_, wanted.to)
