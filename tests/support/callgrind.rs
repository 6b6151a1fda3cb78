//! Counts the instructions that a program executes, with valgrind's callgrind.

use std::io;
use std::process::{Command, Stdio};

/// Instructions of a run; `None` when valgrind is not installed.
///
/// # Errors
/// When the run fails or valgrind says nothing that can be read.
pub fn instructions(command: &mut Command) -> io::Result<Option<u64>> {
    let mut counted = Command::new("valgrind");
    counted.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    counted.arg(command.get_program()).args(command.get_args());
    counted.stdin(Stdio::null()).stdout(Stdio::null());
    let output = match counted.output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        output => output?,
    };
    let talk = String::from_utf8_lossy(&output.stderr);
    // ==4711== Collected : 123456
    let collected = talk.lines().rev().find_map(|line| line.split_once("Collected :"));
    let count = collected.and_then(|(_, count)| count.trim().parse().ok());
    // 1 is the verdict that nothing matched, as in a capture without frames.
    match (output.status.code(), count) {
        (Some(0 | 1), Some(count)) => Ok(Some(count)),
        (status, _) => Err(io::Error::other(format!("valgrind ended with {status:?}:\n{talk}"))),
    }
}
