//! What counts as a difference: the table `[snapshot]` of a case, and the options of
//! `analyzer diff`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Field;
use crate::summary::EventKind;

/// What counts as a difference. In a `case.toml`:
///
/// ```toml
/// [snapshot]
/// level = "segments"                       # or "behaviour"
/// ignore = ["window", "ip"]                # these fields never count
/// within = { time = "100ms + 20%", window = 1000 }
/// one_of = { ending = ["closed", "closed_unacknowledged"] }
/// groups = [["retransmission", "fast_retransmission", "spurious_retransmission"]]
/// ```
///
/// `ignore` takes fields out. `within` lets a number differ by so much: a time (`"50ms"`,
/// `"2s"`), a number, a share of the larger one (`"20%"`), or both (`"50ms + 20%"`). `one_of`
/// allows some values of a field, whatever was expected; the words are those of the document.
/// `groups` are events that count as the same, because the time between two frames decides
/// which of them it is.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, try_from = "Table")]
pub struct Rules {
    /// How closely to look.
    pub level: Level,
    /// Fields that never count.
    pub ignore: Vec<Field>,
    /// Numbers that may differ by so much.
    pub within: BTreeMap<Field, Tolerance>,
    /// Values that are fine, whatever was expected.
    pub one_of: BTreeMap<Field, Vec<String>>,
    /// Events that count as the same. By default the four that mean "sent again or late".
    pub groups: Vec<Vec<EventKind>>,
}

/// How closely to look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Every segment and every other frame counts, in its order: for a capture that is kept,
    /// or made again by something that repeats itself exactly.
    #[default]
    Segments,
    /// What the programs did counts: connections and their server's port, handshakes and what
    /// was offered in them, the bytes of each direction, who closed and how, what ran in
    /// parallel, and how long it took, within 0.5 s + 20 %. How the kernels cut and acknowledged
    /// the bytes does not count, nor does repair of losses, nor do other frames, nor which
    /// connection came first: two runs of the same programs never agree on that.
    ///
    /// Whether who closed first had everything by then (`half_close`) counts. A program whose
    /// FIN may come before or after an answer that is on its way makes that a race; a case of
    /// its captures should ignore it.
    Behaviour,
}

/// By how much a number may differ: `absolute`, plus a share of the larger of the two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(try_from = "Amount")]
pub struct Tolerance {
    /// In the field's own unit; seconds for times.
    pub absolute: f64,
    /// From 0 to 1.
    pub relative: f64,
}

/// The rules as typed, before the fields are checked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Table {
    level: Level,
    ignore: Vec<Field>,
    within: BTreeMap<Field, Tolerance>,
    one_of: BTreeMap<Field, Vec<String>>,
    groups: Vec<Vec<EventKind>>,
}

/// A tolerance as typed.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Amount {
    Number(f64),
    Text(String),
}

/// Fields that have numbers.
const NUMBERS: [Field; 7] =
    [Field::Time, Field::Start, Field::Duration, Field::Window, Field::Len, Field::Seq, Field::Ack];

impl Default for Rules {
    fn default() -> Self {
        let loss = [
            EventKind::Retransmission,
            EventKind::FastRetransmission,
            EventKind::SpuriousRetransmission,
            EventKind::OutOfOrder,
        ];
        Self {
            level: Level::default(),
            ignore: Vec::new(),
            within: BTreeMap::new(),
            one_of: BTreeMap::new(),
            groups: vec![loss.to_vec()],
        }
    }
}

impl Default for Table {
    fn default() -> Self {
        let Rules { level, ignore, within, one_of, groups } = Rules::default();
        Self { level, ignore, within, one_of, groups }
    }
}

impl TryFrom<Table> for Rules {
    type Error = String;

    fn try_from(table: Table) -> Result<Self, String> {
        let Table { level, ignore, within, one_of, groups } = table;
        let rules = Self { level, ignore, within, one_of, groups };
        rules.within.keys().try_for_each(|field| check_number(*field))?;
        Ok(rules)
    }
}

/// Only numbers can be near each other.
fn check_number(field: Field) -> Result<(), String> {
    if NUMBERS.contains(&field) {
        return Ok(());
    }
    let names: Vec<String> = NUMBERS.iter().map(|field| field.name()).collect();
    let (name, last) = (field.name(), names.last().cloned().unwrap_or_default());
    let names = names.get(..names.len() - 1).unwrap_or_default().join(", ");
    Err(format!("within: `{name}` is no number; {names} and {last} are; use ignore or one_of"))
}

impl Rules {
    /// Lets a field's numbers differ by so much.
    ///
    /// # Errors
    /// When the field has no numbers.
    pub fn set_within(&mut self, field: Field, tolerance: Tolerance) -> Result<(), String> {
        check_number(field)?;
        self.within.insert(field, tolerance);
        Ok(())
    }

    /// True when a field counts.
    pub(super) fn minds(&self, field: Field) -> bool {
        !self.ignore.contains(&field)
    }

    /// True when two numbers of a field count as the same.
    pub(super) fn is_near(&self, field: Field, expected: f64, actual: f64) -> bool {
        if !self.minds(field) {
            return true;
        }
        let tolerance = self.tolerance(field);
        let allowed = tolerance.absolute + tolerance.relative * expected.abs().max(actual.abs());
        // Times are kept to a tenth of a millisecond, so a little more than that is nothing.
        let noise = if is_time(field) { 0.000_15 } else { 0.0 };
        (expected - actual).abs() <= allowed.max(noise)
    }

    /// True when two texts of a field count as the same.
    pub(super) fn is_fine(&self, field: Field, expected: &str, actual: &str) -> bool {
        expected == actual || !self.minds(field) || self.allows(field, actual)
    }

    /// True when `one_of` allows a text, whatever was expected.
    pub(super) fn allows(&self, field: Field, actual: &str) -> bool {
        let values = self.one_of.get(&field);
        values.is_some_and(|values| values.iter().any(|value| value.eq_ignore_ascii_case(actual)))
    }

    /// True when the events of a segment count as the same.
    pub(super) fn are_alike(&self, expected: &[EventKind], actual: &[EventKind]) -> bool {
        let fold = |events: &[EventKind]| {
            let mut folded: Vec<EventKind> =
                events.iter().map(|event| self.first(*event)).collect();
            folded.sort_unstable();
            folded.dedup();
            folded
        };
        expected == actual || !self.minds(Field::Events) || fold(expected) == fold(actual)
    }

    /// The event that stands for its group.
    fn first(&self, event: EventKind) -> EventKind {
        let group = self.groups.iter().find(|group| group.contains(&event));
        group.and_then(|group| group.first()).copied().unwrap_or(event)
    }

    fn tolerance(&self, field: Field) -> Tolerance {
        let set = self.within.get(&field);
        // A start and a duration are sums of times between frames.
        let set = set.or_else(|| is_time(field).then(|| self.within.get(&Field::Time)).flatten());
        set.copied().unwrap_or(match (is_time(field), self.level) {
            (true, Level::Segments) => Tolerance { absolute: 0.05, relative: 0.2 },
            (true, Level::Behaviour) => Tolerance { absolute: 0.5, relative: 0.2 },
            (false, _) => Tolerance::default(),
        })
    }
}

const fn is_time(field: Field) -> bool {
    matches!(field, Field::Time | Field::Start | Field::Duration)
}

impl TryFrom<Amount> for Tolerance {
    type Error = String;

    fn try_from(amount: Amount) -> Result<Self, String> {
        match amount {
            Amount::Number(number) => number.to_string().parse(),
            Amount::Text(text) => text.parse(),
        }
    }
}

impl FromStr for Tolerance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut tolerance = Self::default();
        for part in text.split('+').map(str::trim) {
            let digits = part.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
            let unit = part.get(digits.len()..).unwrap_or_default();
            let number: Option<f64> = digits.trim().parse().ok();
            let number = number.filter(|number| number.is_finite() && *number >= 0.0);
            match (number, unit) {
                (Some(number), "%") if number <= 100.0 => tolerance.relative += number / 100.0,
                (Some(number), "" | "s") => tolerance.absolute += number,
                (Some(number), "ms") => tolerance.absolute += number / 1e3,
                (Some(number), "us" | "µs") => tolerance.absolute += number / 1e6,
                (Some(number), "m" | "min") => tolerance.absolute += number * 60.0,
                _ => {
                    return Err(format!(
                        "`{text}` is no tolerance; write a number (1000), a time (50ms, 2s), a share \
                     (20%), or a sum of them (50ms + 20%)"
                    ));
                }
            }
        }
        Ok(tolerance)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Segments => "segments",
            Self::Behaviour => "behaviour",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerances_are_numbers_times_and_shares() {
        let cases = [
            ("50ms", 0.05, 0.0),
            ("2s", 2.0, 0.0),
            ("1000", 1000.0, 0.0),
            ("20%", 0.0, 0.2),
            ("50ms + 20%", 0.05, 0.2),
        ];
        for (text, absolute, relative) in cases {
            assert_eq!(text.parse(), Ok(Tolerance { absolute, relative }), "{text}");
        }
        for text in ["", "-1", "ms", "1h", "120%", "nan", "1 +", "inf"] {
            assert!(text.parse::<Tolerance>().is_err(), "{text}");
        }
    }

    #[test]
    fn rules_are_read_from_toml_and_typing_errors_are_told() {
        let text = "level = \"behaviour\"\nignore = [\"window\"]\none_of = { ending = [\"closed\"] }\n\
                    [within]\ntime = \"1s\"\nlen = 3";
        let rules: Rules = toml::from_str(text).unwrap();
        assert_eq!(
            (rules.level, rules.ignore.as_slice()),
            (Level::Behaviour, &[Field::Window][..])
        );
        assert_eq!(rules.within[&Field::Len].absolute, 3.0);
        assert_eq!(rules.groups, Rules::default().groups);
        for wrong in [
            "levels = 1",
            "ignore = [\"windows\"]",
            "[within]\nflags = 1",
            "[within]\ntime = \"x\"",
        ] {
            assert!(toml::from_str::<Rules>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn events_of_a_group_are_alike() {
        let rules = Rules::default();
        let (again, fast) = (EventKind::Retransmission, EventKind::FastRetransmission);
        assert!(rules.are_alike(&[again], &[fast]));
        assert!(!rules.are_alike(&[again], &[]));
        assert!(!rules.are_alike(&[again], &[EventKind::KeepAlive]));
    }
}
