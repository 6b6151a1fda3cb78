//! Bytes to layers: what the headers of a frame say, without copying them.
//!
//! [`Decoder::decode`] walks a frame from its link layer inwards and leaves a [`Decoded`]: the
//! list of layers, outermost first, each a slice with its header's length, and, when decoding
//! could not go on, a [`Stop`] that says where and why. Malformed or cut traffic is data here,
//! never an error. The decoder's only state is the reassembly of IP fragments.

pub use decoded::{Decoded, Layer, MAX_LAYERS, Stop, StopReason};
pub use protocol::Protocol;

mod decoded;
mod protocol;
