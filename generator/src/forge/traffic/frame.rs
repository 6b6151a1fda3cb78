//! From a packet to the bytes of its frame.

use etherparse::{
    EtherType, Ethernet2Header, IpNumber, Ipv4Header, Ipv6Header, SingleVlanHeader, TcpHeader,
    VlanId,
};

use super::connection::{Connection, Headers};
use super::packet::{ACK, Both, FIN, PSH, Packet, RST, Role, SYN, Side};
use super::random::Random;
use crate::forge::options::{self, TcpOption};

/// Bytes of text that payloads are cut from; the segments of a stream overlap in it as they do
/// in sequence space, so data that is sent again is the same data.
const TEXT: usize = 4096;
/// Longest payload.
const MAX_PAYLOAD: usize = 1460;
/// Ethernet frames are at least this long, without their check sequence.
const MIN_FRAME: usize = 60;
/// Multiplier 128 in the window scale option.
const WINDOW_SHIFT: u8 = 7;
/// Ports of the servers; no dissector of tshark takes text on them for its own protocol.
const SERVER_PORTS: [u16; 4] = [443, 32_444, 32_443, 45_000];
/// Client addresses; a prime number, so that neighbours in time are no neighbours here.
const CLIENTS: u64 = 4_093;
const SERVERS: u64 = 499;
const VLAN: u16 = 100;

/// Builds one frame after the other in the same place.
#[derive(Debug)]
pub(super) struct FrameBuilder {
    text: Vec<u8>,
    bytes: Vec<u8>,
}

/// Where a connection runs.
#[derive(Debug, Clone, Copy)]
struct Place {
    host: Both<u16>,
    port: Both<u16>,
}

impl FrameBuilder {
    /// Invents the text of all payloads.
    pub fn new(random: &mut Random) -> Self {
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz      ";
        let letter = |number: u64| LETTERS.get((number % 32) as usize).copied().unwrap_or(b' ');
        let text = (0..TEXT + MAX_PAYLOAD).map(|_| letter(random.next())).collect();
        Self { text, bytes: Vec::with_capacity(2048) }
    }

    /// The frame that was built last.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Builds a frame; the connection's counters move on.
    pub fn build(&mut self, connection: &mut Connection, packet: &Packet) -> &[u8] {
        let place = Place::of(connection.number);
        let headers = &mut connection.headers;
        let (from, to) = (packet.from, packet.from.other());
        let options = options::encode(&options_of(headers, packet));
        if packet.role != Role::Duplicate {
            let identification = headers.identification.of_mut(from);
            *identification = identification.wrapping_add(1);
        }
        let mut tcp =
            TcpHeader::new(place.port.of(from), place.port.of(to), packet.seq, packet.window);
        tcp.acknowledgment_number = packet.ack;
        tcp.fin = packet.flags & FIN != 0;
        tcp.syn = packet.flags & SYN != 0;
        tcp.rst = packet.flags & RST != 0;
        tcp.psh = packet.flags & PSH != 0;
        tcp.ack = packet.flags & ACK != 0;
        // At most 40 bytes: timestamps and three blocks.
        let fits = tcp.set_options_raw(&options);
        debug_assert!(fits.is_ok(), "{options:?}");

        let start = packet.seq as usize % TEXT;
        let payload =
            self.text.get(start..start + usize::from(packet.payload_len)).unwrap_or_default();
        self.bytes.clear();
        put_link(&mut self.bytes, place, from, headers);
        put_ip_and_checksum(&mut self.bytes, place, packet, headers, &mut tcp, payload);
        self.bytes.extend_from_slice(&tcp.to_bytes());
        self.bytes.extend_from_slice(payload);
        if self.bytes.len() < MIN_FRAME {
            self.bytes.resize(MIN_FRAME, 0);
        }
        &self.bytes
    }
}

impl Place {
    fn of(number: u64) -> Self {
        let client = number % CLIENTS;
        let server = (number / 7 + number % 7 * 71) % SERVERS;
        let turn = number / CLIENTS;
        let port = SERVER_PORTS.get((number % SERVER_PORTS.len() as u64) as usize);
        Self {
            host: Both { client: client as u16, server: server as u16 },
            port: Both {
                client: 1025 + (turn % 64_000) as u16,
                server: port.copied().unwrap_or(443),
            },
        }
    }

    fn mac(self, side: Side) -> [u8; 6] {
        let [high, low] = self.host.of(side).to_be_bytes();
        [0x02, if side == Side::Client { 0x0c } else { 0x05 }, 0, 0, high, low]
    }

    fn ipv4(self, side: Side) -> [u8; 4] {
        let [high, low] = self.host.of(side).to_be_bytes();
        match side {
            Side::Client => [10, 1, high, low],
            Side::Server => [172, 16, high, low],
        }
    }

    fn ipv6(self, side: Side) -> [u8; 16] {
        let [high, low] = self.host.of(side).to_be_bytes();
        let net = if side == Side::Client { 1 } else { 2 };
        [0x20, 0x01, 0x0d, 0xb8, 0, net, 0, 0, 0, 0, 0, 0, 0, 0, high, low]
    }
}

/// The options as Linux would send them.
fn options_of(headers: &mut Headers, packet: &Packet) -> Vec<TcpOption> {
    let mut options = Vec::with_capacity(4);
    let (from, is_syn) = (packet.from, packet.flags & SYN != 0);
    if packet.flags & RST != 0 {
        return options;
    }
    if is_syn {
        options.push(TcpOption::MaximumSegmentSize(headers.max_segment()));
        if headers.has_sack {
            options.push(TcpOption::SackPermitted);
        }
    }
    if headers.has_timestamps {
        let value = headers.clock.of(from).wrapping_add((packet.at / 1_000_000) as u32);
        let echo = if packet.flags & ACK == 0 { 0 } else { headers.latest.of(from.other()) };
        *headers.latest.of_mut(from) = value;
        options.push(TcpOption::Timestamps(value, echo));
    }
    if is_syn {
        options.push(TcpOption::WindowScale(WINDOW_SHIFT));
    } else if headers.has_sack && !packet.sack.is_empty() {
        options.push(TcpOption::Sack(packet.sack.to_vec()));
    }
    options
}

fn put_link(bytes: &mut Vec<u8>, place: Place, from: Side, headers: &Headers) {
    let network = if headers.is_ipv6 { EtherType::IPV6 } else { EtherType::IPV4 };
    let ethernet = Ethernet2Header {
        source: place.mac(from),
        destination: place.mac(from.other()),
        ether_type: if headers.has_vlan { EtherType::VLAN_TAGGED_FRAME } else { network },
    };
    bytes.extend_from_slice(&ethernet.to_bytes());
    if headers.has_vlan {
        let vlan_id = VlanId::try_new(VLAN).unwrap_or_default();
        let tag = SingleVlanHeader { vlan_id, ether_type: network, ..SingleVlanHeader::default() };
        bytes.extend_from_slice(&tag.to_bytes());
    }
}

fn put_ip_and_checksum(
    bytes: &mut Vec<u8>,
    place: Place,
    packet: &Packet,
    headers: &Headers,
    tcp: &mut TcpHeader,
    payload: &[u8],
) {
    let (from, to) = (packet.from, packet.from.other());
    let len = (tcp.header_len() + payload.len()) as u16;
    if headers.is_ipv6 {
        let ip = Ipv6Header {
            payload_length: len,
            next_header: IpNumber::TCP,
            hop_limit: 64,
            source: place.ipv6(from),
            destination: place.ipv6(to),
            ..Ipv6Header::default()
        };
        tcp.checksum = tcp.calc_checksum_ipv6(&ip, payload).unwrap_or_default();
        bytes.extend_from_slice(&ip.to_bytes());
        return;
    }
    let mut ip = Ipv4Header {
        total_len: len + Ipv4Header::MIN_LEN as u16,
        identification: headers.identification.of(from),
        dont_fragment: true,
        time_to_live: 64,
        protocol: IpNumber::TCP,
        source: place.ipv4(from),
        destination: place.ipv4(to),
        ..Ipv4Header::default()
    };
    ip.header_checksum = ip.calc_header_checksum();
    tcp.checksum = tcp.calc_checksum_ipv4(&ip, payload).unwrap_or_default();
    bytes.extend_from_slice(&ip.to_bytes());
}
