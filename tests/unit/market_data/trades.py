"""Made-up trades."""

import random

from cse.market_data import TapeTrade
from cse.messages.events import Trade
from cse.messages.wire import Side

DAY_MS = 24 * 60 * 60 * 1_000
START_MS = 1_700_000_000_000


def trade(number: int, time_ms: int, price: int = 100, quantity: int = 1) -> TapeTrade:
    return TapeTrade(1, number, price, quantity, price * quantity * 7, Side.BUY, time_ms, number)


def random_trades(seed: int, count: int, step_ms: int) -> list[TapeTrade]:
    """Trades up to `step_ms` apart, with some long silences."""
    dice = random.Random(seed)
    made, time_ms = [], START_MS
    for number in range(1, count + 1):
        time_ms += dice.randrange(step_ms) if dice.random() < 0.99 else dice.randrange(DAY_MS * 2)
        made.append(trade(number, time_ms, dice.randrange(50, 150), dice.randrange(1, 20)))
    return made


def event_of(made: TapeTrade) -> Trade:
    """The engine's event of a trade, between made-up orders."""
    return Trade(
        market_id=made.market_id,
        trade_id=made.trade_id,
        price=made.price,
        quantity=made.quantity,
        base_amount=made.quantity,
        quote_amount=made.quote_amount,
        taker_side=made.taker_side,
        maker_order_id=1,
        taker_order_id=2,
        maker_account_id=1_001,
        taker_account_id=1_002,
        maker_fee=0,
        taker_fee=0,
        buyer_released=0,
    )
