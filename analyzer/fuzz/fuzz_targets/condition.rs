//! Any text as a condition; what is a condition is evaluated over captures of several kinds.

#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use analyzer::condition::{Condition, Error, Language, Subject};
use libfuzzer_sys::fuzz_target;

/// Captures that conditions are asked about.
const CAPTURES: [&str; 3] = ["task-4-parallel", "handshake-refused", "loss-and-repair"];

fn language() -> &'static Language {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    LANGUAGE.get_or_init(Language::captures)
}

/// The capture, read for one condition: its filters are answered while it is read.
fn subject(name: &str, condition: &Condition) -> Subject {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let capture = fixtures.join(name).join("capture.pcapng");
    Subject::read(&capture, [condition]).expect("a whole capture")
}

/// What a person would see of a refusal.
fn looks_right(error: &Error, text: &str) {
    let span = error.span();
    assert!(span.start <= span.end && span.end <= text.len(), "{span:?}");
    assert!(text.get(span.start..span.end).is_some(), "{span:?} cuts a character");
    assert!(!error.message().is_empty());
    let (line, column) = error.place();
    assert!(line >= 1 && column >= 1);
    assert!(error.to_string().len() < 4096 + 3 * text.len(), "an endless message");
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let condition = match Condition::compile(text, language()) {
        Ok(condition) => condition,
        Err(error) => return looks_right(&error, text),
    };
    let negated = Condition::compile(&format!("!({text}\n)"), language());
    for name in CAPTURES {
        let outcome = condition.evaluate(&subject(name, &condition));
        match &outcome {
            Ok(outcome) if !outcome.holds => {
                assert!(!outcome.witnesses.is_empty() || outcome.more > 0, "false for no reason");
            }
            Ok(_) => {}
            Err(error) => looks_right(error, text),
        }
        // A comment at the end may swallow the bracket; a condition of the greatest depth, too.
        let Ok(negated) = &negated else { continue };
        let opposite = negated.evaluate(&subject(name, negated));
        if let (Ok(one), Ok(other)) = (outcome, opposite) {
            assert_ne!(one.holds, other.holds, "a condition and its negation");
        }
    }
});
