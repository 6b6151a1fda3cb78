//! The TCP sockets of the calling thread's namespace, from /proc (see proc_net_tcp in the
//! kernel's documentation). Tells when a server listens and when the last segment was
//! acknowledged.

use std::fs::File;
use std::io::{self, BufRead, BufReader};

/// States of a socket (include/net/tcp_states.h), as far as the lab asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Both directions are open.
    Established,
    /// Waits for connections.
    Listen,
    /// Closed in both directions; only waits for late segments.
    TimeWait,
    /// Opening or closing: segments are still due.
    Moving,
}

/// A TCP socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Socket {
    /// Its own port.
    pub local_port: u16,
    /// The other end's port; 0 when listening.
    pub remote_port: u16,
    /// Its state.
    pub state: State,
}

impl Socket {
    /// True when nothing will be sent for it any more.
    pub fn is_quiet(self) -> bool {
        matches!(self.state, State::Listen | State::TimeWait)
    }
}

/// All TCP sockets, IPv4 and IPv6, of this thread's namespace.
///
/// # Errors
/// When the kernel's table cannot be read.
pub fn list() -> io::Result<Vec<Socket>> {
    let mut sockets = Vec::new();
    for table in ["/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"] {
        match File::open(table) {
            Ok(file) => read_table(BufReader::new(file), &mut sockets)?,
            // A kernel without IPv6.
            Err(error) if error.kind() == io::ErrorKind::NotFound && table.ends_with('6') => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sockets)
}

fn read_table(table: impl BufRead, sockets: &mut Vec<Socket>) -> io::Result<()> {
    for line in table.lines().skip(1) {
        sockets.extend(socket(&line?));
    }
    Ok(())
}

/// `sl local_address rem_address st …`, numbers in hexadecimal.
fn socket(line: &str) -> Option<Socket> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let port = |field: &str| u16::from_str_radix(field.rsplit_once(':')?.1, 16).ok();
    let local_port = port(fields.next()?)?;
    let remote_port = port(fields.next()?)?;
    let state = match fields.next()? {
        "01" => State::Established,
        "0A" => State::Listen,
        "06" => State::TimeWait,
        "07" => return None,
        _ => State::Moving,
    };
    Some(Socket { local_port, remote_port, state })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_table_is_read_field_by_field() {
        let table = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:2710 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0
   1: 651010AC:2710 661010AC:94CA 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0
   2: 651010AC:2710 661010AC:94CB 09 00000000:00000000 00:00000000 00000000     0        0 2 1 0
   3: 651010AC:2710 661010AC:94CC 06 00000000:00000000 00:00000000 00000000     0        0 2 1 0
  nonsense
";
        let mut sockets = Vec::new();
        read_table(table.as_bytes(), &mut sockets).unwrap();
        let states: Vec<_> =
            sockets.iter().map(|s| (s.local_port, s.remote_port, s.state, s.is_quiet())).collect();
        assert_eq!(
            states,
            [
                (10000, 0, State::Listen, true),
                (10000, 38090, State::Established, false),
                (10000, 38091, State::Moving, false),
                (10000, 38092, State::TimeWait, true),
            ]
        );
    }
}
