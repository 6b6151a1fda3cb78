//! The network interfaces of this machine.

use std::net::IpAddr;

/// An interface of this machine, as the kernel shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalInterface {
    /// Name, for example `eth1`.
    pub name: String,
    /// True when it is up.
    pub is_up: bool,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// MAC address as text, where it has one.
    pub mac: Option<String>,
}

/// Lists the interfaces of the network namespace of the calling thread.
pub fn local_interfaces() -> Vec<LocalInterface> {
    pnet::datalink::interfaces()
        .into_iter()
        .map(|interface| LocalInterface {
            is_up: interface.is_up(),
            addresses: interface.ips.iter().map(|network| network.ip()).collect(),
            mac: interface.mac.map(|mac| mac.to_string()),
            name: interface.name,
        })
        .collect()
}
