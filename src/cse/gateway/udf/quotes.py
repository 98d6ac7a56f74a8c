"""A market's ticker as a UDF quote: rolling 24 hours, so the price 24 hours ago is the previous close."""

from msgspec import UNSET, Raw, UnsetType

from cse.gateway.feeds.literals import number, percent
from cse.gateway.udf.schemas import EXCHANGE, Quote, QuoteValues
from cse.gateway.udf.symbols import describe
from cse.market_data import TickerView
from cse.messages.catalog import Market


def quote(asked: str, market: Market, view: TickerView) -> Quote:
    """Return a quote; `asked` is the symbol as the client wrote it."""

    def price(ticks: int | None) -> Raw | UnsetType:
        return UNSET if ticks is None else number(market.format_price(ticks))

    bid, ask = view.best_bid, view.best_ask
    change, opened = view.change, view.open
    values = QuoteValues(
        short_name=market.symbol,
        exchange=EXCHANGE,
        original_name=f"{EXCHANGE}:{market.symbol}",
        description=describe(market),
        volume=number(market.format_quantity(view.volume)),
        ch=price(change),
        chp=UNSET if change is None or not opened else number(percent(change, opened)),
        lp=price(view.last),
        ask=price(ask[0] if ask else None),
        bid=price(bid[0] if bid else None),
        spread=price(ask[0] - bid[0] if bid and ask else None),
        open_price=price(opened),
        high_price=price(view.high),
        low_price=price(view.low),
        prev_close_price=price(opened),
    )
    return Quote("ok", asked, v=values)
