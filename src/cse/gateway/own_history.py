"""PersonalData of accounts (port: cse.users.leaving.ports): standing, balances, orders, fills and ledger, in pages."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from cse.gateway.present import account_fill_json, balance_json, ledger_json, order_json
from cse.messages.catalog import Catalog
from cse.projections.live import LiveAccounts
from cse.projections.ports import HistoryReader
from cse.projections.views import PageKey

PAGE: Final = 1_000
Items = Sequence[Mapping[str, Any]]


class OwnHistory:
    """Says what the API says of each item, so that people can read both with the same eyes."""

    def __init__(self, history: HistoryReader, live: LiveAccounts, catalog: Catalog) -> None:
        """Read these."""
        self._history = history
        self._live = live
        self._catalog = catalog

    async def pages(self, _user_id: int, account_ids: Sequence[int]) -> AsyncIterator[Items]:
        for account_id in account_ids:
            yield self._standing(account_id)
            async for page in self._orders(account_id):
                yield page
            async for page in self._fills(account_id):
                yield page
            async for page in self._ledger(account_id):
                yield page

    def _standing(self, account_id: int) -> Items:
        view = self._live.account(account_id)
        status = view.status.name.lower() if view is not None else None
        balances = self._live.balances(account_id).values()
        return [
            {"kind": "account", "account_id": account_id, "data": {"status": status}},
            *(_item("balance", account_id, balance_json(each, self._catalog)) for each in balances),
        ]

    async def _orders(self, account_id: int) -> AsyncIterator[Items]:
        before: int | None = None
        markets = self._catalog.markets
        while True:
            page = await self._history.orders(
                account_id, closed=None, market_id=None, before=before, limit=PAGE
            )
            yield [
                _item("order", account_id, order_json(each, markets[each.market_id]))
                for each in page
            ]
            if len(page) < PAGE:
                return
            before = page[-1].order_id

    async def _fills(self, account_id: int) -> AsyncIterator[Items]:
        before: PageKey | None = None
        markets = self._catalog.markets
        while True:
            page = await self._history.fills(account_id, market_id=None, before=before, limit=PAGE)
            yield [
                _item("fill", account_id, account_fill_json(each, markets[each.market_id]))
                for each in page
            ]
            if len(page) < PAGE:
                return
            before = page[-1].key

    async def _ledger(self, account_id: int) -> AsyncIterator[Items]:
        before: PageKey | None = None
        while True:
            page = await self._history.ledger(account_id, asset_id=None, before=before, limit=PAGE)
            yield [_item("ledger", account_id, ledger_json(each, self._catalog)) for each in page]
            if len(page) < PAGE:
                return
            before = page[-1].key


def _item(kind: str, account_id: int, struct: msgspec.Struct) -> Mapping[str, Any]:
    """Return it with its kind; what the struct says itself stands under `data`."""
    return {"kind": kind, "account_id": account_id, "data": struct}
