"""Assets, markets and fee tiers as the projections have them, for who reads the database without a journal."""

from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from cse.adapters.sql import tables
from cse.adapters.sql.engine import read_only
from cse.adapters.sql.errors import database_errors
from cse.messages.catalog import Catalog
from cse.messages.records import AssetRecord, FeeTierRecord, MarketRecord
from cse.messages.wire import MarketStatus


async def read_catalog(engine: AsyncEngine) -> Catalog:
    """Return the catalog.

    Raises:
        Unavailable: the database is out of reach.
    """
    catalog = Catalog()
    with database_errors("history"):
        async with read_only(engine).connect() as connection:

            async def rows(table: Table) -> Any:
                return await connection.execute(select(table).order_by(*table.primary_key))

            catalog.load(
                AssetRecord(r.asset_id, r.symbol, r.scale, 0) for r in await rows(tables.assets)
            )
            catalog.load(
                FeeTierRecord(r.tier, r.maker_ppm, r.taker_ppm)
                for r in await rows(tables.fee_tiers)
            )
            catalog.load([_market(row) for row in await rows(tables.markets)])
    return catalog


def _market(row: Any) -> MarketRecord:
    values = row._asdict()
    values.pop("sequence")
    values["status"] = MarketStatus(values["status"])
    return MarketRecord(**values, last_price=0, last_trade_id=0)
