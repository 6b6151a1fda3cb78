//! "In parallel": proved or refuted, in sentences with witness frames.

use super::wording::{count, list};
use crate::summary::{Concurrency, Moment, Overlap, OverlapKind, Parallelism};

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
        Parallelism::Sequential => format!(
            "No. The {} connections ran one after the other: no two were seen open at the same \
             time.{}",
            concurrency.established,
            older(concurrency),
        ),
        Parallelism::ConnectedOnly => format!(
            "Connected in parallel, but served one after the other: {} accepted by the server's \
             kernel and then had to wait until another was over. {most}",
            count(concurrency.waiting_total, "connection was", "connections were"),
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

/// What a capture that starts too late cannot refute.
fn older(concurrency: &Concurrency) -> String {
    match concurrency.older {
        0 | 1 => String::new(),
        older => format!(
            " {older} of them are older than the capture; whether those overlapped before its \
             first frame, it cannot show."
        ),
    }
}

fn streams(concurrency: &Concurrency) -> String {
    let shown = concurrency.max_open_streams.len() as u64;
    let more = concurrency.max_open.saturating_sub(shown);
    let label = if concurrency.max_open == 1 { "connection" } else { "connections" };
    let names = list(&concurrency.max_open_streams);
    if more == 0 { format!("{label} {names}") } else { format!("{label} {names} and {more} more") }
}

/// One line on a pair.
pub(super) fn pair(overlap: &Overlap) -> String {
    let what = match overlap.kind {
        OverlapKind::ServedInParallel => "both served",
        OverlapKind::AcceptedButWaiting => "the second waits for the first",
        OverlapKind::OpenTogether => "both open",
    };
    format!(
        "{} and {}: frames {} to {}, {what}",
        overlap.first, overlap.second, overlap.from.frame, overlap.until.frame
    )
}
