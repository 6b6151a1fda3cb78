//! The recipe: settings, hosts, connections, and the frames in their order.

use std::collections::BTreeMap;
use std::net::IpAddr;

use etherparse::ArpOperation;

use super::Error;
use super::build::{self, Host, RawNumbers, Side, Surroundings};
use super::line::{Word, WordKind, words};
use super::options::TcpOption;
use super::row::{Checksum, Row, hex};

/// What the capture file looks like around the frames.
#[derive(Debug, Clone)]
pub(super) struct FileSettings {
    pub is_pcapng: bool,
    pub has_nanoseconds: bool,
    pub interface: String,
    pub description: Option<String>,
    pub snaplen: u32,
}

/// A finished frame of the capture.
#[derive(Debug, Clone)]
pub(super) struct ForgedFrame {
    /// Nanoseconds since 1970.
    pub time: i64,
    /// What the capture keeps.
    pub bytes: Vec<u8>,
    /// What was on the wire.
    pub wire_len: u32,
}

/// A recipe that was understood, with its frames built.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub(super) file: FileSettings,
    pub(super) has_ethernet: bool,
    pub(super) frames: Vec<ForgedFrame>,
}

/// A connection of the recipe, and what its rows have negotiated so far.
#[derive(Debug, Clone)]
struct Connection {
    /// Client, server.
    sides: [Side; 2],
    /// Initial sequence numbers of client and server.
    isn: [u32; 2],
    /// Window scale shifts that SYN and SYN-ACK carried.
    scales: [Option<u8>; 2],
}

/// The reading of a recipe.
#[derive(Debug)]
struct Reader {
    recipe: Recipe,
    hosts: BTreeMap<String, Host>,
    connections: BTreeMap<String, Connection>,
    identifications: BTreeMap<IpAddr, u16>,
    around: Surroundings,
    epoch: i64,
    /// A frame given as a hex dump whose lines are still coming.
    dump: Option<(i64, Vec<u8>)>,
}

impl Recipe {
    /// Reads a recipe and builds its frames.
    ///
    /// # Errors
    /// With line and column, when the recipe cannot be understood or asks for what no wire
    /// could carry.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut reader = Reader::new();
        for (at, line) in text.lines().enumerate() {
            reader.line(line, at + 1)?;
        }
        reader.end_dump();
        Ok(reader.recipe)
    }

    /// Number of frames.
    pub fn frame_count(&self) -> usize {
        self.frames.len()
    }

    /// The usual name of the capture beside its recipe.
    pub fn file_name(&self) -> &'static str {
        if self.file.is_pcapng { "capture.pcapng" } else { "capture.pcap" }
    }
}

impl Reader {
    fn new() -> Self {
        let file = FileSettings {
            is_pcapng: true,
            has_nanoseconds: true,
            interface: "eth1".into(),
            description: None,
            snaplen: 262_144,
        };
        Self {
            recipe: Recipe { file, has_ethernet: true, frames: Vec::new() },
            hosts: BTreeMap::new(),
            connections: BTreeMap::new(),
            identifications: BTreeMap::new(),
            around: Surroundings { has_ethernet: true, ..Surroundings::default() },
            // 2025-04-24T00:00:00Z, so that captures look alike unless a recipe says otherwise.
            epoch: 1_745_452_800_000_000_000,
            dump: None,
        }
    }

    fn line(&mut self, text: &str, number: usize) -> Result<(), Error> {
        let words = words(text, number)?;
        let Some((first, rest)) = words.split_first() else { return Ok(()) };
        if text.starts_with(char::is_whitespace) {
            return self.dump_line(&words);
        }
        self.end_dump();
        let name = first.plain()?;
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return self.frame(first, rest);
        }
        self.directive(name, first, rest)
    }

    fn directive(&mut self, name: &str, first: &Word, rest: &[Word]) -> Result<(), Error> {
        match (name, rest) {
            ("file", [format, resolution]) => self.file(format, resolution)?,
            ("interface", [name]) => self.recipe.file.interface = name.plain()?.into(),
            ("interface", [name, text]) => {
                self.recipe.file.interface = name.plain()?.into();
                self.recipe.file.description = Some(text_of(text)?);
            }
            ("link", [kind]) => {
                if !self.recipe.frames.is_empty() {
                    return Err(first.error("`link` stands before the first frame"));
                }
                self.around.has_ethernet = match kind.plain()? {
                    "ethernet" => true,
                    "raw" => false,
                    _ => return Err(kind.error("the link is `ethernet` or `raw`")),
                };
                self.recipe.has_ethernet = self.around.has_ethernet;
            }
            ("epoch", [seconds]) => self.epoch = nanoseconds(seconds)?,
            ("snaplen", [bytes]) => self.recipe.file.snaplen = bytes.parse("a number of bytes")?,
            ("vlan", [id]) if id.plain()? == "none" => self.around.vlan = None,
            ("vlan", [id]) => self.around.vlan = Some(id.parse("a VLAN number or `none`")?),
            ("checksum", [kind]) => {
                self.around.checksum = match kind.plain()? {
                    "good" => Checksum::Good,
                    "offload" => Checksum::Offload,
                    "bad" => Checksum::Bad,
                    _ => return Err(kind.error("the checksum is `good`, `offload` or `bad`")),
                }
            }
            ("host", [name, mac, address]) => {
                let address = address.parse("an IP address")?;
                self.hosts.insert(name.plain()?.into(), Host { mac: mac_of(mac)?, address });
            }
            ("connection", [name, client, server, options @ ..]) => {
                let sides = [self.side(client)?, self.side(server)?];
                let isn = isn_of(options)?;
                let connection = Connection { sides, isn, scales: [None, None] };
                self.connections.insert(name.plain()?.into(), connection);
            }
            _ => {
                return Err(first.error(format!(
                    "`{name}` is not a directive in this form; \
                 file, interface, link, epoch, snaplen, vlan, checksum, host and connection are"
                )));
            }
        }
        Ok(())
    }

    fn file(&mut self, format: &Word, resolution: &Word) -> Result<(), Error> {
        self.recipe.file.is_pcapng = match format.plain()? {
            "pcapng" => true,
            "pcap" => false,
            _ => return Err(format.error("the format is `pcapng` or `pcap`")),
        };
        self.recipe.file.has_nanoseconds = match resolution.plain()? {
            "ns" => true,
            "us" => false,
            _ => return Err(resolution.error("the resolution is `ns` or `us`")),
        };
        Ok(())
    }

    /// A row that starts with a time.
    fn frame(&mut self, time: &Word, rest: &[Word]) -> Result<(), Error> {
        let at = self.epoch.saturating_add(nanoseconds(time)?);
        let Some((kind, rest)) = rest.split_first() else {
            return Err(time.error("a time alone makes no frame"));
        };
        match (kind.plain()?, rest) {
            ("hex", []) => self.dump = Some((at, Vec::new())),
            ("arp", [from, operation, to]) => self.arp(at, from, operation, to)?,
            ("udp", [from, to, payload]) => self.udp(at, from, to, payload)?,
            (text, rest) => {
                let (name, is_from_server) = match (text.strip_suffix('>'), text.strip_suffix('<'))
                {
                    (Some(name), _) => (name, false),
                    (_, Some(name)) => (name, true),
                    _ => {
                        return Err(kind.error(format!(
                            "`{text}` is not a frame: write `arp`, \
                         `udp`, `hex`, or a connection with `>` (from the client) or `<`"
                        )));
                    }
                };
                self.segment(at, kind, name, is_from_server, rest)?;
            }
        }
        Ok(())
    }

    fn segment(
        &mut self,
        time: i64,
        kind: &Word,
        name: &str,
        is_from_server: bool,
        rest: &[Word],
    ) -> Result<(), Error> {
        let row = Row::read(rest, kind)?;
        let unknown = || kind.error(format!("there is no connection `{name}` above this row"));
        let connection = self.connections.get_mut(name).ok_or_else(unknown)?;
        connection.negotiate(&row, is_from_server);
        let window = connection.raw_window(&row, is_from_server).map_err(|why| kind.error(why))?;
        let (from, to, isn_from, isn_to) = connection.oriented(is_from_server);
        let raw = RawNumbers {
            seq: isn_from.wrapping_add(row.seq),
            ack: if row.flags & 0x10 != 0 { isn_to.wrapping_add(row.ack) } else { row.ack },
            window,
            identification: row
                .identification
                .unwrap_or_else(|| next_identification(&mut self.identifications, from)),
        };
        let row = row.with_raw_sack(isn_to);
        let bytes =
            build::segment(&row, raw, from, to, self.around).map_err(|why| kind.error(why))?;
        self.push(time, bytes, row.cut);
        Ok(())
    }

    fn arp(&mut self, time: i64, from: &Word, verb: &Word, to: &Word) -> Result<(), Error> {
        let operation = match verb.plain()? {
            "who-has" => ArpOperation::REQUEST,
            "is-at" => ArpOperation::REPLY,
            _ => return Err(verb.error("write `HOST who-has HOST` or `HOST is-at HOST`")),
        };
        let (sender, target) = (self.host(from)?, self.host(to)?);
        let bytes = build::arp(operation, sender, target, self.around);
        self.push(time, bytes.map_err(|why| verb.error(why))?, None);
        Ok(())
    }

    fn udp(&mut self, time: i64, from: &Word, to: &Word, payload: &Word) -> Result<(), Error> {
        let WordKind::Quoted(bytes) = &payload.kind else {
            return Err(payload.error("the payload is a quoted string"));
        };
        let (source, destination) = (self.side(from)?, self.side(to)?);
        let identification = next_identification(&mut self.identifications, source);
        let frame = build::datagram(bytes, identification, source, destination, self.around);
        self.push(time, frame.map_err(|why| payload.error(why))?, None);
        Ok(())
    }

    /// A line of a hex dump: an offset, then up to 16 bytes.
    fn dump_line(&mut self, words: &[Word]) -> Result<(), Error> {
        let Some((offset, rest)) = words.split_first() else { return Ok(()) };
        let Some((_, bytes)) = &mut self.dump else {
            return Err(offset.error("an indented line belongs to a `hex` frame above it"));
        };
        let text = offset.plain()?;
        if usize::from_str_radix(text, 16) != Ok(bytes.len()) {
            let expected = bytes.len();
            return Err(offset.error(format!("offset {expected:04x} is expected here, not {text}")));
        }
        for word in rest {
            bytes.extend(hex(word, word.plain()?)?);
        }
        Ok(())
    }

    fn end_dump(&mut self) {
        if let Some((time, bytes)) = self.dump.take() {
            self.push(time, bytes, None);
        }
    }

    fn push(&mut self, time: i64, mut bytes: Vec<u8>, cut: Option<usize>) {
        let wire_len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        bytes.truncate(cut.unwrap_or(self.recipe.file.snaplen as usize));
        self.recipe.frames.push(ForgedFrame { time, bytes, wire_len });
    }

    fn host(&self, word: &Word) -> Result<Host, Error> {
        let name = word.plain()?;
        let unknown = || word.error(format!("there is no host `{name}` above this line"));
        self.hosts.get(name).copied().ok_or_else(unknown)
    }

    /// `HOST:PORT`
    fn side(&self, word: &Word) -> Result<Side, Error> {
        let text = word.plain()?;
        let parts = text.split_once(':').and_then(|(name, port)| Some((name, port.parse().ok()?)));
        let (name, port) = parts.ok_or_else(|| word.error("write HOST:PORT"))?;
        let unknown = || word.error(format!("there is no host `{name}` above this line"));
        let host = self.hosts.get(name).copied().ok_or_else(unknown)?;
        Ok(Side { host, port })
    }
}

impl Connection {
    /// From, to, and their initial sequence numbers.
    fn oriented(&self, is_from_server: bool) -> (Side, Side, u32, u32) {
        let ([client, server], [isn_client, isn_server]) = (self.sides, self.isn);
        if is_from_server {
            (server, client, isn_server, isn_client)
        } else {
            (client, server, isn_client, isn_server)
        }
    }

    fn negotiate(&mut self, row: &Row, is_from_server: bool) {
        if row.flags & 0x02 != 0 {
            let scale = row.options.iter().find_map(|option| match option {
                TcpOption::WindowScale(shift) => Some(*shift),
                _ => None,
            });
            let [client, server] = &mut self.scales;
            *(if is_from_server { server } else { client }) = scale;
        }
    }

    /// The header's window for the shown one (RFC 7323, section 2.2: never scaled in a SYN).
    fn raw_window(&self, row: &Row, is_from_server: bool) -> Result<u16, String> {
        if let Some(raw) = row.raw_window {
            return Ok(raw);
        }
        let shown = row.window.ok_or("Win is missing")?;
        let shift = match self.scales {
            [Some(client), Some(server)] if row.flags & 0x02 == 0 => {
                if is_from_server {
                    server
                } else {
                    client
                }
            }
            _ => 0,
        };
        if shown % (1 << shift) != 0 {
            return Err(format!("Win={shown} is not a multiple of this side's WS={}", 1 << shift));
        }
        u16::try_from(shown >> shift)
            .map_err(|_| format!("Win={shown} does not fit the header; is a WS missing?"))
    }
}

impl Row {
    /// The row with its SACK blocks as raw sequence numbers of the other side.
    fn with_raw_sack(mut self, isn: u32) -> Self {
        for option in &mut self.options {
            if let TcpOption::Sack(blocks) = option {
                for (left, right) in blocks {
                    *left = isn.wrapping_add(*left);
                    *right = isn.wrapping_add(*right);
                }
            }
        }
        self
    }
}

fn next_identification(counters: &mut BTreeMap<IpAddr, u16>, from: Side) -> u16 {
    let counter = counters.entry(from.host.address).or_default();
    *counter = counter.wrapping_add(1);
    *counter
}

fn isn_of(options: &[Word]) -> Result<[u32; 2], Error> {
    let [option] = options else {
        return match options {
            [] => Ok([0, 0]),
            [_, extra, ..] => Err(extra.error("only isn=CLIENT,SERVER may follow the endpoints")),
            [_] => Ok([0, 0]),
        };
    };
    let numbers = option.plain()?.strip_prefix("isn=").and_then(|text| text.split_once(','));
    let parsed = numbers.and_then(|(a, b)| Some([isn_number(a)?, isn_number(b)?]));
    parsed.ok_or_else(|| option.error("write isn=CLIENT,SERVER with two numbers below 2^32"))
}

fn isn_number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn mac_of(word: &Word) -> Result<[u8; 6], Error> {
    let wrong = || word.error("write a MAC address such as 02:42:ac:10:10:65");
    let bytes: Option<Vec<u8>> =
        word.plain()?.split(':').map(|pair| u8::from_str_radix(pair, 16).ok()).collect();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong)
}

fn text_of(word: &Word) -> Result<String, Error> {
    match &word.kind {
        WordKind::Quoted(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
        WordKind::Plain(text) | WordKind::Bracketed(text) => Ok(text.clone()),
    }
}

/// Seconds with up to nine decimals, as nanoseconds.
fn nanoseconds(word: &Word) -> Result<i64, Error> {
    let text = word.plain()?;
    let wrong =
        || word.error(format!("`{text}` is not a time in seconds with up to nine decimals"));
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(seconds) || !is_digits(fraction) || fraction.len() > 9 {
        return Err(wrong());
    }
    let seconds: i64 = seconds.parse().map_err(|_| wrong())?;
    let nanos: i64 = format!("{fraction:0<9}").parse().map_err(|_| wrong())?;
    seconds.checked_mul(1_000_000_000).and_then(|s| s.checked_add(nanos)).ok_or_else(wrong)
}
