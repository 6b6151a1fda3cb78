//! A program of the scenario, running in its host.
//!
//! Three threads look after it: the host's, which started it; one that copies what it prints
//! to the host's terminal log; one that waits for its end. Nothing is polled.

use std::fs::File;
use std::io::{self, BufRead, BufReader, PipeReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;

use super::error::{Error, Result};
use super::manifest::Exit;
use super::namespace::Namespace;
use crate::record::WallTime;

/// Longest line that a log takes in one piece, in bytes; longer ones come in several.
const LINE_LIMIT: u64 = 64 << 10;

/// What can happen while the lab runs.
#[derive(Debug)]
pub enum Happening {
    /// The process with this number has ended and everything it printed is in the log.
    Ended(usize, Exit, WallTime),
    /// The command outside wants the run to stop.
    Stop,
}

/// The terminal of a host: what runs there prints here, line by line.
pub type Terminal = Arc<Mutex<File>>;

/// A started program.
#[derive(Debug)]
pub struct Running {
    pid: Pid,
    is_gone: Arc<Mutex<bool>>,
    input: Option<ChildStdin>,
}

impl Running {
    /// Starts `command` in `namespace`; its end is told to `happenings` with `number`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(
        namespace: &Namespace,
        mut command: Command,
        terminal: Terminal,
        happenings: Sender<Happening>,
        number: usize,
    ) -> Result<Self> {
        let fail = |cause: io::Error| Error::host(namespace.name(), "start a program", cause);
        let (output, end) = io::pipe().map_err(fail)?;
        command.stdout(end.try_clone().map_err(fail)?).stderr(end);
        let mut child = namespace.enter(move |_| command.spawn())?.map_err(fail)?;
        let input = child.stdin.take();
        let is_gone = Arc::new(Mutex::new(false));
        let pid = i32::try_from(child.id())
            .map(Pid::from_raw)
            .map_err(|cause| Error::host(namespace.name(), "start a program", cause))?;
        let log = spawn("log", move || copy_lines(output, &terminal)).map_err(fail)?;
        let gone = is_gone.clone();
        spawn("wait", move || {
            let exit = wait(child, pid, &gone);
            let ended = WallTime::now();
            // A log that broke has already been noticed by its thread.
            let _ = log.join();
            let _ = happenings.send(Happening::Ended(number, exit, ended));
        })
        .map_err(fail)?;
        Ok(Self { pid, is_gone, input })
    }

    /// Sends a signal, unless the process is gone already.
    pub fn signal(&self, signal: Signal) {
        let is_gone = self.is_gone.lock().unwrap_or_else(PoisonError::into_inner);
        if !*is_gone {
            // Not reaped, so the pid is still its own.
            let _ = kill(self.pid, signal);
        }
    }

    /// Closes its standard input: the sign that it may go on.
    pub fn release(&mut self) {
        self.input = None;
    }
}

/// Standard input of a program that waits for a sign, or of one that does not.
pub fn input(waits: bool) -> Stdio {
    if waits { Stdio::piped() } else { Stdio::null() }
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<thread::JoinHandle<T>> {
    thread::Builder::new().name(name.to_owned()).spawn(work)
}

/// Waits for the end; reaps under the lock, so that nobody signals a stranger's pid.
fn wait(mut child: Child, pid: Pid, is_gone: &Mutex<bool>) -> Exit {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
    while let Err(nix::errno::Errno::EINTR) = waitid(Id::Pid(pid), flags) {}
    let mut is_gone = is_gone.lock().unwrap_or_else(PoisonError::into_inner);
    *is_gone = true;
    match child.wait() {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, signal) => Exit::Signal(signal.unwrap_or(0)),
        },
        Err(_) => Exit::Signal(0),
    }
}

fn copy_lines(output: PipeReader, terminal: &Mutex<File>) {
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    loop {
        line.clear();
        match io::Read::take(&mut output, LINE_LIMIT).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                let mut terminal = terminal.lock().unwrap_or_else(PoisonError::into_inner);
                // A full disk must not block the program; the missing lines are seen in the log.
                let _ = terminal.write_all(&line);
            }
        }
    }
}
