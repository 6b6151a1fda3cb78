//! Connection records as JSON lines, one per finished connection and nothing else: what a lab's
//! manifest is made from, whatever the terminal shows.

use std::io::{self, Write};

use crate::event::{Event, Observer};
use crate::json_log::LineSink;

/// Writes the record of every finished connection to a sink.
pub struct RecordLog {
    sink: LineSink,
}

impl RecordLog {
    /// A log that writes to `out`.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Self { sink: LineSink::new(out) }
    }

    /// Says whether every record could be written.
    ///
    /// # Errors
    /// The first failure.
    pub fn finish(&self) -> io::Result<()> {
        self.sink.finish()
    }
}

impl Observer for RecordLog {
    fn event(&self, event: &Event<'_>) {
        if let Event::Closed(record) = event
            && let Ok(json) = serde_json::to_string(record)
        {
            self.sink.line(json + "\n");
        }
    }
}
