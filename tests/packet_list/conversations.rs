//! Captures of connections, many short ones each, with payloads that dissectors look at.

use super::packets::{Header, Stored, tcp};

/// A port, and pieces with their senders.
type Case<'a> = (u16, &'a [(usize, &'a [u8])]);

/// One connection being written down, from host 0 to host 1.
struct Connection {
    ports: [u16; 2],
    seq: [u32; 2],
    frames: Vec<Stored>,
}

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;

impl Connection {
    /// After its handshake.
    fn open(client_port: u16, port: u16) -> Self {
        let mut connection =
            Self { ports: [client_port, port], seq: [1000, 5000], frames: Vec::new() };
        connection.send(0, SYN, b"");
        connection.send(1, SYN | ACK, b"");
        connection.send(0, ACK, b"");
        connection
    }

    /// One segment.
    fn send(&mut self, from: usize, flags: u8, payload: &[u8]) {
        let to = 1 - from;
        let ack = if flags & ACK == 0 { 0 } else { self.seq[to] };
        let ports = [self.ports[from], self.ports[to]];
        let header = Header { ports, seq: self.seq[from], ack, flags };
        self.frames.push(tcp(from, &header, payload).into());
        let control = u32::from(flags & (SYN | FIN) != 0);
        self.seq[from] += payload.len() as u32 + control;
    }

    /// Data, then both ends.
    fn run(mut self, pieces: &[(usize, &[u8])]) -> Vec<Stored> {
        for (from, piece) in pieces {
            self.send(*from, PSH | ACK, piece);
        }
        self.send(1, FIN | ACK, b"");
        self.send(0, FIN | ACK, b"");
        self.send(1, ACK, b"");
        self.frames
    }
}

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const TEXT: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n0123456789";
const CHUNKS: &[u8] =
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n";

/// HTTP whole, in pieces, one behind the other, without an end, and what only looks like it.
pub fn http() -> Vec<Stored> {
    let plain = |head: &str| [head.as_bytes(), b"\r\n\r\nbody\n"].concat();
    let until_end = plain("HTTP/1.1 200 OK");
    let html = plain("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 5");
    let json = plain("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5");
    let data =
        plain("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 5");
    let chunked = [CHUNKS, b"5\r\nhello\r\n"].concat();
    let broken = [CHUNKS, b"zz\r\nhello\r\n"].concat();
    let (two, two_answers) = ([GET, GET].concat(), [TEXT, &TEXT[..20]].concat());
    let cases: &[&[(usize, &[u8])]] = &[
        &[(0, GET), (1, TEXT)],
        &[(0, &GET[..1]), (0, &GET[1..17]), (0, &GET[17..20]), (0, &GET[20..])],
        &[(0, GET), (1, &TEXT[..5]), (1, &TEXT[5..30]), (1, &TEXT[30..70]), (1, &TEXT[70..])],
        &[(0, &two), (1, &two_answers), (1, &TEXT[20..])],
        &[(0, GET), (1, &until_end), (1, b"more")],
        &[(0, GET), (1, &html), (0, GET), (1, &json), (0, GET), (1, &data)],
        &[(0, GET), (1, &chunked), (1, b"3\r\nabc\r\n0\r\n\r\n"), (0, GET)],
        &[(0, GET), (1, CHUNKS), (1, b"5\r\nhello\r\n"), (1, b"0\r\n\r\n")],
        &[(0, GET), (1, &broken), (1, b"0\r\n\r\n")],
        &[(0, GET), (1, TEXT), (0, b"junk\n"), (0, b"junk"), (0, b"more\n"), (1, b"\x00\x01")],
        &[(0, b"hello\n"), (1, b"hello\n"), (0, GET), (1, TEXT)],
        &[(0, b"GET /\r\n\r\n"), (1, b"hello there\n"), (1, b"<html>")],
        &[(0, b"HEAD / HTTP/1.1\r\n\r\n"), (1, &TEXT[..65]), (0, GET), (1, TEXT)],
        &[(0, GET), (1, b"HTTP/1.1 204 No Content\r\n\r\n"), (0, GET), (1, TEXT)],
        &[(1, TEXT), (1, b"\xc0\x01"), (0, b"\xc0\x01"), (0, GET), (1, b"\xc0\x01")],
        &[(0, b"CONNECT a:443 HTTP/1.1\r\n\r\n"), (1, b"HTTP/1.1 200 Fine\r\n\r\n"), (0, b"hello")],
    ];
    let mut frames = Vec::new();
    for (port_index, port) in [80, 8000, 8080, 9999, 10_000].into_iter().enumerate() {
        for (index, case) in cases.iter().enumerate() {
            let client_port = 33_000 + (port_index * 100 + index) as u16;
            frames.extend(Connection::open(client_port, port).run(case));
        }
    }
    frames
}

/// Records of TLS, whole and split, and text, or other bytes, where TLS is expected.
pub fn tls() -> Vec<Stored> {
    let record = |kind: u8, body: &[u8]| [&[kind, 3, 3, 0, body.len() as u8], body].concat();
    let mut hello = vec![2, 0, 0, 38, 3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0xc0, 0x2f, 0]);
    let mut flight = record(22, &hello);
    flight.extend(record(22, &[14, 0, 0, 0]));
    let change = [record(20, &[1]), record(22, &[9; 40])].concat();
    let (data, alert) = (record(23, &[5; 60]), record(21, &[2, 40]));
    let two = [data.as_slice(), &data[..7]].concat();
    let cases: &[&[(usize, &[u8])]] = &[
        &[(1, &flight), (0, &change), (1, &change), (0, &data), (1, &two), (1, &data[7..])],
        &[(1, &flight[..3]), (1, &flight[3..30]), (1, &flight[30..]), (0, &alert)],
        &[(0, &data[..1]), (0, &data[1..4]), (0, &data[4..])],
        &[(0, b"INI ADALAH DATA"), (1, b"INI ADALAH DATA")],
        &[(0, b"x"), (0, b"second"), (1, b"\n"), (1, b"second"), (0, b"ab\x00defgh")],
        &[(0, b"\xf3\x00\x00\x00 a record of 0x7300 bytes"), (0, b"goes on")],
    ];
    let mut frames = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        frames.extend(Connection::open(33_000 + index as u16, 443).run(case));
    }
    frames
}

/// Payloads of a few bytes on the ports that exercises use.
pub fn ports() -> Vec<Stored> {
    const PORTS: &[u16] = &[
        53, 80, 443, 1234, 3000, 4444, 5001, 7777, 8000, 8001, 8080, 8081, 8443, 8888, 9000, 9090,
        9999, 10_000, 10_001, 12_345, 20_000, 32_444, 40_000, 50_000, 55_555, 65_000,
    ];
    const PAYLOADS: &[&[u8]] =
        &[b"x", b"\n", b"xy", b"abc", b"abcd", b"hello\n", b"INI ADALAH DATA"];
    let mut frames = Vec::new();
    for (port_index, port) in PORTS.iter().enumerate() {
        for (index, payload) in PAYLOADS.iter().enumerate() {
            let client_port = 33_000 + (port_index * 10 + index) as u16;
            let pieces: &[(usize, &[u8])] =
                &[(0, payload), (1, payload), (0, b"second"), (1, b"ok")];
            frames.extend(Connection::open(client_port, *port).run(pieces));
        }
    }
    frames
}

/// Messages whose segments are lost, come twice, too early, or one on top of the other.
pub fn order() -> Vec<Stored> {
    let (first, second, third) = (&TEXT[..70], &TEXT[70..72], &TEXT[72..]);
    let second_at = 5001 + first.len() as u32;
    let third_at = second_at + second.len() as u32;
    let pieces = [(5001, first), (second_at, second), (third_at, third)];
    // Which pieces arrive, in which order.
    let orders: &[&[usize]] =
        &[&[0, 1, 2], &[0, 2, 1], &[0, 0, 1, 2], &[0, 1, 1, 2], &[0, 2], &[1, 0, 2], &[2, 1, 0]];
    let mut frames = Vec::new();
    for (index, order) in orders.iter().enumerate() {
        let mut connection = Connection::open(34_000 + index as u16, 80);
        connection.send(0, PSH | ACK, GET);
        for piece in *order {
            let (seq, bytes) = pieces[*piece];
            connection.seq[1] = seq;
            connection.send(1, PSH | ACK, bytes);
        }
        connection.seq[1] = third_at + third.len() as u32;
        connection.send(1, FIN | ACK, b"");
        frames.extend(connection.frames);
    }
    frames
}

/// What the small services and line protocols of well-known ports say, and bytes that are none.
pub fn services() -> Vec<Stored> {
    let cases: &[Case<'_>] = &[
        (7, &[(0, b"hello\n"), (1, b"hello\n"), (0, b"\x00"), (1, b"\x00")]),
        (9, &[(0, b"hello\n"), (0, b"\x00")]),
        (13, &[(1, b"Mon Nov 23 14:00:00 2026\r\n"), (0, b"x")]),
        (19, &[(0, b"\n"), (1, b"!\"#$%&'()*+,-./0123456789\r\n")]),
        (20, &[(1, b"a line of a file\n"), (0, b"x")]),
        (21, &[(1, b"220 (vsFTPd 3.0.3)\r\n"), (0, b"USER anna\r\n"), (1, b"331 Password\r\n")]),
        (21, &[(0, b"LIST\r\nQUIT\r\n"), (1, b"230-a\r\n230 b\r\n"), (0, b"\r\n"), (1, b"221")]),
        (21, &[(0, b"\x01\xff\t\n"), (1, b" two\rlines"), (0, b"STOR a b\n")]),
        (23, &[(1, b"\xff\xfd\x18\xff\xfd\x20"), (0, b"\xff\xfb"), (1, b"login: "), (0, b"\xff")]),
        (37, &[(0, b"\n"), (1, &[0xee, 0x12, 0x34, 0x56]), (1, b"ab")]),
        (119, &[(1, b"200 ready\r\n"), (0, b"LIST\r\n"), (1, b"215 list\r\na b\r\n.\r\n")]),
        (
            6667,
            &[(0, b"NICK anna\r\nUSER a 0 * :A\r\n"), (1, b":srv 001 anna :Hi\r\n:srv 002\r\n")],
        ),
        (
            6667,
            &[(0, b":alone\r\n"), (1, b"PING\n\n\r\nPONG"), (0, b"  JOIN #c"), (1, b"a\0b\xff c")],
        ),
    ];
    let mut frames = Vec::new();
    for (index, (port, pieces)) in cases.iter().enumerate() {
        frames.extend(Connection::open(35_000 + index as u16, *port).run(pieces));
    }
    frames
}

/// Connections of which the snaplen kept the front of each frame, in many lengths.
pub fn snapped() -> Vec<Stored> {
    const HEADERS: usize = 54;
    let record = |kind: u8, body: &[u8]| [&[kind, 3, 3, 0, body.len() as u8], body].concat();
    let mut hello = vec![2, 0, 0, 38, 3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0xc0, 0x2f, 0]);
    let flight = [record(22, &hello), record(22, &[14, 0, 0, 0]), record(23, &[5; 20])].concat();
    let chunked = [CHUNKS, b"5\r\nhello\r\n0\r\n\r\n"].concat();
    let two = [GET, GET].concat();
    let binary = [0xc0; 40];
    let cases: &[Case<'_>] = &[
        (80, &[(0, GET), (1, TEXT), (0, GET), (1, &chunked)]),
        (80, &[(1, TEXT), (1, &binary), (0, &two), (1, &binary)]),
        (443, &[(0, &flight), (1, &flight), (0, &binary)]),
        (443, &[(0, b"INI ADALAH DATA")]),
        (21, &[(0, b"USER anna\r\n"), (1, b"331 Password\r\n")]),
        (23, &[(0, b"USER anna\r\nx"), (1, b"\xff\xfd\x18\xff\xfd\x20")]),
        (37, &[(1, &[0xee, 0x12, 0x34, 0x56])]),
        (10_001, &[(0, b"INI ADALAH DATA"), (1, &binary)]),
    ];
    let mut frames = Vec::new();
    for kept in [0, 1, 2, 3, 4, 5, 6, 8, 12, 16, 17, 18, 20, 28, 40, 46, 60, 64, 70, 90] {
        for (index, (port, pieces)) in cases.iter().enumerate() {
            // Of fewer bytes, dissectors say that they are too few before they look whether
            // they are theirs.
            if *port == 10_001 && kept < 8 {
                continue;
            }
            let client_port = 36_000 + kept as u16 * 20 + index as u16;
            for mut frame in Connection::open(client_port, *port).run(pieces) {
                frame.captured = frame.captured.min(HEADERS + kept);
                frames.push(frame);
            }
        }
    }
    frames
}

/// Connections that go on in another protocol: WebSocket behind HTTP, TLS behind a command.
pub fn upgrades() -> Vec<Stored> {
    const ASKED: &[u8] = b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    let granted = |upgrade: &str| {
        format!("HTTP/1.1 101 Switching Protocols\r\n{upgrade}\r\nConnection: Upgrade\r\n\r\n")
    };
    let (known, other) = (granted("upgrade:WebSocket"), granted("X: y"));
    let frame = |first: u8, payload: &[u8]| [&[first, payload.len() as u8], payload].concat();
    let masked = [&[0x81, 0x82], b"\x01\x02\x03\x04hi".as_slice()].concat();
    let (text, two) = (frame(0x81, b"hello"), [frame(0x81, b"a"), frame(0x82, b"bb")].concat());
    let long = [&[0x81, 126, 1, 0], [b'x'; 256].as_slice()].concat();
    let behind = [known.as_bytes(), text.as_slice()].concat();
    let (ping, pong, close) = (frame(0x89, b""), frame(0x8a, b""), frame(0x88, b"\x03\xe8"));
    let (part, rest, odd) = (frame(1, b"part"), frame(0x80, b"end"), frame(0x83, b"?"));
    let mut hello = vec![2, 0, 0, 38, 3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0xc0, 0x2f, 0]);
    let record = [&[22, 3, 3, 0, hello.len() as u8], hello.as_slice()].concat();
    let cases: &[Case<'_>] = &[
        (80, &[(0, ASKED), (1, known.as_bytes()), (0, &masked), (1, &text), (1, &two), (1, &odd)]),
        (8765, &[(0, ASKED), (1, &behind), (1, &ping), (0, &pong), (1, &part), (1, &rest)]),
        (
            80,
            &[
                (0, ASKED),
                (1, known.as_bytes()),
                (1, &long[..1]),
                (1, &long[1..9]),
                (1, &long[9..]),
            ],
        ),
        (80, &[(0, ASKED), (1, known.as_bytes()), (0, &close), (1, &close)]),
        (80, &[(0, ASKED), (1, other.as_bytes()), (0, &masked)]),
        (80, &[(1, known.as_bytes()), (0, &masked)]),
        (21, &[(0, b"AUTH TLS\r\n"), (1, b"500 no\r\n"), (1, b"234 go\r\n"), (1, &record)]),
        (21, &[(0, b"auth tls\r\n"), (1, b"234 go\r\n"), (1, &record)]),
        (21, &[(1, b"234 go\r\n"), (1, &record)]),
        (119, &[(0, b"starttls\r\n"), (1, b"382 go\r\n"), (1, &record)]),
    ];
    let mut frames = Vec::new();
    for (index, (port, pieces)) in cases.iter().enumerate() {
        frames.extend(Connection::open(37_000 + index as u16, *port).run(pieces));
    }
    frames
}
