//! Random filters: the language's operators around fields, with values that a capture has.

use analyzer::filter::{Field, Kind};

use crate::rng::Rng;

/// Values kept of one field.
const MAX_VALUES: usize = 24;
/// Longest value that is written into a filter.
const MAX_LEN: usize = 60;

/// The fields of a capture with some of their values.
pub struct Known {
    seen: Vec<(Field, Vec<String>)>,
    absent: Vec<Field>,
}

impl Known {
    /// From rows of values, a column for each field.
    pub fn new(fields: &[Field], rows: &[Vec<Vec<String>>]) -> Self {
        let mut known = Self { seen: Vec::new(), absent: Vec::new() };
        for (column, field) in fields.iter().enumerate() {
            let mut values: Vec<String> = Vec::new();
            for value in rows.iter().flat_map(|row| &row[column]) {
                if values.len() < MAX_VALUES && value.len() < MAX_LEN && !values.contains(value) {
                    values.push(value.clone());
                }
            }
            if rows.iter().all(|row| row[column].is_empty()) {
                known.absent.push(*field);
            } else {
                known.seen.push((*field, values));
            }
        }
        known
    }

    /// A filter.
    pub fn filter(&self, rng: &mut Rng) -> String {
        match rng.below(8) {
            0 => format!("{} and {}", self.test(rng), self.test(rng)),
            1 => format!("{} || {}", self.test(rng), self.test(rng)),
            2 => format!("not {}", self.test(rng)),
            3 => format!("!({} && {}) or {}", self.test(rng), self.test(rng), self.test(rng)),
            _ => self.test(rng),
        }
    }

    fn test(&self, rng: &mut Rng) -> String {
        if !self.absent.is_empty() && rng.one_in(8) {
            return self.absent[rng.below(self.absent.len())].name.to_string();
        }
        if self.seen.is_empty() {
            // A capture that tshark cannot read.
            return "frame".to_string();
        }
        let (field, values) = &self.seen[rng.below(self.seen.len())];
        let literals: Vec<String> =
            values.iter().filter_map(|value| literal(field.kind, value)).collect();
        if literals.is_empty() || rng.one_in(8) {
            return self.without_value(field, rng);
        }
        let value = &literals[rng.below(literals.len())];
        self.with_value(field, value, &literals, rng)
    }

    fn without_value(&self, field: &Field, rng: &mut Rng) -> String {
        let name = field.name;
        match (field.kind, rng.below(6)) {
            (Kind::Label, _) => name.to_string(),
            (Kind::Protocol, 0..4) => {
                let at = rng.below(20);
                format!("{name}[{at}:2] == {:02x}:{:02x}", rng.below(4), rng.below(256))
            }
            (Kind::Bytes | Kind::Text, 0..3) => format!("len({name}) > {}", rng.below(40)),
            (Kind::Bytes | Kind::Text, 3) => format!("{name}[0] == {:02x}", rng.below(256)),
            (_, 4) => format!("count({name}) == {}", 1 + rng.below(3)),
            _ => name.to_string(),
        }
    }

    fn with_value(&self, field: &Field, value: &str, all: &[String], rng: &mut Rng) -> String {
        let name = field.name;
        let other = &all[rng.below(all.len())];
        let order = rng.pick(&["<", ">", "<=", ">=", "lt", "ge"]);
        let equal = rng.pick(&["==", "!=", "eq", "ne", "~=", "!=="]);
        match field.kind {
            Kind::Text if rng.one_in(3) => format!("{name} contains {value}"),
            Kind::Text if rng.one_in(3) => format!("upper({name}) == {value}"),
            Kind::Bytes if rng.one_in(2) => format!("{name} contains {value}"),
            Kind::Boolean => format!("{name} {equal} {value}"),
            Kind::Ipv4 if rng.one_in(3) => format!("{name} == {value}/{}", rng.below(33)),
            Kind::Ipv6 if rng.one_in(3) => format!("{name} == {value}/{}", rng.below(129)),
            kind if kind.is_integer() && rng.one_in(6) => {
                format!("{name} & {} {equal} {other}", value)
            }
            kind if kind.is_integer() && rng.one_in(6) => {
                format!("{name} in {{{value}, {other} .. {other}}}")
            }
            kind if kind.is_integer() && rng.one_in(6) => {
                let quantifier = rng.pick(&["any", "all"]);
                format!("{quantifier} {name} {equal} {value}")
            }
            kind if kind.is_integer() && rng.one_in(8) => {
                let (other, _) = &self.seen[rng.below(self.seen.len())];
                if other.kind.is_integer() {
                    format!("{name} {order} {}", other.name)
                } else {
                    format!("{name} {order} {value}")
                }
            }
            _ if rng.one_in(2) => format!("{name} {order} {value}"),
            _ => format!("{name} {equal} {value}"),
        }
    }
}

/// A value as tshark prints it, as a literal of a filter; `None` for what is not printed so that
/// it can be read again.
fn literal(kind: Kind, value: &str) -> Option<String> {
    let is_plain = value.chars().all(|c| c.is_ascii_graphic() && !"\"\\|".contains(c));
    let is_plain = is_plain
        || (kind == Kind::Text && value.chars().all(|c| c == ' ' || c.is_ascii_alphanumeric()));
    if !is_plain || value.is_empty() {
        return None;
    }
    match kind {
        Kind::Label | Kind::Protocol | Kind::AbsoluteTime => None,
        Kind::Text => Some(format!("\"{value}\"")),
        Kind::Bytes => {
            let pairs: Vec<&str> = (0..value.len() / 2).map(|i| &value[2 * i..2 * i + 2]).collect();
            // A single pair could be read as a number.
            (pairs.len() > 1).then(|| pairs.join(":"))
        }
        Kind::Boolean => match value {
            "1" | "True" => Some("1".into()),
            "0" | "False" => Some("0".into()),
            _ => None,
        },
        _ => Some(value.to_string()),
    }
}
