//! The kinds of traffic, in numbers.

/// Numbers from `least` to `most`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The smallest.
    pub least: u64,
    /// The largest; not below `least`.
    pub most: u64,
}

impl Span {
    /// From the smallest to the largest.
    pub const fn new(least: u64, most: u64) -> Self {
        Self { least, most }
    }
}

/// How much data a segment carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadSize {
    /// So many bytes, at most what fits.
    Bytes(Span),
    /// Of ten segments four carry 1 to 100 bytes, two 101 to 600, four as much as fits.
    Mixed,
}

/// A kind of traffic that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// 9.9 million small segments of 200,000 connections, 4,000 at a time, with faults.
    Many,
    /// 300,000 connections that are all open at once.
    Wide,
    /// 2 GB of full-size segments on 8 connections.
    Bulk,
    /// One connection of 2 million frames.
    One,
    /// Everything that real networks have: IPv6, VLANs, lost handshakes, reused ports.
    Mixed,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Many, Self::Wide, Self::Bulk, Self::One, Self::Mixed];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Many => "many",
            Self::Wide => "wide",
            Self::Bulk => "bulk",
            Self::One => "one",
            Self::Mixed => "mixed",
        }
    }

    /// What it looks like.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Many => MANY,
            Self::Wide => WIDE,
            Self::Bulk => BULK,
            Self::One => ONE,
            Self::Mixed => MIXED,
        }
    }
}

/// Traffic in numbers. What happens by chance is given in cases per million: of segments, of
/// rounds (a round is what one end sends before it waits) or of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Connections in all.
    pub connections: u64,
    /// Connections at a time.
    pub open: u64,
    /// Data segments of a connection, in both directions together.
    pub segments: Span,
    /// Data of a segment.
    pub payload: PayloadSize,
    /// Data segments of a round.
    pub round: Span,
    /// Microseconds in which the first connections begin.
    pub start_us: Span,
    /// Round-trip time in microseconds.
    pub round_trip_us: Span,
    /// Microseconds between two rounds.
    pub pause_us: Span,

    /// Rounds that the server sends.
    pub from_server: u32,
    /// Segments that are lost after the capture point: seen, and seen again.
    pub lost_behind: u32,
    /// Segments that are lost before it: a gap, and then the repair.
    pub lost_before: u32,
    /// Segments that their successors overtake.
    pub overtaken: u32,
    /// Segments that the network delivers twice.
    pub duplicated: u32,
    /// Rounds whose last segment is sent once more although it was acknowledged.
    pub spurious: u32,
    /// Rounds after which the receiver's window is closed for a while.
    pub zero_window: u32,
    /// Rounds after which there is silence and a keep-alive.
    pub keep_alive: u32,

    /// Connections whose SYN is never answered.
    pub syn_only: u32,
    /// Connections that are refused.
    pub refused: u32,
    /// Connections whose SYN is sent twice.
    pub syn_again: u32,
    /// Connections that began before the capture.
    pub midstream: u32,
    /// Connections that end with RST.
    pub reset: u32,
    /// Connections that end in silence.
    pub unfinished: u32,
    /// Connections between the same two ports as an earlier one.
    pub reused: u32,
    /// Connections over IPv6.
    pub ipv6: u32,
    /// Connections in a VLAN.
    pub vlan: u32,
    /// Connections with timestamps (RFC 7323).
    pub timestamps: u32,
    /// Connections with selective acknowledgements (RFC 2018).
    pub sack: u32,
}

const ALWAYS: u32 = 1_000_000;

const FLAWLESS: Shape = Shape {
    connections: 1,
    open: 1,
    segments: Span::new(10, 40),
    payload: PayloadSize::Bytes(Span::new(64, 200)),
    round: Span::new(1, 8),
    start_us: Span::new(0, 80_000),
    round_trip_us: Span::new(200, 60_000),
    pause_us: Span::new(50, 20_000),
    from_server: 600_000,
    lost_behind: 0,
    lost_before: 0,
    overtaken: 0,
    duplicated: 0,
    spurious: 0,
    zero_window: 0,
    keep_alive: 0,
    syn_only: 0,
    refused: 0,
    syn_again: 0,
    midstream: 0,
    reset: 0,
    unfinished: 0,
    reused: 0,
    ipv6: 0,
    vlan: 0,
    timestamps: ALWAYS,
    sack: ALWAYS,
};

const MANY: Shape = Shape {
    connections: 200_000,
    open: 4_000,
    segments: Span::new(10, 46),
    lost_behind: 5_000,
    lost_before: 1_000,
    overtaken: 3_000,
    duplicated: 1_000,
    spurious: 2_000,
    syn_only: 10_000,
    refused: 10_000,
    reset: 30_000,
    ..FLAWLESS
};

/// The first connection ends long after the last one began.
const WIDE: Shape = Shape {
    connections: 300_000,
    open: 300_000,
    segments: Span::new(5, 10),
    start_us: Span::new(0, 1_000_000),
    pause_us: Span::new(1_200_000, 4_000_000),
    lost_behind: 2_000,
    ..FLAWLESS
};

const BULK: Shape = Shape {
    connections: 8,
    open: 8,
    segments: Span::new(158_000, 168_000),
    payload: PayloadSize::Bytes(Span::new(1_448, 1_448)),
    round: Span::new(10, 60),
    round_trip_us: Span::new(200, 5_000),
    pause_us: Span::new(5, 50),
    from_server: 950_000,
    lost_behind: 1_000,
    overtaken: 1_000,
    duplicated: 200,
    ..FLAWLESS
};

const ONE: Shape = Shape {
    segments: Span::new(1_305_000, 1_305_000),
    round: Span::new(1, 20),
    round_trip_us: Span::new(200, 400),
    pause_us: Span::new(5, 50),
    lost_behind: 1_000,
    overtaken: 1_000,
    ..FLAWLESS
};

const MIXED: Shape = Shape {
    connections: 30_000,
    open: 1_500,
    segments: Span::new(0, 60),
    payload: PayloadSize::Mixed,
    lost_behind: 10_000,
    lost_before: 3_000,
    overtaken: 5_000,
    duplicated: 3_000,
    spurious: 3_000,
    zero_window: 2_000,
    keep_alive: 1_000,
    syn_only: 20_000,
    refused: 20_000,
    syn_again: 10_000,
    midstream: 20_000,
    reset: 50_000,
    unfinished: 20_000,
    reused: 50_000,
    ipv6: 200_000,
    vlan: 100_000,
    timestamps: 800_000,
    sack: 900_000,
    ..FLAWLESS
};
