//! Counts over all frames: protocols, cut and malformed frames, checksums, the clock.

use super::model::{Finding, FindingKind, ProtocolCount, Severity};
use crate::facts::FrameFacts;
use crate::frame::{Frame, FrameNumber};
use crate::time::Timestamp;
use crate::wire::{ChecksumVerdict, Protocol, StopReason, checksum};

/// Witness frames kept per finding.
const WITNESSES: usize = 8;

/// Different malformations told by their own text; the rest is counted together.
const MAX_REASONS: usize = 8;

/// A count with its first witnesses.
#[derive(Debug, Clone, Default)]
pub(super) struct Witnessed {
    pub(super) count: u64,
    pub(super) frames: Vec<u64>,
}

/// Frames and their bytes on the wire.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    frames: u64,
    bytes: u64,
}

/// By protocol number.
#[derive(Debug)]
struct Protocols([Counted; Protocol::ALL.len()]);

/// The latest time of all in nanoseconds, when the latest frame has it, as in most captures; else
/// [`Pace::NONE`].
#[derive(Debug, Clone, Copy)]
struct Pace(i64);

impl Pace {
    /// Later than any.
    const NONE: i64 = i64::MAX;

    /// At a time; none when 64 bits cannot hold it.
    fn at(time: Timestamp) -> Self {
        let (seconds, _) = time.as_parts();
        let fits = (0..i64::MAX / 1_000_000_000).contains(&seconds);
        Self(if fits { time.as_nanos() } else { Self::NONE })
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self(Self::NONE)
    }
}

/// Times of frames. While there is a [`Pace`], the last two are out of date.
#[derive(Debug, Clone, Copy)]
struct Clock {
    first: Timestamp,
    earliest: Timestamp,
    latest: Timestamp,
    previous: Timestamp,
}

/// The running counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) tcp_frames: u64,
    /// Stored bytes of frames that were cut, less their bytes on the wire.
    captured_beyond: i64,
    clock: Option<Clock>,
    pace: Pace,
    protocols: Protocols,
    without_layer: Counted,
    truncated: Witnessed,
    fragments: Witnessed,
    backwards: Witnessed,
    largest_step_back_ns: i64,
    malformed: Vec<(&'static str, &'static str, Witnessed)>,
    malformed_other: Witnessed,
    headless: Witnessed,
    bad_checksums: Witnessed,
    offloaded_checksums: Witnessed,
    pub(super) good_checksums: u64,
    pub(super) oversized: Witnessed,
    pub(super) largest_payload: u32,
}

impl Default for Protocols {
    fn default() -> Self {
        Self([Counted::default(); Protocol::ALL.len()])
    }
}

impl Witnessed {
    /// Counts one more frame.
    pub(super) fn add(&mut self, frame: FrameNumber) {
        self.count += 1;
        if self.frames.len() < WITNESSES {
            self.frames.push(frame.0);
        }
    }

    fn finding(&self, severity: Severity, kind: FindingKind, text: String) -> Option<Finding> {
        let (count, frames) = (self.count, self.frames.clone());
        (count > 0).then_some(Finding { severity, kind, text, count, frames })
    }
}

impl Tally {
    /// Counts one frame.
    #[inline]
    pub(super) fn observe(&mut self, facts: &FrameFacts<'_>) {
        let frame = &facts.frame;
        self.tcp_frames += u64::from(facts.tcp.is_some());
        self.observe_time(frame.timestamp, frame.number);
        self.observe_layers(facts);
        if frame.captured_len() != frame.wire_len || facts.decoded.stop.is_some() {
            self.observe_end(facts);
        }
        match facts.tcp.and_then(|tcp| tcp.checksum) {
            Some(ChecksumVerdict::Good) => self.good_checksums += 1,
            known => self.observe_checksum(facts, known),
        }
    }

    /// Counts one frame that is nothing but a segment with a right checksum.
    #[inline]
    pub(super) fn observe_segment(&mut self, frame: &Frame<'_>) {
        self.tcp_frames += 1;
        self.good_checksums += 1;
        self.observe_time(frame.timestamp, frame.number);
        if let Some(counted) = self.protocols.0.get_mut(Protocol::Tcp as usize) {
            counted.frames += 1;
            counted.bytes += u64::from(frame.wire_len);
        }
    }

    /// The same for some of them, with their bytes on the wire; their times go to
    /// [`Self::observe_nanos`].
    pub(super) fn observe_plain(&mut self, frames: u64, bytes: u64) {
        self.tcp_frames += frames;
        self.good_checksums += frames;
        if let Some(counted) = self.protocols.0.get_mut(Protocol::Tcp as usize) {
            counted.frames += frames;
            counted.bytes += bytes;
        }
    }

    /// Takes note of a time in nanoseconds.
    #[inline(always)]
    pub(super) fn observe_nanos(&mut self, nanos: i64, number: FrameNumber) {
        if nanos >= self.pace.0 {
            self.pace.0 = nanos;
        } else {
            self.observe_odd_time(Timestamp::from_nanos(nanos), number);
        }
    }

    /// Number of frames.
    pub(super) fn frames(&self) -> u64 {
        self.total(|counted| counted.frames)
    }

    /// Bytes on the wire, all frames together.
    pub(super) fn bytes(&self) -> u64 {
        self.total(|counted| counted.bytes)
    }

    /// Bytes stored.
    pub(super) fn captured_bytes(&self) -> u64 {
        self.bytes().wrapping_add_signed(self.captured_beyond)
    }

    /// The time of the first frame.
    pub(super) fn first(&self) -> Option<Timestamp> {
        self.clock.map(|clock| clock.first)
    }

    /// Seconds from the earliest to the latest frame.
    pub(super) fn duration(&self) -> f64 {
        self.clock().map_or(0.0, |clock| (clock.latest - clock.earliest).as_seconds())
    }

    fn total(&self, part: fn(&Counted) -> u64) -> u64 {
        self.protocols.0.iter().chain([&self.without_layer]).map(part).sum()
    }

    /// Frames per protocol, most frames first.
    pub(super) fn protocols(&self) -> Vec<ProtocolCount> {
        let known = Protocol::ALL.iter().map(|protocol| protocol.name()).zip(&self.protocols.0);
        let all = known.chain([("unknown", &self.without_layer)]);
        let seen = all.filter(|(_, counted)| counted.frames > 0);
        let count = |(name, counted): (&str, &Counted)| ProtocolCount {
            protocol: name.into(),
            frames: counted.frames,
            bytes: counted.bytes,
        };
        let mut counts: Vec<ProtocolCount> = seen.map(count).collect();
        counts.sort_by(|a, b| b.frames.cmp(&a.frames).then_with(|| a.protocol.cmp(&b.protocol)));
        counts
    }

    #[inline]
    fn observe_time(&mut self, time: Timestamp, number: FrameNumber) {
        let Pace(nanos) = Pace::at(time);
        if nanos >= self.pace.0 && nanos != Pace::NONE {
            self.pace.0 = nanos;
        } else {
            self.observe_odd_time(time, number);
        }
    }

    /// The first time, one before another, or one far from all.
    #[inline(never)]
    fn observe_odd_time(&mut self, time: Timestamp, number: FrameNumber) {
        let (first, earliest, latest, previous) = (time, time, time, time);
        let known = self.clock();
        let mut clock = known.unwrap_or(Clock { first, earliest, latest, previous });
        let previous = std::mem::replace(&mut clock.previous, time);
        if time >= clock.latest {
            clock.latest = time;
        } else {
            clock.earliest = clock.earliest.min(time);
            if time < previous {
                self.backwards.add(number);
                let step = (previous - time).as_nanos();
                self.largest_step_back_ns = self.largest_step_back_ns.max(step);
            }
        }
        self.pace = if clock.latest == time { Pace::at(time) } else { Pace::default() };
        self.clock = Some(clock);
    }

    /// The clock as it is now.
    fn clock(&self) -> Option<Clock> {
        let clock = self.clock?;
        if self.pace.0 == Pace::NONE {
            return Some(clock);
        }
        let now = Timestamp::from_nanos(self.pace.0);
        Some(Clock { latest: now, previous: now, ..clock })
    }

    #[inline]
    fn observe_layers(&mut self, facts: &FrameFacts<'_>) {
        let carried = facts.decoded.layers.innermost_carried();
        let protocol = carried.map(|layer| layer.protocol);
        let counted = match protocol {
            Some(protocol) => self.protocols.0.get_mut(protocol as usize),
            None => Some(&mut self.without_layer),
        };
        if let Some(counted) = counted {
            counted.frames += 1;
            counted.bytes += u64::from(facts.frame.wire_len);
        }
        if facts.tcp.is_none() && protocol == Some(Protocol::Tcp) {
            self.headless.add(facts.frame.number);
        }
    }

    /// A frame that was cut, or could not be decoded to its end.
    #[cold]
    fn observe_end(&mut self, facts: &FrameFacts<'_>) {
        let number = facts.frame.number;
        let (captured, wire_len) = (facts.frame.captured_len(), facts.frame.wire_len);
        let is_truncated = captured < wire_len;
        self.captured_beyond += i64::from(captured) - i64::from(wire_len);
        if is_truncated {
            self.truncated.add(number);
        }
        let Some(stop) = facts.decoded.stop else { return };
        match stop.reason {
            StopReason::Fragment => self.fragments.add(number),
            StopReason::Malformed(reason) => self.malformed(stop.protocol.name(), reason, number),
            StopReason::TooDeep => self.malformed(stop.protocol.name(), "too many layers", number),
            // Counted by `truncated` where a snaplen is the reason; what is left is a header
            // that promises more than the frame has.
            StopReason::Truncated { .. } if !is_truncated => {
                self.malformed(stop.protocol.name(), "header longer than the frame", number);
            }
            _ => {}
        }
    }

    /// The checksum of the outermost TCP segment that the frame carries; `known` when it was
    /// worked out already.
    #[inline(never)]
    fn observe_checksum(&mut self, facts: &FrameFacts<'_>, known: Option<ChecksumVerdict>) {
        let Some(index) = facts.decoded.tcp_index() else { return };
        let number = facts.frame.number;
        match known.unwrap_or_else(|| checksum::transport(&facts.decoded, index)) {
            ChecksumVerdict::Bad { .. } => self.bad_checksums.add(number),
            ChecksumVerdict::Offloaded => self.offloaded_checksums.add(number),
            ChecksumVerdict::Good => self.good_checksums += 1,
            ChecksumVerdict::Absent | ChecksumVerdict::NotChecked(_) => {}
        }
    }

    fn malformed(&mut self, protocol: &'static str, reason: &'static str, number: FrameNumber) {
        let known = self.malformed.iter().position(|(p, r, _)| (*p, *r) == (protocol, reason));
        let index = match known {
            Some(index) => index,
            None if self.malformed.len() < MAX_REASONS => {
                self.malformed.push((protocol, reason, Witnessed::default()));
                self.malformed.len() - 1
            }
            None => return self.malformed_other.add(number),
        };
        if let Some((.., witnessed)) = self.malformed.get_mut(index) {
            witnessed.add(number);
        }
    }

    /// The findings that concern frames.
    pub(super) fn findings(&self) -> impl Iterator<Item = Finding> {
        let mut found = vec![
            self.truncated.finding(
                Severity::Warning,
                FindingKind::TruncatedFrames,
                format!(
                    "{} stored without {} last bytes (a snaplen was set): lengths are right, but \
                 payload, options and checksums beyond the cut cannot be seen.",
                    count_were(self.truncated.count, "frame"),
                    its(self.truncated.count),
                ),
            ),
            self.fragments.finding(
                Severity::Warning,
                FindingKind::Fragments,
                format!(
                    "{} of IP datagrams without all their parts: what they carried is not told.",
                    count(self.fragments.count, "frame is a fragment", "frames are fragments"),
                ),
            ),
            self.backwards.finding(
                Severity::Warning,
                FindingKind::TimeBackwards,
                format!(
                    "Time goes backwards {} (by up to {:.9} s): the clock was set, or frames of \
                 several interfaces are mixed. Times between frames may mislead there.",
                    count(self.backwards.count, "time", "times"),
                    self.largest_step_back_ns as f64 / 1e9,
                ),
            ),
            self.bad_checksums.finding(
                Severity::Warning,
                FindingKind::BadChecksums,
                format!(
                    "{} a wrong TCP checksum: damaged on the way, or changed after recording.",
                    count(self.bad_checksums.count, "segment has", "segments have"),
                ),
            ),
            self.offloaded_checksums.finding(
                Severity::Note,
                FindingKind::OffloadedChecksums,
                format!(
                    "{} only the sum of the pseudo-header \
                     as TCP checksum: recorded before a network card filled in the rest \
                     (checksum offload, usual on virtual networks). This is normal, not damage.",
                    count(self.offloaded_checksums.count, "segment carries", "segments carry"),
                ),
            ),
            self.oversized.finding(
                Severity::Note,
                FindingKind::SegmentationOffload,
                format!(
                    "{} larger than one packet can carry (up to {} bytes of payload): the network \
                 card cuts or joins them (GSO, GRO). On the wire they were several packets.",
                    count(self.oversized.count, "segment is", "segments are"),
                    self.largest_payload,
                ),
            ),
            self.malformed_other.finding(
                Severity::Warning,
                FindingKind::MalformedFrames,
                format!(
                    "{} malformed in other ways.",
                    count(self.malformed_other.count, "more frame is", "more frames are"),
                ),
            ),
        ];
        found.extend(self.malformed.iter().map(|(protocol, reason, witnessed)| {
            let frames = count(witnessed.count, "frame", "frames");
            let text = format!("{frames} could not be decoded further at {protocol}: {reason}.");
            witnessed.finding(Severity::Warning, FindingKind::MalformedFrames, text)
        }));
        found.push(self.headless());
        found.push(self.other_traffic());
        found.into_iter().flatten()
    }

    /// Frames whose innermost layer is TCP, but with too little of it to belong to a connection.
    fn headless(&self) -> Option<Finding> {
        self.headless.finding(
            Severity::Warning,
            FindingKind::TruncatedFrames,
            format!(
                "{} no whole TCP header and cannot be counted to any connection.",
                count(self.headless.count, "frame has", "frames have"),
            ),
        )
    }

    fn other_traffic(&self) -> Option<Finding> {
        let other = self.frames() - self.tcp_frames - self.headless.count;
        if other == 0 || self.tcp_frames == 0 {
            return None;
        }
        let names: Vec<String> = self
            .protocols()
            .iter()
            .filter(|c| c.protocol != Protocol::Tcp.name())
            .take(8)
            .map(|c| format!("{} {}", c.frames, c.protocol))
            .collect();
        Some(Finding {
            severity: Severity::Note,
            kind: FindingKind::OtherTraffic,
            text: format!(
                "{} no TCP: {}.",
                count(other, "frame carries", "frames carry"),
                names.join(", ")
            ),
            count: other,
            frames: Vec::new(),
        })
    }
}

/// "1 frame", "3 frames".
pub(super) fn count(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn count_were(number: u64, noun: &str) -> String {
    let plural = format!("{noun}s were");
    count(number, &format!("{noun} was"), &plural)
}

fn its(number: u64) -> &'static str {
    if number == 1 { "its" } else { "their" }
}
