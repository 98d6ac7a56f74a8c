//! The engine: commands in, events out. All of the crate's other modules serve this one.

use crate::codec::{BatchError, check_commands, read_frame};
use crate::depth::{Level, best_levels};
use crate::dump::{dump, dump_balances, dump_orders_of, hash};
use crate::layout::{Foreign, Message};
use crate::lookahead::Lookahead;
use crate::messages::Side;
use crate::messages::commands as c;
use crate::restore::{RestoreError, restore};
use crate::state::{Outcome, State};
use crate::{accounts, amending, cancelling, ledger, listings, placing, timers};

/// One venue: all markets, all balances. Single-threaded and deterministic.
#[derive(Debug, Default)]
pub struct Engine {
    state: State,
}

impl Engine {
    /// Returns the engine of an empty venue.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns an engine whose state is these records, given as frames in canonical order.
    pub fn restore(records: &[u8]) -> Result<Self, RestoreError> {
        let state = restore(records)?;
        Ok(Self { state })
    }

    /// Returns the last command that was applied; 0 for a new venue.
    pub fn sequence(&self) -> u64 {
        self.state.sequence
    }

    /// Returns the time of the last command, Unix ms.
    pub fn time_ms(&self) -> u64 {
        self.state.time_ms
    }

    /// Applies command frames; their events can be read with `events` until the next call.
    ///
    /// The whole input is checked first; an error means that nothing changed.
    pub fn apply_batch(&mut self, frames: &[u8]) -> Result<(), BatchError> {
        self.state.events.clear();
        check_commands(frames, self.state.sequence, self.state.time_ms)?;
        let mut offset = 0;
        let mut ahead = Lookahead::new(&self.state, frames);
        while offset < frames.len() {
            ahead.step(&self.state, frames);
            let frame = read_frame(frames, offset).expect("checked above");
            self.apply(frame.sequence, frame.time_ms, frame.number, frame.body)
                .expect("checked above");
            offset += frame.size();
        }
        Ok(())
    }

    /// Returns the frames of what the last batch did, in order.
    pub fn events(&self) -> &[u8] {
        self.state.events.bytes()
    }

    /// Applies one command whose sequence and time follow the last ones.
    #[inline]
    fn apply(
        &mut self,
        sequence: u64,
        time_ms: u64,
        number: u8,
        body: &[u8],
    ) -> Result<(), Foreign> {
        let state = &mut self.state;
        state.sequence = sequence;
        state.time_ms = time_ms;
        state.events.begin(sequence, time_ms);
        let outcome = match number {
            c::PlaceOrder::NUMBER => placing::place_order(state, &c::PlaceOrder::read(body)?, body),
            c::CancelOrder::NUMBER => cancelling::cancel_order(state, &c::CancelOrder::read(body)?),
            _ => apply_other(state, number, body)?,
        };
        match outcome {
            Err(rejected) => state.events.push(&rejected),
            Ok(()) if !state.trigger_queue.is_empty() => timers::drain_triggers(state),
            Ok(()) => {}
        }
        Ok(())
    }

    /// Returns the records of the whole state in canonical order, as frames.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut records = Vec::new();
        dump(&self.state, &mut records);
        records
    }

    /// Returns BLAKE2b-256 over the records: equal for equal states of any implementation.
    pub fn state_hash(&self) -> [u8; 32] {
        hash(&self.state)
    }

    /// Returns when a Tick is due next (Unix ms; the past: at once), `None` when nothing waits for time.
    pub fn next_tick_at(&self) -> Option<u64> {
        timers::next_tick_at(&self.state)
    }

    /// Returns the best levels of a market's bids and asks; `None`: there is no such market.
    pub fn depth(&self, market_id: u32, limit: usize) -> Option<(Vec<Level>, Vec<Level>)> {
        let market = self.state.market(market_id)?;
        let side = |side| best_levels(&self.state, market, side, limit);
        Some((side(Side::Buy), side(Side::Sell)))
    }

    /// Returns an account's balances as BalanceRecord frames; none for an account that does not exist.
    pub fn balances(&self, account_id: u64) -> Vec<u8> {
        let mut records = Vec::new();
        if let Some(account) = self.state.account(account_id) {
            dump_balances(&self.state, account, &mut records);
        }
        records
    }

    /// Returns an account's open orders as OrderRecord frames; none for an account that does not exist.
    pub fn orders(&self, account_id: u64) -> Vec<u8> {
        let mut records = Vec::new();
        if let Some(account) = self.state.account(account_id) {
            dump_orders_of(&self.state, account, &mut records);
        }
        records
    }
}

#[inline(never)]
fn apply_other(state: &mut State, number: u8, body: &[u8]) -> Result<Outcome, Foreign> {
    use c::*;
    Ok(match number {
        AmendOrder::NUMBER => amending::amend_order(state, &AmendOrder::read(body)?),
        CancelAll::NUMBER => cancelling::cancel_all(state, &CancelAll::read(body)?),
        SetCancelAfter::NUMBER => cancelling::set_cancel_after(state, &SetCancelAfter::read(body)?),
        Tick::NUMBER => {
            timers::tick(state);
            Ok(())
        }
        CreditDeposit::NUMBER => ledger::credit_deposit(state, &CreditDeposit::read(body)?),
        HoldWithdrawal::NUMBER => ledger::hold_withdrawal(state, &HoldWithdrawal::read(body)?),
        SettleWithdrawal::NUMBER => {
            ledger::settle_withdrawal(state, &SettleWithdrawal::read(body)?)
        }
        ReleaseWithdrawal::NUMBER => {
            ledger::release_withdrawal(state, &ReleaseWithdrawal::read(body)?)
        }
        Transfer::NUMBER => ledger::transfer(state, &Transfer::read(body)?),
        _ => apply_listing(state, number, body)?,
    })
}

fn apply_listing(state: &mut State, number: u8, body: &[u8]) -> Result<Outcome, Foreign> {
    use c::*;
    Ok(match number {
        CreateAsset::NUMBER => listings::create_asset(state, &CreateAsset::read(body)?),
        SetFeeTier::NUMBER => listings::set_fee_tier(state, &SetFeeTier::read(body)?),
        CreateMarket::NUMBER => listings::create_market(state, &CreateMarket::read(body)?),
        UpdateMarket::NUMBER => listings::update_market(state, &UpdateMarket::read(body)?),
        SetMarketStatus::NUMBER => {
            listings::set_market_status(state, &SetMarketStatus::read(body)?)
        }
        OpenAccount::NUMBER => accounts::open_account(state, &OpenAccount::read(body)?),
        SetAccountStatus::NUMBER => {
            accounts::set_account_status(state, &SetAccountStatus::read(body)?)
        }
        SetAccountFeeTier::NUMBER => {
            accounts::set_account_fee_tier(state, &SetAccountFeeTier::read(body)?)
        }
        _ => return Err(Foreign),
    })
}
