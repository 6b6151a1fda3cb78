//! Recording one interface of a host into a pcapng file, and checking that nothing is missing.
//!
//! The kernel records from before [`Recorder::start`] returns. The end is orderly: the source
//! hands out what was recorded before the stop, then the file is closed. Afterwards the frames
//! in the file are compared with what the kernel counted for the interface meanwhile.
//!
//! Counters and captures agree on a veth pair because both count the same thing: whatever is
//! handed to the device as one buffer. A GSO buffer of 60 kB is one frame in the capture and
//! one in `tx_packets`, and it crosses bridge and cable unsegmented, so it is one in the
//! receiver's `rx_packets` too. What the device itself drops was seen by the capture on its
//! way there, so `tx_dropped` belongs to the sum. On lo every frame counts twice (sent and
//! received) and is captured once.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

use analyzer::source::live::{LiveOptions, LiveSource, Stop};
use analyzer::source::write::PcapngWriter;
use analyzer::source::{CaptureStatistics, FrameSource, Section};

use super::error::{Error, Result};
use super::link::Counters;
use super::manifest::RecordingFacts;
use super::namespace::Namespace;

/// Bytes of a capture that are collected before they go to the disk.
const BUFFER_SIZE: usize = 1 << 18;

/// What a recording is about.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The interface.
    pub interface: String,
    /// What stands in the file beside the interface's name.
    pub description: String,
    /// The operating system, for the file.
    pub system: String,
    /// The capture file.
    pub path: PathBuf,
}

/// A recording under way.
#[derive(Debug)]
pub struct Recorder {
    host: String,
    subject: Subject,
    stop: Stop,
    thread: JoinHandle<Result<Written>>,
    before: Span,
}

/// The kernel's count just before and just after a moment.
#[derive(Debug, Clone, Copy)]
struct Span {
    low: u64,
    high: u64,
}

/// What came into the file.
#[derive(Debug, Clone, Copy, Default)]
struct Written {
    frames: u64,
    statistics: CaptureStatistics,
}

impl Recorder {
    /// Starts recording; when this returns, every frame from now on is recorded.
    ///
    /// # Errors
    /// When the interface cannot be opened or the file cannot be made.
    pub fn start(namespace: &Namespace, subject: Subject) -> Result<Self> {
        let low = count(namespace, &subject.interface)?;
        let stop = Stop::new();
        let (ready, opened) = mpsc::channel();
        let (host, plan, handle) = (namespace.name().to_owned(), subject.clone(), stop.clone());
        let thread = namespace.spawn(move |entered| {
            let failed = |cause: String| Error::Recording {
                host: host.clone(),
                interface: plan.interface.clone(),
                cause,
            };
            entered?;
            record(&plan, handle, &ready).map_err(failed)
        })?;
        if opened.recv().is_err() {
            // The thread has ended before it was ready: it says why.
            let end = thread.join().unwrap_or_else(|_| Ok(Written::default()));
            let cause = "ended before it began".to_owned();
            let (host, interface) = (namespace.name().to_owned(), subject.interface);
            return Err(end.err().unwrap_or(Error::Recording { host, interface, cause }));
        }
        let high = count(namespace, &subject.interface)?;
        let host = namespace.name().to_owned();
        Ok(Self { host, subject, stop, thread, before: Span { low, high } })
    }

    /// The host of the recording.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Tells the recording to end with the frames up to now.
    ///
    /// # Errors
    /// When the kernel's count cannot be read.
    pub fn stop(self, namespace: &Namespace) -> Result<Stopped> {
        let low = count(namespace, &self.subject.interface)?;
        self.stop.stop();
        Ok(Stopped { recorder: self, low })
    }
}

/// A recording that was told to end and may still be writing.
#[derive(Debug)]
pub struct Stopped {
    recorder: Recorder,
    low: u64,
}

impl Stopped {
    /// The host of the recording.
    pub fn host(&self) -> &str {
        &self.recorder.host
    }

    /// Waits for the end of the file; gives what is in it and what is wrong with it.
    ///
    /// # Errors
    /// When the kernel's count cannot be read.
    pub fn finish(self, namespace: &Namespace) -> Result<(RecordingFacts, Vec<String>)> {
        let Self { recorder, low } = self;
        let Recorder { host, subject, thread, before, .. } = recorder;
        let ended = thread.join().unwrap_or_else(|_| {
            let cause = "its thread panicked".to_owned();
            Err(Error::Recording {
                host: host.clone(),
                interface: subject.interface.clone(),
                cause,
            })
        });
        let after = Span { low, high: count(namespace, &subject.interface)? };
        let (written, mut findings) = match ended {
            Ok(written) => (written, Vec::new()),
            Err(error) => (Written::default(), vec![error.to_string()]),
        };
        findings.extend(missing(&host, &subject.interface, written, before, after));
        let file = subject.path.file_name().map(|name| name.to_string_lossy().into_owned());
        let facts = RecordingFacts {
            host,
            interface: subject.interface,
            file: file.unwrap_or_default(),
            frames: written.frames,
            counted: after.low.saturating_sub(before.high),
            dropped_by_kernel: written.statistics.dropped_by_kernel,
            dropped_by_interface: written.statistics.dropped_by_interface,
        };
        Ok((facts, findings))
    }
}

/// Compares the file with the kernel's count. Frames that went through while the recording was
/// opened or closed may or may not be in it.
fn missing(
    host: &str,
    interface: &str,
    written: Written,
    before: Span,
    after: Span,
) -> Option<String> {
    let least = after.low.saturating_sub(before.high);
    let most = after.high.saturating_sub(before.low);
    let frames = written.frames;
    if (least..=most).contains(&frames) {
        return None;
    }
    let dropped = written.statistics.dropped_by_kernel.unwrap_or(0);
    Some(format!(
        "{interface} of {host}: {frames} frames recorded, but the kernel counted {least} ({dropped} dropped because the recorder was too slow)"
    ))
}

/// The frames that a capture on the interface can have seen since it was made.
fn count(namespace: &Namespace, interface: &str) -> Result<u64> {
    let name = interface.to_owned();
    let counters = namespace.enter(move |links| links.counters(&name))??;
    let Counters { received, .. } = counters;
    Ok(if interface == "lo" { received } else { counters.frames() })
}

/// Opens, says so, and copies frames until the end. Errors are in plain words.
fn record(
    subject: &Subject,
    stop: Stop,
    ready: &Sender<()>,
) -> std::result::Result<Written, String> {
    let file_error =
        |cause: std::io::Error| format!("cannot write {}: {cause}", subject.path.display());
    let options =
        LiveOptions { description: Some(subject.description.clone()), ..LiveOptions::default() };
    let mut source = options.open(&subject.interface, stop).map_err(|error| error.to_string())?;
    let file =
        File::options().write(true).create_new(true).open(&subject.path).map_err(file_error)?;
    let section = Section {
        os: Some(subject.system.clone()),
        application: Some(concat!("generator lab ", env!("CARGO_PKG_VERSION")).to_owned()),
        ..Section::default()
    };
    let out = BufWriter::with_capacity(BUFFER_SIZE, file);
    let mut writer = PcapngWriter::new(out, &section).map_err(file_error)?;
    writer.add_interface(source.interface(), None, Some(&subject.system)).map_err(file_error)?;
    // Nobody waits any more when the receiver is gone; the stop follows.
    let _ = ready.send(());
    let frames = copy(&mut source, &mut writer).map_err(|error| match error {
        Broken::Source(error) => error.to_string(),
        Broken::File(error) => file_error(error),
    })?;
    let statistics = source.statistics();
    writer.finish(&[statistics]).map_err(file_error)?;
    Ok(Written { frames, statistics })
}

enum Broken {
    Source(analyzer::source::Error),
    File(std::io::Error),
}

fn copy(
    source: &mut LiveSource,
    writer: &mut PcapngWriter<BufWriter<File>>,
) -> std::result::Result<u64, Broken> {
    let mut frames = 0;
    while let Some(frame) = source.next().map_err(Broken::Source)? {
        writer.write(&frame).map_err(Broken::File)?;
        frames += 1;
    }
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_from_the_kernels_count_is_told_and_the_unsure_margin_is_not() {
        let written = |frames| Written { frames, ..Written::default() };
        let sharp = |count| Span { low: count, high: count };
        let tell =
            |frames, before, after| missing("mesin1", "eth1", written(frames), before, after);
        assert_eq!(tell(13, sharp(2), sharp(15)), None);
        assert!(
            tell(12, sharp(2), sharp(15))
                .unwrap()
                .contains("12 frames recorded, but the kernel counted 13")
        );
        assert!(tell(14, sharp(2), sharp(15)).is_some());
        let wide = Span { low: 15, high: 17 };
        for (frames, is_fine) in [(12, false), (13, true), (15, true), (16, false)] {
            assert_eq!(tell(frames, sharp(2), wide).is_none(), is_fine, "{frames}");
        }
    }
}
