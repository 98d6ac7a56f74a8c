//! The exchange's engine: the state machine of src/cse/engine, byte for byte, at the speed of the machine.
//!
//! The Python engine is the specification (docs/reference/matching.md); modules mirror its modules, one idea each.

#![deny(unsafe_code)]

pub mod arena;
pub mod book;
pub mod journal;
pub mod layout;
pub mod messages;
