//! The rows of the table: what is measured against whom, and the targets.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use super::captures::{
    BULK, COUNTED, Capture, Captures, FIRST, MANY, MIXED, MIXED_NG, NOTHING, WIDE,
};
use super::table::{Rows, Target, short};
use crate::callgrind;
use crate::measure::{Pair, Work, compare};
use crate::programs::{analyzer, installed};

/// A run: its captures, how often everything is repeated, and what was found.
pub struct Run {
    pub captures: Captures,
    pub rounds: usize,
    pub rows: Rows,
}

/// What the peak of memory may be: fixed, and per stream.
const FIXED: f64 = 48.0 * 1024.0 * 1024.0;

/// What `analyzer segments` prints, as tshark's fields.
const TSHARK_FIELDS: &str = "frame.number frame.time_relative ip.src ip.dst tcp.srcport \
    tcp.dstport tcp.stream tcp.seq tcp.ack tcp.len tcp.flags tcp.window_size tcp.analysis.flags \
    tcp.completeness tcp.options.mss_val tcp.options.wscale.shift frame.len frame.cap_len \
    tcp.hdr_len tcp.seq_raw tcp.ack_raw tcp.nxtseq tcp.window_size_value \
    tcp.window_size_scalefactor tcp.urgent_pointer tcp.options tcp.options.sack_le \
    tcp.options.sack_re tcp.options.timestamp.tsval tcp.options.timestamp.tsecr \
    tcp.time_relative tcp.time_delta tcp.analysis.acks_frame tcp.analysis.ack_rtt \
    tcp.analysis.initial_rtt tcp.analysis.bytes_in_flight tcp.analysis.push_bytes_sent \
    tcp.analysis.duplicate_ack_num tcp.analysis.duplicate_ack_frame tcp.analysis.rto \
    tcp.analysis.rto_frame _ws.col.Info";

impl Run {
    /// Measures everything that can be measured here.
    pub fn all(&mut self) -> io::Result<()> {
        self.copies()?;
        self.slow_peers()?;
        self.instructions()?;
        self.formats()?;
        self.rows_and_filters()?;
        self.memory()?;
        self.threads()
    }

    /// The report against a copy that analyses nothing.
    fn copies(&mut self) -> io::Result<()> {
        for (capture, must, goal) in [(MANY, 1.0, 0.7), (WIDE, 1.0, 0.85), (BULK, 0.6, 0.4)] {
            let path = self.path(capture)?;
            self.against_copy(&report(&path), &path, Target::AtMost { must, goal })?;
        }
        Ok(())
    }

    fn against_copy(&mut self, ours: &Work, path: &str, target: Target) -> io::Result<()> {
        let Some(tcpdump) = self.peer("tcpdump", ours) else { return Ok(()) };
        let copy = Work::new(tcpdump, &["-r", path, "-w", "/dev/null"]);
        let pair = compare(std::slice::from_ref(&copy), ours, self.rounds)?;
        self.add("CPU: ", ours, &copy.shown(), &pair, pair.cpu, target);
        self.add("wall: ", ours, &copy.shown(), &pair, pair.wall, target);
        Ok(())
    }

    fn slow_peers(&mut self) -> io::Result<()> {
        let path = self.path(FIRST)?;
        let fields: Vec<&str> =
            TSHARK_FIELDS.split_ascii_whitespace().flat_map(|field| ["-e", field]).collect();
        let mut all_fields = vec!["-n", "-r", &path, "-T", "fields"];
        all_fields.extend(fields);
        let segments = ours(&["segments", &path, "--format", "tsv"]);
        for (name, arguments, ours, must, goal) in [
            ("tshark", vec!["-n", "-q", "-z", "conv,tcp", "-r", &path], report(&path), 90.0, 130.0),
            ("tcptrace", vec!["-n", "-l", &path], report(&path), 14.0, 20.0),
            ("tshark", all_fields, segments, 60.0, 100.0),
        ] {
            let Some(program) = self.peer(name, &ours) else { continue };
            let theirs = Work::new(program, &arguments);
            // Once: they are slow, and the ratios are large.
            let pair = compare(std::slice::from_ref(&theirs), &ours, 1)?;
            let shown = theirs.shown().replace(" -e ", " ");
            let shown: String = shown.chars().take(60).collect();
            let times = pair.cpu.recip();
            let cells = cells("CPU: ", &ours, &shown, &pair);
            self.rows.add(cells, times, "× less", Target::AtLeast { must, goal });
        }
        Ok(())
    }

    /// Instructions of the full report, without its start.
    fn instructions(&mut self) -> io::Result<()> {
        let (path, nothing) = (self.path(COUNTED)?, self.path(NOTHING)?);
        let frames = self.captures.truth(COUNTED, "frames")? as f64;
        let per_frame = |work: &dyn Fn(&str) -> Work| -> io::Result<Option<f64>> {
            let count = |path: &str| callgrind::instructions(&mut work(path).command());
            let (Some(all), Some(start)) = (count(&path)?, count(&nothing)?) else {
                return Ok(None);
            };
            Ok(Some((all as f64 - start as f64) / frames))
        };
        let what = "report: instructions per frame, net of start-up";
        let Some(ours) = per_frame(&report)? else {
            self.rows.absent(what, "valgrind is not installed");
            return Ok(());
        };
        let theirs = match installed("tcpdump") {
            Some(tcpdump) => {
                per_frame(&|path| Work::new(&tcpdump, &["-r", path, "-w", "/dev/null"]))?
            }
            None => None,
        };
        let against = theirs.map_or_else(String::new, |_| "tcpdump's copy".to_owned());
        let cells = [what.to_owned(), against, short(ours), theirs.map_or(String::new(), short)];
        self.rows.add(cells, ours, "", Target::AtMost { must: 600.0, goal: 450.0 });
        Ok(())
    }

    /// pcapng and compressed captures against the same frames as pcap.
    fn formats(&mut self) -> io::Result<()> {
        let (plain, next) = (self.path(MIXED)?, self.path(MIXED_NG)?);
        let (base, ours) = (report(&plain), report(&next));
        let pair = compare(std::slice::from_ref(&base), &ours, self.rounds)?;
        let target = Target::AtMost { must: 1.3, goal: 1.3 };
        self.add("CPU: ", &ours, &base.shown(), &pair, pair.cpu, target);
        let plain = self.path(MANY)?;
        for (program, ending) in [("zstd", "zst"), ("gzip", "gz")] {
            let Some(found) = installed(program) else {
                let reason = format!("{program} is not installed");
                self.rows.absent(&format!("report many.pcap.{ending}"), &reason);
                continue;
            };
            let packed = self.captures.packed(MANY, &found, ending)?.display().to_string();
            let unpack = Work::new(found, &["-dc", &packed]);
            let ours = report(&packed);
            let pair = compare(&[unpack.clone(), report(&plain)], &ours, self.rounds)?;
            let against = format!("{}, and the report", unpack.shown());
            let target = Target::AtMost { must: 1.0, goal: 1.0 };
            self.add("CPU: ", &ours, &against, &pair, pair.cpu, target);
            let slower = format!("the slower of {against}");
            let wished = Target::AtMost { must: f64::INFINITY, goal: 1.0 };
            self.add("wall: ", &ours, &slower, &pair, pair.wall, wished);
        }
        Ok(())
    }

    fn rows_and_filters(&mut self) -> io::Result<()> {
        let path = self.path(MANY)?;
        let conversations = ours(&["conversations", &path, "--format", "tsv"]);
        self.against_copy(&conversations, &path, Target::AtMost { must: 1.4, goal: 1.0 })?;
        const FILTER: &str = "tcp.port == 443 && tcp.analysis.retransmission";
        let filtered = ours(&["frames", &path, "--count", "-Y", FILTER]);
        let pair = compare(&[report(&path)], &filtered, self.rounds)?;
        let target = Target::AtMost { must: 1.3, goal: 1.1 };
        self.add("CPU: ", &filtered, "the report", &pair, pair.cpu, target);
        Ok(())
    }

    fn memory(&mut self) -> io::Result<()> {
        for capture in [MANY, WIDE] {
            let path = self.path(capture)?;
            let streams = self.captures.truth(capture, "connections")? as f64;
            let work = report(&path);
            let peak = work.cost()?.peak as f64;
            let what = format!("memory: {}", work.shown());
            let ours = format!("{} MiB", short(peak / 1024.0 / 1024.0));
            let per_stream = (peak - FIXED).max(0.0) / streams;
            let against = format!("48 MiB and so much per stream ({streams} streams)");
            let cells = [what, against, ours, String::new()];
            self.rows.add(cells, per_stream, "B", Target::AtMost { must: 400.0, goal: 250.0 });
        }
        Ok(())
    }

    /// Two threads against one: the same bytes, sooner.
    fn threads(&mut self) -> io::Result<()> {
        let path = self.path(MANY)?;
        let with = |threads: &str| {
            let mut work = report(&path);
            work.arguments.extend(["--threads".to_owned(), threads.to_owned()]);
            work
        };
        let (one, two) = (with("1"), with("2"));
        if self.output(&one)? != self.output(&two)? {
            return Err(io::Error::other("one and two threads write different reports"));
        }
        let pair = compare(std::slice::from_ref(&one), &two, self.rounds)?;
        let target = Target::AtMost { must: 0.75, goal: 0.6 };
        self.add("wall: ", &two, "one thread, same output", &pair, pair.wall, target);
        Ok(())
    }

    /// What a program prints: a report is small.
    fn output(&self, work: &Work) -> io::Result<Vec<u8>> {
        let output = work.command().stdout(Stdio::piped()).output()?;
        match output.status.success() && !output.stdout.is_empty() {
            true => Ok(output.stdout),
            false => Err(io::Error::other(format!("{}: {}", work.shown(), output.status))),
        }
    }

    fn path(&self, capture: Capture) -> io::Result<String> {
        Ok(self.captures.get(capture)?.display().to_string())
    }

    fn peer(&mut self, name: &str, ours: &Work) -> Option<PathBuf> {
        let found = installed(name);
        if found.is_none() {
            let reason = format!("{name} is not installed");
            self.rows.absent(&format!("CPU: {}", ours.shown()), &reason);
        }
        found
    }

    fn add(
        &mut self,
        what: &str,
        ours: &Work,
        against: &str,
        pair: &Pair,
        value: f64,
        target: Target,
    ) {
        self.rows.add(cells(what, ours, against, pair), value, "×", target);
    }
}

/// The first four cells of a comparison.
fn cells(what: &str, ours: &Work, against: &str, pair: &Pair) -> [String; 4] {
    let seconds = |cost: crate::measure::Cost| match what {
        "wall: " => format!("{} s", short(cost.wall)),
        _ => format!("{} s", short(cost.cpu)),
    };
    [
        format!("{what}{}", ours.shown()),
        against.to_owned(),
        seconds(pair.ours),
        seconds(pair.theirs),
    ]
}

fn ours(arguments: &[&str]) -> Work {
    Work::new(analyzer(), arguments)
}

fn report(path: &str) -> Work {
    ours(&["report", path, "--top", "100", "--format", "json"])
}
