//! The documented model of an explanation: what `analyzer explain --format json` prints.
//!
//! The names of the fields are the JSON names; `analyzer schema explanation` prints the JSON
//! Schema of [`Explanation`]. Spans are decimal seconds as text, with all nine digits.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::Explained;
use super::words::{field_name, flag_list, meaning, sentence, what_it_is};
use crate::tcp::{AnalysisFlags, Condition, Quantity, RuleAnswer};

/// Version of the model; raised when a field changes its meaning or goes away.
const VERSION: u32 = 1;

/// Why a frame has the verdicts that it has: every rule, every condition, every value.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Explanation<'a> {
    /// Version of this model: 1.
    pub version: u32,
    /// The capture, as it was named.
    pub file: &'a str,
    /// Number of the frame, from 1. Wireshark: `frame.number`.
    pub frame: u64,
    /// Number of its TCP stream, from 0. Wireshark: `tcp.stream`.
    pub stream: u32,
    /// Who sent it: address and port.
    pub source: String,
    /// To whom: address and port.
    pub destination: String,
    /// Its Info text, as in the packet list.
    pub info: &'a str,
    /// Its analysis flags by Wireshark's names, such as `tcp.analysis.retransmission`.
    pub flags: Vec<String>,
    /// Why it has no verdicts at all, when it was not judged.
    pub unjudged: Option<&'a str>,
    /// What it is, in a sentence, when it has no flag.
    pub what: Option<String>,
    /// The flag that was asked for with `--expect`.
    pub expected: Option<String>,
    /// Whether the frame has that flag.
    pub is_as_expected: Option<bool>,
    /// Earlier frames that carried bytes of the same sequence numbers: the first and the latest.
    pub carried_before_by: Vec<u64>,
    /// The frame since which a retransmitting sender waited. Wireshark: `tcp.analysis.rto_frame`.
    pub rto_since_frame: Option<u64>,
    /// How long it waited, in seconds. Wireshark: `tcp.analysis.rto`.
    pub rto_seconds: Option<String>,
    /// The ACK that a duplicate ACK repeats. Wireshark: `tcp.analysis.duplicate_ack_frame`.
    pub duplicate_of_frame: Option<u64>,
    /// How often it was repeated so far. Wireshark: `tcp.analysis.duplicate_ack_num`.
    pub duplicate_number: Option<u32>,
    /// The stream that had the same addresses and ports before, when they are reused.
    pub reused_stream: Option<u32>,
    /// That stream's last frame before this one.
    pub reused_stream_last_frame: Option<u64>,
    /// What was known before the frame.
    pub state: Vec<Named>,
    /// Every rule, set or not; none when the frame was not judged.
    pub rules: Vec<Rule>,
}

/// The answer of one rule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Rule {
    /// The flag that it is about, by Wireshark's name.
    pub field: String,
    /// Whether the flag is set: all conditions hold.
    pub holds: bool,
    /// What the flag means.
    pub meaning: &'static str,
    /// The claim of the first condition that does not hold.
    pub first_failure: Option<&'static str>,
    /// The conditions, in the order in which they are asked.
    pub conditions: Vec<Claim>,
}

/// One condition of a rule.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Claim {
    /// What must hold, as a statement.
    pub claim: &'static str,
    /// Whether it does.
    pub holds: bool,
    /// What was compared.
    pub values: Vec<Named>,
    /// The claim with its values, in one line.
    pub sentence: String,
}

/// A value with its name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Named {
    /// What it is, for example `next expected`.
    pub name: &'static str,
    /// How much it is.
    #[serde(flatten)]
    pub value: Value,
}

/// A value with its kind.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// A sequence or acknowledgment number.
    Sequence {
        /// As in the header.
        raw: u32,
        /// Relative to the first number of its direction, when that is known.
        relative: Option<u32>,
    },
    /// Nothing was seen that could tell it.
    Unknown,
    /// Bytes.
    Bytes(u32),
    /// How many.
    Count(u32),
    /// Decimal seconds.
    Seconds(String),
    /// The number of a frame.
    Frame(u64),
    /// TCP flags by name, separated by commas; `none` for none.
    Flags(String),
}

impl Explained {
    /// Writes one indented document and a line feed.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_json(
        &self,
        out: &mut dyn Write,
        file: &str,
        expected: Option<AnalysisFlags>,
    ) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, &self.document(file, expected))?;
        writeln!(out)
    }

    fn document<'a>(&'a self, file: &'a str, expected: Option<AnalysisFlags>) -> Explanation<'a> {
        let Self { segment, analysis, why, .. } = self;
        let (rto, duplicate) = (analysis.rto(), analysis.duplicate_ack());
        Explanation {
            version: VERSION,
            file,
            frame: segment.frame.0,
            stream: analysis.stream.0,
            source: segment.source.to_string(),
            destination: segment.destination.to_string(),
            info: &self.info,
            flags: analysis.flags.iter().map(field_name).collect(),
            unjudged: why.unjudged,
            what: analysis.flags.is_empty().then(|| what_it_is(segment, analysis)),
            expected: expected.map(field_name),
            is_as_expected: expected.map(|flag| analysis.flags.contains(flag)),
            carried_before_by: self.repeats.iter().map(|frame| frame.0).collect(),
            rto_since_frame: rto.map(|rto| rto.since_frame.0),
            rto_seconds: rto.map(|rto| rto.elapsed.to_string()),
            duplicate_of_frame: duplicate.map(|duplicate| duplicate.of_frame.0),
            duplicate_number: duplicate.map(|duplicate| duplicate.number),
            reused_stream: self.reused.map(|(stream, _)| stream.0),
            reused_stream_last_frame: self.reused.map(|(_, frame)| frame.0),
            state: why.state.iter().map(named).collect(),
            rules: why.answers.iter().map(rule).collect(),
        }
    }
}

/// Writes the JSON Schema (draft 2020-12) of [`Explanation`].
///
/// # Errors
/// Those of the writer.
pub fn write_schema(out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &schemars::schema_for!(Explanation<'static>))?;
    writeln!(out)
}

fn rule(answer: &RuleAnswer) -> Rule {
    Rule {
        field: field_name(answer.flag),
        holds: answer.holds(),
        meaning: meaning(answer.flag),
        first_failure: answer.first_failure().map(|condition| condition.claim),
        conditions: answer.conditions.iter().map(claim).collect(),
    }
}

fn claim(condition: &Condition) -> Claim {
    Claim {
        claim: condition.claim,
        holds: condition.holds,
        values: condition.values.iter().map(named).collect(),
        sentence: sentence(condition),
    }
}

fn named((name, quantity): &(&'static str, Quantity)) -> Named {
    let value = match quantity {
        Quantity::Sequence { raw, relative } => Value::Sequence { raw: *raw, relative: *relative },
        Quantity::Unknown => Value::Unknown,
        Quantity::Bytes(bytes) => Value::Bytes(*bytes),
        Quantity::Count(count) => Value::Count(*count),
        Quantity::Time(time) => Value::Seconds(time.to_string()),
        Quantity::Frame(frame) => Value::Frame(frame.0),
        Quantity::Flags(flags) => Value::Flags(flag_list(*flags)),
    };
    Named { name, value }
}
