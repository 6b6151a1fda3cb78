//! An explanation as JSON: every rule, every condition, every value.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Explained;
use super::words::{field_name, flag_list, meaning, sentence, what_it_is};
use crate::tcp::{AnalysisFlags, Quantity, RuleAnswer};

/// Version of the document's shape.
const VERSION: u32 = 1;

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
        let Self { segment, analysis, why, .. } = self;
        let document = json!({
            "version": VERSION,
            "file": file,
            "frame": segment.frame,
            "stream": analysis.stream,
            "source": segment.source.to_string(),
            "destination": segment.destination.to_string(),
            "info": self.info,
            "flags": analysis.flags.iter().map(field_name).collect::<Vec<_>>(),
            "unjudged": why.unjudged,
            "what": analysis.flags.is_empty().then(|| what_it_is(segment, analysis)),
            "expected": expected.map(field_name),
            "is_as_expected": expected.map(|flag| analysis.flags.contains(flag)),
            "carried_before_by": self.repeats,
            "rto_since_frame": analysis.rto().map(|rto| rto.since_frame),
            "rto_seconds": analysis.rto().map(|rto| rto.elapsed.to_string()),
            "duplicate_of_frame": analysis.duplicate_ack().map(|duplicate| duplicate.of_frame),
            "duplicate_number": analysis.duplicate_ack().map(|duplicate| duplicate.number),
            "state": why.state.iter().map(named).collect::<Vec<_>>(),
            "rules": why.answers.iter().map(rule).collect::<Vec<_>>(),
        });
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }
}

fn rule(answer: &RuleAnswer) -> Value {
    let conditions = answer.conditions.iter().map(|condition| {
        json!({
            "claim": condition.claim,
            "holds": condition.holds,
            "values": condition.values.iter().map(named).collect::<Vec<_>>(),
            "sentence": sentence(condition),
        })
    });
    json!({
        "field": field_name(answer.flag),
        "holds": answer.holds(),
        "meaning": meaning(answer.flag),
        "first_failure": answer.first_failure().map(|condition| condition.claim),
        "conditions": conditions.collect::<Vec<_>>(),
    })
}

fn named((name, quantity): &(&'static str, Quantity)) -> Value {
    let (kind, value) = match quantity {
        Quantity::Sequence { raw, relative } => {
            ("sequence", json!({"raw": raw, "relative": relative}))
        }
        Quantity::Unknown => ("unknown", Value::Null),
        Quantity::Bytes(bytes) => ("bytes", json!(bytes)),
        Quantity::Count(count) => ("count", json!(count)),
        Quantity::Time(time) => ("seconds", json!(time.to_string())),
        Quantity::Frame(frame) => ("frame", json!(frame)),
        Quantity::Flags(flags) => ("flags", json!(flag_list(*flags))),
    };
    json!({ "name": name, "kind": kind, "value": value })
}
