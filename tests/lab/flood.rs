//! Recording under deliberate overload: every frame that was sent is either handed out or
//! counted as dropped, to the frame.

use std::thread;
use std::time::Duration;

use analyzer::source::FrameSource;
use analyzer::source::live::{LiveOptions, Stop};

#[path = "../support/flood.rs"]
#[allow(dead_code, reason = "the benchmark uses all of it")]
mod traffic;
#[path = "../support/veth.rs"]
mod veth;

use super::support::{Mode, is_root, modes};
use traffic::{Flood, Pace};

/// Frames that are sent while nobody reads, far more than the kernel's buffer holds.
const UNREAD: u64 = 20_000;
/// Frames that are sent while somebody reads.
const READ: u64 = 3_000;

/// What a recording made of a flood.
struct Accounts {
    delivered: u64,
    handed_out: u64,
    dropped: u64,
    received: u64,
}

#[test]
fn every_frame_of_a_flood_is_handed_out_or_counted_as_dropped() {
    if !is_root() || !modes().contains(&Mode::Root) {
        println!("skipped: needs root");
        return;
    }
    let recorded = thread::spawn(|| veth::enter().map(|()| record())).join().unwrap();
    let accounts = recorded.unwrap_or_else(|reason| panic!("{reason}"));
    let Accounts { delivered, handed_out, dropped, received } = accounts;
    assert_eq!(delivered, UNREAD + READ, "the cable itself has lost frames");
    assert!(dropped > 0, "{handed_out} frames fitted into the buffer");
    assert!(handed_out > READ, "what was in the buffer is handed out");
    assert_eq!(handed_out + dropped, delivered);
    assert_eq!(received, delivered);
}

/// Floods a recording that reads nothing, then one that does.
fn record() -> Accounts {
    let options =
        LiveOptions { filter: Some("tcp".into()), buffer_size: 1 << 20, ..LiveOptions::default() };
    let stop = Stop::new();
    let mut source = options.open("eth1", stop.clone()).unwrap();
    let before = veth::received("eth1");
    let mut flood = Flood::onto("eth2", 1_000).unwrap();
    flood.run(Pace { per_second: None, frames: UNREAD }).unwrap();
    let reader = thread::spawn(move || {
        let mut handed_out = 0;
        while source.next().unwrap().is_some() {
            handed_out += 1;
        }
        (handed_out, source.statistics())
    });
    thread::sleep(Duration::from_millis(300));
    flood.run(Pace { per_second: Some(10_000), frames: READ }).unwrap();
    assert_eq!(flood.sent(), UNREAD + READ);
    let delivered = veth::received("eth1") - before;
    stop.stop();
    let (handed_out, statistics) = reader.join().unwrap();
    Accounts {
        delivered,
        handed_out,
        dropped: statistics.dropped_by_kernel.unwrap(),
        received: statistics.received.unwrap(),
    }
}
