//! What a person at the terminal sees besides the log: a bar for long transfers, and an
//! explanation when an exchange stands still. Both go to standard error.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use generator::event::{Event, Observer};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that counts the bytes that came back; invisible unless standard error is a terminal.
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar up to `length` bytes, or a spinner when nobody knows how many there will be.
    pub fn new(length: Option<u64>) -> Self {
        let template = match length {
            Some(_) => "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left",
            None => "{spinner} {bytes} {bytes_per_sec}",
        };
        let target = ProgressDrawTarget::stderr_with_hz(10);
        let bar = ProgressBar::with_draw_target(length, target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Observer for Progress {
    fn event(&self, event: &Event<'_>) {
        if let Event::EchoReceived { data, .. } = event {
            self.0.inc(data.len() as u64);
        }
    }
}

/// Says who waits for whom when a connection stood still.
#[derive(Default)]
pub struct Explainer {
    told: AtomicU32,
}

/// So many connections are explained; the rest stand still for the same reason.
const EXPLAINED: u32 = 3;

impl Observer for Explainer {
    fn event(&self, event: &Event<'_>) {
        let Event::Closed(record) = event else { return };
        let Some(waiting) = &record.waiting else { return };
        if self.told.fetch_add(1, Ordering::Relaxed) < EXPLAINED {
            let open: Duration = record.closed_at.since(record.opened_at);
            let (number, seconds) = (record.connection, open.as_secs_f64());
            let line = format!(
                "generator: connection {number} stood still ({seconds:.1} s after it opened): {waiting}\n"
            );
            // Nothing can be done when standard error is gone.
            let _ = io::stderr().write_all(line.as_bytes());
        }
    }
}
