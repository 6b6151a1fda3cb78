//! Where parallel connections meet, so that they really overlap.
//!
//! Nobody connects before everybody is ready to; nobody sends before everybody is connected (or
//! has failed to), so that all connections are open at the same moment by construction. A server
//! that cannot take them all at once (the course's, with its queue of one) would make the second
//! meeting wait for ever; it is given up after [`PATIENCE`], and the summary then says how many
//! were open at most.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::stop::Stop;

/// How long the connected wait for the others. Longer than a first SYN's retransmission (1 s,
/// RFC 6298 section 2), which a full queue provokes.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How often those who wait look for a stop.
const LOOK: Duration = Duration::from_millis(50);

/// The two meetings of one round.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// How many take part; set when all were started.
    expected: Option<usize>,
    arrived: usize,
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets everybody connect; `expected` take part.
    pub(super) fn open(&self, expected: usize) {
        self.lock().expected = Some(expected);
        self.changed.notify_all();
    }

    /// Waits until the gate is open.
    pub(super) fn wait_open(&self) {
        let state = self.changed.wait_while(self.lock(), |state| state.expected.is_none());
        drop(state.unwrap_or_else(PoisonError::into_inner));
    }

    /// This one is connected, or never will be.
    pub(super) fn arrive(&self) {
        self.lock().arrived += 1;
        self.changed.notify_all();
    }

    /// Waits until everybody arrived, within reason.
    pub(super) fn wait_arrived(&self, stop: &Stop) {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.lock();
        while state.expected.is_none_or(|expected| state.arrived < expected) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || stop.is_requested() {
                return;
            }
            let waited = self.changed.wait_timeout(state, left.min(LOOK));
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}
