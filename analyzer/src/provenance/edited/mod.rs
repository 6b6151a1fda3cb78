//! Signs that a capture was changed after it was recorded, or recorded with losses: values that
//! do not fit each other. Each is an observation with its frames, and none of them proves that
//! somebody changed anything.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::trace::Trace;

mod checksums;
mod clock;
mod file;
mod ip_ids;

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignKind {
    /// A sender's timestamp option counts on while the capture's clock does not, or the other
    /// way round.
    Clock,
    /// A checksum is wrong while the sender's others are right or left to the network card.
    Checksum,
    /// The sender counted packets that the capture does not have.
    IpIdGap,
    /// A frame has an earlier time than the one before it.
    TimeOrder,
    /// What the file says of itself does not fit its frames, or an editor wrote it.
    File,
}

/// One observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sign {
    /// What does not fit.
    pub kind: SignKind,
    /// The frames that show it; empty for what concerns the file as a whole.
    pub frames: Vec<u64>,
    /// What was seen, and what else it may come from.
    pub what: String,
}

/// All signs in a capture, those of single frames first.
#[must_use]
pub fn examine(trace: &Trace) -> Vec<Sign> {
    let mut signs = clock::signs(trace);
    signs.extend(checksums::signs(trace));
    signs.extend(ip_ids::signs(trace));
    signs.extend(file::order(trace));
    signs.extend(file::file(trace));
    signs
}

/// `frame 7`, or `frames 7, 9 and 12 more`.
fn frames_in_words(frames: &[u64]) -> String {
    const SHOWN: usize = 6;
    let list: Vec<String> = frames.iter().take(SHOWN).map(u64::to_string).collect();
    match frames.len() {
        1 => format!("frame {}", list.join("")),
        all if all > SHOWN => format!("frames {} and {} more", list.join(", "), all - SHOWN),
        _ => format!("frames {}", list.join(", ")),
    }
}
