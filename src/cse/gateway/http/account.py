"""The calls about own money: balances, standing, fills, ledger, and the sandbox's faucet."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from cse.gateway.cursors import FILLS, LEDGER, read_cursor, write_cursor
from cse.gateway.deps import GatewayDeps
from cse.gateway.http.access import Need
from cse.gateway.http.idempotency import KEY_HELP, money_key
from cse.gateway.http.lists import MarketPage, Page
from cse.gateway.http.operations import Call, Operation
from cse.gateway.limits import RouteClass
from cse.gateway.order_entry import Answer
from cse.gateway.order_requests import MAX_BATCH, MAX_CANCEL_AFTER_MS, Price, market_of
from cse.gateway.present import (
    account_fill_json,
    account_json,
    balance_json,
    encode,
    ledger_json,
)
from cse.gateway.problems import from_reject_code, from_rejected
from cse.gateway.requests import Amounts, decode
from cse.gateway.schemas import (
    AccountFill,
    AccountInfo,
    AccountLimits,
    Balance,
    LedgerLine,
    OrderToTradeLimits,
)
from cse.messages.catalog import Asset
from cse.messages.commands import CreditDeposit
from cse.messages.events import Rejected
from cse.messages.reject_codes import RejectCode
from cse.projections.views import PageKey
from cse.users.audit import Act, AuditAct, account_object, record_if_possible

T = TypeVar("T")

TAG = "Account"


class LedgerQuery(Page, frozen=True, forbid_unknown_fields=True):
    """Which ledger lines."""

    asset: Annotated[str, Meta(max_length=16)] | None = None


class FillList(msgspec.Struct, frozen=True):
    """A page of own fills, newest first."""

    fills: list[AccountFill]
    next_cursor: str | None


class LedgerList(msgspec.Struct, frozen=True):
    """A page of the movements of own money, newest first."""

    ledger: list[LedgerLine]
    next_cursor: str | None


class BalanceList(msgspec.Struct, frozen=True):
    """Every asset of which the account has something, by symbol."""

    balances: list[Balance]


class DepositRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Play money to credit."""

    asset: Annotated[str, Meta(max_length=16, examples=["USDC"])]
    amount: Price


class Deposit(msgspec.Struct, frozen=True):
    """A deposit of play money, and what the account has of the asset now."""

    asset: str
    amount: str
    balance: Balance


class AccountCalls:
    """Own money over HTTP."""

    def __init__(self, deps: GatewayDeps) -> None:
        """Read the views; deposit through the queue."""
        self._deps = deps

    async def account(self, call: Call) -> Answer:
        """Return the account's status, fees and limits."""
        view = self._deps.live.account(call.account_id)
        if view is None:
            raise from_reject_code(RejectCode.ACCOUNT_NOT_FOUND)
        open_orders = len(self._deps.live.open_orders(call.account_id))
        orders = self._deps.limiter.of_account(RouteClass.ORDERS)
        limits = AccountLimits(
            orders_per_second=orders.amount // orders.period_s,
            order_burst=orders.burst,
            batch_items=MAX_BATCH,
            cancel_after_ms=MAX_CANCEL_AFTER_MS,
            order_to_trade=self._order_to_trade(call.account_id),
        )
        return Answer(200, encode(account_json(view, open_orders, limits, self._deps.catalog)))

    def _order_to_trade(self, account_id: int) -> OrderToTradeLimits:
        counted = self._deps.order_to_trade
        rates, used = counted.rates, counted.used(account_id)
        return OrderToTradeLimits(
            exempt=account_id in rates.exempt,
            orders_10s=rates.orders_10s,
            orders_10s_used=used.orders_10s,
            orders_24h=rates.orders_day,
            orders_24h_used=used.orders_day,
            cancels_per_second=rates.cancels_per_second,
            cancel_burst=rates.cancel_burst,
            cancels_used=used.cancels,
        )

    async def balances(self, call: Call) -> Answer:
        """Return what the account has, available and held; never older than your last answered call."""
        views = self._deps.live.balances(call.account_id).values()
        balances = [balance_json(view, self._deps.catalog) for view in views]
        balances.sort(key=lambda balance: balance.asset)
        return Answer(200, encode(BalanceList(balances)))

    async def fills(self, call: Call) -> Answer:
        """Return own fills, newest first."""
        wanted: MarketPage = call.query(MarketPage)
        deps, market_id = self._deps, None
        if wanted.market is not None:
            market_id = market_of(deps.catalog, wanted.market).market_id
        before = _page_key(FILLS, wanted.cursor)
        await deps.gate.reach(self._needed(call, before))
        found = await deps.history.fills(
            call.account_id, market_id=market_id, before=before, limit=wanted.limit + 1
        )
        page, more = _cut(found, wanted.limit)
        fills = [account_fill_json(fill, deps.catalog.markets[fill.market_id]) for fill in page]
        cursor = write_cursor(FILLS, *page[-1].key) if more else None
        return Answer(200, encode(FillList(fills, cursor)))

    async def ledger(self, call: Call) -> Answer:
        """Return every movement of own money, newest first."""
        wanted: LedgerQuery = call.query(LedgerQuery)
        deps = self._deps
        asset_id = None if wanted.asset is None else self._asset(wanted.asset).asset_id
        before = _page_key(LEDGER, wanted.cursor)
        await deps.gate.reach(self._needed(call, before))
        found = await deps.history.ledger(
            call.account_id, asset_id=asset_id, before=before, limit=wanted.limit + 1
        )
        page, more = _cut(found, wanted.limit)
        lines = [ledger_json(entry, deps.catalog) for entry in page]
        cursor = write_cursor(LEDGER, *page[-1].key) if more else None
        return Answer(200, encode(LedgerList(lines, cursor)))

    async def deposit(self, call: Call) -> Answer:
        """Credit play money to the own account (sandbox only)."""
        key = money_key(call, "sandbox-deposit", str(call.account_id))
        request = decode(DepositRequest, call.body)
        asset = self._asset(request.asset)
        amounts = Amounts()
        amount = amounts.units("amount", request.amount, asset)
        amounts.check()
        command = CreditDeposit(call.account_id, asset.asset_id, amount, key)
        await self._note_deposit(call, asset, amount)
        applied = await self._deps.queue.submit(command)
        first, replayed = applied.events[0], False
        if isinstance(first, Rejected):
            replayed = first.code is RejectCode.ALREADY_APPLIED
            if not replayed:
                raise from_rejected(first)
        view = self._deps.live.balance(call.account_id, asset.asset_id)
        body = encode(
            Deposit(asset.symbol, asset.format(amount), balance_json(view, self._deps.catalog))
        )
        return Answer(200, body, {"Idempotent-Replayed": "true"}) if replayed else Answer(201, body)

    async def _note_deposit(self, call: Call, asset: Asset, amount: int) -> None:
        """Record a deposit of play money; with the database away the journal alone has it, and trading goes on."""
        act = AuditAct(
            act=Act.SANDBOX_DEPOSIT,
            actor=call.caller.actor,
            object=account_object(call.account_id),
            after={"asset": asset.symbol, "amount": asset.format(amount)},
        )
        await record_if_possible(self._deps.authority.trail, act)

    def _needed(self, call: Call, before: PageKey | None) -> int:
        """Return how far history must be: a page further back waits for nothing that is newer than itself."""
        last = self._deps.live.last_sequence(call.account_id)
        return last if before is None else min(last, before.sequence)

    def _asset(self, symbol: str) -> Asset:
        asset = self._deps.catalog.assets_by_symbol.get(symbol)
        if asset is None:
            raise from_reject_code(
                RejectCode.ASSET_NOT_FOUND,
                f"There is no asset {symbol!r}; GET /api/assets lists them.",
                fields={"asset": "does not exist"},
            )
        return asset


def _page_key(kind: int, cursor: str | None) -> PageKey | None:
    key = read_cursor(kind, cursor)
    return PageKey(*key) if key else None


def _cut(items: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    return items[:limit], len(items) > limit


def account_operations(deps: GatewayDeps) -> list[Operation]:
    """Return the calls about own money."""
    calls = AccountCalls(deps)
    read = Need.READ
    operations = [
        Operation("GET", "/api/balances", calls.balances, "Own balances", TAG, BalanceList, read),
        Operation(
            "GET",
            "/api/account",
            calls.account,
            "Own account",
            TAG,
            AccountInfo,
            read,
            statuses=(404,),
        ),
        Operation(
            "GET",
            "/api/fills",
            calls.fills,
            "Own fills",
            TAG,
            FillList,
            read,
            query=MarketPage,
            statuses=(404,),
        ),
        Operation(
            "GET",
            "/api/ledger",
            calls.ledger,
            "Every movement of own money",
            TAG,
            LedgerList,
            read,
            query=LedgerQuery,
            statuses=(404,),
        ),
    ]
    if deps.options.sandbox:
        operations.append(_deposit_operation(calls))
    return operations


def _deposit_operation(calls: AccountCalls) -> Operation:
    return Operation(
        "POST",
        "/api/sandbox/deposits",
        calls.deposit,
        "Credit play money",
        "Sandbox",
        Deposit,
        need=Need.TRADE,
        body=DepositRequest,
        status=201,
        statuses=(404, 409),
        headers={"Idempotency-Key": KEY_HELP},
        also={200: "The same key again: nothing was credited a second time."},
    )
