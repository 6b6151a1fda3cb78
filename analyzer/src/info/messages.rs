//! The messages above TCP and UDP that a frame shows or completes: what filters on
//! applications read. Kept only on demand, in buffers that serve one frame after the other.

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageKind {
    /// HTTP/1: first line, header and body.
    Http,
    /// More of an HTTP body whose header was elsewhere.
    HttpRest,
    /// A TLS record with its header.
    TlsRecord,
    /// The same, in clear no longer.
    TlsEncrypted,
    /// The same, of a version that hides even the kind of the content (RFC 8446, section 5.2).
    TlsOpaque,
    /// A TLS handshake message: type, length, body.
    TlsHandshake,
    /// A TLS handshake message that nobody can read.
    TlsHidden,
    /// Bytes on a TLS connection that are no record, or not a whole one.
    TlsRest,
    /// DNS in a datagram.
    Dns,
    /// DNS on a stream, without the length in front.
    DnsOnStream,
    /// Multicast DNS.
    Mdns,
    /// LLMNR.
    Llmnr,
    /// NetBIOS name service.
    Nbns,
    /// DHCP and BOOTP.
    Dhcp,
    /// NTP.
    Ntp,
    /// SSDP: HTTP in datagrams.
    Ssdp,
    /// Bytes that no dissector recognises.
    Data,
    /// A service that only has a name; as filters write it.
    Named(&'static str),
    /// Bytes of a message that is not complete.
    Part,
}

/// One message.
#[derive(Debug, Clone, Copy)]
pub struct Message<'m> {
    /// What it is.
    pub kind: MessageKind,
    /// Its bytes, as far as they are known.
    pub bytes: &'m [u8],
}

/// The messages of one frame, in their order.
#[derive(Debug, Default)]
pub struct Messages {
    is_wanted: bool,
    bytes: Vec<u8>,
    /// Kinds, and where the bytes end.
    entries: Vec<(MessageKind, usize)>,
}

impl Messages {
    /// Of which those of each frame are kept until the next.
    pub(super) fn wanted() -> Self {
        Self { is_wanted: true, ..Self::default() }
    }

    /// Before the next frame.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }

    /// Adds a message.
    pub(super) fn add(&mut self, kind: MessageKind, bytes: &[u8]) {
        if self.is_wanted {
            self.bytes.extend_from_slice(bytes);
            self.entries.push((kind, self.bytes.len()));
        }
    }

    /// Is there one of a kind?
    pub(super) fn has(&self, kind: MessageKind) -> bool {
        self.entries.iter().any(|(other, _)| *other == kind)
    }

    /// The messages.
    pub fn iter(&self) -> impl Iterator<Item = Message<'_>> {
        let mut start = 0;
        self.entries.iter().map(move |(kind, end)| {
            let bytes = self.bytes.get(start..*end).unwrap_or(&[]);
            start = *end;
            Message { kind: *kind, bytes }
        })
    }
}
