//! Counts over all frames: protocols, cut and malformed frames, checksums, the clock.

use super::model::{Finding, FindingKind, ProtocolCount, Severity};
use crate::facts::FrameFacts;
use crate::frame::FrameNumber;
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

/// The running counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) frames: u64,
    pub(super) bytes: u64,
    pub(super) captured_bytes: u64,
    pub(super) tcp_frames: u64,
    pub(super) first: Option<Timestamp>,
    span: Option<(Timestamp, Timestamp)>,
    previous: Option<Timestamp>,
    protocols: Vec<(Protocol, u64, u64)>,
    without_layer: (u64, u64),
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
    pub(super) fn observe(&mut self, facts: &FrameFacts<'_>) {
        let frame = &facts.frame;
        self.frames += 1;
        self.bytes += u64::from(frame.wire_len);
        self.captured_bytes += u64::from(frame.captured_len());
        self.tcp_frames += u64::from(facts.tcp.is_some());
        if frame.is_truncated() {
            self.truncated.add(frame.number);
        }
        self.observe_time(frame.timestamp, frame.number);
        self.observe_layers(facts);
        self.observe_checksum(facts);
    }

    /// Seconds from the earliest to the latest frame.
    pub(super) fn duration(&self) -> f64 {
        self.span.map_or(0.0, |(low, high)| (high - low).as_seconds())
    }

    /// Frames per protocol, most frames first.
    pub(super) fn protocols(&self) -> Vec<ProtocolCount> {
        let named =
            self.protocols.iter().map(|(protocol, frames, bytes)| (protocol.name(), frames, bytes));
        let (frames, bytes) = &self.without_layer;
        let unknown = (*frames > 0).then_some(("unknown", frames, bytes));
        let mut counts: Vec<ProtocolCount> = named
            .chain(unknown)
            .map(|(name, frames, bytes)| ProtocolCount {
                protocol: name.into(),
                frames: *frames,
                bytes: *bytes,
            })
            .collect();
        counts.sort_by(|a, b| b.frames.cmp(&a.frames).then_with(|| a.protocol.cmp(&b.protocol)));
        counts
    }

    fn observe_time(&mut self, time: Timestamp, number: FrameNumber) {
        self.first.get_or_insert(time);
        let (low, high) = self.span.unwrap_or((time, time));
        self.span = Some((low.min(time), high.max(time)));
        if let Some(previous) = self.previous.replace(time)
            && time < previous
        {
            self.backwards.add(number);
            self.largest_step_back_ns = self.largest_step_back_ns.max((previous - time).as_nanos());
        }
    }

    fn observe_layers(&mut self, facts: &FrameFacts<'_>) {
        let bytes = u64::from(facts.frame.wire_len);
        let carried = facts.decoded.layers.innermost_carried();
        match carried.map(|layer| layer.protocol) {
            Some(protocol) => {
                match self.protocols.iter_mut().find(|(known, ..)| *known == protocol) {
                    Some((_, count, sum)) => (*count, *sum) = (*count + 1, *sum + bytes),
                    None => self.protocols.push((protocol, 1, bytes)),
                }
            }
            None => {
                self.without_layer.0 += 1;
                self.without_layer.1 += bytes;
            }
        }
        if facts.tcp.is_none() && carried.is_some_and(|layer| layer.protocol == Protocol::Tcp) {
            self.headless.add(facts.frame.number);
        }
        let Some(stop) = facts.decoded.stop else { return };
        let number = facts.frame.number;
        match stop.reason {
            StopReason::Fragment => self.fragments.add(number),
            StopReason::Malformed(reason) => self.malformed(stop.protocol.name(), reason, number),
            StopReason::TooDeep => self.malformed(stop.protocol.name(), "too many layers", number),
            // Counted by `truncated` where a snaplen is the reason; what is left is a header
            // that promises more than the frame has.
            StopReason::Truncated { .. } if !facts.frame.is_truncated() => {
                self.malformed(stop.protocol.name(), "header longer than the frame", number);
            }
            _ => {}
        }
    }

    /// The checksum of the outermost TCP segment that the frame carries.
    fn observe_checksum(&mut self, facts: &FrameFacts<'_>) {
        let Some(index) = facts.decoded.tcp_index() else { return };
        let number = facts.frame.number;
        match checksum::transport(&facts.decoded, index) {
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
        let other = self.frames - self.tcp_frames - self.headless.count;
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
