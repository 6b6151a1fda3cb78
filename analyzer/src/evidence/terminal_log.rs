//! What the course's programs and `generator` print, read back into connections and chunks.
//!
//! Sources: the course's `server.py`, `client.py` and `socket_info.py` (Python's `logging`:
//! `LEVEL:logger:message`), `generator/src/course_log.rs` and `generator/src/json_log.rs`.

use std::collections::HashMap;

use serde_json::Value;

use super::python_bytes::{address, bytes};
use super::text_model::{ChunkWay, LogChunk, LogConnection, LogEndpoint, Role, TerminalLog};

/// Messages of the course's programs, by their beginnings.
const MESSAGES: [&str; 9] = [
    "starting up on (",
    "waiting for a connection",
    "connection from (",
    "received b'",
    "received b\"",
    "received: b'",
    "sending back data",
    "connecting to (",
    "sending file content (",
];

/// Says whether a line is one of a terminal log.
pub(super) fn is_log_line(text: &str) -> bool {
    message(text).is_some()
        || command(text).is_some()
        || MESSAGES.iter().any(|start| text.starts_with(start))
        || (text.starts_with('{') && event(text).is_some())
}

/// The message after `INFO:root:`.
fn message(text: &str) -> Option<&str> {
    let (level, rest) = text.trim_start().split_once(':')?;
    let is_level = matches!(level, "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL");
    let (logger, message) = rest.split_once(':')?;
    (is_level && !logger.contains(' ')).then_some(message)
}

/// What was typed after a shell's prompt: `user@host:~/folder$ python3 server.py`, or the short
/// prompt of a lab's machine, `mesin1$ generator server`.
fn command(text: &str) -> Option<&str> {
    let (at, mark) = text.char_indices().find(|(_, c)| matches!(c, '$' | '#' | '%'))?;
    let prompt = text.get(..at)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_machine = !prompt.is_empty() && prompt.len() <= 32 && prompt.chars().all(is_name);
    let is_prompt = (prompt.contains('@') && !prompt.contains(". ")) || (mark == '$' && is_machine);
    let typed = text.get(at + mark.len_utf8()..)?;
    (is_prompt && typed.starts_with(' ')).then(|| typed.trim())
}

/// One object of the JSON log.
fn event(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    value.get("event")?.as_str()?;
    Some(value)
}

/// Reads the lines of one part into logs: a new one begins at every command that was typed.
pub(super) fn read(machine: Option<&str>, lines: &[(u32, &str)]) -> Vec<(u32, TerminalLog)> {
    let mut logs: Vec<Reader> = Vec::new();
    for (line, text) in lines {
        let typed = command(text);
        let is_new = logs.last().is_none_or(|log| typed.is_some() && log.has_said_something());
        if is_new {
            logs.push(Reader::new(*line, machine));
        }
        let Some(log) = logs.last_mut() else { continue };
        log.log.lines.push((*line, (*text).to_owned()));
        match typed {
            Some(typed) => log.command(typed),
            None => log.line(*line, text.trim()),
        }
    }
    logs.into_iter().map(Reader::finish).collect()
}

struct Reader {
    first: u32,
    log: TerminalLog,
    /// Index of the connection by the number that the JSON log gives it.
    by_number: HashMap<u64, usize>,
    target: Option<LogEndpoint>,
}

impl Reader {
    fn new(first: u32, machine: Option<&str>) -> Self {
        let log = TerminalLog { machine: machine.map(str::to_owned), ..TerminalLog::default() };
        Self { first, log, by_number: HashMap::new(), target: None }
    }

    fn has_said_something(&self) -> bool {
        self.log.program.is_some() || !self.log.connections.is_empty()
    }

    fn command(&mut self, typed: &str) {
        let is_script = |word: &&str| {
            std::path::Path::new(word)
                .extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("py"))
                || word.ends_with("generator")
        };
        self.log.program = typed.split_whitespace().find(is_script).map(str::to_owned);
    }

    fn line(&mut self, line: u32, text: &str) {
        if let Some(value) = event(text) {
            self.event(line, &value);
            return;
        }
        let said = message(text).unwrap_or(text);
        if let Some(rest) = said.strip_prefix("starting up on ") {
            self.log.role = Some(Role::Server);
            self.log.listening = address(rest);
        } else if let Some(rest) = said.strip_prefix("connection from ") {
            self.log.role = Some(Role::Server);
            let server = self.log.listening.clone();
            self.open(line, address(rest), server);
        } else if let Some(rest) = said.strip_prefix("connecting to ") {
            self.log.role = Some(Role::Client);
            self.open(line, None, address(rest));
        } else if text.contains("AddressFamily.") {
            self.log.resolved.extend(address(text).map(|endpoint| (line, endpoint)));
        } else {
            self.exchange(line, said, message(text).is_some());
        }
    }

    /// Lines that say what was read and written.
    fn exchange(&mut self, line: u32, said: &str, is_logged: bool) {
        let literal = said.strip_prefix("received:").or_else(|| said.strip_prefix("received "));
        if let Some(data) = literal.or(Some(said)).and_then(bytes) {
            self.received(line, data);
        } else if said == "sending back data" {
            self.echo(line);
        } else if let Some(rest) = said.strip_prefix("sending file content (") {
            let len = rest.split(' ').next().and_then(|number| number.parse().ok());
            self.chunk(len.map(|len| LogChunk { line, way: ChunkWay::Sent, len, bytes: None }));
        } else if said == "closing" {
            self.with(line, |connection| connection.closing = Some(line));
        } else if let Some(rest) = said.strip_prefix("sending ").filter(|_| is_logged) {
            let bytes = rest.as_bytes().to_vec();
            let len = bytes.len() as u64;
            self.chunk(Some(LogChunk { line, way: ChunkWay::Sent, len, bytes: Some(bytes) }));
        }
    }

    fn open(&mut self, line: u32, client: Option<LogEndpoint>, server: Option<LogEndpoint>) {
        self.log.connections.push(LogConnection {
            line,
            client,
            server,
            ..LogConnection::default()
        });
    }

    fn with(&mut self, line: u32, change: impl FnOnce(&mut LogConnection)) {
        if self.log.connections.is_empty() {
            self.open(line, None, None);
        }
        if let Some(connection) = self.log.connections.last_mut() {
            change(connection);
        }
    }

    fn chunk(&mut self, chunk: Option<LogChunk>) {
        if let Some(chunk) = chunk {
            self.with(chunk.line, |connection| connection.chunks.push(chunk));
        }
    }

    fn received(&mut self, line: u32, data: Vec<u8>) {
        self.with(line, |connection| {
            if data.is_empty() {
                connection.end_of_stream = Some(line);
            } else {
                let len = data.len() as u64;
                let way = ChunkWay::Received;
                connection.chunks.push(LogChunk { line, way, len, bytes: Some(data) });
            }
        });
    }

    /// The course's server sends back what it read last.
    fn echo(&mut self, line: u32) {
        self.with(line, |connection| {
            let last = connection.chunks.iter().rev().find(|c| c.way == ChunkWay::Received);
            if let Some(read) = last.cloned() {
                connection.chunks.push(LogChunk { line, way: ChunkWay::Sent, ..read });
            }
        });
    }

    fn event(&mut self, line: u32, value: &Value) {
        let name = value.get("event").and_then(Value::as_str).unwrap_or_default();
        let endpoint = |key: &str| value.get(key).and_then(Value::as_str).and_then(socket_address);
        match name {
            "listening" => {
                self.log.role = Some(Role::Server);
                self.log.listening = endpoint("address");
            }
            "accepted" => {
                self.log.role = Some(Role::Server);
                self.numbered(line, value, |connection| {
                    connection.client = endpoint("client");
                    connection.server = endpoint("server");
                });
            }
            "connecting" => {
                self.log.role = Some(Role::Client);
                let host = value.get("host").and_then(Value::as_str).unwrap_or_default().to_owned();
                let port = value.get("port").and_then(Value::as_u64);
                self.target = port
                    .and_then(|port| u16::try_from(port).ok())
                    .map(|port| LogEndpoint { host, port });
                let target = self.target.clone();
                self.numbered(line, value, |connection| connection.server = target);
            }
            "connected" => self.numbered(line, value, |connection| {
                connection.client = endpoint("client");
                connection.server = endpoint("server");
            }),
            "closing" => self.numbered(line, value, |connection| connection.closing = Some(line)),
            "received" | "echo-received" | "sent" | "sending-back" => self.data(line, name, value),
            _ => {}
        }
    }

    fn data(&mut self, line: u32, name: &str, value: &Value) {
        let Some(len) = value.get("bytes").and_then(Value::as_u64) else { return };
        let is_read = name.ends_with("received");
        let shown = value.get("first_bytes").and_then(Value::as_str).and_then(from_hex);
        self.numbered(line, value, |connection| {
            if len == 0 && is_read {
                connection.end_of_stream = Some(line);
            } else if len > 0 {
                let way = if is_read { ChunkWay::Received } else { ChunkWay::Sent };
                connection.chunks.push(LogChunk { line, way, len, bytes: shown });
            }
        });
    }

    /// Changes the connection that an object names, which it may begin.
    fn numbered(&mut self, line: u32, value: &Value, change: impl FnOnce(&mut LogConnection)) {
        let Some(number) = value.get("connection").and_then(Value::as_u64) else { return };
        let next = self.log.connections.len();
        let index = *self.by_number.entry(number).or_insert(next);
        if index == next {
            self.open(line, None, None);
        }
        if let Some(connection) = self.log.connections.get_mut(index) {
            change(connection);
        }
    }

    fn finish(mut self) -> (u32, TerminalLog) {
        if self.log.role.is_none() {
            self.log.role = self.log.program.as_deref().and_then(role_of);
        }
        (self.first, self.log)
    }
}

fn role_of(program: &str) -> Option<Role> {
    let name = program.to_lowercase();
    if name.contains("server") {
        Some(Role::Server)
    } else if name.contains("client") {
        Some(Role::Client)
    } else {
        None
    }
}

/// `172.16.16.102:38090` or `[fe80::1]:80`.
fn socket_address(text: &str) -> Option<LogEndpoint> {
    let address: std::net::SocketAddr = text.parse().ok()?;
    Some(LogEndpoint { host: address.ip().to_string(), port: address.port() })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    digits.len().is_multiple_of(2).then_some(())?;
    (0..digits.len() / 2)
        .map(|at| u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> TerminalLog {
        let lines: Vec<(u32, &str)> = (1..).zip(text.lines()).collect();
        let mut logs = read(Some("mesin1"), &lines);
        assert_eq!(logs.len(), 1, "{logs:?}");
        logs.remove(0).1
    }

    fn sizes(log: &TerminalLog, way: ChunkWay) -> Vec<u64> {
        let chunks = log.connections.iter().flat_map(|connection| &connection.chunks);
        chunks.filter(|chunk| chunk.way == way).map(|chunk| chunk.len).collect()
    }

    #[test]
    fn a_server_log_has_its_clients_and_chunks() {
        let log = one("(base) u@h:~/w$ python3 server.py\n\
             INFO:root:starting up on ('0.0.0.0', 9000)\n\
             INFO:root:waiting for a connection\n\
             INFO:root:connection from ('10.0.0.2', 40000)\n\
             INFO:root:received b'abc\\n'\n\
             INFO:root:sending back data\n\
             INFO:root:received b''\n\
             INFO:root:connection from ('10.0.0.3', 40001)\n\
             INFO:root:received b'de'");
        assert_eq!(log.role, Some(Role::Server));
        assert_eq!(log.program.as_deref(), Some("server.py"));
        let clients: Vec<u16> =
            log.connections.iter().filter_map(|c| c.client.as_ref().map(|e| e.port)).collect();
        assert_eq!(clients, [40000, 40001]);
        assert_eq!(sizes(&log, ChunkWay::Received), [4, 2]);
        assert_eq!(sizes(&log, ChunkWay::Sent), [4]);
        assert_eq!(log.connections[0].end_of_stream, Some(7));
        assert_eq!(log.connections[1].end_of_stream, None);
    }

    #[test]
    fn a_client_log_has_its_server_and_echo() {
        let log = one("INFO:root:connecting to ('10.0.0.1', 9000)\n\
             INFO:root:sending file content (7 bytes)\n\
             INFO:root:received: b'abcd'\n\
             INFO:root:b'efg'\n\
             INFO:root:closing");
        assert_eq!(log.role, Some(Role::Client));
        assert_eq!(log.connections[0].server.as_ref().map(|e| e.port), Some(9000));
        assert_eq!(sizes(&log, ChunkWay::Sent), [7]);
        assert_eq!(
            log.connections[0].content(ChunkWay::Received).as_deref(),
            Some(&b"abcdefg"[..])
        );
        assert_eq!(log.connections[0].content(ChunkWay::Sent), None);
        assert_eq!(log.connections[0].closing, Some(5));
    }

    #[test]
    fn the_json_log_is_read_too() {
        let log = one(concat!(
            r#"{"time":"t","event":"listening","address":"0.0.0.0:9000"}"#,
            "\n",
            r#"{"event":"accepted","connection":1,"client":"10.0.0.2:5","server":"10.0.0.1:9000"}"#,
            "\n",
            r#"{"event":"accepted","connection":2,"client":"10.0.0.3:6","server":"10.0.0.1:9000"}"#,
            "\n",
            r#"{"event":"received","connection":1,"bytes":2,"first_bytes":"6162"}"#,
            "\n",
            r#"{"event":"received","connection":1,"bytes":0,"first_bytes":""}"#,
        ));
        assert_eq!(log.connections.len(), 2);
        assert_eq!(log.connections[0].content(ChunkWay::Received).as_deref(), Some(&b"ab"[..]));
        assert_eq!(log.connections[0].end_of_stream, Some(5));
        assert_eq!(log.connections[1].client.as_ref().map(|e| e.port), Some(6));
    }

    #[test]
    fn two_commands_are_two_logs() {
        let text = "u@h:~$ python3 a_client.py\nINFO:root:closing\nu@h:~$ python3 server.py\nx";
        let lines: Vec<(u32, &str)> = (1..).zip(text.lines()).collect();
        let logs = read(None, &lines);
        let roles: Vec<_> = logs.iter().map(|(line, log)| (*line, log.role)).collect();
        assert_eq!(roles, [(1, Some(Role::Client)), (3, Some(Role::Server))]);
    }

    #[test]
    fn resolved_addresses_are_no_connections() {
        let log = one(
            "[(<AddressFamily.AF_INET: 2>, <SocketKind.SOCK_STREAM: 1>, 6, '', ('10.9.9.4', 80))]",
        );
        assert_eq!(log.resolved.len(), 1);
        assert!(log.connections.is_empty());
    }
}
