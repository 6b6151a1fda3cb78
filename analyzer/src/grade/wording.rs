//! How the same fact is worded: by versions of Wireshark, by copies, by fonts.
//!
//! Two texts say the same when their plain forms are equal. The plain form has one arrow, one
//! kind of space, and the words of one version; labels that versions decide differently
//! (retransmission, fast, spurious, out-of-order; duplicate ACK, window update) become one each,
//! unless the version is known to be 4.0, whose verdicts ours are.

use std::borrow::Cow;

/// The version of Wireshark that made the evidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Version {
    /// Not known: the wording of any.
    #[default]
    Unknown,
    /// 4.0, whose verdicts ours are.
    V40,
    /// 4.2.
    V42,
    /// 4.4.
    V44,
    /// 4.6.
    V46,
}

/// Other wordings of what 4.0 says, each with 4.0's.
const WORDS: &[(&str, &str)] = &[
    ("SACK_PERM=1", "SACK_PERM"),
    (", ECE", ", ECN"),
    ("[ECE", "[ECN"),
    (" > ", " → "),
    (" -> ", " → "),
    (" => ", " → "),
    (" —> ", " → "),
    (" –> ", " → "),
    ("➔", "→"),
    ("⟶", "→"),
    ("−", "-"),
    ("–", "-"),
    ("“", "\""),
    ("”", "\""),
    ("’", "'"),
    ("\u{a0}", " "),
];

/// Labels that versions decide differently, and the one word for all of them.
const GROUPS: &[(&str, &str)] = &[
    ("[TCP Fast Retransmission]", "[TCP Retransmission]"),
    ("[TCP Spurious Retransmission]", "[TCP Retransmission]"),
    ("[TCP Out-Of-Order]", "[TCP Retransmission]"),
    ("[TCP Window Update]", "[TCP ACK again]"),
];

/// What Info says of a segment whose message goes on, or came together elsewhere. It depends on
/// what Wireshark knew of the connection before, and on its settings.
const PART: &str = "[TCP segment of a reassembled PDU]";

/// Whether a cell says of its segment nothing but that it holds a part of a message.
#[must_use]
pub fn is_part(info: &str) -> bool {
    info.trim() == PART
}

/// What Info adds where the message of a segment, or the fragments of a datagram, came together
/// in another frame: that, too, depends on settings and on what came before.
const ADDED: &[&str] =
    &[" [TCP segment of a reassembled PDU]", " [TCP PDU reassembled in ", " [Reassembled in #"];

/// Info without what it says of other parts of the same message.
#[must_use]
pub fn without_part(info: &str) -> &str {
    let added = ADDED.iter().filter_map(|added| info.find(added)).min();
    added.and_then(|at| info.get(..at)).unwrap_or(info)
}

/// Whether Info shows a TCP segment with data.
#[must_use]
pub fn has_data(info: &str) -> bool {
    let len = info.split_once(" Len=").map(|(_, rest)| rest);
    len.is_some_and(|rest| !rest.starts_with("0 ") && rest != "0")
}

/// The plain form of a cell's text.
#[must_use]
pub fn plain(text: &str, version: Version) -> Cow<'_, str> {
    let is_plain = text.is_ascii() && !WORDS.iter().any(|(other, _)| text.contains(other));
    let mut plain = Cow::Borrowed(text);
    if !is_plain || text.contains(" > ") {
        for (other, word) in WORDS {
            if plain.contains(other) {
                plain = Cow::Owned(plain.replace(other, word));
            }
        }
    }
    if plain.contains("[TCP ") && version != Version::V40 {
        plain = Cow::Owned(one_label(&plain));
    }
    let has_odd_spaces = plain.contains("  ") || plain.contains('\t') || plain.trim() != &*plain;
    if has_odd_spaces {
        plain = Cow::Owned(plain.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    plain
}

/// One label for each group; `[TCP Dup ACK 12#3]` loses its numbers.
fn one_label(text: &str) -> String {
    let mut text = text.to_owned();
    for (label, one) in GROUPS {
        if text.contains(label) {
            text = text.replace(label, one);
        }
    }
    if let Some((before, rest)) = text.split_once("[TCP Dup ACK ")
        && let Some((_, after)) = rest.split_once(']')
    {
        text = format!("{before}[TCP ACK again]{after}");
    }
    text
}

/// Without what recognisers of text mix up: letters that look alike become one, spaces go.
#[must_use]
pub fn folded(text: &str) -> String {
    text.chars().filter_map(fold).collect()
}

/// The one character for all that look like this one; none for a space.
#[must_use]
pub fn fold(character: char) -> Option<char> {
    Some(match character {
        ' ' | '\u{a0}' => return None,
        'l' | 'I' | '|' | '1' | ']' | '[' | '!' | 'i' | 'j' => '1',
        'O' | 'o' | '0' | 'Q' | 'D' => '0',
        '.' | ',' | ':' | ';' | '·' => '.',
        '→' | '>' | '»' | '—' | '–' | '−' | '_' | '-' => '-',
        '(' | '{' => '(',
        ')' | '}' => ')',
        '‘' | '’' | '`' | '\'' => '\'',
        'S' | 's' | '5' | '$' => 's',
        'B' | '8' => '8',
        'Z' | 'z' | '2' => 'z',
        // What some fonts make of the `x` between two digits.
        '×' => 'x',
        other => other.to_ascii_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_copies_say_the_same() {
        for (one, other) in [
            ("1 → 2 [SYN] Seq=0 SACK_PERM", "1  >  2 [SYN] Seq=0 SACK_PERM=1"),
            ("1 → 2 [SYN, ECN, CWR]", "1 → 2 [SYN, ECE, CWR]"),
            ("[TCP Out-Of-Order] 1 → 2", "[TCP Fast Retransmission] 1 → 2"),
            ("[TCP Dup ACK 5#1] 1 → 2", "[TCP Window Update] 1 → 2"),
        ] {
            let plain = |text| plain(text, Version::Unknown).into_owned();
            assert_eq!(plain(one), plain(other));
        }
    }

    #[test]
    fn a_known_version_keeps_its_labels_apart() {
        let plain = |text| plain(text, Version::V40).into_owned();
        assert_ne!(plain("[TCP Out-Of-Order] 1"), plain("[TCP Retransmission] 1"));
    }
}
