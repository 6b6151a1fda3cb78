//! `--watch`: a changed file is checked again.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::case;

/// Far longer than it takes: a hanging test ends as a failure.
const LIMIT: Duration = Duration::from_secs(120);

/// Lines of a stream, as they come.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

#[test]
fn a_changed_case_is_checked_again() {
    let place = case("echo", "task-2-echo", "connections = 1\n");
    let mut child = Command::new(env!("CARGO_BIN_EXE_analyzer"))
        .args(["check", "--watch", "echo"])
        .current_dir(place.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let results = lines(child.stdout.take().expect("a pipe"));
    let talk = lines(child.stderr.take().expect("a pipe"));
    let first = results.recv_timeout(LIMIT);
    let waits = talk.recv_timeout(LIMIT);
    fs::write(place.path().join("echo/case.toml"), "connections = 2\n").expect("a file");
    let mut next = results.recv_timeout(LIMIT);
    // An editor's steps may be seen one by one: what holds again was read before the change.
    while next.as_ref().is_ok_and(|line| line.starts_with("ok")) {
        next = results.recv_timeout(LIMIT);
    }
    child.kill().expect("it ran until now");
    child.wait().expect("it ends");
    assert!(first.expect("a result").starts_with("ok"));
    assert!(waits.expect("a word").contains("waiting for a change"));
    assert!(next.expect("another result").starts_with("FAIL"));
}
