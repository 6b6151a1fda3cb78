//! The display filter that a list was made with, and what the list itself tells where it is not
//! known.

use super::align;
use super::clock;
use super::expected::ExpectedList;
use super::order::FilterKnowledge;
use super::wording::Version;
use crate::evidence::{Column, PacketList};
use crate::filter::Filter;

/// Frames back from the first row in which the frame shown before it is looked for.
const BACK: usize = 10_000;

/// The filter of a list, and whether it is known. What a recogniser takes for letters or digits
/// and is no value is read as the operator that looks like it.
#[must_use]
pub(super) fn read(list: &PacketList) -> (Option<Filter>, FilterKnowledge) {
    let Some(text) = list.filter.as_deref() else {
        let is_known = list.is_filter_seen;
        let knowledge = if is_known { FilterKnowledge::Known } else { FilterKnowledge::Unknown };
        return (None, knowledge);
    };
    let parsed = Filter::parse(text).or_else(|_| Filter::parse(&with_operators(text)));
    match parsed {
        Ok(filter) => (Some(filter), FilterKnowledge::Known),
        Err(_) => (None, FilterKnowledge::Unknown),
    }
}

/// Words that look like an operator, between two others, as that operator.
fn with_operators(text: &str) -> String {
    let text = text.replace("= =", "==").replace("! =", "!=").replace(['“', '”'], "\"");
    let operator = |word: &str| -> Option<&str> {
        let is_of = |set: &str| word.len() >= 2 && word.chars().all(|c| set.contains(c));
        match word {
            "88" | "&8" | "8&" | "&" | "＆＆" => Some("&&"),
            "=" | "---" => Some("=="),
            _ if is_of("Il|1!") => Some("||"),
            _ => None,
        }
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let last = words.len().saturating_sub(1);
    let mut plain = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        let is_between = index > 0 && index < last;
        plain.push(operator(word).filter(|_| is_between).unwrap_or(word));
    }
    plain.join(" ")
}

/// Whether a row shows a frame that the filter, as it was read, would hide: then it was not read
/// well.
#[must_use]
pub(super) fn hides(list: &PacketList, expected: &ExpectedList, version: Version) -> bool {
    let frames = align::tie(list, expected, version).frames;
    frames.iter().flatten().any(|n| expected.frame(*n).is_some_and(|row| !row.is_displayed))
}

/// Where the filter is not known, the rows tell which frames it shows, and so the times since
/// the row before.
pub(super) fn take_from_rows(list: &PacketList, expected: &mut ExpectedList, version: Version) {
    let frames = align::tie(list, expected, version).frames;
    let epoch = |n: u64| expected.frame(n).map(|row| row.times.epoch);
    let mut deltas = Vec::new();
    for (before, frame) in frames.iter().zip(frames.iter().skip(1)) {
        if let (Some(before), Some(frame)) = (before, frame)
            && let (Some(from), Some(to)) = (epoch(*before), epoch(*frame))
            && before < frame
        {
            deltas.push((*frame, to.saturating_sub(from)));
        }
    }
    if let Some(first) = frames.first().copied().flatten()
        && let Some(delta) = before_first(list, expected, first)
    {
        deltas.push((first, delta));
    }
    for (frame, delta) in deltas {
        let index = usize::try_from(frame).ok().and_then(|frame| frame.checked_sub(1));
        if let Some(row) = index.and_then(|index| expected.rows.get_mut(index)) {
            row.times.delta_displayed = delta;
        }
    }
}

/// The time since the row above the first one that is seen: none, or since any frame before.
fn before_first(list: &PacketList, expected: &ExpectedList, first: u64) -> Option<i64> {
    let seen = clock::read(&list.rows.first()?.cell(Column::Time)?.text)?.nanos;
    let epoch = expected.frame(first)?.times.epoch;
    let index = usize::try_from(first).ok()?.checked_sub(1)?;
    let before = expected.rows.get(index.saturating_sub(BACK)..index)?;
    let is_so = before.iter().any(|row| epoch.saturating_sub(row.times.epoch) == seen);
    (seen == 0 || is_so).then_some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_read_from_a_picture_keeps_its_operators() {
        for (read, meant) in [
            ("tcp.len > 0 II tcp.flags.syn == 1", "tcp.len > 0 || tcp.flags.syn == 1"),
            ("tcp 88 ip.addr = = 10.0.0.1", "tcp && ip.addr == 10.0.0.1"),
            ("tcp.port == 11", "tcp.port == 11"),
        ] {
            assert_eq!(with_operators(read), meant);
        }
        let list = PacketList { filter: Some("udp Il arp".into()), ..PacketList::default() };
        let (filter, knowledge) = super::read(&list);
        assert!(filter.is_some() && knowledge == FilterKnowledge::Known);
    }
}
