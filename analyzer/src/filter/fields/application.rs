//! Protocols above TCP and UDP as layers: present or not, with their bytes.

use super::{Field, Values};
use crate::filter::kind::Kind::Protocol;
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
    layer("data", &[Data], "a payload that nothing recognises"),
];

fn whole(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    sink(Value::Protocol { bytes: message.bytes, own_len: message.bytes.len() })
}
