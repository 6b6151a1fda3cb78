//! Puts the findings together: file, recorder, frames, connections.

use super::collector::CaptureEnd;
use super::model::{Finding, FindingKind, Severity};
use super::record::Facts;
use super::tally::{Tally, Witnessed, count};
use super::view::View;
use crate::frame::FrameNumber;
use crate::tcp::Direction;

/// Everything a person should know, the most severe first.
pub(super) fn all(tally: &Tally, seen: Seen, end: &CaptureEnd) -> Vec<Finding> {
    let mut findings: Vec<Finding> = damage(end, tally).into_iter().collect();
    findings.extend(drops(end));
    findings.extend(tally.findings());
    findings.extend(seen.findings());
    if tally.frames() > 0 && tally.tcp_frames == 0 {
        findings.push(Finding {
            severity: Severity::Warning,
            kind: FindingKind::NoTcp,
            text: "There is no TCP in this capture, so there are no connections to tell.".into(),
            count: tally.frames(),
            frames: Vec::new(),
        });
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

fn damage(end: &CaptureEnd, tally: &Tally) -> Option<Finding> {
    let error = end.error.as_ref()?;
    Some(Finding {
        severity: Severity::Error,
        kind: FindingKind::DamagedFile,
        text: format!(
            "The capture could not be read to its end; this report covers the {} before the \
             damage. {error}",
            count(tally.frames(), "frame", "frames"),
        ),
        count: 1,
        frames: (tally.frames() > 0).then_some(tally.frames()).into_iter().collect(),
    })
}

fn drops(end: &CaptureEnd) -> Option<Finding> {
    let kernel = end.statistics.dropped_by_kernel.unwrap_or(0);
    let interface = end.statistics.dropped_by_interface.unwrap_or(0);
    let sum = kernel.saturating_add(interface);
    (sum > 0).then(|| Finding {
        severity: Severity::Error,
        kind: FindingKind::CaptureDrops,
        text: format!(
            "The recorder lost {} ({kernel} in the kernel, {interface} at the interface): what \
             looks missing below may have been there on the wire.",
            count(sum, "frame", "frames"),
        ),
        count: sum,
        frames: Vec::new(),
    })
}

/// What connections show that a person should know.
#[derive(Debug, Default)]
pub(super) struct Seen {
    older: Witnessed,
    missing: Witnessed,
    missing_bytes: u64,
    one_sided: Witnessed,
}

impl Seen {
    /// Takes one more into account.
    pub(super) fn add(&mut self, view: &View<'_>) {
        let record = view.record;
        let first = FrameNumber(record.first_frame);
        if !view.has(Facts::BEGAN_WITH_SYN) {
            self.older.add(first);
        }
        let missing =
            view.missing_bytes(Direction::FromClient) + view.missing_bytes(Direction::FromServer);
        if missing > 0 {
            self.missing.add(first);
            self.missing_bytes += missing;
        }
        let is_silent = record.client.frames == 0 || record.server.frames == 0;
        let is_unanswered_syn = !view.turns.ack.is_set() && view.has(Facts::SYN_MARKED);
        if is_silent && !is_unanswered_syn {
            self.one_sided.add(first);
        }
    }

    fn findings(self) -> Vec<Finding> {
        let table = [
            (
                Severity::Note,
                FindingKind::BeganBeforeCapture,
                format!(
                    "{} before the capture (no SYN at the start; or the recorder missed it): \
                     handshake and earlier data cannot be seen, and who is the client may be an \
                     assumption.",
                    count(self.older.count, "connection began", "connections began"),
                ),
                self.older,
            ),
            (
                Severity::Warning,
                FindingKind::MissingData,
                format!(
                    "{} payload bytes of {} were sent but are not in the capture: the recorder \
                     missed them, or they were lost on the way and the capture ended first.",
                    self.missing_bytes,
                    count(self.missing.count, "connection", "connections"),
                ),
                self.missing,
            ),
            (
                Severity::Warning,
                FindingKind::OneSided,
                format!(
                    "Of {} only one direction was captured.",
                    count(self.one_sided.count, "connection", "connections"),
                ),
                self.one_sided,
            ),
        ];
        table
            .into_iter()
            .filter(|(.., witnessed)| witnessed.count > 0)
            .map(|(severity, kind, text, witnessed)| {
                let Witnessed { count, frames } = witnessed;
                Finding { severity, kind, text, count, frames }
            })
            .collect()
    }
}
