"""Accounts, and the keys that make money move once."""

import pytest

from cse.core.ids import FEE_ACCOUNT
from cse.core.money import MAX_AMOUNT
from cse.engine.limits import MAX_CLIENT_IDS_PER_ACCOUNT
from cse.messages import commands as c
from cse.messages import events as e
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import AccountStatus, OrderType, SelfTradePrevention, Side, TimeInForce
from tests.unit.engine.venue import ANN, BOB, CLEO, NOVA, PLENTY, USDC, Venue


def test_account_status() -> None:
    """MATCH-080: frozen means cancel and receive; closed means nothing, needs emptiness, and lasts."""
    venue = Venue()
    resting, other = venue.buy(ANN, 2, 1000), venue.buy(ANN, 1, 900)
    venue.do(c.SetAccountStatus(ANN, AccountStatus.FROZEN))
    for events in (
        venue.place(ANN, Side.BUY, 1, 900),
        venue.do(c.HoldWithdrawal(ANN, USDC, 1, venue.new_key())),
        venue.do(c.Transfer(ANN, BOB, USDC, 1, venue.new_key())),
    ):
        assert venue.refused(events) == RejectCode.ACCOUNT_FROZEN
    venue.sell(BOB, 1, 1000)
    assert venue.only(e.Trade).maker_order_id == resting
    venue.cancel(ANN, other)
    venue.deposit(ANN, USDC, 5)
    venue.do(c.Transfer(BOB, ANN, USDC, 5, venue.new_key()))
    assert venue.only(e.Transferred).amount == 5
    not_empty = venue.do(c.SetAccountStatus(ANN, AccountStatus.CLOSED))
    assert venue.refused(not_empty) == RejectCode.ACCOUNT_NOT_EMPTY
    venue.do(c.OpenAccount(2000, 0))
    venue.do(c.SetAccountStatus(2000, AccountStatus.CLOSED))
    for events in (
        venue.deposit(2000, USDC, 5),
        venue.do(c.SetAccountStatus(2000, AccountStatus.OPEN)),
        venue.place(2000, Side.BUY, 1, 900),
        venue.do(c.SetCancelAfter(2000, 5)),
    ):
        assert venue.refused(events) == RejectCode.ACCOUNT_CLOSED
    assert venue.refused(venue.do(c.OpenAccount(2000, 0))) == RejectCode.ACCOUNT_EXISTS
    house = venue.do(c.SetAccountStatus(FEE_ACCOUNT, AccountStatus.FROZEN))
    assert venue.refused(house) == RejectCode.ACCOUNT_NOT_FOUND


@pytest.mark.parametrize("kind", ["deposit", "hold", "transfer"])
def test_keys_move_money_once(kind: str) -> None:
    """MATCH-081: the same command again is already applied, the key with another amount is a conflict."""
    venue = Venue()
    key = b"k" * 16

    def command(amount: int) -> c.CreditDeposit | c.HoldWithdrawal | c.Transfer:
        if kind == "deposit":
            return c.CreditDeposit(ANN, USDC, amount, key)
        if kind == "hold":
            return c.HoldWithdrawal(ANN, USDC, amount, key)
        return c.Transfer(ANN, BOB, USDC, amount, key)

    venue.do(command(7))
    state = venue.balance(ANN, USDC), venue.balance(BOB, USDC)
    assert venue.refused(venue.do(command(7))) == RejectCode.ALREADY_APPLIED
    assert venue.refused(venue.do(command(8))) == RejectCode.KEY_CONFLICT
    other = (
        c.Transfer(ANN, CLEO, USDC, 7, key)
        if kind != "transfer"
        else c.CreditDeposit(ANN, USDC, 7, key)
    )
    assert venue.refused(venue.do(other)) == RejectCode.KEY_CONFLICT
    assert (venue.balance(ANN, USDC), venue.balance(BOB, USDC)) == state


def test_movements_that_cannot_be() -> None:
    """MATCH-081: no amount, no asset, no account, no money: refused, and the key stays free."""
    venue = Venue()
    key = venue.new_key()
    cases = [
        (c.CreditDeposit(ANN, USDC, 0, key), RejectCode.INVALID_AMOUNT),
        (c.CreditDeposit(ANN, USDC, MAX_AMOUNT + 1, key), RejectCode.AMOUNT_TOO_LARGE),
        (c.CreditDeposit(ANN, 99, 1, key), RejectCode.ASSET_NOT_FOUND),
        (c.CreditDeposit(9999, USDC, 1, key), RejectCode.ACCOUNT_NOT_FOUND),
        (c.CreditDeposit(0, USDC, 1, key), RejectCode.ACCOUNT_NOT_FOUND),
        (c.HoldWithdrawal(ANN, USDC, PLENTY + 1, key), RejectCode.INSUFFICIENT_FUNDS),
        (c.HoldWithdrawal(0, USDC, 1, key), RejectCode.ACCOUNT_NOT_FOUND),
        (c.Transfer(ANN, 9999, USDC, 1, key), RejectCode.ACCOUNT_NOT_FOUND),
        (c.Transfer(ANN, 0, USDC, 1, key), RejectCode.ACCOUNT_NOT_FOUND),
        (c.Transfer(ANN, ANN, USDC, 1, key), RejectCode.INVALID_COMBINATION),
    ]
    for command, code in cases:
        assert venue.refused(venue.do(command)) == code, command
    venue.do(c.Transfer(ANN, BOB, USDC, 1, key))
    assert venue.only(e.Transferred).amount == 1


def test_withdrawals_end_once() -> None:
    """MATCH-082: held, then settled or released, each once, never both."""
    venue = Venue()
    out, back = b"o" * 16, b"b" * 16
    venue.do(c.HoldWithdrawal(ANN, NOVA, 30, out))
    venue.do(c.HoldWithdrawal(ANN, NOVA, 40, back))
    assert venue.balance(ANN, NOVA) == (PLENTY - 70, 70)
    venue.do(c.SettleWithdrawal(out))
    venue.do(c.ReleaseWithdrawal(back))
    assert venue.balance(ANN, NOVA) == (PLENTY - 30, 0)
    cases = [
        (c.SettleWithdrawal(out), RejectCode.ALREADY_APPLIED),
        (c.ReleaseWithdrawal(out), RejectCode.WITHDRAWAL_NOT_HELD),
        (c.ReleaseWithdrawal(back), RejectCode.ALREADY_APPLIED),
        (c.SettleWithdrawal(back), RejectCode.WITHDRAWAL_NOT_HELD),
        (c.SettleWithdrawal(b"x" * 16), RejectCode.WITHDRAWAL_NOT_FOUND),
        (c.SettleWithdrawal((1).to_bytes(16, "big")), RejectCode.WITHDRAWAL_NOT_FOUND),
    ]
    for command, code in cases:
        assert venue.refused(venue.do(command)) == code, command
    assert venue.balance(ANN, NOVA) == (PLENTY - 30, 0)


def test_client_order_ids_are_remembered() -> None:
    """MATCH-083: the same order again is not placed again; another order under the name is refused."""
    venue = Venue()
    order = venue.buy(ANN, 1, 900, client_id="a-1")
    again = venue.place(ANN, Side.BUY, 1, 900, client_id="a-1")
    assert venue.refused(again) == RejectCode.ALREADY_APPLIED
    assert venue.only(e.Rejected).order_id == order
    other = venue.place(ANN, Side.BUY, 2, 900, client_id="a-1")
    assert venue.refused(other) == RejectCode.DUPLICATE_CLIENT_ORDER_ID
    venue.buy(BOB, 1, 900, client_id="a-1")
    venue.cancel(ANN, order)
    after = venue.place(ANN, Side.BUY, 1, 900, client_id="a-1")
    assert venue.refused(after) == RejectCode.ALREADY_APPLIED


def test_refused_order_leaves_its_name_free() -> None:
    """MATCH-083: a refused order never was one: its name can be used again."""
    venue = Venue()
    venue.refused(venue.place(ANN, Side.BUY, 10**6, 1000, client_id="a-1", market=77))
    venue.buy(ANN, 1, 900, client_id="a-1")


def test_only_the_newest_names_are_remembered() -> None:
    """MATCH-083: memory is bounded; the oldest name is forgotten first."""
    venue = Venue()
    engine = venue.engine
    for number in range(MAX_CLIENT_IDS_PER_ACCOUNT + 1):
        order = order_of(ANN, f"name-{number}")
        engine.apply(engine.sequence + 1, venue.now, order)
    again = venue.place(ANN, Side.BUY, 1, 900, client_id="name-2", tif=TimeInForce.IOC)
    assert venue.refused(again) == RejectCode.ALREADY_APPLIED
    venue.buy(ANN, 1, 900, client_id="name-0")


def order_of(account: int, name: str) -> c.PlaceOrder:
    """An order that meets nobody and ends at once, under a name."""
    limit, ioc, none = OrderType.LIMIT, TimeInForce.IOC, SelfTradePrevention.NONE
    return c.PlaceOrder(account, 1, Side.BUY, limit, ioc, none, False, 900, 0, 1, 0, 0, name)


def test_totals_cannot_overflow() -> None:
    """MATCH-084: the last unit fits, the next one is refused."""
    venue = Venue()
    room = MAX_AMOUNT - 4 * PLENTY
    assert venue.refused(venue.deposit(ANN, USDC, room + 1)) == RejectCode.AMOUNT_TOO_LARGE
    venue.deposit(ANN, USDC, room)
    assert venue.refused(venue.deposit(ANN, USDC, 1)) == RejectCode.AMOUNT_TOO_LARGE
