//! The machines of a scenario and the bridges that join them.
//!
//! Every host is a [`Namespace`]; one more, the switch, holds the bridges, so that nobody but
//! the hosts is on the networks. Building ends when every cable carries frames in both
//! directions: a SYN sent right away is not lost.

use std::fs;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::error::{Error, Result};
use super::link::Links;
use super::namespace::Namespace;
use crate::scenario::{Host, Interface, Scenario};

/// How long the cables may take until they carry frames.
const CARRIER_LIMIT: Duration = Duration::from_secs(5);

/// How often a cable is asked for its carrier.
const CARRIER_PAUSE: Duration = Duration::from_millis(1);

/// Longest interface name that the kernel takes, in bytes (IFNAMSIZ - 1).
const INTERFACE_NAME_LIMIT: usize = 15;

/// A lab that is built and up. Gone, with everything in it, when dropped.
#[derive(Debug)]
pub struct Topology {
    hosts: Vec<Namespace>,
    switch: Namespace,
}

impl Topology {
    /// Builds hosts, bridges and cables.
    ///
    /// # Errors
    /// When the kernel refuses a step, or a cable stays dead.
    pub fn build(scenario: &Scenario) -> Result<Self> {
        let switch = create("switch", scenario.ipv6)?;
        let networks: Vec<String> =
            scenario.networks.iter().map(|network| network.name.as_ref().clone()).collect();
        switch
            .enter(move |links| networks.iter().try_for_each(|name| links.add_bridge(name)))??;
        let mut hosts = Vec::new();
        for (number, host) in scenario.hosts.iter().enumerate() {
            let namespace = create(host.name.as_ref(), scenario.ipv6)?;
            for (position, interface) in host.interfaces.iter().enumerate() {
                let port = port_name(host, interface, number, position);
                plug(&namespace, &switch, interface, &port)?;
            }
            if let Some(gateway) = host.gateway {
                namespace.enter(move |links| links.add_default_route(gateway))??;
            }
            hosts.push(namespace);
        }
        let topology = Self { hosts, switch };
        topology.wait_for_carrier(scenario)?;
        Ok(topology)
    }

    /// The host of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn host(&self, name: &str) -> Result<&Namespace> {
        self.hosts
            .iter()
            .find(|host| host.name() == name)
            .ok_or_else(|| Error::host(name, "find it", "no such host"))
    }

    fn wait_for_carrier(&self, scenario: &Scenario) -> Result<()> {
        let deadline = Instant::now() + CARRIER_LIMIT;
        for (number, host) in scenario.hosts.iter().enumerate() {
            let namespace = self.host(host.name.as_ref())?;
            for (position, interface) in host.interfaces.iter().enumerate() {
                await_carrier(namespace, interface.name.as_ref(), deadline)?;
                let port = port_name(host, interface, number, position);
                await_carrier(&self.switch, &port, deadline)?;
            }
        }
        Ok(())
    }
}

fn create(name: &str, ipv6: bool) -> Result<Namespace> {
    let namespace = Namespace::create(name)?;
    let host = name.to_owned();
    namespace.enter(move |links| -> Result<()> {
        set_up_ipv6(&host, ipv6)?;
        links.bring_up("lo")
    })??;
    Ok(namespace)
}

/// Turns IPv6 off; or leaves it on but for the duplicate address detection (RFC 4862 section
/// 5.4): a scenario's addresses differ, and for a second nobody could use them.
fn set_up_ipv6(host: &str, ipv6: bool) -> Result<()> {
    let (setting, value) = if ipv6 { ("accept_dad", "0") } else { ("disable_ipv6", "1") };
    for scope in ["all", "default"] {
        let path = format!("/proc/sys/net/ipv6/conf/{scope}/{setting}");
        match fs::write(&path, value) {
            Ok(()) => {}
            // A kernel without IPv6 has nothing to turn off; an IPv6 address will be refused.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => {
                let step = format!("set up IPv6 (write {value} to {path})");
                return Err(Error::host(host, step, cause));
            }
        }
    }
    Ok(())
}

/// The name of the switch's end of a cable, for example `mesin1-eth1`.
fn port_name(host: &Host, interface: &Interface, number: usize, position: usize) -> String {
    let name = format!("{}-{}", host.name.as_ref(), interface.name.as_ref());
    if name.len() <= INTERFACE_NAME_LIMIT { name } else { format!("port{number}-{position}") }
}

fn plug(
    namespace: &Namespace,
    switch: &Namespace,
    interface: &Interface,
    port: &str,
) -> Result<()> {
    let (plan, peer, target) = (interface.clone(), port.to_owned(), switch.raw_fd());
    namespace.enter(move |links| lay_cable(links, &plan, &peer, target))??;
    let (port, bridge) = (port.to_owned(), interface.network.as_ref().clone());
    switch.enter(move |links| links.join_bridge(&port, &bridge))?
}

fn lay_cable(links: &Links, interface: &Interface, peer: &str, target: i32) -> Result<()> {
    let name = interface.name.as_ref();
    links.add_cable(name, interface.mac(), peer, target)?;
    let address = interface.address.as_ref();
    links.add_address(name, address.ip.into(), address.prefix)?;
    links.bring_up(name)?;
    match &interface.address6 {
        Some(address) => {
            links.add_address(name, address.as_ref().ip.into(), address.as_ref().prefix)
        }
        None => Ok(()),
    }
}

fn await_carrier(namespace: &Namespace, interface: &str, deadline: Instant) -> Result<()> {
    let (host, name) = (namespace.name().to_owned(), interface.to_owned());
    namespace.enter(move |links| {
        while !links.is_running(&name)? {
            if Instant::now() >= deadline {
                let cause = format!("no carrier after {CARRIER_LIMIT:?}");
                return Err(Error::host(&host, format!("bring {name} up"), cause));
            }
            thread::sleep(CARRIER_PAUSE);
        }
        Ok(())
    })?
}
