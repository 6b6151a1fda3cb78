//! The layers that the decoder knows, under Wireshark's names.

/// Declares [`Protocol`] and its names from one table.
macro_rules! protocols {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// One kind of layer. [`Protocol::name`] is its word in Wireshark's `frame.protocols`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Protocol {
            $($(#[$doc])* $variant,)*
        }

        impl Protocol {
            /// Every protocol, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Wireshark's short name, as in `frame.protocols` and in filters.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

protocols! {
    /// Ethernet II or IEEE 802.3.
    Ethernet = "eth",
    /// IEEE 802.1Q tag, also the old stacked tag 0x9100.
    Vlan = "vlan",
    /// IEEE 802.1ad service tag (0x88a8).
    ServiceVlan = "ieee8021ad",
    /// IEEE 802.1ah backbone tag (0x88e7).
    BackboneTag = "ieee8021ah",
    /// Cisco FabricPath (0x8903), an Ethernet header around an Ethernet frame.
    FabricPath = "cfp",
    /// Cisco VN tag (0x8926).
    VnTag = "vntag",
    /// IEEE 802.1AE MACsec.
    MacSec = "macsec",
    /// Cisco MetaData (0x8909).
    CiscoMetadata = "cmd",
    /// High-availability seamless redundancy tag (IEC 62439-3).
    Hsr = "hsr",
    /// IEEE 802.1BR E-tag.
    ETag = "etag",
    /// IEEE 802.1CB redundancy tag.
    RedundancyTag = "ieee8021cb",
    /// TRILL (RFC 6325).
    Trill = "trill",
    /// IEEE 802.2 logical link control, with its SNAP part when it has one.
    Llc = "llc",
    /// Linux cooked capture, version 1 and 2 (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2).
    LinuxCooked = "sll",
    /// BSD loopback: an address family in front of the packet (LINKTYPE_NULL and _LOOP).
    Null = "null",
    /// Bare IP packets (LINKTYPE_RAW).
    Raw = "raw",
    /// PPP.
    Ppp = "ppp",
    /// Ethernet frames bridged over PPP.
    BridgedPpp = "bcp_bpdu",
    /// PPPoE discovery.
    PppoeDiscovery = "pppoed",
    /// PPPoE session.
    PppoeSession = "pppoes",
    /// Cisco HDLC.
    CiscoHdlc = "chdlc",
    /// Frame relay.
    FrameRelay = "fr",
    /// FDDI.
    Fddi = "fddi",
    /// IEEE 802.5 token ring.
    TokenRing = "tr",
    /// ARCNET.
    Arcnet = "arcnet",
    /// IP over ATM as RFC 2225 (LINKTYPE_ATM_CLIP).
    ClassicalIp = "clip",
    /// ATM with a pseudo-header (LINKTYPE_SUNATM).
    Atm = "atm",
    /// ATM LAN emulation.
    Lane = "lane",
    /// IP over InfiniBand.
    IpOverInfiniband = "ipoib",
    /// Solaris ipnet.
    IpNet = "ipnet",
    /// Linux netfilter log.
    NetfilterLog = "nflog",
    /// Apple packet tap.
    PacketTap = "pktap",
    /// Per-packet information header (CACE PPI).
    Ppi = "ppi",
    /// The packet inside a recorder's header; has no header of its own.
    PacketData = "pcap_pktdata",
    /// A link type for private use; has no header of its own.
    UserLink = "user_dlt",
    /// Linux virtual sockets.
    Vsock = "vsock",
    /// D-Bus.
    Dbus = "dbus",
    /// Linux netlink.
    Netlink = "netlink",
    /// Juniper's recording header.
    Juniper = "juniper",
    /// Radiotap header of a wireless capture.
    Radiotap = "radiotap",
    /// Prism header of a wireless capture.
    Prism = "prism",
    /// AVS header of a wireless capture.
    WlanCap = "wlancap",
    /// Radio facts before an 802.11 frame; has no header of its own.
    WlanRadio = "wlan_radio",
    /// IEEE 802.11.
    Wlan = "wlan",
    /// IEEE 802.15.4.
    Wpan = "wpan",
    /// ARP.
    Arp = "arp",
    /// MPLS label stack entry.
    Mpls = "mpls",
    /// Ethernet over MPLS, recognised by its looks; has no header of its own.
    PseudowireGuess = "pwethheuristic",
    /// Ethernet over MPLS, without a control word.
    PseudowireBare = "pwethnocw",
    /// Ethernet over MPLS, with a control word.
    PseudowireControlWord = "pwethcw",
    /// Network service header (RFC 8300).
    Nsh = "nsh",
    /// IPv4.
    Ipv4 = "ip",
    /// IPv6, its fixed header; extension headers are layers of their own.
    Ipv6 = "ipv6",
    /// IPv6 hop-by-hop options.
    Ipv6HopByHop = "ipv6.hopopts",
    /// IPv6 destination options.
    Ipv6Destination = "ipv6.dstopts",
    /// IPv6 routing header.
    Ipv6Routing = "ipv6.routing",
    /// IPv6 fragment header.
    Ipv6Fragment = "ipv6.fraghdr",
    /// Mobile IPv6.
    MobileIpv6 = "mipv6",
    /// Shim6.
    Shim6 = "shim6",
    /// IP authentication header.
    AuthenticationHeader = "ah",
    /// IP encapsulating security payload.
    Esp = "esp",
    /// ESP or IKE in UDP, port 4500.
    UdpEncapsulation = "udpencap",
    /// ICMP.
    Icmp = "icmp",
    /// ICMPv6.
    Icmpv6 = "icmpv6",
    /// IGMP.
    Igmp = "igmp",
    /// TCP.
    Tcp = "tcp",
    /// UDP.
    Udp = "udp",
    /// UDP-Lite.
    UdpLite = "udplite",
    /// SCTP.
    Sctp = "sctp",
    /// GRE.
    Gre = "gre",
    /// ERSPAN: a mirrored Ethernet frame.
    Erspan = "erspan",
    /// EtherIP (RFC 3378).
    EtherIp = "etherip",
    /// VXLAN.
    Vxlan = "vxlan",
    /// Geneve.
    Geneve = "geneve",
    /// GTP version 1 or 0, user plane.
    Gtp = "gtp",
    /// Teredo.
    Teredo = "teredo",
    /// L2TP.
    L2tp = "l2tp",
    /// CAPWAP data.
    Capwap = "capwap.data",
    /// LISP data.
    LispData = "lisp-data",
    /// Anything in anything (AYIYA), an IPv6 tunnel.
    Ayiya = "ayiya",
    /// TaZmen sniffer protocol.
    Tzsp = "tzsp",
    /// PIM, whose register messages carry a packet.
    Pim = "pim",
}

impl Protocol {
    /// True for IPv4 and IPv6.
    pub const fn is_ip(self) -> bool {
        matches!(self, Self::Ipv4 | Self::Ipv6)
    }
}
