//! Lines about the capture as a whole, shared by the formats for people.

use super::wording::{bytes, clean, count, grouped, span};
use crate::summary::{CaptureOverview, CaptureSummary, InterfaceSummary, RecorderCounts, Severity};

/// Interfaces named.
const MAX_INTERFACES: usize = 6;

/// What was read: one fact per line.
pub(super) fn lines(summary: &CaptureSummary) -> Vec<String> {
    let capture = &summary.capture;
    let mut lines = vec![format!(
        "{}, {} on the wire, {} from first to last",
        count(capture.frames, "frame", "frames"),
        bytes(capture.bytes),
        span(capture.duration),
    )];
    if let Some(start) = &capture.start {
        let start = start.trim_end_matches('Z').replace('T', " ");
        lines.push(format!("Starts {start} UTC"));
    }
    lines.extend(recording(capture));
    lines.extend(losses(&capture.recorder));
    let protocols: Vec<String> = capture
        .protocols
        .iter()
        .take(10)
        .map(|c| format!("{} {}", c.protocol, grouped(c.frames)))
        .collect();
    if !protocols.is_empty() {
        lines.push(format!("Frames by innermost protocol: {}", protocols.join(", ")));
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

/// Format and interfaces; `None` when the source told neither.
fn recording(capture: &CaptureOverview) -> Option<String> {
    let told: Vec<String> = capture.interfaces.iter().filter_map(interface).collect();
    let shown = told.get(..MAX_INTERFACES).unwrap_or(&told);
    let more = told.len().saturating_sub(shown.len());
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let precision = precision(&capture.interfaces);
    let on = if shown.is_empty() { "" } else { ", recorded on " };
    match &capture.format {
        Some(format) => {
            Some(format!("Format {}{precision}{on}{}{more}", clean(format), shown.join("; ")))
        }
        None if shown.is_empty() => None,
        None => Some(format!("Recorded on {}{more}", shown.join("; "))),
    }
}

/// The unit of the timestamps, when all interfaces have the same.
fn precision(interfaces: &[InterfaceSummary]) -> &'static str {
    let mut digits = interfaces.iter().map(|interface| interface.timestamp_digits);
    let first = digits.next().unwrap_or_default();
    match first {
        _ if digits.any(|other| other != first) => "",
        3 => " with milliseconds",
        6 => " with microseconds",
        9 => " with nanoseconds",
        _ => "",
    }
}

/// Name and what is special; `None` when the format has neither (classic pcap).
fn interface(interface: &InterfaceSummary) -> Option<String> {
    let name = interface.name.as_deref().map_or("an interface without a name".into(), clean);
    let description = interface.description.as_deref().filter(|text| !text.is_empty());
    // Snaplens from 64 KiB up cut nothing that an interface can carry.
    let snaplen = (1..65_535).contains(&interface.snaplen);
    let details: Vec<String> = description
        .map(clean)
        .into_iter()
        .chain(snaplen.then(|| format!("snaplen {}", grouped(u64::from(interface.snaplen)))))
        .collect();
    match details.is_empty() {
        true => interface.name.is_some().then_some(name),
        false => Some(format!("{name} ({})", details.join(", "))),
    }
}

/// That the recorder lost nothing is worth a line; losses are a finding.
fn losses(recorder: &RecorderCounts) -> Option<String> {
    let known = [recorder.dropped_by_kernel, recorder.dropped_by_interface];
    let is_known = known.iter().any(Option::is_some);
    let lost: u64 = known.into_iter().flatten().fold(0, u64::saturating_add);
    (is_known && lost == 0).then(|| "The recorder dropped no frame".to_owned())
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
