"""Cancelling orders: one, all, and all by the dead-man switch."""

from cse.engine.lifecycle import close
from cse.engine.limits import MAX_CANCEL_AFTER_MS
from cse.engine.model import Account, Order
from cse.engine.state import State, refuse
from cse.messages.commands import CancelAll, CancelOrder, SetCancelAfter
from cse.messages.events import CancelAfterSet, Rejected
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import AccountStatus, CloseReason, MarketStatus


def find_order(account: Account, order_id: int, client_order_id: str) -> Order | None:
    """Return an account's open order by its id or, when the id is 0, by its client order id."""
    if not order_id and client_order_id and account.client_ids:
        remembered = account.client_ids.get(client_order_id)
        order_id = remembered.order_id if remembered else 0
    return account.orders.get(order_id)


def cancel_order(state: State, command: CancelOrder) -> Rejected | None:
    """Cancel one open order of the account."""
    code = RejectCode.ORDER_NOT_FOUND
    order = None
    account = state.accounts.get(command.account_id)
    if account is None:
        code = RejectCode.ACCOUNT_NOT_FOUND
    else:
        order = find_order(account, command.order_id, command.client_order_id)
    if order is not None and order.market.status == MarketStatus.HALTED:
        code = RejectCode.MARKET_HALTED
    elif order is not None:
        close(state, order, CloseReason.CANCELLED)
        return None
    return refuse(
        code,
        account_id=command.account_id,
        market_id=order.market.market_id if order else 0,
        order_id=order.order_id if order else command.order_id,
        client_order_id=command.client_order_id,
    )


def cancel_all(state: State, command: CancelAll) -> Rejected | None:
    """Cancel all of an account's orders, oldest first, but those in halted markets."""
    account = state.accounts.get(command.account_id)
    if account is None:
        return refuse(
            RejectCode.ACCOUNT_NOT_FOUND, account_id=command.account_id, market_id=command.market_id
        )
    if command.market_id:
        market = state.markets.get(command.market_id)
        code = RejectCode.MARKET_NOT_FOUND if market is None else None
        if market is not None and market.status == MarketStatus.HALTED:
            code = RejectCode.MARKET_HALTED
        if code is not None:
            return refuse(code, account_id=command.account_id, market_id=command.market_id)
    for order in list(account.orders.values()):
        if command.market_id not in (0, order.market.market_id):
            continue
        if order.market.status != MarketStatus.HALTED:
            close(state, order, CloseReason.CANCELLED_ALL)
    return None


def set_cancel_after(state: State, command: SetCancelAfter) -> Rejected | None:
    """Arm, renew or disarm an account's dead-man switch."""
    account = state.accounts.get(command.account_id)
    code = None
    if account is None:
        code = RejectCode.ACCOUNT_NOT_FOUND
    elif account.status == AccountStatus.CLOSED:
        code = RejectCode.ACCOUNT_CLOSED
    elif command.timeout_ms > MAX_CANCEL_AFTER_MS:
        code = RejectCode.INVALID_TIMEOUT
    if account is None or code is not None:
        return refuse(code or RejectCode.ACCOUNT_NOT_FOUND, account_id=command.account_id)
    deadline = state.time_ms + command.timeout_ms if command.timeout_ms else 0
    state.set_cancel_after(account, deadline)
    state.events.append(CancelAfterSet(account.account_id, deadline))
    return None
