//! The lines that the course's Python programs print, to the letter.
//!
//! `logging.basicConfig(level=logging.INFO)` writes `INFO:root:` and the message to standard
//! error, one write per line. Events for which those programs have no line print nothing.

use std::io::Write;

use crate::error::python_words;
use crate::event::{Event, Observer, Sending};
use crate::json_log::LineSink;
use crate::python_bytes::{PythonAddress, PythonBytes, PythonText};

/// Writes the course's lines to a sink, one write per line.
pub struct CourseLog {
    sink: LineSink,
}

impl CourseLog {
    /// A log that writes to `out`.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Self { sink: LineSink::new(out) }
    }

    /// Says whether every line could be written.
    ///
    /// # Errors
    /// The first failure.
    pub fn finish(&self) -> std::io::Result<()> {
        self.sink.finish()
    }
}

/// The course's message for an event, without `INFO:root:`.
pub fn message(event: &Event<'_>) -> Option<String> {
    Some(match event {
        Event::Listening { address, .. } => format!("starting up on {}", PythonAddress(*address)),
        Event::Waiting => "waiting for a connection".to_owned(),
        Event::Accepted { client, .. } => format!("connection from {}", PythonAddress(*client)),
        Event::Received { data, .. } => format!("received {}", PythonBytes(data)),
        Event::SendingBack { .. } => "sending back data".to_owned(),
        Event::Connecting { target, .. } => {
            format!("connecting to ({}, {})", PythonText(&target.host), target.port)
        }
        Event::Sending { what: Sending::Message(text), .. } => {
            format!("sending {}", String::from_utf8_lossy(text))
        }
        Event::Sending { what: Sending::File(bytes), .. } => {
            format!("sending file content ({bytes} bytes)")
        }
        Event::Sending { what: Sending::Stream, .. } => "sending standard input".to_owned(),
        // The course's programs leave their loops on EOF without a line.
        Event::EchoReceived { data: [], .. } => return None,
        Event::EchoReceived { data, what: Sending::Message(_), .. } => {
            PythonBytes(data).to_string()
        }
        Event::EchoReceived { data, .. } => format!("received: {}", PythonBytes(data)),
        Event::Failed { error, .. } => format!("ERROR: {}", python_words(error)),
        Event::Closing { .. } => "closing".to_owned(),
        Event::Connected { .. } | Event::Sent { .. } | Event::Closed(_) => return None,
    })
}

impl Observer for CourseLog {
    fn event(&self, event: &Event<'_>) {
        if let Some(message) = message(event) {
            self.sink.line(format!("INFO:root:{message}\n"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::echo_server::Mode;
    use crate::target::Target;

    #[test]
    fn lines_are_those_of_the_report() {
        let target = Target { host: "172.16.16.101".to_owned(), port: 10000 };
        let hello = Sending::Message(b"INI ADALAH DATA");
        let refused = std::io::Error::from_raw_os_error(111);
        let table = [
            (
                Event::Listening {
                    address: "0.0.0.0:10000".parse().unwrap(),
                    backlog: 1,
                    mode: Mode::Sequential,
                },
                "starting up on ('0.0.0.0', 10000)",
            ),
            (Event::Waiting, "waiting for a connection"),
            (
                Event::Accepted {
                    connection: 1,
                    client: "172.16.16.102:38090".parse().unwrap(),
                    server: "172.16.16.101:10000".parse().unwrap(),
                },
                "connection from ('172.16.16.102', 38090)",
            ),
            (
                Event::Received { connection: 1, data: b"DEFGHIJKLMNOPQ" },
                "received b'DEFGHIJKLMNOPQ'",
            ),
            (Event::SendingBack { connection: 1, bytes: 14 }, "sending back data"),
            (Event::Received { connection: 1, data: b"" }, "received b''"),
            (
                Event::Connecting { connection: 1, target: &target },
                "connecting to ('172.16.16.101', 10000)",
            ),
            (Event::Sending { connection: 1, what: hello }, "sending INI ADALAH DATA"),
            (
                Event::Sending { connection: 1, what: Sending::File(67) },
                "sending file content (67 bytes)",
            ),
            (
                Event::EchoReceived { connection: 1, data: b"INI ADALAH DATA ", what: hello },
                "b'INI ADALAH DATA '",
            ),
            (
                Event::EchoReceived { connection: 1, data: b"t.\n", what: Sending::File(67) },
                "received: b't.\\n'",
            ),
            (
                Event::Failed { connection: None, error: &refused },
                "ERROR: [Errno 111] Connection refused",
            ),
            (Event::Closing { connection: Some(1) }, "closing"),
        ];
        for (event, expected) in table {
            assert_eq!(message(&event).as_deref(), Some(expected), "{event:?}");
        }
    }
}
