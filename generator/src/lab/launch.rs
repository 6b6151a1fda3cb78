//! From a scenario's process to a command line of this very program.

use std::borrow::Cow;
use std::path::Path;

use crate::record::Role;
use crate::scenario::{Client, Process, Server};

/// What a process is.
pub fn role(process: &Process) -> Role {
    if process.server.is_some() { Role::Server } else { Role::Client }
}

/// The arguments as one would type them, without the program's name.
pub fn arguments(process: &Process) -> Vec<String> {
    let mut line = Line::default();
    if let Some(server) = &process.server {
        line.server(server);
    }
    if let Some(client) = &process.client {
        line.client(client);
    }
    line.0
}

/// The arguments that only the lab adds: where the program writes its account, and that it
/// waits for the barrier.
pub fn hidden_arguments(process: &Process, record: &Path) -> Vec<String> {
    let mut line = Line::default();
    line.option("--record", Some(record.display()));
    if process.barrier.is_some() {
        line.0.push("--wait-for-input-end".to_owned());
    }
    line.0
}

/// A command line as the terminal shows it: quoted where a shell would need it.
pub fn as_typed(arguments: &[String]) -> String {
    let quoted: Vec<Cow<'_, str>> = arguments.iter().map(|word| quote(word)).collect();
    format!("generator {}", quoted.join(" "))
}

#[derive(Default)]
struct Line(Vec<String>);

impl Line {
    fn server(&mut self, server: &Server) {
        self.0.push("server".to_owned());
        self.option("--bind", Some(server.bind.as_ref()));
        self.option("--recv-size", server.recv_size);
        self.option("--backlog", server.backlog);
        self.option("--mode", server.mode.map(|mode| mode.word()));
        self.option("--max-connections", server.max_connections);
        self.option(
            "--idle-timeout",
            server.idle_timeout.map(|span| humantime::format_duration(span.0)),
        );
        self.option("--log", server.log.map(|log| log.word()));
    }

    fn client(&mut self, client: &Client) {
        self.0.push("client".to_owned());
        self.option("--to", Some(client.to.as_ref()));
        self.option("--message", client.message.as_ref());
        self.option("--file", client.file.as_ref().map(|file| file.as_ref()));
        self.option("--recv-size", client.recv_size);
        self.option("--parallel", client.parallel);
        self.option("--from", client.from.as_ref());
        self.option("--interface", client.interface.as_ref());
        self.option("--close", client.close.map(|close| close.word()));
        self.option("--stay-open", client.stay_open.map(|span| humantime::format_duration(span.0)));
        self.option("--timeout", client.timeout.map(|span| humantime::format_duration(span.0)));
        self.option("--repeat", client.repeat);
        self.option("--log", client.log.map(|log| log.word()));
    }

    /// `--name=value` when the value could be taken for an option, otherwise two words.
    fn option(&mut self, name: &str, value: Option<impl ToString>) {
        let Some(value) = value.map(|value| value.to_string()) else { return };
        if value.starts_with('-') {
            self.0.push(format!("{name}={value}"));
        } else {
            self.0.extend([name.to_owned(), value]);
        }
    }
}

fn quote(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::from_text;

    #[test]
    fn options_become_the_words_one_would_type() {
        let text = r#"
version = 1
name = "t"
[[process]]
name = "s"
host = "mesin1"
server = { bind = "0.0.0.0:1", recv-size = 8, backlog = 1, mode = "sequential", max-connections = 2, idle-timeout = "1m 30s", log = "json" }
[[process]]
name = "c"
host = "mesin2"
client = { to = "172.16.16.101:1", message = "-it's a b", close = "half-close", timeout = "1s", parallel = 3 }
"#;
        let scenario = from_text("t", text).unwrap();
        let typed: Vec<String> =
            scenario.processes.iter().map(|process| as_typed(&arguments(process))).collect();
        assert_eq!(
            typed,
            [
                "generator server --bind 0.0.0.0:1 --recv-size 8 --backlog 1 --mode sequential \
                 --max-connections 2 --idle-timeout '1m 30s' --log json",
                "generator client --to 172.16.16.101:1 '--message=-it'\\''s a b' --parallel 3 \
                 --close half-close --timeout 1s",
            ]
        );
    }
}
