//! Checksums that no longer fit what they cover.

use std::collections::HashMap;

use super::super::trace::{Packet, Sum, Trace};
use super::{Sign, SignKind, frames_in_words};

/// One observation per half-stream in which some checksums are wrong while most are right or
/// left to the network card. Where most are wrong, the card fills in something of its own, and
/// nothing can be said.
pub(super) fn signs(trace: &Trace) -> Vec<Sign> {
    let mut signs = Vec::new();
    for half in trace.half_streams() {
        let wrong: Vec<(&Packet, Sum)> = half
            .iter()
            .filter(|packet| matches!(packet.sum, Sum::Wrong { .. }))
            .map(|packet| (*packet, packet.sum))
            .collect();
        let told = half.iter().filter(|packet| packet.sum != Sum::Unknown).count();
        if !wrong.is_empty() && wrong.len() * 2 < told {
            signs.push(sign(&wrong, told));
        }
    }
    signs.extend(all_wrong(trace, &signs));
    signs
}

fn sign(wrong: &[(&Packet, Sum)], told: usize) -> Sign {
    let frames: Vec<u64> = wrong.iter().map(|(packet, _)| packet.frame).collect();
    let first = wrong.first().map_or(String::new(), |(packet, sum)| words(packet, *sum));
    let what = format!(
        "{} of {told} segments of this endpoint do not have the checksum that fits their bytes \
         ({}): {first}. A receiver would have dropped them; damage on the way does this, too",
        wrong.len(),
        frames_in_words(&frames),
    );
    Sign { kind: SignKind::Checksum, frames, what }
}

/// A wrong sum in most segments of an endpoint, when all other endpoints of the capture have
/// right ones: what rewriting an address or a port leaves behind. The difference between the
/// sum that is there and the one that fits is then the same in all of them.
fn all_wrong(trace: &Trace, known: &[Sign]) -> Option<Sign> {
    let mut differences: HashMap<(bool, u16), Vec<&Packet>> = HashMap::new();
    for packet in &trace.packets {
        if let Sum::Wrong { found, expected, is_ip } = packet.sum {
            let difference = fold(u32::from(found) + u32::from(!expected));
            differences.entry((is_ip, difference)).or_default().push(packet);
        }
    }
    let ((is_ip, _), group) = differences.into_iter().max_by_key(|(_, group)| group.len())?;
    let is_told = |packet: &&&Packet| known.iter().any(|sign| sign.frames.contains(&packet.frame));
    if group.len() < 3 || group.iter().filter(is_told).count() > 0 {
        return None;
    }
    let frames: Vec<u64> = group.iter().map(|packet| packet.frame).collect();
    let what = format!(
        "the {} checksums of {} segments ({}) are off by the same amount, as they are when \
         addresses or ports were rewritten and the sums were not; some network cards do this, too",
        if is_ip { "IP header" } else { "TCP" },
        group.len(),
        frames_in_words(&frames),
    );
    Some(Sign { kind: SignKind::Checksum, frames, what })
}

const fn fold(sum: u32) -> u16 {
    let once = (sum & 0xffff) + (sum >> 16);
    ((once & 0xffff) + (once >> 16)) as u16
}

fn words(packet: &Packet, sum: Sum) -> String {
    match sum {
        Sum::Wrong { is_ip, found, expected } => {
            let header = if is_ip { "IP header" } else { "TCP segment" };
            format!(
                "the {header} of frame {} has 0x{found:04x}, and 0x{expected:04x} fits",
                packet.frame
            )
        }
        Sum::Right | Sum::LeftToCard | Sum::Unknown => String::new(),
    }
}
