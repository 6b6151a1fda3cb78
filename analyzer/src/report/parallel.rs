//! "In parallel": proved or refuted, in sentences with witness frames.

use super::wording::{count, list};
use crate::summary::{
    Concurrency, Moment, Overlap, OverlapEvidence, OverlapKind, Parallelism, Succession,
};

/// The verdict.
pub(super) fn verdict(concurrency: &Concurrency) -> String {
    let at = concurrency.max_open_at.map_or(0, |moment: Moment| moment.frame);
    let most = format!(
        "At most {} open at the same time, first at frame {at} ({}).",
        count(concurrency.max_open, "connection was", "connections were"),
        streams(concurrency),
    );
    match concurrency.parallelism {
        Parallelism::NotApplicable => match concurrency.established {
            0 => "No connection was established.".to_owned(),
            _ => {
                "Only one connection was established, so nothing could run in parallel.".to_owned()
            }
        },
        Parallelism::Sequential => sequential(concurrency),
        Parallelism::ConnectedOnly => format!(
            "Connected in parallel, but served one after the other: {} accepted by the server's \
             kernel and then had to wait until another was over. {most}",
            count(concurrency.waiting_total, "connection was", "connections were"),
        ),
        Parallelism::Overlapping if concurrency.overlaps_seen == 0 => format!(
            "Open at the same time, yes: without a handshake in the capture, they must have been \
             open before its first frame. Served at the same time, not proved. {most}"
        ),
        Parallelism::Overlapping => format!(
            "Open at the same time, yes; served at the same time, not proved: nothing shows two of \
             them open and both answered already. {most}"
        ),
        Parallelism::Parallel => format!(
            "Yes. At least two connections were open at the same time and both had been answered \
             by then: they were served in parallel. {most}"
        ),
    }
}

fn sequential(concurrency: &Concurrency) -> String {
    let Concurrency { established, older, overlaps_total, .. } = *concurrency;
    if overlaps_total == 0 {
        return format!(
            "No. The {established} connections ran one after the other: no two were open at the \
             same time."
        );
    }
    let (others, are) = match older {
        1 => ("The other one is".to_owned(), "it was"),
        older => (format!("The other {older} are"), "they were"),
    };
    format!(
        "No. The {} connections that began in the capture ran one after the other: no two of them \
         were open at the same time. {others} older than the capture: {are} open before its first \
         frame.",
        established - older
    )
}

fn streams(concurrency: &Concurrency) -> String {
    let shown = concurrency.max_open_streams.len() as u64;
    let more = concurrency.max_open.saturating_sub(shown);
    let label = if concurrency.max_open == 1 { "connection" } else { "connections" };
    let names = list(&concurrency.max_open_streams);
    if more == 0 { format!("{label} {names}") } else { format!("{label} {names} and {more} more") }
}

/// One line on a pair.
fn pair(overlap: &Overlap) -> String {
    let Overlap { first, second, from, until, .. } = overlap;
    let what = match (overlap.evidence, overlap.kind) {
        (OverlapEvidence::OlderThanCapture, _) if from.frame <= 1 => {
            return format!(
                "{first} and {second}: both older than the capture, so open together before its \
                 first frame, until frame {}",
                until.frame
            );
        }
        (OverlapEvidence::OlderThanCapture, _) => {
            "both open, because the older one must have been open since before the capture"
        }
        (_, OverlapKind::ServedInParallel) => "both served",
        (_, OverlapKind::AcceptedButWaiting) => "the second waits for the first",
        (_, OverlapKind::OpenTogether) => "both open",
    };
    format!("{first} and {second}: frames {} to {}, {what}", from.frame, until.frame)
}

/// One line on two connections that follow each other.
fn succession(succession: &Succession) -> String {
    let Succession { first, closed, second, opened } = succession;
    format!(
        "{first} and {second}: {first} closes in frame {}, before {second} is established in frame \
         {}",
        closed.frame, opened.frame
    )
}

/// The lines under the verdict: overlaps first, then who followed whom.
pub(super) fn witnesses(concurrency: &Concurrency) -> Vec<String> {
    let overlaps = concurrency.overlaps.iter().map(pair);
    let more = (concurrency.overlaps_cut > 0).then(|| {
        format!("and {} that overlap", count(concurrency.overlaps_cut, "more pair", "more pairs"))
    });
    overlaps.chain(more).chain(concurrency.successions.iter().map(succession)).collect()
}
