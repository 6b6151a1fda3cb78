//! Lines about the capture as a whole, shared by the formats for people.

use super::wording::{bytes, clean, count, grouped};
use crate::summary::{CaptureSummary, InterfaceSummary, Severity};

/// What was read: one fact per line.
pub(super) fn lines(summary: &CaptureSummary) -> Vec<String> {
    let capture = &summary.capture;
    let mut lines = vec![format!(
        "{}, {} on the wire, {:.3} s",
        count(capture.frames, "frame", "frames"),
        bytes(capture.bytes),
        capture.duration,
    )];
    if let Some(start) = &capture.start {
        let start = start.trim_end_matches('Z').replace('T', " ");
        lines.push(format!("Starts {start} UTC"));
    }
    let interfaces: Vec<String> = capture.interfaces.iter().map(interface).collect();
    let format = capture.format.iter().map(|format| clean(format));
    let recorded: Vec<String> = format.chain(interfaces).take(8).collect();
    if !recorded.is_empty() {
        lines.push(format!("Recorded as {}", recorded.join(", ")));
    }
    let protocols: Vec<String> = capture
        .protocols
        .iter()
        .take(10)
        .map(|c| format!("{} {}", c.protocol, grouped(c.frames)))
        .collect();
    if !protocols.is_empty() {
        lines.push(format!("Innermost protocols by frames: {}", protocols.join(", ")));
    }
    if let Some(filter) = &summary.filter {
        lines.push(format!(
            "Filter {} matches {} of {}",
            clean(&filter.text),
            count(filter.frames_matched, "frame", "frames"),
            count(filter.connections_matched, "connection", "connections"),
        ));
    }
    lines
}

fn interface(interface: &InterfaceSummary) -> String {
    let name = interface.name.as_deref().map_or("an interface without a name".into(), clean);
    match interface.description.as_deref().filter(|text| !text.is_empty()) {
        Some(description) => format!("{name} ({})", clean(description)),
        None => name,
    }
}

/// What the list of connections leaves out, in words; `None` when nothing.
pub(super) fn cut(summary: &CaptureSummary) -> Option<String> {
    (summary.connections_cut > 0).then(|| {
        format!(
            "{} not shown: only the {} with the most data are. A larger --top shows more; the \
             formats ndjson and csv list all {}.",
            count(summary.connections_cut, "connection is", "connections are"),
            grouped(summary.connections.len() as u64),
            grouped(summary.connections_total),
        )
    })
}

/// When there is no connection to tell: why.
pub(super) fn nothing(summary: &CaptureSummary) -> Option<String> {
    if summary.connections_total > 0 {
        return None;
    }
    Some(match (&summary.filter, summary.capture.tcp_frames, summary.capture.frames) {
        (Some(filter), ..) if filter.frames_matched == 0 => {
            format!("Nothing matches the filter {}.", clean(&filter.text))
        }
        (Some(filter), ..) => {
            format!("The filter {} matches no TCP connection.", clean(&filter.text))
        }
        (None, _, 0) => "The capture holds no frame.".to_owned(),
        (None, ..) => "The capture holds no TCP connection.".to_owned(),
    })
}

/// The word before a finding.
pub(super) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Problem",
        Severity::Warning => "Caution",
        Severity::Note => "Note",
    }
}

/// `frames 1, 4, 9, …`, empty without witnesses.
pub(super) fn witnesses(frames: &[u64], total: u64) -> String {
    let numbers: Vec<String> = frames.iter().map(u64::to_string).collect();
    let more = if total > frames.len() as u64 { ", …" } else { "" };
    match frames.len() {
        0 => String::new(),
        1 => format!(" (frame {}{more})", numbers.join(", ")),
        _ => format!(" (frames {}{more})", numbers.join(", ")),
    }
}
