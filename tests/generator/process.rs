//! Running the program: bounded waits, captured output, no child left behind.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// No wait in these tests is longer.
pub const LIMIT: Duration = Duration::from_secs(60);

/// The course's message, and the SHA-256 that `sha256sum` gives for it.
pub const MESSAGE: &str = "INI ADALAH DATA YANG DIKIRIM ABCDEFGHIJKLMNOPQ";
pub const MESSAGE_SHA256: &str = "f09186a86da9f9bcd782d3668798f646defc5f4f6c6c7c7b78f9c4fe879187d8";

/// A running program.
pub struct Program {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Receiver<String>,
    /// Lines of standard error already taken from the channel.
    seen: Vec<String>,
}

/// What a program left behind.
#[derive(Debug)]
pub struct Finished {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The program with these arguments, input and output not yet set.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_generator"));
    command.args(args).stdin(Stdio::null());
    command
}

impl Program {
    pub fn start(args: &[&str]) -> Self {
        Self::spawn(command(args).stdout(Stdio::piped()))
    }

    /// Starts a prepared command; standard error is captured, standard output if it is piped.
    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().map(|mut pipe| {
            thread::spawn(move || {
                let mut text = String::new();
                pipe.read_to_string(&mut text).unwrap();
                text
            })
        });
        let (sender, stderr) = channel();
        let pipe = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || {
            for line in pipe.lines() {
                let Ok(line) = line else { return };
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, stdout, stderr, seen: Vec::new() }
    }

    /// Waits for a line on standard error that begins so; returns the whole line.
    pub fn expect(&mut self, start: &str) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.stderr.recv_timeout(left) else {
                panic!("no line `{start}...` came; got: {:#?}", self.seen);
            };
            self.seen.push(line.clone());
            if line.starts_with(start) {
                return line;
            }
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Waits for the end.
    pub fn finish(mut self) -> Finished {
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "does not end; stderr: {:#?}", self.seen);
            thread::sleep(Duration::from_millis(2));
        };
        let mut lines = std::mem::take(&mut self.seen);
        // The reader ends with the pipe, and the pipe with the process.
        while let Ok(line) = self.stderr.recv_timeout(LIMIT) {
            lines.push(line);
        }
        Finished {
            code: status.code().unwrap_or_else(|| panic!("{status}; stderr: {lines:#?}")),
            stdout: self.stdout.take().map_or(String::new(), |text| text.join().unwrap()),
            stderr: lines.iter().map(|line| format!("{line}\n")).collect(),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail when the child is gone and reaped, which is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the program to its end.
pub fn run(args: &[&str]) -> Finished {
    Program::start(args).finish()
}

/// A server on a free port of 127.0.0.1 with the course's log, ready to be connected to.
pub fn server(args: &[&str]) -> (Program, SocketAddr) {
    server_on("127.0.0.1:0", args)
}

/// A server on this address, ready to be connected to.
pub fn server_on(bind: &str, args: &[&str]) -> (Program, SocketAddr) {
    let mut program = Program::start(&[&["server", "--bind", bind], args].concat());
    let line = program.expect("INFO:root:starting up on ('");
    let tuple = line.trim_start_matches("INFO:root:starting up on ('").trim_end_matches(')');
    let (host, rest) = tuple.split_once("', ").unwrap();
    let port = rest.split(',').next().unwrap().parse().unwrap();
    (program, SocketAddr::new(host.parse().unwrap(), port))
}

/// A client of the server at this address.
pub fn client(to: SocketAddr, args: &[&str]) -> Finished {
    Program::start(&[&["client", "--to", &to.to_string()], args].concat()).finish()
}

/// The connection records in a file that `--record` wrote.
pub fn records(path: &std::path::Path) -> Vec<generator::record::ConnectionRecord> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
