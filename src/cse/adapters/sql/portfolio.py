"""History as the portfolio needs it (port: cse.portfolio.ports.PortfolioReader), from SQLite and PostgreSQL."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, case, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cse.adapters.sql import tables
from cse.adapters.sql.candles import whole_sum
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.adapters.sql.portfolio_prices import last_closes, prices_query, window_closes
from cse.portfolio.model import Moved, MoveKind
from cse.portfolio.ports import Close, Moment, Sum
from cse.projections.ledger import Bucket, Reason

CHUNK: Final = 50_000
"""How many ledger entries are added up by one statement."""
_PRICES: Final = 1_000
"""For how many moments one statement looks prices up."""
_MARKETS: Final = 100
"""Of how many markets one statement reads closes."""
_HALF: Final[Any] = literal_column("32")
_LOW: Final[Any] = literal_column(str(2**32 - 1))
_leg: Final = tables.ledger_entries.c
_MOVES: Final = {
    Reason.DEPOSIT: MoveKind.DEPOSIT,
    Reason.WITHDRAWAL_SETTLE: MoveKind.WITHDRAWAL,
    Reason.TRANSFER: MoveKind.TRANSFER,
}
_SUMMED: Final = {
    **{int(reason): kind.value for reason, kind in _MOVES.items()},
    int(Reason.TRADE): "trade",
    int(Reason.FEE): "fee",
}
"""Reasons that change what an account has; the others move it between available and held."""


class SqlPortfolioReader:
    """Reads what the projector wrote."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the database."""
        self._reader: Final = read_only(engine)

    async def moves_after(
        self, account_id: int, after: int, until: int, limit: int
    ) -> Sequence[Moved]:
        rows = await self._rows(moves_page(account_id, after, until, limit))
        return [_moved(row) for row in rows]

    async def prices_before(self, market_id: int, moments: Sequence[Moment]) -> list[int | None]:
        found: dict[int, int | None] = {}
        for first in range(0, len(moments), _PRICES):
            asked = prices_query(market_id, moments[first : first + _PRICES])
            found.update((row.sequence, row.price) for row in await self._rows(asked))
        return [found[moment.sequence] for moment in moments]

    async def sequence_at(self, account_id: int, time_ms: int) -> int:
        with database_errors("history"):
            async with self._reader.connect() as connection:
                return await _divide(connection, account_id, time_ms)

    async def balances_before(self, account_id: int, sequence: int) -> Mapping[int, int]:
        rows = await self._rows(balances_query(account_id, sequence))
        return {row.asset_id: (row.available or 0) + (row.held or 0) for row in rows}

    async def sums(self, account_id: int, begin: int, end: int) -> Sequence[Sum]:
        received, paid, count = Counter[Any](), Counter[Any](), Counter[Any]()
        while begin < end:
            [after] = await self._rows(chunk_end(account_id, begin)) or [None]
            upto = end if after is None else min(end, after.sequence)
            for row in await self._rows(sums_query(account_id, begin, upto)):
                key = (row.asset_id, _SUMMED[row.reason])
                received[key] += whole_sum(int(row.in_high), int(row.in_low))
                paid[key] += whole_sum(int(row.out_high), int(row.out_low))
                count[key] += row.entries
            begin = upto
        return [Sum(key[0], key[1], received[key], paid[key], count[key]) for key in sorted(count)]

    async def closes(
        self, market_ids: Sequence[int], interval_ms: int, from_ms: int, to_ms: int
    ) -> Sequence[Close]:
        found: list[Close] = []
        for first in range(0, len(market_ids), _MARKETS):
            some = market_ids[first : first + _MARKETS]
            for query in (
                last_closes(some, interval_ms, from_ms),
                window_closes(some, interval_ms, from_ms, to_ms),
            ):
                found += [Close(*row) for row in await self._rows(query)]
        return sorted(found)

    async def _rows(self, query: Select[Any]) -> Sequence[Any]:
        with database_errors("history"):
            async with self._reader.connect() as connection:
                rows: Sequence[Any] = (await connection.execute(query)).all()
                return rows


def moves_page(account_id: int, after: int, until: int, limit: int) -> Select[Any]:
    """Oldest first, along the index that holds nothing else."""
    query = select(tables.ledger_entries).where(
        _leg.account_id == account_id,
        _leg.sequence > after,
        _leg.sequence <= until,
        tables.IS_MOVE,
    )
    query = query.with_hint(tables.ledger_entries, f"INDEXED BY {tables.MOVES.name}", "sqlite")
    return query.order_by(_leg.sequence, _leg.position).limit(limit)


def balances_query(account_id: int, sequence: int) -> Select[Any]:
    """What the last entry of each bucket before a command left there, of every asset that the account ever had."""
    own = tables.balances.c

    def left(bucket: Bucket) -> Any:
        return (
            select(_leg.balance)
            .where(
                _leg.account_id == account_id,
                _leg.asset_id == own.asset_id,
                _leg.bucket == int(bucket),
                _leg.sequence < sequence,
            )
            .with_hint(tables.ledger_entries, f"INDEXED BY {tables.LEDGER_OF_ASSET.name}", "sqlite")
            .order_by(_leg.sequence.desc(), _leg.position.desc())
            .limit(1)
            .correlate(tables.balances)
            .scalar_subquery()
        )

    return select(
        own.asset_id,
        left(Bucket.AVAILABLE).label("available"),
        left(Bucket.HELD).label("held"),
    ).where(own.account_id == account_id)


def chunk_end(account_id: int, begin: int) -> Select[Any]:
    """Return the command of the entry that is CHUNK entries after the first one of `begin`, if there is one."""
    query = select(_leg.sequence).where(_leg.account_id == account_id, _leg.sequence >= begin)
    return query.order_by(_leg.sequence, _leg.position).offset(CHUNK).limit(1)


def sums_query(account_id: int, begin: int, end: int) -> Select[Any]:
    """Sums in two halves, as of candles: what moves in a year may be more than 64 bits hold."""
    came = case((_leg.amount > 0, _leg.amount), else_=0)
    went = case((_leg.amount < 0, -_leg.amount), else_=0)
    return (
        select(
            _leg.asset_id,
            _leg.reason,
            func.sum(came.op(">>")(_HALF)).label("in_high"),
            func.sum(came.op("&")(_LOW)).label("in_low"),
            func.sum(went.op(">>")(_HALF)).label("out_high"),
            func.sum(went.op("&")(_LOW)).label("out_low"),
            func.count().label("entries"),
        )
        .where(
            _leg.account_id == account_id,
            _leg.sequence >= begin,
            _leg.sequence < end,
            _leg.reason.in_(list(_SUMMED)),
        )
        .group_by(_leg.asset_id, _leg.reason)
    )


async def _divide(connection: AsyncConnection, account_id: int, time_ms: int) -> int:
    """Halve the range of commands until one divides the ledger; an index on times would cost every entry more."""
    own = select(_leg.sequence, _leg.time_ms).where(_leg.account_id == account_id)
    newest = own.order_by(_leg.sequence.desc(), _leg.position.desc()).limit(1)
    last = (await connection.execute(newest)).one_or_none()
    if last is None:
        return 0
    low, high = 0, last.sequence + 1
    while low < high:
        middle = (low + high) // 2
        first = own.where(_leg.sequence >= middle).order_by(_leg.sequence, _leg.position).limit(1)
        entry = (await connection.execute(first)).one_or_none()
        if entry is None or entry.time_ms >= time_ms:
            high = middle
        else:
            low = entry.sequence + 1
    return low


def _moved(row: Any) -> Moved:
    kind = _MOVES[Reason(row.reason)]
    return Moved(row.sequence, row.position, row.time_ms, kind, row.asset_id, row.amount)
