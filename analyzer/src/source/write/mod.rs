//! Writes captures: pcapng with all that was recorded, or classic pcap.
//!
//! Both writers take any [`std::io::Write`] and hand it one whole record at a time, so a
//! capture that is cut short ends at a frame. They buffer nothing themselves: wrap a file in a
//! `BufWriter`.

pub use pcap::PcapWriter;
pub use pcapng::PcapngWriter;

mod pcap;
mod pcapng;
#[cfg(test)]
mod tests;
