"""One trade between two orders: who pays what to whom (docs/reference/matching.md, "Funds and fees")."""

from cse.core.money import ceil_ppm
from cse.engine.model import BUY, Market, Order
from cse.messages.events import Trade


def settle(market: Market, maker: Order, taker: Order, price: int, quantity: int) -> Trade:
    """Move the money of one trade and return the event that tells of it.

    Both orders hold enough by construction: a buyer's hold was taken at a price no better than `price`.
    Fees come from what each party receives, so nobody can end below zero.
    """
    base_amount = quantity * market.lot_size
    quote_amount = price * quantity * market.unit_notional
    taker_buys = taker.side == BUY
    maker_ppm = maker.account.fee_tier.maker_ppm
    taker_ppm = taker.account.fee_tier.taker_ppm
    if taker_buys:
        buyer, seller = taker, maker
        maker_fee = seller_fee = ceil_ppm(quote_amount, maker_ppm) if maker_ppm else 0
        taker_fee = buyer_fee = ceil_ppm(base_amount, taker_ppm) if taker_ppm else 0
    else:
        buyer, seller = maker, taker
        maker_fee = buyer_fee = ceil_ppm(base_amount, maker_ppm) if maker_ppm else 0
        taker_fee = seller_fee = ceil_ppm(quote_amount, taker_ppm) if taker_ppm else 0
    released = (buyer.price - price) * quantity * market.unit_notional if buyer.price else 0

    buyer_quote, seller_base = buyer.pays, seller.pays
    buyer.held -= quote_amount + released
    buyer_quote.held -= quote_amount + released
    buyer_quote.available += released
    buyer.receives.available += base_amount - buyer_fee
    seller.held -= base_amount
    seller_base.held -= base_amount
    seller.receives.available += quote_amount - seller_fee
    market.fee_base.available += buyer_fee
    market.fee_quote.available += seller_fee
    buyer.quote_filled += quote_amount
    seller.quote_filled += quote_amount

    market.last_trade_id += 1
    market.last_price = price
    return Trade(
        market.market_id,
        market.last_trade_id,
        price,
        quantity,
        base_amount,
        quote_amount,
        taker.side,
        maker.order_id,
        taker.order_id,
        maker.account.account_id,
        taker.account.account_id,
        maker_fee,
        taker_fee,
        released,
    )
