"""Statements: what an account had, what moved by kind, and what it had then."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from cse.gateway.http.portfolio_schemas import (
    MovementKind,
    Statement,
    StatementAsset,
    StatementLine,
)
from cse.messages.catalog import Asset, Catalog
from cse.portfolio.model import ImpossibleHistory
from cse.portfolio.ports import PortfolioReader, Sum

MAX_PERIOD_MS: Final = 366 * 24 * 60 * 60 * 1_000


class Statements:
    """Adds them up from the ledger."""

    def __init__(self, reader: PortfolioReader, catalog: Catalog) -> None:
        """Read these."""
        self._reader: Final = reader
        self._catalog: Final = catalog

    async def statement(self, account_id: int, from_ms: int, to_ms: int) -> Statement:
        """Return an account's statement of [from, to).

        Raises:
            Unavailable: the database is out of reach.
            ImpossibleHistory: opening and movements do not add up to closing: the ledger has a hole.
        """
        reader = self._reader
        begin = await reader.sequence_at(account_id, from_ms)
        end = await reader.sequence_at(account_id, to_ms)
        opening = await reader.balances_before(account_id, begin)
        closing = await reader.balances_before(account_id, end)
        sums: dict[int, list[Sum]] = {}
        for each in await reader.sums(account_id, begin, end):
            sums.setdefault(each.asset_id, []).append(each)
        told = [
            _told(self._catalog.assets[asset_id], opening, closing, sums.get(asset_id, []))
            for asset_id in sorted(closing.keys() | sums.keys())
            if opening.get(asset_id) or closing.get(asset_id) or asset_id in sums
        ]
        return Statement(from_ms, to_ms, sorted(told, key=lambda each: each.asset))


def _told(
    asset: Asset, opening: Mapping[int, int], closing: Mapping[int, int], sums: Sequence[Sum]
) -> StatementAsset:
    first, last = opening.get(asset.asset_id, 0), closing.get(asset.asset_id, 0)
    if first + sum(each.received - each.paid for each in sums) != last:
        raise ImpossibleHistory(f"the ledger of {asset.symbol} does not add up")
    show = asset.format
    lines = [
        StatementLine(
            cast("MovementKind", each.reason), show(each.received), show(each.paid), each.entries
        )
        for each in sums
    ]
    return StatementAsset(asset.symbol, show(first), show(last), lines)
