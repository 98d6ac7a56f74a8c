//! The order book's price levels: where they are found. Orders within a level are linked in `levels`.

pub mod index;
pub mod tree;

pub use index::LevelIndex;

/// The level index that the engine uses.
pub type SideIndex = tree::TreeIndex;
