//! Binary order entry: checks of the gateway on whole batches, and what each account may see of events.
//!
//! `cse.gateway.entry.tools.PythonTools` is the specification of both.

mod check;
mod own_events;

pub use check::{Refusal, check_batch};
pub use own_events::{Own, own_events};
