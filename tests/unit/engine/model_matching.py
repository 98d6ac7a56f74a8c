"""How the naive model lets orders trade: find the best, trade with it, look again."""

from dataclasses import dataclass

from cse.messages.wire import (
    AccountStatus,
    CloseReason,
    MarketStatus,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tests.unit.engine.model_state import WITH_PRICE, Order, World

CASCADE = 256


@dataclass
class Run:
    """One order's way through the book."""

    limit: int
    """It trades up to (buy) or down to (sell) this price."""
    last_price: int = 0
    """Of its own last trade; 0 when it has not traded in this run."""


def opposite(side: Side) -> Side:
    return Side.SELL if side is Side.BUY else Side.BUY


def within(side: Side, price: int, limit: int) -> bool:
    return price <= limit if side is Side.BUY else price >= limit


def limit_of(order: Order) -> int:
    """How far an order may trade: its price, or the band as it stands now (MATCH-021)."""
    if order.type in WITH_PRICE:
        return order.price
    lower, upper = order.market.band(order.market.middle)
    return upper if order.side is Side.BUY else lower


def would_take(world: World, order: Order) -> bool:
    """Whether the best order of the other side is within an order's price."""
    others = world.resting(order.market, opposite(order.side))
    return bool(others) and within(order.side, others[0].price, order.price)


def lots_wanted(order: Order, price: int) -> int:
    """What an order would take at a price; a budget buys whole lots (MATCH-022)."""
    if order.is_budget:
        return order.held // (price * order.market.unit)
    return order.remaining


def enter(world: World, order: Order) -> None:
    """An order enters the market: it trades, then rests or ends."""
    run = Run(limit_of(order))
    if order.tif is TimeInForce.FOK and not fillable(world, order, run.limit):
        world.close(order, CloseReason.FOK_UNFILLABLE)
        return
    while order in world.orders and (maker := next_maker(world, order, run)):
        meet(world, order, maker, run)
    if order not in world.orders:
        return
    if is_filled(world, order, run):
        world.close(order, CloseReason.FILLED)
    elif order.type not in WITH_PRICE:
        world.close(order, CloseReason.NO_LIQUIDITY)
    elif order.tif is TimeInForce.IOC:
        world.close(order, CloseReason.IOC_REMAINDER)
    else:
        world.rest(order)


def next_maker(world: World, order: Order, run: Run) -> Order | None:
    """The order to meet next: the best one, if it is within the limit and lots are wanted at its price."""
    others = world.resting(order.market, opposite(order.side))
    if not others or not within(order.side, others[0].price, run.limit):
        return None
    return others[0] if lots_wanted(order, others[0].price) else None


def is_filled(world: World, order: Order, run: Run) -> bool:
    """Whether an order that meets nobody any more got what it wanted (MATCH-022 for budgets)."""
    if not order.is_budget:
        return order.remaining == 0
    if not run.last_price:
        return False
    others = world.resting(order.market, opposite(order.side))
    inside = [o.price for o in others if within(order.side, o.price, run.limit)]
    return lots_wanted(order, inside[0] if inside else run.last_price) == 0


def fillable(world: World, order: Order, limit: int) -> bool:
    """Whether all of a fill-or-kill order would trade now (MATCH-024, MATCH-025)."""
    others = world.resting(order.market, opposite(order.side))
    others = [o for o in others if within(order.side, o.price, limit)]
    lots, money, bought_at = order.remaining, order.held, 0
    for maker in others:
        cost = maker.price * order.market.unit
        wanted = money // cost if order.is_budget else lots
        if wanted == 0:
            return not order.is_budget or bought_at > 0
        if maker.account == order.account and order.stp is SelfTradePrevention.EXPIRE_MAKER:
            continue
        if maker.account == order.account and order.stp is not SelfTradePrevention.NONE:
            return False
        traded = min(wanted, maker.remaining)
        lots, money, bought_at = lots - traded, money - traded * cost, maker.price
    if order.is_budget:
        return bought_at > 0 and money < bought_at * order.market.unit
    return lots == 0


def meet(world: World, taker: Order, maker: Order, run: Run) -> None:
    """An incoming order meets the best resting one."""
    if taker.account != maker.account or taker.stp is SelfTradePrevention.NONE:
        trade(world, taker, maker, run)
        return
    if taker.stp in {SelfTradePrevention.EXPIRE_MAKER, SelfTradePrevention.EXPIRE_BOTH}:
        world.close(maker, CloseReason.SELF_TRADE)
    if taker.stp in {SelfTradePrevention.EXPIRE_TAKER, SelfTradePrevention.EXPIRE_BOTH}:
        world.close(taker, CloseReason.SELF_TRADE)
    if taker.stp is SelfTradePrevention.DECREMENT:
        decrement(world, taker, maker)


def decrement(world: World, taker: Order, maker: Order) -> None:
    """Take the smaller quantity off both (MATCH-044)."""
    lots = min(lots_wanted(taker, maker.price), maker.remaining)
    maker.quantity -= lots
    if taker.is_budget:
        taker.budget -= lots * maker.price * taker.market.unit
    else:
        taker.quantity -= lots
    for order in (maker, taker):
        order.updated_at = world.now
    if maker.remaining == 0:
        world.close(maker, CloseReason.SELF_TRADE)
    if taker.remaining == 0 and taker.held == 0:
        world.close(taker, CloseReason.SELF_TRADE)


def fee(world: World, order: Order, amount: int, *, is_maker: bool) -> int:
    """What a party pays for receiving an amount (MATCH-062)."""
    maker_ppm, taker_ppm = world.tiers[world.accounts[order.account].tier]
    product = amount * (maker_ppm if is_maker else taker_ppm)
    return product // 1_000_000 + (1 if product % 1_000_000 else 0)


def trade(world: World, taker: Order, maker: Order, run: Run) -> None:
    """Exchange base for quote at the maker's price and charge the fees."""
    market, price = taker.market, maker.price
    lots = min(lots_wanted(taker, price), maker.remaining)
    quote, base = price * lots * market.unit, lots * market.lot_size
    buyer, seller = (taker, maker) if taker.side is Side.BUY else (maker, taker)
    received = {id(buyer): base, id(seller): quote}
    maker_fee = fee(world, maker, received[id(maker)], is_maker=True)
    taker_fee = fee(world, taker, received[id(taker)], is_maker=False)
    buyer_fee, seller_fee = (taker_fee, maker_fee) if buyer is taker else (maker_fee, taker_fee)
    world.give(buyer.account, market.quote, -quote)
    world.give(buyer.account, market.base, base - buyer_fee)
    world.give(seller.account, market.base, -base)
    world.give(seller.account, market.quote, quote - seller_fee)
    world.give(1, market.base, buyer_fee)
    world.give(1, market.quote, seller_fee)
    for order in (taker, maker):
        order.filled += lots
        order.quote_filled += quote
        order.updated_at = world.now
    market.last_price = run.last_price = price
    market.last_trade_id += 1
    world.answer.trades.append(
        (market.id, market.last_trade_id, maker.id, taker.id, price, lots, maker_fee, taker_fee)
    )
    if maker.remaining == 0:
        world.close(maker, CloseReason.FILLED)


def set_off(world: World) -> None:
    """Queue what the answer's new trades reach, and let the queue in, up to the bound (MATCH-032, 033)."""
    looked_at = queue_reached(world, 0)
    for _ in range(CASCADE):
        if not world.queue:
            return
        order = next(o for o in world.orders if o.id == world.queue[0])
        world.queue.pop(0)
        enter_triggered(world, order)
        looked_at = queue_reached(world, looked_at)


def queue_reached(world: World, looked_at: int) -> int:
    """Queue the waiting orders that the trades from `looked_at` on reach, trade by trade."""
    for market_id, _, _, _, price, *_ in world.answer.trades[looked_at:]:
        reached = [
            o
            for o in world.orders
            if o.market.id == market_id
            and is_waiting(world, o)
            and o.id not in world.queue
            and o.reached_by(price)
        ]
        rising = sorted((o for o in reached if o.rises), key=lambda o: (o.trigger, o.id))
        falling = sorted((o for o in reached if not o.rises), key=lambda o: (-o.trigger, o.id))
        world.queue += [o.id for o in rising + falling]
    return len(world.answer.trades)


def is_waiting(world: World, order: Order) -> bool:
    """Whether an open order has not entered the market yet."""
    return not order.place


def enter_triggered(world: World, order: Order) -> None:
    """A triggered order enters as if it came in now, if it still may and can pay (MATCH-034, 035)."""
    market = order.market
    lower, upper = market.band(market.middle)
    order.updated_at = world.now
    refused = (
        market.status is not MarketStatus.OPEN
        or world.accounts[order.account].status is not AccountStatus.OPEN
        or (order.type in WITH_PRICE and not lower <= order.price <= upper)
        or (order.post_only and would_take(world, order))
    )
    if refused:
        world.close(order, CloseReason.TRIGGER_REFUSED)
        return
    if order.type not in WITH_PRICE and order.side is Side.BUY and not order.is_budget:
        before = order.worst_price
        order.worst_price = upper
        if world.available(order.account, order.pays) < 0:
            order.worst_price = before
            world.close(order, CloseReason.TRIGGER_UNFUNDED)
            return
    enter(world, order)
