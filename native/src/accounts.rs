//! Accounts: opened, frozen, closed, moved to another fee tier.

use crate::limits::{FEE_ACCOUNT, MAX_ID};
use crate::messages::commands as c;
use crate::messages::events as e;
use crate::messages::{AccountStatus, RejectCode};
use crate::model::Account;
use crate::state::{Outcome, State, refuse};

/// Opens an account under the sender's id.
pub fn open_account(state: &mut State, command: &c::OpenAccount) -> Outcome {
    let refused = |code| e::Rejected {
        account_id: command.account_id,
        ..refuse(code)
    };
    if state.account(command.account_id).is_some() {
        return Err(refused(RejectCode::AccountExists));
    }
    if !state.fee_tiers[command.fee_tier as usize].exists {
        return Err(refused(RejectCode::FeeTierNotFound));
    }
    if !(1..=MAX_ID).contains(&command.account_id) {
        return Err(refuse(RejectCode::InvalidListing));
    }
    state.add_account(Account::new(command.account_id, command.fee_tier));
    state.events.push(&e::AccountOpened {
        account_id: command.account_id,
        fee_tier: command.fee_tier,
    });
    Ok(())
}

/// Freezes, unfreezes or closes an account; a closed one stays closed.
pub fn set_account_status(state: &mut State, command: &c::SetAccountStatus) -> Outcome {
    let refused = |code| e::Rejected {
        account_id: command.account_id,
        ..refuse(code)
    };
    let slot = state
        .account(command.account_id)
        .filter(|_| command.account_id != FEE_ACCOUNT)
        .ok_or_else(|| refused(RejectCode::AccountNotFound))?;
    if state.accounts[slot as usize].status == AccountStatus::Closed {
        return Err(refused(RejectCode::AccountClosed));
    }
    if command.status == AccountStatus::Closed {
        let has_money = state
            .balances_of(slot)
            .any(|b| b.available > 0 || b.held > 0);
        if has_money || state.orders_of(slot).next().is_some() {
            return Err(refused(RejectCode::AccountNotEmpty));
        }
        state.set_cancel_after(slot, 0);
    }
    state.accounts[slot as usize].status = command.status;
    state.events.push(&e::AccountStatusChanged {
        account_id: command.account_id,
        status: command.status,
    });
    Ok(())
}

/// Moves an account to another fee tier.
pub fn set_account_fee_tier(state: &mut State, command: &c::SetAccountFeeTier) -> Outcome {
    let refused = |code| e::Rejected {
        account_id: command.account_id,
        ..refuse(code)
    };
    let slot = state
        .account(command.account_id)
        .ok_or_else(|| refused(RejectCode::AccountNotFound))?;
    if !state.fee_tiers[command.fee_tier as usize].exists {
        return Err(refused(RejectCode::FeeTierNotFound));
    }
    state.accounts[slot as usize].fee_tier = command.fee_tier;
    state.events.push(&e::AccountFeeTierChanged {
        account_id: command.account_id,
        fee_tier: command.fee_tier,
    });
    Ok(())
}
