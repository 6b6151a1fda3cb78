//! Who listens to the roles' events, and where their words go.
//!
//! Logs in the course's format are talk and go to standard error, where Python's logging writes;
//! JSON is data and goes to standard output. The closing summary goes to standard output.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use generator::course_log::CourseLog;
use generator::error::Error;
use generator::event::{Event, Observer};
use generator::json_log::JsonLog;
use generator::record_log::RecordLog;
use serde::Serialize;

use super::args::LogFormat;

/// The listeners that a command line asks for.
pub struct Output {
    course: Option<CourseLog>,
    json: Option<JsonLog>,
    records: Option<(String, RecordLog)>,
    more: Vec<Arc<dyn Observer>>,
}

impl Output {
    /// Opens what has to be opened.
    pub fn new(format: LogFormat, record: Option<&Path>) -> Result<Self, Error> {
        let open = |path: &Path| {
            let what = path.display().to_string();
            match File::create(path) {
                Ok(file) => Ok((what, RecordLog::new(file))),
                Err(cause) => Err(Error::Output { what, cause }),
            }
        };
        Ok(Self {
            course: (format == LogFormat::Course).then(|| CourseLog::new(io::stderr())),
            json: (format == LogFormat::Json).then(|| JsonLog::new(io::stdout())),
            records: record.map(open).transpose()?,
            more: Vec::new(),
        })
    }

    /// Lets one more listen.
    pub fn add(&mut self, observer: Arc<dyn Observer>) {
        self.more.push(observer);
    }

    /// Writes the summary: a JSON object when the log is JSON, otherwise `text`.
    pub fn summary(&self, summary: &impl Serialize, text: &str) -> Result<(), Error> {
        let Some(json) = &self.json else {
            let mut out = io::stdout().lock();
            return writeln!(out, "{text}")
                .and_then(|()| out.flush())
                .map_err(|cause| Error::Output { what: "to standard output".to_owned(), cause });
        };
        let value = serde_json::to_value(summary).unwrap_or_default();
        json.object("summary", value);
        Ok(())
    }

    /// Reports the first line that could not be written. A log that nobody reads any more is
    /// not an error.
    pub fn finish(&self) -> Result<(), Error> {
        let logs = [
            ("to standard error", self.course.as_ref().map(CourseLog::finish)),
            ("to standard output", self.json.as_ref().map(JsonLog::finish)),
        ];
        let records = self.records.as_ref().map(|(what, log)| (what.as_str(), Some(log.finish())));
        for (what, result) in logs.into_iter().chain(records) {
            if let Some(Err(cause)) = result
                && cause.kind() != io::ErrorKind::BrokenPipe
            {
                return Err(Error::Output { what: what.to_owned(), cause });
            }
        }
        Ok(())
    }
}

impl Observer for Output {
    fn event(&self, event: &Event<'_>) {
        if let Some(log) = &self.course {
            log.event(event);
        }
        if let Some(log) = &self.json {
            log.event(event);
        }
        if let Some((_, log)) = &self.records {
            log.event(event);
        }
        for observer in &self.more {
            observer.event(event);
        }
    }
}
