//! Where a capture comes from: whether two captures stem from one recording, and whether one
//! was changed after it was recorded.
//!
//! [`Trace::read`] keeps of every frame what a sender or a clock put there by chance or by
//! counting. [`shared_pairs`] finds captures that have such values in common; [`examine`] finds
//! values in one capture that do not fit each other; [`shown_twice`] finds packet lists, typed or
//! in pictures, that show the recording of another list or capture. All of them show frames and values. What they
//! mean, a person decides: nothing here says who copied, or that somebody did.

pub use edited::{Sign, SignKind, examine};
pub use rare::TraitKind;
pub use rows::{Row, RowTrace, shown_twice};
pub use shared::{Relation, SharedExample, SharedPair, SharedTrait, compare, shared_pairs};
pub use trace::{MOST_FRAMES, Trace};

mod edited;
mod pairing;
mod rare;
mod rows;
mod shared;
mod trace;
