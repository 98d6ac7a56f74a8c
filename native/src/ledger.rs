//! Money in, out and across: deposits, withdrawals, transfers, each once per idempotency key.

use crate::layout::Message;
use crate::limits::MAX_AMOUNT;
use crate::messages::commands as c;
use crate::messages::events as e;
use crate::messages::{AccountStatus, RejectCode, WithdrawalStatus};
use crate::model::MoneyKey;
use crate::state::{Outcome, State, refuse};

/// The slots that a movement names, once they are known to be there.
struct Found {
    asset: u32,
    account: u32,
    /// Of a transfer's receiver; else that of the account again.
    receiver: u32,
}

/// Checks what all movements have in common: the key, the amount, the asset, the accounts.
fn check(state: &State, key: &[u8; 16], wanted: &MoneyKey) -> Result<Found, RejectCode> {
    if let Some(known) = state.money_keys.get(key) {
        let content = |key: &MoneyKey| {
            let accounts = (key.account_id, key.to_account_id);
            (key.command_type, accounts, key.asset_id, key.amount)
        };
        let same = content(known) == content(wanted);
        return Err(if same {
            RejectCode::AlreadyApplied
        } else {
            RejectCode::KeyConflict
        });
    }
    if wanted.amount == 0 {
        return Err(RejectCode::InvalidAmount);
    }
    if wanted.amount > MAX_AMOUNT {
        return Err(RejectCode::AmountTooLarge);
    }
    let asset = state
        .asset(wanted.asset_id)
        .ok_or(RejectCode::AssetNotFound)?;
    let account = open_account(state, wanted.account_id)?;
    let receiver = if wanted.command_type == c::Transfer::NUMBER {
        open_account(state, wanted.to_account_id)?
    } else {
        account
    };
    Ok(Found {
        asset,
        account,
        receiver,
    })
}

fn open_account(state: &State, account_id: u64) -> Result<u32, RejectCode> {
    let slot = state
        .account(account_id)
        .ok_or(RejectCode::AccountNotFound)?;
    if state.accounts[slot as usize].status == AccountStatus::Closed {
        return Err(RejectCode::AccountClosed);
    }
    Ok(slot)
}

/// Checks a movement that an account pays for; returns its balance as well.
fn check_payer(
    state: &State,
    key: &[u8; 16],
    wanted: &MoneyKey,
) -> Result<(Found, u32), RejectCode> {
    let found = check(state, key, wanted)?;
    if state.accounts[found.account as usize].status == AccountStatus::Frozen {
        return Err(RejectCode::AccountFrozen);
    }
    match state.find_balance(found.account, found.asset) {
        Some(slot) if state.balances[slot as usize].available >= wanted.amount => Ok((found, slot)),
        _ => Err(RejectCode::InsufficientFunds),
    }
}

fn refused(code: RejectCode, account_id: u64) -> e::Rejected {
    e::Rejected {
        account_id,
        ..refuse(code)
    }
}

/// Brings money in; frozen accounts receive too.
pub fn credit_deposit(state: &mut State, command: &c::CreditDeposit) -> Outcome {
    let wanted = MoneyKey {
        command_type: c::CreditDeposit::NUMBER,
        account_id: command.account_id,
        to_account_id: 0,
        asset_id: command.asset_id,
        amount: command.amount,
        status: WithdrawalStatus::Settled,
    };
    let found =
        check(state, &command.key, &wanted).map_err(|code| refused(code, command.account_id))?;
    let asset = &mut state.assets[found.asset as usize];
    match asset.custody.checked_add(command.amount) {
        Some(custody) if custody <= MAX_AMOUNT => asset.custody = custody,
        _ => return Err(refused(RejectCode::AmountTooLarge, command.account_id)),
    }
    let balance = state.balance(found.account, found.asset);
    state.balances[balance as usize].available += command.amount;
    state.money_keys.insert(command.key, wanted);
    state.events.push(&e::DepositCredited {
        account_id: command.account_id,
        asset_id: command.asset_id,
        amount: command.amount,
        key: command.key,
    });
    Ok(())
}

/// Sets money aside that is about to leave.
pub fn hold_withdrawal(state: &mut State, command: &c::HoldWithdrawal) -> Outcome {
    let wanted = MoneyKey {
        command_type: c::HoldWithdrawal::NUMBER,
        account_id: command.account_id,
        to_account_id: 0,
        asset_id: command.asset_id,
        amount: command.amount,
        status: WithdrawalStatus::Held,
    };
    let (_, balance) = check_payer(state, &command.key, &wanted)
        .map_err(|code| refused(code, command.account_id))?;
    let balance = &mut state.balances[balance as usize];
    balance.available -= command.amount;
    balance.held += command.amount;
    state.money_keys.insert(command.key, wanted);
    state.events.push(&e::WithdrawalHeld {
        account_id: command.account_id,
        asset_id: command.asset_id,
        amount: command.amount,
        key: command.key,
    });
    Ok(())
}

/// Moves available money from one account to another.
pub fn transfer(state: &mut State, command: &c::Transfer) -> Outcome {
    let wanted = MoneyKey {
        command_type: c::Transfer::NUMBER,
        account_id: command.from_account_id,
        to_account_id: command.to_account_id,
        asset_id: command.asset_id,
        amount: command.amount,
        status: WithdrawalStatus::Settled,
    };
    let (found, payer) = check_payer(state, &command.key, &wanted)
        .map_err(|code| refused(code, command.from_account_id))?;
    if found.account == found.receiver {
        let code = RejectCode::InvalidCombination;
        return Err(refused(code, command.from_account_id));
    }
    let receiver = state.balance(found.receiver, found.asset);
    state.balances[payer as usize].available -= command.amount;
    state.balances[receiver as usize].available += command.amount;
    state.money_keys.insert(command.key, wanted);
    state.events.push(&e::Transferred {
        from_account_id: command.from_account_id,
        to_account_id: command.to_account_id,
        asset_id: command.asset_id,
        amount: command.amount,
        key: command.key,
    });
    Ok(())
}

/// Ends a held withdrawal as `wanted`; returns what it was, and its balance.
fn end(
    state: &mut State,
    key: &[u8; 16],
    wanted: WithdrawalStatus,
) -> Result<(MoneyKey, u32), e::Rejected> {
    let known = state
        .money_keys
        .get_mut(key)
        .filter(|known| known.command_type == c::HoldWithdrawal::NUMBER)
        .ok_or_else(|| refuse(RejectCode::WithdrawalNotFound))?;
    if known.status == wanted {
        return Err(refused(RejectCode::AlreadyApplied, known.account_id));
    }
    if known.status != WithdrawalStatus::Held {
        return Err(refused(RejectCode::WithdrawalNotHeld, known.account_id));
    }
    known.status = wanted;
    let known = *known;
    let account = state.account(known.account_id).expect("it held the money");
    let asset = state.asset(known.asset_id).expect("it was held");
    let balance = state.balance(account, asset);
    Ok((known, balance))
}

/// Lets held money leave the exchange for good.
pub fn settle_withdrawal(state: &mut State, command: &c::SettleWithdrawal) -> Outcome {
    let (known, balance) = end(state, &command.key, WithdrawalStatus::Settled)?;
    let balance = &mut state.balances[balance as usize];
    balance.held -= known.amount;
    state.assets[balance.asset as usize].custody -= known.amount;
    state.events.push(&e::WithdrawalSettled {
        account_id: known.account_id,
        asset_id: known.asset_id,
        amount: known.amount,
        key: command.key,
    });
    Ok(())
}

/// Gives held money back to its owner.
pub fn release_withdrawal(state: &mut State, command: &c::ReleaseWithdrawal) -> Outcome {
    let (known, balance) = end(state, &command.key, WithdrawalStatus::Released)?;
    let balance = &mut state.balances[balance as usize];
    balance.held -= known.amount;
    balance.available += known.amount;
    state.events.push(&e::WithdrawalReleased {
        account_id: known.account_id,
        asset_id: known.asset_id,
        amount: known.amount,
        key: command.key,
    });
    Ok(())
}
