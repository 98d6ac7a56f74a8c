"""Market data to JSON: the same objects in REST and in the streams, byte-identical numbers."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from cse.core.money import format_units
from cse.gateway import market_schemas as s
from cse.market_data import Candle, DepthSnapshot, TickerView, book_checksum
from cse.market_data.checksum import DEPTH as CHECKSUM_DEPTH
from cse.market_data.tape import TradeLike
from cse.messages.catalog import Asset, Catalog, Market
from cse.messages.wire import MarketStatus, Side

MARKET_STATUSES: Final = {member: member.name.lower() for member in MarketStatus}
_print: Final = lru_cache(maxsize=65_536)(format_units)
"""Prices and quantities of books recur all the time."""
STANDARD_FEE_TIER: Final = 0
"""The tier that public listings show; new accounts are opened in it."""


def asset_json(asset: Asset) -> s.Asset:
    """Return an asset's listing."""
    return s.Asset(asset.symbol, asset.scale)


def market_json(market: Market, catalog: Catalog, last_price: int | None = None) -> s.MarketInfo:
    """Return a market's listing; `last_price` in ticks, None before the first trade."""
    fees = catalog.fee_tiers.get(STANDARD_FEE_TIER)
    return s.MarketInfo(
        market=market.symbol,
        market_id=market.market_id,
        base=market.base.symbol,
        quote=market.quote.symbol,
        tick_size=market.format_price(1),
        lot_size=market.format_quantity(1),
        min_quantity=market.format_quantity(market.min_quantity),
        max_quantity=market.format_quantity(market.max_quantity),
        min_notional=market.quote.format(market.min_notional),
        price_band=format_units(market.band_ppm, 6),
        reference_price=market.format_price(last_price or market.reference_price),
        status=MARKET_STATUSES[market.status],  # type: ignore[arg-type]  # a member's name, as in the Literal
        maker_fee_ppm=fees.maker_ppm if fees else 0,
        taker_fee_ppm=fees.taker_ppm if fees else 0,
        max_open_orders=market.max_open_orders,
        price_decimals=market.price_scale,
        quantity_decimals=market.quantity_scale,
    )


def market_state_json(market: Market) -> s.MarketState:
    """Return whether a market trades, and its limits."""
    return s.MarketState(
        market=market.symbol,
        status=MARKET_STATUSES[market.status],  # type: ignore[arg-type]  # a member's name, as in the Literal
        tick_size=market.format_price(1),
        lot_size=market.format_quantity(1),
        min_quantity=market.format_quantity(market.min_quantity),
        max_quantity=market.format_quantity(market.max_quantity),
        min_notional=market.quote.format(market.min_notional),
        price_band=format_units(market.band_ppm, 6),
        max_open_orders=market.max_open_orders,
    )


def levels_json(
    levels: Iterable[tuple[int, int]], market: Market, step: int = 1
) -> list[tuple[str, str]]:
    """Return price levels as strings; prices in steps of so many ticks, quantities in lots."""
    tick, price_scale = market.tick_size * step, market.price_scale
    lot, scale = market.lot_step, market.quantity_scale
    return [
        (_print(steps * tick, price_scale), _print(lots * lot, scale)) for steps, lots in levels
    ]


def book_json(snapshot: DepthSnapshot, market: Market, depth: int, step: int = 1) -> s.OrderBook:
    """Return the best `depth` levels; the snapshot holds at least the ten that the checksum covers.

    Its prices are in steps of so many ticks.
    """
    bids, asks = (levels_json(side, market, step) for side in (snapshot.bids, snapshot.asks))
    checksum = book_checksum(bids[:CHECKSUM_DEPTH], asks[:CHECKSUM_DEPTH])
    return s.OrderBook(
        market.symbol, snapshot.sequence, snapshot.time_ms, bids[:depth], asks[:depth], checksum
    )


def trade_json(trade: TradeLike, market: Market) -> s.Trade:
    """Return a trade as everybody sees it."""
    return s.Trade(
        trade_id=trade.trade_id,
        price=market.format_price(trade.price),
        quantity=market.format_quantity(trade.quantity),
        quote_amount=market.quote.format(trade.quote_amount),
        taker_side="buy" if trade.taker_side is Side.BUY else "sell",
        time=trade.time_ms,
    )


def ticker_json(view: TickerView, market: Market) -> s.Ticker:
    """Return a market's last 24 hours."""
    bid, ask = view.best_bid, view.best_ask

    def price(ticks: int | None) -> str | None:
        return None if ticks is None else market.format_price(ticks)

    return s.Ticker(
        market=market.symbol,
        last=price(view.last),
        open=price(view.open),
        high=price(view.high),
        low=price(view.low),
        change=price(view.change),
        volume=market.format_quantity(view.volume),
        quote_volume=market.quote.format(view.quote_volume),
        trades=view.trades,
        best_bid=price(bid[0]) if bid else None,
        best_bid_quantity=market.format_quantity(bid[1]) if bid else None,
        best_ask=price(ask[0]) if ask else None,
        best_ask_quantity=market.format_quantity(ask[1]) if ask else None,
        sequence=view.sequence,
        time=view.time_ms,
    )


class _Printed(dict[int, str]):
    """Numbers that were printed before: within a page of candles most prices come again."""

    def __init__(self, print_: Callable[[int], str]) -> None:
        super().__init__()
        self._print = print_

    def __missing__(self, number: int) -> str:
        text = self[number] = self._print(number)
        return text


def candles_json(candles: Iterable[Candle], market: Market) -> list[s.Candle]:
    """Return candles of one market."""
    price = _Printed(market.format_price)
    quantity = _Printed(market.format_quantity)
    amount = _Printed(market.quote.format)
    return [
        s.Candle(
            time=candle.open_time_ms,
            open=price[candle.open],
            high=price[candle.high],
            low=price[candle.low],
            close=price[candle.close],
            volume=quantity[candle.volume],
            quote_volume=amount[candle.quote_volume],
            trades=candle.trades,
        )
        for candle in candles
    ]
