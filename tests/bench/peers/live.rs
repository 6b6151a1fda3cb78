//! Recording under a flood, on a cable of its own: how many frames are lost, and whether every
//! one of them is admitted.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use wait4::Wait4;

use super::table::{Rows, Target, short};
use crate::flood::{Flood, HEADERS, Pace};
use crate::programs::{analyzer, installed};
use crate::veth;

/// A flood, and how many frames of it may be lost.
struct Case {
    what: &'static str,
    payload: usize,
    pace: Pace,
    must: f64,
}

const CASES: [Case; 3] = [
    Case {
        what: "1400 bytes, 200,000/s",
        payload: 1400 - HEADERS,
        pace: Pace { per_second: Some(200_000), frames: 600_000 },
        must: 0.0,
    },
    Case {
        what: "1400 bytes, 400,000/s",
        payload: 1400 - HEADERS,
        pace: Pace { per_second: Some(400_000), frames: 800_000 },
        must: f64::INFINITY,
    },
    Case {
        what: "86 bytes of data, as many as go",
        payload: 86,
        pace: Pace { per_second: None, frames: 2_000_000 },
        must: 0.0,
    },
];

/// What a recorder says at its end, and what it used.
struct Recorded {
    frames: u64,
    dropped: u64,
    cpu: f64,
}

/// One recording under one flood.
struct Outcome {
    delivered: u64,
    per_second: f64,
    recorded: Recorded,
}

/// Adds the rows of all floods. The namespace is that of a thread, which ends here.
pub fn measure(folder: &Path, rows: &mut Rows) -> io::Result<()> {
    let measured = thread::scope(|scope| {
        let here = scope.spawn(|| -> io::Result<Result<(), String>> {
            if let Err(reason) = veth::enter() {
                return Ok(Err(reason));
            }
            CASES.iter().try_for_each(|case| measure_case(case, folder, rows)).map(Ok)
        });
        here.join().expect("a thread that reports its errors")
    })?;
    if let Err(reason) = measured {
        rows.absent("analyzer capture -w on a veth", &reason);
    }
    Ok(())
}

fn measure_case(case: &Case, folder: &Path, rows: &mut Rows) -> io::Result<()> {
    let path = folder.join("flood.pcapng");
    let mut ours = Command::new(analyzer());
    ours.args(["capture", "-i", "eth1", "-f", "tcp", "--quiet", "-w"]).arg(&path);
    let ours = record(case, &mut ours)?;
    let theirs = match installed("tcpdump") {
        Some(tcpdump) => {
            let mut command = Command::new(tcpdump);
            command.args(["-i", "eth1", "-Z", "root", "-w"]).arg(&path).arg("tcp");
            Some(record(case, &mut command)?)
        }
        None => None,
    };
    fs::remove_file(&path)?;
    if let Some(wanted) = case.pace.per_second
        && ours.per_second < 0.9 * wanted as f64
    {
        let theirs = theirs.as_ref().map_or("not installed".into(), shown);
        let reason =
            format!("this machine is too slow to send so: {}; tcpdump: {theirs}", shown(&ours));
        rows.absent(&format!("lost by capture -w: {}", case.what), &reason);
        return Ok(());
    }
    let lost = ours.delivered.saturating_sub(ours.recorded.frames);
    let admitted = ours.recorded.dropped;
    let cells = [
        format!("lost by capture -w: {}", case.what),
        theirs.as_ref().map_or("tcpdump is not installed".into(), |_| "tcpdump -w".into()),
        shown(&ours),
        theirs.as_ref().map_or_else(String::new, shown),
    ];
    rows.add(cells, lost as f64, "frames", Target::AtMost { must: case.must, goal: 0.0 });
    let cells = [
        format!("lost and not admitted: {}", case.what),
        String::from("sent = recorded + dropped"),
        format!("{lost} lost, {admitted} admitted"),
        String::new(),
    ];
    let unaccounted = lost.abs_diff(admitted) as f64;
    rows.add(cells, unaccounted, "frames", Target::AtMost { must: 0.0, goal: 0.0 });
    Ok(())
}

fn shown(outcome: &Outcome) -> String {
    let Outcome { delivered, per_second, recorded } = outcome;
    let lost = delivered.saturating_sub(recorded.frames) as f64 / *delivered as f64 * 100.0;
    format!("{}/s, {} % lost, CPU {} s", short(*per_second), short(lost), short(recorded.cpu))
}

/// Starts a recorder, floods the cable, ends the recorder as Ctrl-C does.
fn record(case: &Case, command: &mut Command) -> io::Result<Outcome> {
    let mut recorder = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut talk = BufReader::new(recorder.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("recording on") && !line.contains("listening on") {
        line.clear();
        if talk.read_line(&mut line)? == 0 {
            return Err(io::Error::other("the recorder ended before it began"));
        }
    }
    let before = veth::received("eth1");
    let mut flood = Flood::onto("eth2", case.payload)?;
    let seconds = flood.run(case.pace)?;
    // What the kernel still holds is handed over meanwhile; none of it may be cut off.
    thread::sleep(Duration::from_secs(1));
    let delivered = veth::received("eth1") - before;
    let recorded = finish(recorder, talk)?;
    Ok(Outcome { delivered, per_second: flood.sent() as f64 / seconds, recorded })
}

fn finish(recorder: Child, mut talk: impl Read) -> io::Result<Recorded> {
    let pid = Pid::from_raw(i32::try_from(recorder.id()).expect("a process id"));
    kill(pid, Signal::SIGINT)?;
    let mut text = String::new();
    talk.read_to_string(&mut text)?;
    let used = recorder.wait4()?;
    let number = |ending: &str| {
        let before = text.find(ending).and_then(|at| text.get(..at));
        let word = before.and_then(|before| before.split_ascii_whitespace().next_back());
        word.and_then(|word| word.parse::<u64>().ok())
    };
    let frames = number(" frames recorded").or_else(|| number(" packets captured"));
    let dropped = number(" dropped by the kernel").or_else(|| number(" packets dropped by kernel"));
    match (frames, dropped) {
        (Some(frames), Some(dropped)) => {
            let cpu = (used.rusage.utime + used.rusage.stime).as_secs_f64();
            Ok(Recorded { frames, dropped, cpu })
        }
        _ => Err(io::Error::other(format!("the recorder does not say what it recorded: {text}"))),
    }
}
