//! What to say about a name that is no field here.

use super::error::Error;
use super::excerpt::Span;
use super::fields::nearest;

/// Protocols whose fields Wireshark has and this program does not.
const ELSEWHERE: &[&str] = &[
    "_ws",
    "bgp",
    "dcerpc",
    "dhcpv6",
    "gquic",
    "h225",
    "http2",
    "imap",
    "isakmp",
    "kerberos",
    "ldap",
    "lldp",
    "modbus",
    "mongo",
    "mqtt",
    "mysql",
    "nbss",
    "nfs",
    "opcua",
    "ospf",
    "pgsql",
    "pop",
    "quic",
    "radius",
    "rdp",
    "rip",
    "rpc",
    "rtcp",
    "rtp",
    "rtsp",
    "sip",
    "smb",
    "smb2",
    "smtp",
    "snmp",
    "ssh",
    "stp",
    "stun",
    "syslog",
    "tftp",
    "vnc",
    "websocket",
    "x11",
    "xml",
];

/// The refusal of a name where a field must stand.
pub fn name(text: &str, span: Span, name: &str) -> Error {
    let area = name.split('.').next().unwrap_or(name);
    if ELSEWHERE.contains(&area) {
        let message = format!("`{name}` is Wireshark's, but {area} is not decoded here");
        return Error::new(text, span, message)
            .hint("tcp.payload or udp.payload with contains or matches may serve instead");
    }
    let message = format!("`{name}` is neither a field nor a protocol");
    let hint = hint(name).unwrap_or_else(|| {
        "`analyzer fields` lists all fields, `analyzer fields tcp` those with tcp in their name"
            .to_owned()
    });
    Error::new(text, span, message).hint(hint)
}

/// The nearest field's name, as a question.
pub fn hint(name: &str) -> Option<String> {
    nearest(name).map(|near| format!("did you mean {near}?"))
}
