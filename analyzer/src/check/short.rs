//! Short forms: the expectations that most cases have, each with the condition that it stands
//! for.

use serde::Deserialize;

/// A short form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortForm {
    /// Its name in `case.toml`.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What it says.
    pub about: &'static str,
    /// The condition: `{}` is the value as CEL writes it, `{?}` a comparison with it, `{=}`
    /// `==` for `identical` and `!=` for `different`.
    condition: &'static str,
}

/// All short forms.
///
/// Those that speak of every connection want at least one: nothing is no proof.
pub const SHORT_FORMS: &[ShortForm] = &[
    ShortForm {
        name: "connections",
        usage: "connections = 2",
        about: "how many TCP connections there are",
        condition: "connections_total {?}",
    },
    ShortForm {
        name: "concurrent",
        usage: "concurrent = \">= 2\"",
        about: "the most connections that were open at the same time",
        condition: "overlaps(connections).max {?}",
    },
    ShortForm {
        name: "parallelism",
        usage: "parallelism = \"parallel\"",
        about: "how connections were served: not_applicable, sequential, connected_only, \
                overlapping, parallel",
        condition: "concurrency.parallelism == {}",
    },
    ShortForm {
        name: "server_port",
        usage: "server_port = 32444",
        about: "the port that every connection goes to",
        condition: "connections_total > 0 && connections.all(c, c.server.port {?})",
    },
    ShortForm {
        name: "handshake",
        usage: "handshake = \"complete\"",
        about: "how far every handshake got: complete, refused, unanswered, not_captured, ...",
        condition: "connections_total > 0 && connections.all(c, c.handshake.outcome == {})",
    },
    ShortForm {
        name: "teardown",
        usage: "teardown = \"fin\"",
        about: "how every connection ended: fin, rst, half, open, none",
        condition: "connections_total > 0 && connections.all(c, c.teardown.kind == {})",
    },
    ShortForm {
        name: "closed_by",
        usage: "closed_by = \"client\"",
        about: "who closed every connection first: client or server",
        condition: "connections_total > 0 && connections.all(c, c.teardown.closed_first == {})",
    },
    ShortForm {
        name: "echo",
        usage: "echo = \"identical\"",
        about: "what came back is what was sent, byte for byte: identical or different",
        condition: "connections_total > 0 && \
                    connections.all(c, payload(c, \"client\") {=} payload(c, \"server\"))",
    },
    ShortForm {
        name: "client_bytes",
        usage: "client_bytes = 46",
        about: "application bytes that each client sent",
        condition: "connections_total > 0 && \
                    connections.all(c, c.from_client.application_bytes {?})",
    },
    ShortForm {
        name: "server_bytes",
        usage: "server_bytes = \"> 0\"",
        about: "application bytes that each server sent",
        condition: "connections_total > 0 && \
                    connections.all(c, c.from_server.application_bytes {?})",
    },
    ShortForm {
        name: "retransmissions",
        usage: "retransmissions = 0",
        about: "segments that were sent again",
        condition: "count('tcp.analysis.retransmission') {?}",
    },
    ShortForm {
        name: "duplicate_acks",
        usage: "duplicate_acks = 0",
        about: "ACKs that repeat another one",
        condition: "count('tcp.analysis.duplicate_ack') {?}",
    },
    ShortForm {
        name: "out_of_order",
        usage: "out_of_order = 0",
        about: "segments that came later than their place",
        condition: "count('tcp.analysis.out_of_order') {?}",
    },
    ShortForm {
        name: "lost_segments",
        usage: "lost_segments = 0",
        about: "places where a segment is missing from the capture",
        condition: "count('tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment') {?}",
    },
    ShortForm {
        name: "zero_windows",
        usage: "zero_windows = 0",
        about: "segments that say that there is no room",
        condition: "count('tcp.analysis.zero_window') {?}",
    },
    ShortForm {
        name: "resets",
        usage: "resets = 0",
        about: "segments with RST",
        condition: "count('tcp.flags.reset == 1') {?}",
    },
    ShortForm {
        name: "frames",
        usage: "frames = \">= 10\"",
        about: "frames in the capture",
        condition: "capture.frames {?}",
    },
    ShortForm {
        name: "duration",
        usage: "duration = \"< 2\"",
        about: "seconds from the earliest frame to the latest",
        condition: "capture.duration {?}",
    },
    ShortForm {
        name: "findings",
        usage: "findings = \"none\", or findings = [\"offloaded_checksums\"]",
        about: "what a person should know about the capture: nothing, or nothing but these",
        condition: "findings.all(f, f.kind in {})",
    },
    ShortForm {
        name: "no_errors",
        usage: "no_errors = true",
        about: "nothing in the capture is damaged or missing",
        condition: "findings.all(f, f.severity != \"error\") == {}",
    },
    ShortForm {
        name: "whole",
        usage: "whole = true",
        about: "the capture could be read to its end, and no connection is older than it",
        condition: "(completeness.complete && \
                    connections.all(c, !c.began_before_capture)) == {}",
    },
    ShortForm {
        name: "manifest",
        usage: "manifest = \"run.json\"",
        about: "the capture shows what the lab's run.json tells, byte for byte",
        condition: "matches_manifest({})",
    },
];

/// The value of a short form.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum ShortValue {
    /// `true` or `false`.
    Truth(bool),
    /// A whole number.
    Whole(i64),
    /// Another number.
    Number(f64),
    /// A word, or a comparison.
    Text(String),
    /// Words.
    Texts(Vec<String>),
}

/// The short form of a name.
pub fn named(name: &str) -> Option<&'static ShortForm> {
    SHORT_FORMS.iter().find(|form| form.name == name)
}

impl ShortForm {
    /// The condition that it stands for with a value.
    ///
    /// # Errors
    /// A sentence, when it cannot have such a value.
    pub fn condition(&self, value: &ShortValue) -> Result<String, String> {
        let wrong = || format!("`{}` cannot have this value; write {}", self.name, self.usage);
        if self.condition.contains("{?}") {
            let comparison = self.comparison(value).ok_or_else(wrong)?;
            return Ok(self.condition.replace("{?}", &comparison));
        }
        if self.condition.contains("{=}") {
            let sign = match value {
                ShortValue::Text(word) if word == "identical" => "==",
                ShortValue::Text(word) if word == "different" => "!=",
                _ => return Err(wrong()),
            };
            return Ok(self.condition.replace("{=}", sign));
        }
        let is_list = self.name == "findings";
        let is_truth = matches!(self.name, "no_errors" | "whole");
        let value = match value {
            ShortValue::Truth(truth) if is_truth => truth.to_string(),
            ShortValue::Text(none) if is_list && none == "none" => {
                return Ok("findings.size() == 0".to_owned());
            }
            ShortValue::Texts(words) if is_list => {
                let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
                format!("[{}]", words.join(", "))
            }
            ShortValue::Text(word) if !is_list && !is_truth => format!("{word:?}"),
            _ => return Err(wrong()),
        };
        Ok(self.condition.replace("{}", &value))
    }

    /// `== 2`, or `>= 2` as it was written.
    fn comparison(&self, value: &ShortValue) -> Option<String> {
        let number = |number: f64| match self.name {
            "duration" => Some(format!("{number:?}")),
            _ if number.fract() == 0.0 && number.abs() < 1e15 => Some(format!("{number:.0}")),
            _ => None,
        };
        match value {
            ShortValue::Whole(whole) => Some(format!("== {}", number(*whole as f64)?)),
            ShortValue::Number(fraction) => Some(format!("== {}", number(*fraction)?)),
            ShortValue::Text(text) => {
                let text = text.trim();
                let sign = ["==", "!=", ">=", "<=", ">", "<"]
                    .into_iter()
                    .find(|sign| text.starts_with(sign))?;
                let amount = text.strip_prefix(sign)?.trim().parse().ok()?;
                Some(format!("{sign} {}", number(amount)?))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::{Condition, Language};

    #[test]
    fn every_short_form_compiles_as_its_usage_says() {
        for form in SHORT_FORMS {
            let usage = form.usage.replace(", or findings = ", "\n#");
            let table: std::collections::BTreeMap<String, ShortValue> =
                toml::from_str(&usage).expect(form.usage);
            let condition = form.condition(&table[form.name]).expect(form.usage);
            Condition::compile(&condition, &Language::captures())
                .unwrap_or_else(|error| panic!("{}: {error}", form.name));
        }
    }

    #[test]
    fn values_become_cel() {
        let text = |text: &str| ShortValue::Text(text.to_owned());
        let cases = [
            ("connections", ShortValue::Whole(2), Some("connections_total == 2")),
            ("concurrent", text(">= 2"), Some("overlaps(connections).max >= 2")),
            ("duration", text("<2"), Some("capture.duration < 2.0")),
            ("findings", text("none"), Some("findings.size() == 0")),
            ("frames", text("two"), None),
            ("frames", ShortValue::Number(1.5), None),
            ("frames", text("> 1; true"), None),
            ("no_errors", text("yes"), None),
            ("handshake", ShortValue::Whole(1), None),
        ];
        for (name, value, expected) in cases {
            let told = named(name).expect(name).condition(&value);
            assert_eq!(told.ok().as_deref(), expected, "{name} {value:?}");
        }
    }
}
