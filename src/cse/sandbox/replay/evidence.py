"""What the exchange itself says afterwards: balances, the public tape, own fills. All by REST."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec

from cse.core.money import parse_units
from cse.sandbox.client.rest import RestClient
from cse.sandbox.client.trader import Trader
from cse.sandbox.replay.checks import LedgerCheck, LedgerLine
from cse.sandbox.replay.scales import Scales
from cse.sandbox.replay.steps import BookSides, Recording, TapeEntry

_PAGE = 1_000


class Listing(msgspec.Struct, frozen=True):
    """The market that a replay plays in."""

    market: str
    assets: dict[str, int]
    """Base and quote with their decimals."""
    scales: Scales


Money = dict[str, int]
"""Asset units by asset, available and held together."""


async def read_listing(rest: RestClient, market: str, recording: Recording) -> Listing:
    """Read what a market trades and with how many decimals. Raises Refused for an unknown market."""
    info = await rest.get(f"/markets/{market}")
    decimals = {a["asset"]: a["decimals"] for a in (await rest.get("/assets"))["assets"]}
    scales = Scales.of(recording, info["price_decimals"], info["quantity_decimals"])
    assets = {name: int(decimals[name]) for name in (info["base"], info["quote"])}
    return Listing(market, assets, scales)


async def read_book(rest: RestClient, listing: Listing, depth: int) -> BookSides:
    """Read the best levels, in the recording's units."""
    answer = await rest.get(f"/orderbook/{listing.market}", depth=depth)
    price, quantity = listing.scales.price.to_units, listing.scales.quantity.to_units
    return BookSides(
        bids=[(price(p), quantity(q)) for p, q in answer["bids"]],
        asks=[(price(p), quantity(q)) for p, q in answer["asks"]],
    )


async def read_money(traders: Iterable[Trader], listing: Listing) -> Money:
    """Add up what these accounts have of the market's assets."""
    money = dict.fromkeys(listing.assets, 0)
    for trader in traders:
        for balance in (await trader.rest.get("/balances"))["balances"]:
            if (asset := balance["asset"]) in money:
                scale = listing.assets[asset]
                money[asset] += parse_units(balance["available"], scale)
                money[asset] += parse_units(balance["held"], scale)
    return money


async def last_trade_id(rest: RestClient, market: str) -> int:
    """Return the newest trade's number, 0 when there was none."""
    trades = (await rest.get("/trades", market=market, limit=1))["trades"]
    return int(trades[0]["trade_id"]) if trades else 0


async def read_tape(rest: RestClient, listing: Listing, after: int) -> list[TapeEntry]:
    """Return the public tape after a trade, oldest first, in the recording's units."""
    price, quantity = listing.scales.price.to_units, listing.scales.quantity.to_units
    tape = [
        TapeEntry(price(trade["price"]), quantity(trade["quantity"]), trade["taker_side"])
        async for trade in _newest_first(rest, "/trades", listing.market, after)
    ]
    return tape[::-1]


async def check_ledger(
    traders: Iterable[Trader], listing: Listing, before: Money, after_trade: int, trades: int
) -> LedgerCheck:
    """Compare the accounts' money now with `before`, less the fees that their fills name."""
    traders = list(traders)
    after = await read_money(traders, listing)
    fees = dict.fromkeys(listing.assets, 0)
    fills = 0
    for trader in traders:
        async for fill in _newest_first(trader.rest, "/fills", listing.market, after_trade):
            fills += 1
            fees[fill["fee_asset"]] += parse_units(fill["fee"], listing.assets[fill["fee_asset"]])
    lines = [
        LedgerLine(asset, scale, before[asset], after[asset], fees[asset])
        for asset, scale in listing.assets.items()
    ]
    return LedgerCheck(lines, trades, fills)


async def _newest_first(
    rest: RestClient, path: str, market: str, after_trade: int
) -> AsyncIterator[dict[str, Any]]:
    cursor = None
    while True:
        page = await rest.get(path, market=market, limit=_PAGE, cursor=cursor)
        for item in page[path[1:]]:
            if item["trade_id"] <= after_trade:
                return
            yield item
        cursor = page.get("next_cursor")
        if cursor is None:
            return
