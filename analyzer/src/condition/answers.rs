//! What was read from a capture for the functions of conditions, and the way back to it for
//! what nobody could foresee: a display filter that a condition makes up while it is evaluated.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::manifest;
use super::reading::{HalfStreams, MOST_BYTES, Selected, Sender};
use crate::engine::{self, Threads};
use crate::facts::FrameFacts;
use crate::filter::Filter;
use crate::source;
use crate::summary::CaptureSummary;

/// Further passes over a capture for filters that were not known before.
const MOST_PASSES: usize = 16;

/// The answers.
#[derive(Default)]
pub struct Answers {
    /// The capture; none when conditions are evaluated without one.
    pub path: Option<PathBuf>,
    /// Where files named in conditions are looked for.
    pub folder: PathBuf,
    /// Its summary.
    pub summary: Option<Arc<CaptureSummary>>,
    /// What the filters selected, known before or found since.
    pub selected: Mutex<HashMap<String, Arc<Selected>>>,
    /// The half-streams.
    pub halves: HalfStreams,
    /// Whether half-streams were kept.
    pub has_bytes: bool,
    /// Passes made since.
    pub passes: Mutex<usize>,
}

impl Answers {
    /// The frames that a filter selects.
    pub fn selected(&self, filter: &str) -> Result<Arc<Selected>, String> {
        if let Some(known) = self.known(filter) {
            return Ok(known);
        }
        let Some(path) = &self.path else {
            return Err("there is no capture to look at".to_owned());
        };
        let parsed = Filter::parse(filter)
            .map_err(|error| format!("bad display filter: {}", error.message()))?;
        {
            let mut passes = self.passes.lock().unwrap_or_else(PoisonError::into_inner);
            if *passes >= MOST_PASSES {
                return Err(format!(
                    "{MOST_PASSES} further passes over the capture are the most; write filters \
                     as plain strings, which all share one"
                ));
            }
            *passes += 1;
        }
        let found = Arc::new(select(path, parsed)?);
        let mut selected = self.selected.lock().unwrap_or_else(PoisonError::into_inner);
        selected.insert(filter.to_owned(), Arc::clone(&found));
        Ok(found)
    }

    /// What is known without another pass.
    pub fn known(&self, filter: &str) -> Option<Arc<Selected>> {
        let selected = self.selected.lock().unwrap_or_else(PoisonError::into_inner);
        selected.get(filter).cloned()
    }

    /// The bytes that one side of a stream sent.
    pub fn payload(&self, stream: u32, sender: Sender) -> Result<&[u8], String> {
        if self.path.is_none() {
            return Err("there is no capture to look at".to_owned());
        }
        if !self.has_bytes {
            return Err("the bytes of this capture were not kept".to_owned());
        }
        let side = match sender {
            Sender::Client => "client",
            Sender::Server => "server",
        };
        let Some(half) = self.halves.get(&(stream, sender)) else {
            // One that was never heard sent nothing, if there is such a stream at all.
            let is_known = [Sender::Client, Sender::Server]
                .into_iter()
                .any(|sender| self.halves.contains_key(&(stream, sender)));
            return if is_known {
                Ok(&[])
            } else {
                Err(format!("there is no connection {stream}"))
            };
        };
        if half.missing > 0 {
            return Err(format!(
                "{} of the {} bytes from the {side} of connection {stream} are not in the capture",
                half.missing, half.length
            ));
        }
        half.bytes.as_deref().ok_or_else(|| {
            format!(
                "the {side} of connection {stream} sent {} bytes; {} MiB are kept of all \
                 half-streams together",
                half.length,
                MOST_BYTES >> 20
            )
        })
    }

    /// What a lab's manifest and the capture disagree on.
    pub fn manifest(&self, file: &str) -> Result<Vec<manifest::Difference>, String> {
        let (Some(path), Some(summary)) = (&self.path, &self.summary) else {
            return Err("there is no capture to look at".to_owned());
        };
        if file.is_empty() {
            return Err("the case names no manifest".to_owned());
        }
        let run = manifest::Run::read(&self.folder.join(file))?;
        Ok(manifest::compare(&run, path, summary, &self.halves))
    }
}

/// One more pass for one filter.
fn select(path: &Path, filter: Filter) -> Result<Selected, String> {
    let mut capture = source::open(path).map_err(|error| error.to_string())?;
    let mut filter =
        if capture.numbers_interfaces() { filter } else { filter.without_interfaces() };
    let mut selected = Selected::default();
    let mut look = |facts: &FrameFacts<'_>| {
        if filter.matches(facts) {
            selected.add(facts.frame.number.0);
        }
        ControlFlow::Continue(())
    };
    // What the damage leaves is what the summary tells of, too.
    let _ = engine::run(&mut *capture, Threads::default(), &mut look);
    Ok(selected)
}
