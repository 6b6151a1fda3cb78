//! What the resolver and a fresh socket say, without connecting anywhere.

use std::net::SocketAddr;
use std::time::Duration;

use dns_lookup::{AddrInfoHints, getaddrinfo};
use serde::Serialize;
use socket2::{Domain, Protocol, Socket, Type};

use crate::error::Error;
use crate::python_bytes::{PythonAddress, PythonFloat, PythonText};

/// Everything the course's `socket_info.py` shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SocketInfo {
    /// The host asked for.
    pub host: String,
    /// The port asked for.
    pub port: u16,
    /// Receive timeout of a fresh socket, in seconds; none means that it waits for ever.
    pub timeout_default: Option<f64>,
    /// The timeout that was then set, in seconds.
    pub timeout_set: f64,
    /// The same as the kernel keeps it, which may be rounded up to its clock tick.
    pub timeout_kept: Option<f64>,
    /// Every address that the resolver gave, in its order.
    pub addresses: Vec<Address>,
    /// Always false: this resolves, it does not connect.
    pub connected: bool,
}

/// One answer of getaddrinfo(3).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Address {
    /// Address family, `AF_INET` or `AF_INET6`, or its number.
    pub family: String,
    /// Its number on this system.
    pub family_number: i32,
    /// Socket type, such as `SOCK_STREAM`.
    pub kind: String,
    /// Its number.
    pub kind_number: i32,
    /// IP protocol number; 6 is TCP.
    pub protocol: i32,
    /// Canonical name; empty unless asked for.
    pub canonical_name: String,
    /// Address and port.
    pub address: SocketAddr,
}

/// Reads a fresh socket's timeout, sets it, and resolves the host as the course's program does:
/// protocol TCP, everything else left open.
///
/// # Errors
/// [`Error::Resolve`], or [`Error::System`] when there is no socket to be had.
pub fn socket_info(host: &str, port: u16, timeout: Duration) -> Result<SocketInfo, Error> {
    let ask_socket = || {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
        let before = socket.read_timeout()?;
        socket.set_read_timeout(Some(timeout))?;
        Ok((before, socket.read_timeout()?))
    };
    let (before, kept) =
        ask_socket().map_err(|cause| Error::System { task: "ask a socket", cause })?;
    let failed = |cause| Error::Resolve { host: host.to_owned(), cause };
    let hints = AddrInfoHints { protocol: 6, ..AddrInfoHints::default() };
    let addresses = getaddrinfo(Some(host), Some(&port.to_string()), Some(hints))
        .map_err(|error| failed(error.into()))?
        .map(|answer| answer.map(address))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    Ok(SocketInfo {
        host: host.to_owned(),
        port,
        timeout_default: before.map(|span| span.as_secs_f64()),
        timeout_set: timeout.as_secs_f64(),
        timeout_kept: kept.map(|span| span.as_secs_f64()),
        addresses,
        connected: false,
    })
}

fn address(answer: dns_lookup::AddrInfo) -> Address {
    use nix::sys::socket::{AddressFamily, SockType};
    let family = match answer.address {
        family if family == AddressFamily::Inet as i32 => "AF_INET".to_owned(),
        family if family == AddressFamily::Inet6 as i32 => "AF_INET6".to_owned(),
        family => family.to_string(),
    };
    let kind = match answer.socktype {
        kind if kind == SockType::Stream as i32 => "SOCK_STREAM".to_owned(),
        kind if kind == SockType::Datagram as i32 => "SOCK_DGRAM".to_owned(),
        kind if kind == SockType::Raw as i32 => "SOCK_RAW".to_owned(),
        kind => kind.to_string(),
    };
    Address {
        family,
        family_number: answer.address,
        kind,
        kind_number: answer.socktype,
        protocol: answer.protocol,
        canonical_name: answer.canonname.unwrap_or_default(),
        address: answer.sockaddr,
    }
}

/// The three lines of the course's program, without a final line feed.
pub fn course_text(info: &SocketInfo) -> String {
    let before = info.timeout_default.map_or("None".to_owned(), |s| PythonFloat(s).to_string());
    let addresses: Vec<String> = info.addresses.iter().map(python_tuple).collect();
    format!(
        "timeout : {before}\ntimeout : {}\n[{}]",
        PythonFloat(info.timeout_set),
        addresses.join(", ")
    )
}

/// One answer as Python prints it: `(<AddressFamily.AF_INET: 2>, ...)`.
fn python_tuple(answer: &Address) -> String {
    let Address { family, family_number, kind, kind_number, protocol, .. } = answer;
    format!(
        "(<AddressFamily.{family}: {family_number}>, <SocketKind.{kind}: {kind_number}>, \
         {protocol}, {}, {})",
        PythonText(&answer.canonical_name),
        PythonAddress(answer.address)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn course_text_is_that_of_the_report() {
        let mut info = socket_info("103.94.189.4", 80, Duration::from_secs(10)).unwrap();
        assert_eq!(
            course_text(&info),
            "timeout : None\ntimeout : 10.0\n[(<AddressFamily.AF_INET: 2>, \
             <SocketKind.SOCK_STREAM: 1>, 6, '', ('103.94.189.4', 80))]"
        );
        assert_eq!(info.timeout_kept, Some(10.0));
        info.addresses = socket_info("::1", 80, Duration::from_secs(1)).unwrap().addresses;
        assert!(
            course_text(&info).ends_with(
                "[(<AddressFamily.AF_INET6: 10>, <SocketKind.SOCK_STREAM: 1>, 6, '', \
                 ('::1', 80, 0, 0))]"
            ),
            "{}",
            course_text(&info)
        );
    }

    #[test]
    fn a_name_without_address_is_an_error_with_its_name() {
        let error = socket_info("no such name", 80, Duration::from_secs(1)).unwrap_err();
        assert!(error.to_string().contains("cannot resolve no such name"), "{error}");
    }
}
