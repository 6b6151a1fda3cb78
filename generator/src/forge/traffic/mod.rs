//! Traffic in bulk: captures of any size for measurements, byte for byte the same per seed.
//!
//! A [`Profile`] names a kind of traffic and gives its [`Shape`]: how many connections, how many
//! of them at a time, how much they send, and how often something goes wrong. Connections live
//! as in a simulation with the capture point between the two ends: a lost segment makes its
//! receiver send duplicate acknowledgements with the right SACK blocks, and its sender repair it.
//! So the acknowledgements in the capture follow from the faults, and [`Truth`] says how many of
//! each there are among the frames that were written.
//!
//! ```text
//! profile ──► schedule ──► connection ──► round ──► receiver     packets in order of time
//!                 └──► frame ──► write                           their bytes, a capture
//! ```
//!
//! Memory is bounded by the connections that are open at a time, never by the capture.

pub use profile::{PayloadSize, Profile, Shape, Span};
pub use schedule::Traffic;
pub use truth::Truth;
pub use write::{FileFormat, write};

mod connection;
mod frame;
mod packet;
mod profile;
mod random;
mod receiver;
mod round;
mod schedule;
#[cfg(test)]
mod tests;
mod truth;
mod write;
