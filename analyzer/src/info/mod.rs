//! What a row of the packet list says: Wireshark's Protocol and Info columns.
//!
//! Reads the facts of one frame and writes text into a buffer that the caller keeps, so that
//! a row costs no allocation. It judges nothing: verdicts on TCP come from the analysis.
//! A payload that no dissector here recognises is TCP or UDP with its length, never
//! something else.

pub use tcp::write_segment;
pub use udp::write_datagram;

mod tcp;
mod tcp_options;
mod udp;
