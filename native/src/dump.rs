//! The state as records in canonical order, and the hash over them: the same for every implementation.

use blake2::Blake2b;
use blake2::digest::{Digest, consts::U32};

use crate::codec::write_header;
use crate::layout::Message;
use crate::messages::HEADER_SIZE;
use crate::messages::records as r;
use crate::model::{Market, Place};
use crate::state::{State, some};

/// Takes the records one by one.
pub trait Sink {
    /// Takes one record's frame.
    fn take(&mut self, frame: &[u8]);
}

impl Sink for Vec<u8> {
    fn take(&mut self, frame: &[u8]) {
        self.extend_from_slice(frame);
    }
}

impl Sink for Blake2b<U32> {
    fn take(&mut self, frame: &[u8]) {
        self.update(frame);
    }
}

const LARGEST: usize = 256;

fn put<M: Message>(sink: &mut impl Sink, record: &M) {
    const { assert!(HEADER_SIZE + M::BODY <= LARGEST) }
    let mut frame = [0; LARGEST];
    write_header::<M>(&mut frame, 0, 0, 0);
    record.write(&mut frame[HEADER_SIZE..HEADER_SIZE + M::BODY]);
    sink.take(&frame[..HEADER_SIZE + M::BODY]);
}

/// Returns BLAKE2b-256 over the records' frames (sequence, time and index 0 in their headers).
pub fn hash(state: &State) -> [u8; 32] {
    let mut digest = Blake2b::<U32>::new();
    dump(state, &mut digest);
    digest.finalize().into()
}

/// Writes every record of the state.
pub fn dump(state: &State, sink: &mut impl Sink) {
    put(
        sink,
        &r::StateRecord {
            sequence: state.sequence,
            time_ms: state.time_ms,
            next_order_id: state.next_order_id,
            next_priority: state.next_priority,
        },
    );
    dump_listings(state, sink);
    let accounts = by(&state.accounts, |account| account.account_id);
    for &slot in &accounts {
        let account = &state.accounts[slot as usize];
        put(
            sink,
            &r::AccountRecord {
                account_id: account.account_id,
                status: account.status,
                fee_tier: account.fee_tier,
                cancel_after: account.cancel_after,
            },
        );
    }
    for &slot in &accounts {
        dump_balances(state, slot, sink);
    }
    for (_, slot) in open_orders(state) {
        put(sink, &order_record(state, slot));
    }
    dump_queue(state, sink);
    for &slot in &accounts {
        dump_client_ids(state, slot, sink);
    }
    dump_money_keys(state, sink);
}

/// Returns the slots of rows, sorted by their keys.
fn by<T, K: Ord>(rows: &[T], key: impl Fn(&T) -> K) -> Vec<u32> {
    let mut slots: Vec<u32> = (0..rows.len() as u32).collect();
    slots.sort_unstable_by_key(|&slot| key(&rows[slot as usize]));
    slots
}

fn dump_listings(state: &State, sink: &mut impl Sink) {
    for slot in by(&state.assets, |asset| asset.asset_id) {
        let asset = &state.assets[slot as usize];
        put(
            sink,
            &r::AssetRecord {
                asset_id: asset.asset_id,
                symbol: asset.symbol,
                scale: asset.scale,
                custody: asset.custody,
            },
        );
    }
    for (number, tier) in (0_u8..=255).zip(&state.fee_tiers) {
        if tier.exists {
            put(
                sink,
                &r::FeeTierRecord {
                    tier: number,
                    maker_ppm: tier.maker_ppm,
                    taker_ppm: tier.taker_ppm,
                },
            );
        }
    }
    for slot in by(&state.markets, |market| market.market_id) {
        put(sink, &market_record(state, &state.markets[slot as usize]));
    }
}

fn market_record(state: &State, market: &Market) -> r::MarketRecord {
    r::MarketRecord {
        market_id: market.market_id,
        symbol: market.symbol,
        base_asset_id: state.assets[market.base as usize].asset_id,
        quote_asset_id: state.assets[market.quote as usize].asset_id,
        price_scale: market.price_scale,
        tick_size: market.tick_size,
        lot_size: market.lot_size,
        min_quantity: market.min_quantity,
        max_quantity: market.max_quantity,
        min_notional: market.min_notional,
        band_ppm: market.band_ppm,
        reference_price: market.reference_price,
        max_open_orders: market.max_open_orders,
        status: market.status,
        unit_notional: market.unit_notional,
        last_price: market.last_price,
        last_trade_id: market.last_trade_id,
    }
}

/// Writes an account's balances that are not empty, by asset id.
pub fn dump_balances(state: &State, account: u32, sink: &mut impl Sink) {
    let account_id = state.accounts[account as usize].account_id;
    let mut balances: Vec<r::BalanceRecord> = state
        .balances_of(account)
        .filter(|balance| balance.available > 0 || balance.held > 0)
        .map(|balance| r::BalanceRecord {
            account_id,
            asset_id: state.assets[balance.asset as usize].asset_id,
            available: balance.available,
            held: balance.held,
        })
        .collect();
    balances.sort_unstable_by_key(|balance| balance.asset_id);
    for balance in &balances {
        put(sink, balance);
    }
}

/// Writes an account's open orders, by id.
pub fn dump_orders_of(state: &State, account: u32, sink: &mut impl Sink) {
    for slot in state.orders_of(account) {
        put(sink, &order_record(state, slot));
    }
}

fn open_orders(state: &State) -> Vec<(u64, u32)> {
    let rows = state.orders.rows().iter().zip(0_u32..);
    let mut open: Vec<(u64, u32)> = Vec::with_capacity(state.orders.live());
    open.extend(
        rows.filter(|(order, _)| order.place != Place::Free)
            .map(|(order, slot)| (order.order_id, slot)),
    );
    open.sort_unstable();
    open
}

fn order_record(state: &State, slot: u32) -> r::OrderRecord {
    let (order, rare) = (&state.orders[slot], state.rare(slot));
    r::OrderRecord {
        order_id: order.order_id,
        account_id: state.accounts[order.account as usize].account_id,
        market_id: state.markets[order.market as usize].market_id,
        side: order.side,
        kind: order.kind,
        time_in_force: order.time_in_force,
        stp: order.stp,
        post_only: order.post_only,
        resting: order.place == Place::Resting,
        price: order.price,
        trigger_price: rare.trigger_price,
        quantity: order.quantity,
        filled_quantity: order.filled(),
        quote_quantity: order.quote_quantity,
        quote_filled: order.quote_filled,
        held: order.held,
        expires_at: rare.expires_at,
        priority: order.priority,
        created_at: order.created_at,
        updated_at: order.updated_at,
        client_order_id: rare.client_order_id,
    }
}

fn dump_queue(state: &State, sink: &mut impl Sink) {
    let mut next = some(state.trigger_queue.first());
    let mut position = 0;
    while let Some(slot) = next {
        let order = &state.orders[slot];
        put(
            sink,
            &r::TriggerQueueRecord {
                position,
                order_id: order.order_id,
            },
        );
        position += 1;
        next = some(order.next);
    }
}

fn dump_client_ids(state: &State, account: u32, sink: &mut impl Sink) {
    let account = &state.accounts[account as usize];
    let Some(ids) = &account.client_ids else {
        return;
    };
    for (position, known) in (0_u16..).zip(ids.oldest_first()) {
        put(
            sink,
            &r::ClientIdRecord {
                account_id: account.account_id,
                position,
                order_id: known.order_id,
                fingerprint: known.fingerprint,
                client_order_id: known.client_order_id,
            },
        );
    }
}

fn dump_money_keys(state: &State, sink: &mut impl Sink) {
    let mut keys: Vec<_> = state.money_keys.iter().collect();
    keys.sort_unstable_by_key(|(key, _)| **key);
    for (key, known) in keys {
        put(
            sink,
            &r::MoneyKeyRecord {
                key: *key,
                command_type: known.command_type,
                account_id: known.account_id,
                to_account_id: known.to_account_id,
                asset_id: known.asset_id,
                amount: known.amount,
                status: known.status,
            },
        );
    }
}
