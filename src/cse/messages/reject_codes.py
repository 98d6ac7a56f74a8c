"""Why the engine refuses: numbered by what is wrong; the order of checks is in docs/reference/matching.md.

1xx shape of the command, 2xx account, 3xx market, 4xx the order against the market's rules, 5xx funds,
6xx orders that exist or do not, 7xx idempotency, 8xx assets and listings. docs/reference/reject-codes.md
is generated from this table.
"""

from enum import IntEnum
from typing import Annotated, Final, NamedTuple

from cse.messages.wire import Wire


class RejectCode(IntEnum):
    """The number that travels; `name.lower()` is the `code` of the API."""

    INVALID_COMBINATION = 101
    INVALID_AMOUNT = 102
    AMOUNT_TOO_LARGE = 103
    EXPIRES_IN_PAST = 104
    INVALID_TIMEOUT = 105

    ACCOUNT_NOT_FOUND = 201
    ACCOUNT_FROZEN = 202
    ACCOUNT_CLOSED = 203
    ACCOUNT_EXISTS = 204
    ACCOUNT_NOT_EMPTY = 205

    MARKET_NOT_FOUND = 301
    MARKET_HALTED = 302
    MARKET_CANCEL_ONLY = 303
    MARKET_CLOSED = 304
    MARKET_EXISTS = 305

    QUANTITY_TOO_SMALL = 401
    QUANTITY_TOO_LARGE = 402
    NOTIONAL_TOO_SMALL = 403
    PRICE_OUT_OF_BAND = 404
    TOO_MANY_ORDERS = 405
    WOULD_TAKE = 406
    WOULD_TRIGGER = 407

    INSUFFICIENT_FUNDS = 501

    ORDER_NOT_FOUND = 601
    ORDER_CLOSED = 602
    QUANTITY_BELOW_FILLED = 603
    NOTHING_TO_AMEND = 604

    DUPLICATE_CLIENT_ORDER_ID = 701
    ALREADY_APPLIED = 702
    KEY_CONFLICT = 703
    WITHDRAWAL_NOT_FOUND = 704
    WITHDRAWAL_NOT_HELD = 705

    ASSET_NOT_FOUND = 801
    ASSET_EXISTS = 802
    INVALID_LISTING = 803
    FEE_TIER_NOT_FOUND = 804
    FEE_TOO_HIGH = 805


RejectCodeField = Annotated[RejectCode, Wire("H", "enum")]


class Refusal(NamedTuple):
    """How a refusal is told over HTTP."""

    status: int
    message: str


REFUSALS: Final[dict[RejectCode, Refusal]] = {
    RejectCode.INVALID_COMBINATION: Refusal(400, "These order fields do not go together."),
    RejectCode.INVALID_AMOUNT: Refusal(400, "The amount must be greater than zero."),
    RejectCode.AMOUNT_TOO_LARGE: Refusal(400, "The amount is larger than the exchange can hold."),
    RejectCode.EXPIRES_IN_PAST: Refusal(400, "The expiry time has already passed."),
    RejectCode.INVALID_TIMEOUT: Refusal(400, "The timeout is longer than the exchange allows."),
    RejectCode.ACCOUNT_NOT_FOUND: Refusal(404, "There is no such account."),
    RejectCode.ACCOUNT_FROZEN: Refusal(403, "The account is frozen: it can only cancel orders."),
    RejectCode.ACCOUNT_CLOSED: Refusal(403, "The account is closed."),
    RejectCode.ACCOUNT_EXISTS: Refusal(409, "The account exists already."),
    RejectCode.ACCOUNT_NOT_EMPTY: Refusal(409, "The account still has money or open orders."),
    RejectCode.MARKET_NOT_FOUND: Refusal(404, "There is no such market."),
    RejectCode.MARKET_HALTED: Refusal(400, "The market is halted: no orders for now."),
    RejectCode.MARKET_CANCEL_ONLY: Refusal(400, "The market only takes cancellations for now."),
    RejectCode.MARKET_CLOSED: Refusal(400, "The market is closed."),
    RejectCode.MARKET_EXISTS: Refusal(409, "The market exists already."),
    RejectCode.QUANTITY_TOO_SMALL: Refusal(400, "The quantity is below the market's minimum."),
    RejectCode.QUANTITY_TOO_LARGE: Refusal(400, "The quantity is above the market's maximum."),
    RejectCode.NOTIONAL_TOO_SMALL: Refusal(400, "The order's value is below the market's minimum."),
    RejectCode.PRICE_OUT_OF_BAND: Refusal(400, "The price is too far from the market's price."),
    RejectCode.TOO_MANY_ORDERS: Refusal(
        400, "The account has as many open orders as the market allows."
    ),
    RejectCode.WOULD_TAKE: Refusal(400, "The post-only order would have traded at once."),
    RejectCode.WOULD_TRIGGER: Refusal(400, "The trigger price has already been reached."),
    RejectCode.INSUFFICIENT_FUNDS: Refusal(400, "There is not enough available money for this."),
    RejectCode.ORDER_NOT_FOUND: Refusal(404, "There is no such order."),
    RejectCode.ORDER_CLOSED: Refusal(409, "The order is already closed."),
    RejectCode.QUANTITY_BELOW_FILLED: Refusal(
        409, "More than the new quantity has already been filled."
    ),
    RejectCode.NOTHING_TO_AMEND: Refusal(400, "The amendment changes nothing."),
    RejectCode.DUPLICATE_CLIENT_ORDER_ID: Refusal(
        409, "The client order id was used for another order."
    ),
    RejectCode.ALREADY_APPLIED: Refusal(200, "This was already done; it was not done again."),
    RejectCode.KEY_CONFLICT: Refusal(409, "The idempotency key was used for something else."),
    RejectCode.WITHDRAWAL_NOT_FOUND: Refusal(404, "There is no such withdrawal."),
    RejectCode.WITHDRAWAL_NOT_HELD: Refusal(409, "The withdrawal is already settled or released."),
    RejectCode.ASSET_NOT_FOUND: Refusal(404, "There is no such asset."),
    RejectCode.ASSET_EXISTS: Refusal(409, "The asset exists already."),
    RejectCode.INVALID_LISTING: Refusal(400, "The listing's numbers do not fit together."),
    RejectCode.FEE_TIER_NOT_FOUND: Refusal(404, "There is no such fee tier."),
    RejectCode.FEE_TOO_HIGH: Refusal(400, "The fee is above the highest the exchange allows."),
}
