//! The order book's price levels: where they are found. Orders within a level are linked in `levels`.

pub mod index;
mod ring;
pub mod window;

pub use index::LevelIndex;

/// The level index that the engine uses; which others were measured: docs/decisions/0030.
pub type SideIndex = window::WindowIndex;
