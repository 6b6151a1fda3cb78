//! Protocols above TCP and UDP as layers: present or not, with their bytes.

use super::{Field, Source, Values};
use crate::filter::kind::Kind::Protocol;
use crate::filter::pass::Needs;
use crate::filter::value::Value;
use crate::info::Message;
use crate::info::MessageKind::{
    self, Data, Dhcp, Dns, DnsOnStream, Http, HttpRest, Llmnr, Mdns, Named, Nbns, Ntp, Ssdp,
    TlsEncrypted, TlsOpaque, TlsRecord, TlsRest,
};

const fn layer(name: &'static str, kinds: &'static [MessageKind], meaning: &'static str) -> Field {
    Field::message(name, Protocol, kinds, whole, meaning)
}

pub(super) const FIELDS: &[Field] = &[
    layer("http", &[Http, HttpRest], "HTTP/1"),
    layer("ssdp", &[Ssdp], "SSDP, HTTP in datagrams"),
    layer("tls", &[TlsRecord, TlsEncrypted, TlsOpaque, TlsRest], "TLS"),
    layer("dns", &[Dns, DnsOnStream], "DNS"),
    layer("mdns", &[Mdns], "multicast DNS"),
    layer("llmnr", &[Llmnr], "LLMNR"),
    layer("nbns", &[Nbns], "NetBIOS name service"),
    layer("dhcp", &[Dhcp], "DHCP and BOOTP"),
    layer("ntp", &[Ntp], "NTP"),
    layer("echo", &[Named("echo")], "the echo service"),
    layer("daytime", &[Named("daytime")], "the daytime service"),
    layer("chargen", &[Named("chargen")], "the character generator"),
    layer("time", &[Named("time")], "the time service"),
    layer("ftp", &[Named("ftp")], "FTP, its commands"),
    layer("ftp-data", &[Named("ftp-data")], "FTP, its files"),
    layer("telnet", &[Named("telnet")], "Telnet"),
    layer("nntp", &[Named("nntp")], "NNTP"),
    layer("irc", &[Named("irc")], "IRC"),
    layer("ajp13", &[Named("ajp13")], "a payload on its port"),
    layer("amqp", &[Named("amqp")], "a payload on its port"),
    layer("bgp", &[Named("bgp")], "a payload on its port"),
    layer("dnp3", &[Named("dnp3")], "a payload on its port"),
    layer("enip", &[Named("enip")], "a payload on its port"),
    layer("git", &[Named("git")], "a payload on its port"),
    layer("iec60870_104", &[Named("iec60870_104")], "a payload on its port"),
    layer("imap", &[Named("imap")], "a payload on its port"),
    layer("isakmp", &[Named("isakmp")], "a payload on its port"),
    layer("kerberos", &[Named("kerberos")], "a payload on its port"),
    layer("ldap", &[Named("ldap")], "a payload on its port"),
    layer("mbtcp", &[Named("mbtcp")], "a payload on its port"),
    layer("memcache", &[Named("memcache")], "a payload on its port"),
    layer("mqtt", &[Named("mqtt")], "a payload on its port"),
    layer("mysql", &[Named("mysql")], "a payload on its port"),
    layer("nbss", &[Named("nbss")], "a payload on its port"),
    layer("pgsql", &[Named("pgsql")], "a payload on its port"),
    layer("pop", &[Named("pop")], "a payload on its port"),
    layer("pptp", &[Named("pptp")], "a payload on its port"),
    layer("radius", &[Named("radius")], "a payload on its port"),
    layer("resp", &[Named("resp")], "a payload on its port"),
    layer("rip", &[Named("rip")], "a payload on its port"),
    layer("rsync", &[Named("rsync")], "a payload on its port"),
    layer("rtsp", &[Named("rtsp")], "a payload on its port"),
    layer("sip", &[Named("sip")], "a payload on its port"),
    layer("smtp", &[Named("smtp")], "a payload on its port"),
    layer("snmp", &[Named("snmp")], "a payload on its port"),
    layer("socks", &[Named("socks")], "a payload on its port"),
    layer("ssh", &[Named("ssh")], "a payload on its port"),
    layer("stun", &[Named("stun")], "a payload on its port"),
    layer("syslog", &[Named("syslog")], "a payload on its port"),
    layer("tacplus", &[Named("tacplus")], "a payload on its port"),
    layer("tftp", &[Named("tftp")], "a payload on its port"),
    layer("tpkt", &[Named("tpkt")], "a payload on its port"),
    layer("xmpp", &[Named("xmpp")], "a payload on its port"),
    layer("data", &[Data], "a payload that nothing recognises"),
];

/// A protocol of which only the name is known, from the packet list.
const fn named(name: &'static str, column: &'static str, meaning: &'static str) -> Field {
    Field::new(name, Protocol, Source::Column(column), meaning).needing(Needs::MESSAGES)
}

pub(super) const BY_COLUMN: &[Field] = &[
    named("json", "HTTP/JSON", "JSON in HTTP"),
    named("xml", "HTTP/XML", "XML in HTTP"),
    named("ocsp", "OCSP", "the status of a certificate, in HTTP"),
    named("lldp", "LLDP", "LLDP"),
    named("eapol", "EAPOL", "IEEE 802.1X"),
    named("loop", "LOOP", "Ethernet loopback test"),
    named("stp", "STP", "spanning tree"),
    named("cdp", "CDP", "Cisco discovery"),
    named("vtp", "VTP", "VLAN trunking"),
    named("dtp", "DTP", "dynamic trunking"),
    named("ipx", "IPX", "IPX"),
    named("aarp", "AARP", "AppleTalk's ARP"),
    named("ddp", "DDP", "AppleTalk"),
];

fn whole(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    sink(Value::Protocol { bytes: message.bytes, own_len: message.bytes.len() })
}
