//! The links of one namespace, over rtnetlink: no `ip` program is needed.
//!
//! A [`Links`] talks to the kernel about the namespace of the thread that opened it, and stays
//! in that thread.

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::RawFd;

use futures_util::stream::TryStreamExt;
use rtnetlink::packet_route::link::{LinkAttribute, LinkMessage, State, Stats64};
use rtnetlink::{Handle, LinkBridge, LinkUnspec, LinkVeth, RouteMessageBuilder};
use tokio::runtime::Runtime;

use super::error::{Error, Result};
use crate::scenario::Mac;

/// A netlink connection of one namespace.
#[derive(Debug)]
pub struct Links {
    host: String,
    runtime: Runtime,
    handle: Handle,
}

/// What an interface has counted since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Frames received (IFLA_STATS64 rx_packets).
    pub received: u64,
    /// Frames sent (tx_packets), and those that a capture has seen leave although the device
    /// then dropped them (tx_dropped).
    pub sent: u64,
}

impl Counters {
    /// Everything that a capture on the interface can have seen.
    pub fn frames(self) -> u64 {
        self.received.saturating_add(self.sent)
    }
}

impl Links {
    /// Opens a connection for the calling thread's namespace.
    ///
    /// # Errors
    /// When netlink is not available.
    pub fn open(host: &str) -> Result<Self> {
        let fail = |cause| Error::host(host, "talk to the kernel over netlink", cause);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(fail)?;
        let guard = runtime.enter();
        let (connection, handle, _) = rtnetlink::new_connection().map_err(fail)?;
        drop(guard);
        drop(runtime.spawn(connection));
        Ok(Self { host: host.to_owned(), runtime, handle })
    }

    /// Brings an interface up.
    ///
    /// # Errors
    /// When it does not exist or the kernel refuses; so for all methods here.
    pub fn bring_up(&self, name: &str) -> Result<()> {
        let message = LinkUnspec::new_with_index(self.index(name)?).up().build();
        self.ask(format!("bring {name} up"), self.handle.link().change(message).execute())
    }

    /// Makes a bridge, up. Without multicast snooping: the bridge itself would join a group and
    /// say so to everybody (IGMP), and it is to carry frames, not to send any.
    pub fn add_bridge(&self, name: &str) -> Result<()> {
        let message = LinkBridge::new(name).mcast_snooping(false).build();
        self.ask(format!("make bridge {name}"), self.handle.link().add(message).execute())
    }

    /// Makes an interface with the given hardware address, whose other end `peer` goes to the
    /// namespace behind `target`. Both are down.
    pub fn add_cable(&self, name: &str, mac: Mac, peer: &str, target: RawFd) -> Result<()> {
        let pair = LinkVeth::new(name, peer).address(mac.0.to_vec()).build();
        self.ask(format!("make {name}"), self.handle.link().add(pair).execute())?;
        let moved = LinkUnspec::new_with_index(self.index(peer)?).setns_by_fd(target).build();
        self.ask(format!("plug in {name}"), self.handle.link().change(moved).execute())
    }

    /// Makes `name` a port of `bridge` and brings it up.
    pub fn join_bridge(&self, name: &str, bridge: &str) -> Result<()> {
        let message = LinkUnspec::new_with_index(self.index(name)?)
            .controller(self.index(bridge)?)
            .up()
            .build();
        self.ask(format!("join {name} to {bridge}"), self.handle.link().change(message).execute())
    }

    /// Gives an interface an address.
    pub fn add_address(&self, name: &str, address: IpAddr, prefix: u8) -> Result<()> {
        let index = self.index(name)?;
        self.ask(
            format!("give {name} the address {address}/{prefix}"),
            self.handle.address().add(index, address, prefix).execute(),
        )
    }

    /// Sends everything that is not on a network of its own through `gateway`.
    pub fn add_default_route(&self, gateway: Ipv4Addr) -> Result<()> {
        let route = RouteMessageBuilder::<Ipv4Addr>::new().gateway(gateway).build();
        self.ask(format!("route through {gateway}"), self.handle.route().add(route).execute())
    }

    /// True when frames go through. The operational state follows the carrier only after the
    /// kernel has given the device its queue; until then it drops what is sent.
    pub fn is_running(&self, name: &str) -> Result<bool> {
        let up = LinkAttribute::OperState(State::Up);
        Ok(self.read(name)?.attributes.contains(&up))
    }

    /// What the interface has counted.
    pub fn counters(&self, name: &str) -> Result<Counters> {
        let found = self.read(name)?.attributes.into_iter().find_map(|attribute| match attribute {
            LinkAttribute::Stats64(stats) => Some(counters(&stats)),
            _ => None,
        });
        found.ok_or_else(|| {
            Error::host(&self.host, format!("read the counters of {name}"), "the kernel gave none")
        })
    }

    fn read(&self, name: &str) -> Result<LinkMessage> {
        let step = format!("read {name}");
        let index = self.index(name)?;
        let found = self.runtime.block_on(async {
            let mut links = Box::pin(self.handle.link().get().match_index(index).execute());
            links.try_next().await
        });
        found
            .map_err(|cause| Error::host(&self.host, &step, cause))?
            .ok_or_else(|| Error::host(&self.host, &step, "no such interface"))
    }

    fn index(&self, name: &str) -> Result<u32> {
        nix::net::if_::if_nametoindex(name)
            .map_err(|cause| Error::host(&self.host, format!("find interface {name}"), cause))
    }

    fn ask(
        &self,
        step: String,
        request: impl Future<Output = std::result::Result<(), rtnetlink::Error>>,
    ) -> Result<()> {
        self.runtime.block_on(request).map_err(|cause| Error::host(&self.host, step, cause))
    }
}

fn counters(stats: &Stats64) -> Counters {
    Counters { received: stats.rx_packets, sent: stats.tx_packets.saturating_add(stats.tx_dropped) }
}
