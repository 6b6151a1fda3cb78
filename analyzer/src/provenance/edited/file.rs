//! What the file itself shows: the order of its frames, who wrote it, what it counts.

use super::super::trace::{MOST_FRAMES, Trace};
use super::{Sign, SignKind, frames_in_words};

/// Frames with an earlier time than the one before them on their interface. Less than a
/// millisecond is what several queues of one network card do.
pub(super) fn order(trace: &Trace) -> Option<Sign> {
    const USUAL: i64 = 1_000_000;
    let back: Vec<_> = trace.steps_back.iter().filter(|step| step.nanos > USUAL).collect();
    let largest = back.iter().map(|step| step.nanos).max()?;
    let frames: Vec<u64> = back.iter().map(|step| step.frames.1).collect();
    let what = format!(
        "{} earlier than the frame before, by up to {:.6} s: {}. A clock that was set during the \
         recording does this, and so does joining captures",
        if frames.len() == 1 { "one frame is" } else { "some frames are" },
        largest as f64 / 1e9,
        frames_in_words(&frames),
    );
    Some(Sign { kind: SignKind::TimeOrder, frames, what })
}

/// What concerns the file as a whole.
pub(super) fn file(trace: &Trace) -> Vec<Sign> {
    let mut signs = Vec::new();
    signs.extend(editor(trace));
    signs.extend(count(trace));
    if trace.sections > 1 {
        let sections = trace.sections;
        signs.push(whole(format!(
            "the file has {sections} sections, as when several captures were joined into one"
        )));
    }
    signs
}

fn whole(what: String) -> Sign {
    Sign { kind: SignKind::File, frames: Vec::new(), what }
}

/// Programs that write captures without recording.
fn editor(trace: &Trace) -> Option<Sign> {
    const EDITORS: [&str; 7] =
        ["editcap", "mergecap", "reordercap", "text2pcap", "randpkt", "tracewrangler", "scapy"];
    let is_editor = |name: &&String| {
        let name = name.to_lowercase();
        EDITORS.iter().any(|editor| name.contains(editor))
    };
    let name = trace.applications.iter().find(is_editor)?;
    Some(whole(format!(
        "the file says that {name:?} wrote it, a program that changes captures and does not \
         record them; converting or cutting a capture is no change of its frames"
    )))
}

/// The recorder's own count of frames against what is there.
fn count(trace: &Trace) -> Option<Sign> {
    let received = trace.statistics.received?;
    let lost = trace.statistics.dropped_by_kernel.unwrap_or(0);
    let is_whole = trace.frames < MOST_FRAMES && !trace.is_cut && trace.sections <= 1;
    let there = trace.frames;
    let least = received.saturating_sub(lost);
    // Frames that arrive while the recorder ends are counted and not written.
    let slack = 2 + least / 50;
    if !is_whole || received == 0 || (there + slack >= least && there <= received) {
        return None;
    }
    Some(whole(format!(
        "the recorder counted {received} frames and lost {lost} of them, and the file has \
         {there}; saving only the displayed frames does this"
    )))
}
