//! Events as one JSON object per line, for programs that read along.
//!
//! Every object has `time` (RFC 3339, UTC, nanoseconds) and `event`; data appears as its length
//! and its first bytes in hex. The last object of a connection, `closed`, carries the whole
//! [`ConnectionRecord`](crate::record::ConnectionRecord) under `record`.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::error::said;
use crate::event::{Event, Observer, Sending};
use crate::record::{WallTime, hex};

/// So many bytes of data are shown in a line.
const SHOWN_BYTES: usize = 64;

/// Writes the JSON lines to a sink, one write per line.
pub struct JsonLog {
    sink: LineSink,
}

impl JsonLog {
    /// A log that writes to `out`.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Self { sink: LineSink::new(out) }
    }

    /// Writes one more object, with `time` and `event` added: a summary, say.
    pub fn object(&self, event: &str, value: Value) {
        self.sink.line(stamped(event, value));
    }

    /// Says whether every line could be written.
    ///
    /// # Errors
    /// The first failure.
    pub fn finish(&self) -> io::Result<()> {
        self.sink.finish()
    }
}

impl Observer for JsonLog {
    fn event(&self, event: &Event<'_>) {
        let (name, value) = object(event);
        self.sink.line(stamped(name, value));
    }
}

/// The line: `time` and `event` first, then the value's own members.
fn stamped(event: &str, value: Value) -> String {
    let mut line = json!({ "time": WallTime::now(), "event": event });
    if let (Some(line), Value::Object(members)) = (line.as_object_mut(), value) {
        line.extend(members);
    }
    format!("{line}\n")
}

fn object(event: &Event<'_>) -> (&'static str, Value) {
    match event {
        Event::Listening { address, backlog, mode } => {
            ("listening", json!({ "address": address, "backlog": backlog, "mode": mode }))
        }
        Event::Waiting => ("waiting", json!({})),
        Event::Accepted { connection, client, server } => {
            ("accepted", json!({ "connection": connection, "client": client, "server": server }))
        }
        Event::Received { connection, data } => ("received", with_data(*connection, data)),
        Event::SendingBack { connection, bytes } => {
            ("sending-back", json!({ "connection": connection, "bytes": bytes }))
        }
        Event::Connecting { connection, target } => (
            "connecting",
            json!({ "connection": connection, "host": target.host, "port": target.port }),
        ),
        Event::Connected { connection, client, server } => {
            ("connected", json!({ "connection": connection, "client": client, "server": server }))
        }
        Event::Sending { connection, what } => ("sending", sending(*connection, what)),
        Event::Sent { connection, bytes } => {
            ("sent", json!({ "connection": connection, "bytes": bytes }))
        }
        Event::EchoReceived { connection, data, .. } => {
            ("echo-received", with_data(*connection, data))
        }
        Event::Failed { connection, error } => (
            "failed",
            json!({ "connection": connection, "error": said(error), "errno": error.raw_os_error() }),
        ),
        Event::Closing { connection } => ("closing", json!({ "connection": connection })),
        Event::Closed(record) => ("closed", json!({ "record": record })),
    }
}

fn sending(connection: u64, what: &Sending<'_>) -> Value {
    match what {
        Sending::Message(text) => with_data(connection, text),
        Sending::File(bytes) => json!({ "connection": connection, "bytes": bytes }),
        Sending::Stream => json!({ "connection": connection, "bytes": null }),
    }
}

fn with_data(connection: u64, data: &[u8]) -> Value {
    let shown = data.get(..SHOWN_BYTES).unwrap_or(data);
    json!({ "connection": connection, "bytes": data.len(), "first_bytes": hex(shown) })
}

/// Takes whole lines from many threads and remembers the first failure.
pub(crate) struct LineSink(Mutex<SinkState>);

struct SinkState {
    out: Box<dyn Write + Send>,
    failure: Option<io::Error>,
}

impl LineSink {
    pub(crate) fn new(out: impl Write + Send + 'static) -> Self {
        Self(Mutex::new(SinkState { out: Box::new(out), failure: None }))
    }

    /// Writes one line at once and flushes it; after a failure, nothing more is written.
    pub(crate) fn line(&self, line: String) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failure.is_none() {
            let written = state.out.write_all(line.as_bytes()).and_then(|()| state.out.flush());
            state.failure = written.err();
        }
    }

    /// The first failure, once.
    pub(crate) fn finish(&self) -> io::Result<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failure.take().map_or(Ok(()), Err)
    }
}
