//! Bytes to layers: what the headers of a frame say, without copying them.
//!
//! [`Decoder::decode`] walks a frame from its link layer inwards and leaves a [`Decoded`]: the
//! list of layers, outermost first, each a slice with its header's length, and, when decoding
//! could not go on, a [`Stop`] that says where and why. Malformed or cut traffic is data here,
//! never an error. The decoder's only state is the reassembly of IP fragments.

pub use arp::ArpView;
pub use checksum::{ChecksumVerdict, NotChecked};
pub use common::{CommonFrame, Ends};
pub use decoded::{Decoded, Stop, StopReason};
pub use decoder::Decoder;
pub use icmp::IcmpView;
pub use ip_view::IpView;
pub use ipv4::Ipv4View;
pub use ipv6::Ipv6View;
pub use layers::{Layer, Layers, MAX_LAYERS};
pub use link::ethernet::{EthernetView, VlanView};
pub use protocol::Protocol;
pub use tcp::TcpView;
pub use udp::UdpView;

mod arp;
pub mod checksum;
mod common;
mod decoded;
mod decoder;
mod fragments;
mod icmp;
mod internet_sum;
mod ip_protocol;
mod ip_view;
mod ipv4;
mod ipv6;
mod ipv6_extension;
mod layers;
mod link;
mod offset;
mod protocol;
mod span;
pub mod tcp;
pub mod tcp_options;
mod tunnel;
mod udp;

#[cfg(test)]
mod tests;
