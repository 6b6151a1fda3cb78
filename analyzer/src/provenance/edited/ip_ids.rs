//! Packets that a sender counted and the capture does not have.
//!
//! Linux counts the packets of a connection in the identification of the IPv4 header (RFC 6864
//! leaves it free for packets that are no fragments). Where a half-stream counts by one, a step
//! by more says how many packets are missing. Windows and others have one counter for all their
//! connections, of which a capture may show one: nothing is said of those, nor of captures with
//! gaps here and there, as recorders leave that do not keep up. A gap counts only where bytes are
//! missing, too, and never come: an ACK that is lost on its way leaves a gap, and nobody sends it
//! again.

use super::super::trace::{Packet, Trace};
use super::{Sign, SignKind, frames_in_words};

/// Steps from which on a few gaps stand out.
const MANY: usize = 6;
/// A larger step is another counter, not a gap.
const WIDEST: u16 = 64;

/// Gaps that a half-stream may have; more are a recorder's.
const FEW: usize = 3;
/// Half-streams that may have any; a pause of the recorder shows in all that are open.
const FEW_HALVES: usize = 4;

/// One observation per half-stream with gaps, unless gaps are what this capture has everywhere.
pub(super) fn signs(trace: &Trace) -> Vec<Sign> {
    if trace.statistics.dropped_by_kernel.is_some_and(|lost| lost > 0) {
        return Vec::new();
    }
    let halves = trace.half_streams();
    let counts: Vec<Option<Sign>> = halves.iter().filter_map(|half| counting(half)).collect();
    let gaps = counts.iter().flatten().count();
    let is_usual = gaps > FEW_HALVES || (gaps > 2 && gaps * 2 > counts.len());
    counts.into_iter().flatten().filter(|_| !is_usual).collect()
}

/// None where a half-stream does not count; the sign of its gaps, if it has any.
fn counting(half: &[&Packet]) -> Option<Option<Sign>> {
    if !half.iter().all(|packet| packet.counts_alone) {
        return None;
    }
    // A SYN/ACK has 0: its connection has no counter yet.
    let counted: Vec<(&Packet, u16)> = half
        .iter()
        .filter_map(|packet| Some((*packet, packet.ip_id.filter(|&id| id != 0)?)))
        .collect();
    let limit = segment_limit(half);
    let mut gaps: Vec<(u64, u64, u16)> = Vec::new();
    let (mut steps, mut by_one, mut others) = (0_usize, 0_usize, 0_usize);
    for pair in counted.windows(2) {
        let [(before, one), (after, two)] = pair else { continue };
        let step = two.wrapping_sub(*one);
        steps += 1;
        // A segment that the card cuts into pieces counts as many packets as there will be.
        let most = before.payload.div_ceil(limit).max(1);
        if (1..=most).contains(&u32::from(step)) {
            by_one += 1;
        } else if (2..=WIDEST).contains(&step) {
            gaps.extend(lacks_bytes(before, after, half).then_some((
                before.frame,
                after.frame,
                step - 1,
            )));
            others += 1;
        } else {
            return None;
        }
    }
    // Of identifications by chance, one in 65,536 is one more than the one before.
    let is_told = if steps < MANY { by_one > others } else { by_one * 10 >= steps * 7 };
    if !is_told || others > FEW {
        return None;
    }
    Some((!gaps.is_empty()).then(|| in_words(half, &gaps)))
}

/// Whether bytes between two packets of a half-stream are in none of its packets.
fn lacks_bytes(before: &Packet, after: &Packet, half: &[&Packet]) -> bool {
    const SYN_OR_FIN: u16 = 0x03;
    let flags = u32::from(before.flags & SYN_OR_FIN != 0);
    let start = before.sequence.wrapping_add(before.payload).wrapping_add(flags);
    let missing = after.sequence.wrapping_sub(start).cast_signed();
    let has_start = |one: &&Packet| start.wrapping_sub(one.sequence) < one.payload;
    missing > 0 && !half.iter().any(has_start)
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
