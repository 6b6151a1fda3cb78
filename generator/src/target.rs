//! Where to connect to or listen on: `HOST:PORT` as people write it.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

use crate::error::Error;

/// A host, as name or address, and a TCP port. Written `HOST:PORT`; IPv6 addresses stand in
/// brackets: `[::1]:10000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Name or address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl Target {
    /// Every address that the resolver gives, in its order.
    ///
    /// # Errors
    /// [`Error::Resolve`] when it gives none.
    pub fn addresses(&self) -> Result<Vec<SocketAddr>, Error> {
        let failed = |cause| Error::Resolve { host: self.host.clone(), cause };
        let found: Vec<_> =
            (self.host.as_str(), self.port).to_socket_addrs().map_err(failed)?.collect();
        if found.is_empty() {
            return Err(failed(std::io::Error::other("the resolver gave no address")));
        }
        Ok(found)
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (host, port) = text.rsplit_once(':').ok_or_else(|| {
            format!("`{text}` has no port; write HOST:PORT, as in 127.0.0.1:10000")
        })?;
        let port = port
            .parse()
            .map_err(|_| format!("`{port}` is not a port; ports are numbers from 0 to 65535"))?;
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if bare.is_none() && host.parse::<Ipv6Addr>().is_ok() {
            return Err(format!("write an IPv6 address in brackets: [{host}]:{port}"));
        }
        let host = bare.unwrap_or(host);
        if host.is_empty() {
            return Err(format!("`{text}` has no host; write HOST:PORT, as in 127.0.0.1:10000"));
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl From<SocketAddr> for Target {
    fn from(address: SocketAddr) -> Self {
        Self { host: address.ip().to_string(), port: address.port() }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_and_written_alike() {
        for text in ["127.0.0.1:10000", "[::1]:80", "localhost:0", "[fe80::1%eth0]:9"] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn wrong_targets_say_what_is_missing() {
        for (text, part) in [
            ("localhost", "no port"),
            ("localhost:http", "not a port"),
            ("localhost:65536", "0 to 65535"),
            (":80", "no host"),
            ("::1:80", "brackets"),
        ] {
            let message = text.parse::<Target>().unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
