//! `--watch`: checks again whenever a file changes.

use std::io::{Write, stderr};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{Event, EventKind, RecursiveMode, Watcher};

use crate::cli::{Failure, Outcome};

/// How long files must have been quiet: editors write in several steps.
const QUIET: Duration = Duration::from_millis(200);

/// Runs `check` now, and again after each change, until the user ends it.
pub fn run(
    paths: &[PathBuf],
    check: impl Fn() -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let (sender, changes) = channel();
    let mut watcher = notify::recommended_watcher(move |event| {
        // When nobody listens any more, the program is about to end.
        let _ = sender.send(event);
    })?;
    for path in paths {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        watcher.watch(folder, RecursiveMode::Recursive)?;
    }
    loop {
        if let Err(failure) = check() {
            writeln!(stderr(), "analyzer: {failure}")?;
        }
        writeln!(stderr(), "-- waiting for a change; Ctrl-C ends it")?;
        wait(&changes)?;
    }
}

/// Waits for a change, and until no further one follows at once.
fn wait(changes: &Receiver<notify::Result<Event>>) -> Result<(), Failure> {
    loop {
        let event = changes.recv()??;
        if is_change(&event) {
            break;
        }
    }
    loop {
        match changes.recv_timeout(QUIET) {
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reading a file is no change: the check itself does that.
fn is_change(event: &Event) -> bool {
    !matches!(event.kind, EventKind::Access(_))
}
