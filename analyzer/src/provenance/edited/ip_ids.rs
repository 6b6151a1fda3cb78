//! Packets that a sender counted and the capture does not have.
//!
//! Linux and others count the packets of a connection in the identification of the IPv4 header
//! (RFC 6864 leaves it free for packets that are no fragments). Where a half-stream counts by
//! one, a step by more says how many packets are missing.

use super::super::trace::{Packet, Trace};
use super::{Sign, SignKind, frames_in_words};

/// Steps from which on a few gaps stand out.
const MANY: usize = 6;
/// A larger step is another counter, not a gap.
const WIDEST: u16 = 64;

/// One observation per half-stream with gaps.
pub(super) fn signs(trace: &Trace) -> Vec<Sign> {
    trace.half_streams().iter().filter_map(|half| sign(half)).collect()
}

fn sign(half: &[&Packet]) -> Option<Sign> {
    // A SYN/ACK has 0: its connection has no counter yet.
    let counted: Vec<(&Packet, u16)> = half
        .iter()
        .filter_map(|packet| Some((*packet, packet.ip_id.filter(|&id| id != 0)?)))
        .collect();
    let limit = segment_limit(half);
    let mut gaps: Vec<(u64, u64, u16)> = Vec::new();
    let (mut steps, mut by_one) = (0_usize, 0_usize);
    for pair in counted.windows(2) {
        let [(before, one), (after, two)] = pair else { continue };
        let step = two.wrapping_sub(*one);
        steps += 1;
        // A segment that the card cuts into pieces counts as many packets as there will be.
        let most = before.payload.div_ceil(limit).max(1);
        if (1..=most).contains(&u32::from(step)) {
            by_one += 1;
        } else if (2..=WIDEST).contains(&step) {
            gaps.push((before.frame, after.frame, step - 1));
        }
    }
    // Of identifications by chance, one in 65,536 is one more than the one before. A tap that
    // drops packets leaves many gaps; then each of them says little.
    let is_told = if steps < MANY { by_one >= gaps.len() } else { by_one * 10 >= steps * 7 };
    let is_counting = is_told && by_one + gaps.len() == steps;
    if !is_counting || gaps.is_empty() {
        return None;
    }
    Some(in_words(half, &gaps))
}

fn segment_limit(half: &[&Packet]) -> u32 {
    const USUAL: u32 = 536;
    let announced = half.iter().find_map(|packet| packet.segment_limit);
    announced.map_or(USUAL, u32::from).clamp(USUAL / 2, USUAL)
}

fn in_words(half: &[&Packet], gaps: &[(u64, u64, u16)]) -> Sign {
    let mut frames: Vec<u64> = gaps.iter().flat_map(|&(one, two, _)| [one, two]).collect();
    frames.dedup();
    let missing: u32 = gaps.iter().map(|&(_, _, missing)| u32::from(missing)).sum();
    let (port, first) = (half.first().map_or(0, |packet| packet.ports.0), gaps.first());
    let (before, after) = first.map_or((0, 0), |&(one, two, _)| (one, two));
    let packets = if missing == 1 { "packet" } else { "packets" };
    let what = format!(
        "port {port} numbers its packets one by one (IP identification), and {missing} {packets} \
         of them are not in the capture, the first between frames {before} and {after} ({}). A \
         capture filter, or a recorder that lost frames, does this, too",
        frames_in_words(&frames),
    );
    Sign { kind: SignKind::IpIdGap, frames, what }
}
