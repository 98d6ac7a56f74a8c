//! The exchange's engine: the state machine of src/cse/engine, byte for byte, at the speed of the machine.
//!
//! The Python engine is the specification (docs/reference/matching.md); modules mirror its modules, one idea each.

#![deny(unsafe_code)]

mod accounts;
mod amending;
pub mod arena;
pub mod book;
mod cancelling;
mod checks;
mod client_ids;
pub mod codec;
mod credible;
mod depth;
#[cfg(feature = "python")]
#[allow(unsafe_code)] // what PyO3's macros write; there is none of ours
mod door;
mod dump;
pub mod engine;
pub mod entry;
mod events;
mod fill_or_kill;
mod ids;
pub mod journal;
pub mod layout;
mod ledger;
mod levels;
mod lifecycle;
pub mod limits;
mod listings;
mod lookahead;
mod matching;
pub mod messages;
mod model;
mod money;
mod order_table;
mod placing;
mod prefetch;
mod queue;
pub mod restore;
#[cfg(test)]
mod sample;
mod self_trade;
mod settlement;
mod state;
mod timers;
mod triggers;
