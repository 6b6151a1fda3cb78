//! Sends frames of TCP conversations straight onto an interface, at a pace, and counts them.
//!
//! Both ends of each conversation send data and acknowledge what the other one sent, so that
//! whoever records has real segments to analyse and nothing piles up. The socket is a packet
//! socket without a protocol: it sends and never receives.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};

use etherparse::{EtherType, Ethernet2Header, IpNumber, Ipv4Header, TcpHeader};
use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, bind, send, socket};

/// Conversations that take turns.
const CONVERSATIONS: u16 = 64;
/// Frames between two looks at the clock.
const BURST: u64 = 32;
/// Ethernet, IPv4 and TCP headers, without options.
pub const HEADERS: usize = 14 + 20 + 20;

/// Frames on their way to an interface.
pub struct Flood {
    socket: OwnedFd,
    conversations: Vec<Conversation>,
    payload: Vec<u8>,
    frame: Vec<u8>,
    sent: u64,
}

/// The sequence number that each end uses next.
#[derive(Clone, Copy)]
struct Conversation {
    next_seq: [u32; 2],
}

/// How fast and how long.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Frames a second; `None` for as many as go.
    pub per_second: Option<u64>,
    /// Frames in all.
    pub frames: u64,
}

impl Flood {
    /// Frames with so much data, onto `interface` of the calling thread's network namespace.
    pub fn onto(interface: &str, payload_len: usize) -> io::Result<Self> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, interface.to_owned());
        let address = getifaddrs()?
            .filter(|found| found.interface_name == interface)
            .find_map(|found| found.address?.as_link_addr().copied())
            .ok_or_else(missing)?;
        let socket = socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, None)?;
        bind(socket.as_raw_fd(), &address)?;
        Ok(Self {
            socket,
            conversations: vec![Conversation { next_seq: [1, 1] }; usize::from(CONVERSATIONS)],
            payload: vec![b'x'; payload_len],
            frame: Vec::with_capacity(HEADERS + payload_len),
            sent: 0,
        })
    }

    /// Sends; returns the seconds that it took.
    pub fn run(&mut self, pace: Pace) -> io::Result<f64> {
        let start = Instant::now();
        for index in 0..pace.frames {
            if index % BURST == 0
                && let Some(per_second) = pace.per_second
            {
                let due = Duration::from_secs_f64(index as f64 / per_second as f64);
                thread::sleep(due.saturating_sub(start.elapsed()));
            }
            self.build();
            self.send()?;
        }
        Ok(start.elapsed().as_secs_f64())
    }

    /// Frames that the kernel has taken.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    fn send(&mut self) -> io::Result<()> {
        loop {
            match send(self.socket.as_raw_fd(), &self.frame, MsgFlags::empty()) {
                Ok(_) => break,
                // The interface's queue is full for a moment.
                Err(Errno::ENOBUFS | Errno::EINTR) => thread::yield_now(),
                Err(cause) => return Err(cause.into()),
            }
        }
        self.sent += 1;
        Ok(())
    }

    /// The next frame: conversations take turns, and so do the ends of each.
    fn build(&mut self) {
        let turn = (self.sent % u64::from(CONVERSATIONS)) as u16;
        let from = (self.sent / u64::from(CONVERSATIONS) % 2) as usize;
        let conversation = &mut self.conversations[usize::from(turn)];
        let (ports, hosts) = ([40_000 + turn, 443], [[10, 77, 0, 2], [10, 77, 0, 1]]);
        let to = 1 - from;
        let mut tcp = TcpHeader::new(ports[from], ports[to], conversation.next_seq[from], 65_535);
        tcp.ack = true;
        tcp.psh = true;
        tcp.acknowledgment_number = conversation.next_seq[to];
        let len = self.payload.len() as u32;
        conversation.next_seq[from] = conversation.next_seq[from].wrapping_add(len);
        let segment_len = (tcp.header_len() + self.payload.len()) as u16;
        let mut ip = Ipv4Header::new(segment_len, 64, IpNumber::TCP, hosts[from], hosts[to])
            .expect("a segment that fits");
        ip.identification = self.sent as u16;
        ip.header_checksum = ip.calc_header_checksum();
        tcp.checksum = tcp.calc_checksum_ipv4(&ip, &self.payload).expect("a segment that fits");
        let ethernet = Ethernet2Header {
            source: [2, 0, 0, 0, 0, 2],
            destination: [2, 0, 0, 0, 0, 1],
            ether_type: EtherType::IPV4,
        };
        self.frame.clear();
        self.frame.extend_from_slice(&ethernet.to_bytes());
        self.frame.extend_from_slice(&ip.to_bytes());
        self.frame.extend_from_slice(&tcp.to_bytes());
        self.frame.extend_from_slice(&self.payload);
    }
}
