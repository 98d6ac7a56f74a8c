"""Money in, out and across: deposits, withdrawals, transfers, each once per idempotency key."""

from typing import Final, assert_never

from cse.core.money import MAX_AMOUNT
from cse.engine.model import MoneyKey
from cse.engine.state import State, refuse
from cse.messages.commands import (
    CreditDeposit,
    HoldWithdrawal,
    ReleaseWithdrawal,
    SettleWithdrawal,
    Transfer,
)
from cse.messages.events import (
    DepositCredited,
    Rejected,
    Transferred,
    WithdrawalHeld,
    WithdrawalReleased,
    WithdrawalSettled,
)
from cse.messages.registry import TYPE_NUMBERS
from cse.messages.reject_codes import RejectCode
from cse.messages.wire import AccountStatus, WithdrawalStatus

HOLD_WITHDRAWAL: Final = TYPE_NUMBERS[HoldWithdrawal]
TRANSFER: Final = TYPE_NUMBERS[Transfer]

Movement = CreditDeposit | HoldWithdrawal | Transfer


def _key_of(command: Movement) -> MoneyKey:
    """Return what the command's key will stand for."""
    payer, receiver, status = 0, 0, WithdrawalStatus.SETTLED
    match command:
        case CreditDeposit():
            payer = command.account_id
        case HoldWithdrawal():
            payer, status = command.account_id, WithdrawalStatus.HELD
        case Transfer():
            payer, receiver = command.from_account_id, command.to_account_id
        case _:
            assert_never(command)
    number = TYPE_NUMBERS[type(command)]
    return MoneyKey(number, payer, receiver, command.asset_id, command.amount, status)


def _first_refusal(state: State, key: bytes, wanted: MoneyKey) -> RejectCode | None:
    """Check what all movements have in common: the key, the amount, the asset, the accounts."""
    known = state.money_keys.get(key)
    if known is not None:
        same = (
            known.command_type,
            known.account_id,
            known.to_account_id,
            known.asset_id,
            known.amount,
        ) == (
            wanted.command_type,
            wanted.account_id,
            wanted.to_account_id,
            wanted.asset_id,
            wanted.amount,
        )
        return RejectCode.ALREADY_APPLIED if same else RejectCode.KEY_CONFLICT
    if wanted.amount <= 0:
        return RejectCode.INVALID_AMOUNT
    if wanted.amount > MAX_AMOUNT:
        return RejectCode.AMOUNT_TOO_LARGE
    if wanted.asset_id not in state.assets:
        return RejectCode.ASSET_NOT_FOUND
    is_transfer = wanted.command_type == TRANSFER
    for account_id in (
        (wanted.account_id, wanted.to_account_id) if is_transfer else (wanted.account_id,)
    ):
        account = state.accounts.get(account_id)
        if account is None:
            return RejectCode.ACCOUNT_NOT_FOUND
        if account.status == AccountStatus.CLOSED:
            return RejectCode.ACCOUNT_CLOSED
    return None


def credit_deposit(state: State, command: CreditDeposit) -> Rejected | None:
    """Bring money in; frozen accounts receive too."""
    wanted = _key_of(command)
    code = _first_refusal(state, command.key, wanted)
    if code is None and state.assets[command.asset_id].custody + command.amount > MAX_AMOUNT:
        code = RejectCode.AMOUNT_TOO_LARGE
    if code is not None:
        return refuse(code, account_id=command.account_id)
    asset = state.assets[command.asset_id]
    asset.custody += command.amount
    state.accounts[command.account_id].balance(command.asset_id).available += command.amount
    state.money_keys[command.key] = wanted
    state.events.append(
        DepositCredited(command.account_id, command.asset_id, command.amount, command.key)
    )
    return None


def _pay_refusal(state: State, key: bytes, wanted: MoneyKey) -> RejectCode | None:
    """Check a movement that an account pays for."""
    code = _first_refusal(state, key, wanted)
    if code is not None:
        return code
    payer = state.accounts[wanted.account_id]
    if payer.status == AccountStatus.FROZEN:
        return RejectCode.ACCOUNT_FROZEN
    balance = payer.balances.get(wanted.asset_id)
    if balance is None or balance.available < wanted.amount:
        return RejectCode.INSUFFICIENT_FUNDS
    return None


def hold_withdrawal(state: State, command: HoldWithdrawal) -> Rejected | None:
    """Set money aside that is about to leave."""
    wanted = _key_of(command)
    code = _pay_refusal(state, command.key, wanted)
    if code is not None:
        return refuse(code, account_id=command.account_id)
    balance = state.accounts[command.account_id].balance(command.asset_id)
    balance.available -= command.amount
    balance.held += command.amount
    state.money_keys[command.key] = wanted
    state.events.append(
        WithdrawalHeld(command.account_id, command.asset_id, command.amount, command.key)
    )
    return None


def transfer(state: State, command: Transfer) -> Rejected | None:
    """Move available money from one account to another."""
    wanted = _key_of(command)
    code = _pay_refusal(state, command.key, wanted)
    if code is None and command.from_account_id == command.to_account_id:
        code = RejectCode.INVALID_COMBINATION
    if code is not None:
        return refuse(code, account_id=command.from_account_id)
    state.accounts[command.from_account_id].balance(command.asset_id).available -= command.amount
    state.accounts[command.to_account_id].balance(command.asset_id).available += command.amount
    state.money_keys[command.key] = wanted
    state.events.append(
        Transferred(
            command.from_account_id,
            command.to_account_id,
            command.asset_id,
            command.amount,
            command.key,
        )
    )
    return None


def _held_withdrawal(state: State, key: bytes, wanted: WithdrawalStatus) -> MoneyKey | Rejected:
    known = state.money_keys.get(key)
    if known is None or known.command_type != HOLD_WITHDRAWAL:
        return refuse(RejectCode.WITHDRAWAL_NOT_FOUND)
    if known.status == wanted:
        return refuse(RejectCode.ALREADY_APPLIED, account_id=known.account_id)
    if known.status != WithdrawalStatus.HELD:
        return refuse(RejectCode.WITHDRAWAL_NOT_HELD, account_id=known.account_id)
    return known


def settle_withdrawal(state: State, command: SettleWithdrawal) -> Rejected | None:
    """Let held money leave the exchange for good."""
    known = _held_withdrawal(state, command.key, WithdrawalStatus.SETTLED)
    if isinstance(known, Rejected):
        return known
    known.status = WithdrawalStatus.SETTLED
    state.accounts[known.account_id].balance(known.asset_id).held -= known.amount
    state.assets[known.asset_id].custody -= known.amount
    state.events.append(
        WithdrawalSettled(known.account_id, known.asset_id, known.amount, command.key)
    )
    return None


def release_withdrawal(state: State, command: ReleaseWithdrawal) -> Rejected | None:
    """Give held money back to its owner."""
    known = _held_withdrawal(state, command.key, WithdrawalStatus.RELEASED)
    if isinstance(known, Rejected):
        return known
    known.status = WithdrawalStatus.RELEASED
    balance = state.accounts[known.account_id].balance(known.asset_id)
    balance.held -= known.amount
    balance.available += known.amount
    state.events.append(
        WithdrawalReleased(known.account_id, known.asset_id, known.amount, command.key)
    )
    return None
