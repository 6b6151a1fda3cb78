//! The header of either version of IP.

use std::net::IpAddr;

use super::{Ipv4View, Ipv6View, Layer};

/// An IP header of which the fixed part was captured.
#[derive(Debug, Clone, Copy)]
pub enum IpView<'a> {
    /// IPv4.
    V4(Ipv4View<'a>),
    /// IPv6.
    V6(Ipv6View<'a>),
}

impl<'a> IpView<'a> {
    /// From a layer; `None` when it is not IP or its header was cut.
    #[inline(always)]
    pub fn from_layer(layer: &Layer<'a>) -> Option<Self> {
        match Ipv4View::from_layer(layer) {
            Some(view) => Some(Self::V4(view)),
            None => Ipv6View::from_layer(layer).map(Self::V6),
        }
    }

    /// Source and destination. Wireshark: `ip.src` and `ip.dst`, `ipv6.src` and `ipv6.dst`.
    #[inline]
    pub fn addresses(self) -> (IpAddr, IpAddr) {
        match self {
            Self::V4(ip) => (ip.source().into(), ip.destination().into()),
            Self::V6(ip) => (ip.source().into(), ip.destination().into()),
        }
    }
}
