//! Frames from an interface of this machine, through libpcap.
//!
//! Opening is separate from reading: a [`LiveSource`] may be opened in one network namespace
//! or with privileges, and read in another thread without. When [`LiveOptions::open`] has
//! returned, the kernel records already: whatever is sent afterwards is in its buffer.
//! Stopping loses nothing that was recorded before: see [`Stop`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use pcap::{Active, Capture, Precision};

use super::{CaptureStatistics, Error, FrameSource, Interface, Result, interfaces, privileges};
use crate::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use crate::time::{TimePrecision, Timestamp};

/// Kernel buffer in bytes unless told otherwise. libpcap's 2 MiB loses frames whenever the
/// reader is not scheduled for some milliseconds, at 50,000 frames a second already; 64 MiB
/// did not in any measurement until the disk was the limit.
pub const DEFAULT_BUFFER_SIZE: u32 = 64 * 1024 * 1024;
/// Longest frame that is stored unless told otherwise: all that libpcap can.
pub const DEFAULT_SNAPLEN: u32 = 262_144;
/// How long the kernel may collect frames before it hands them over.
const HAND_OVER: Duration = Duration::from_millis(20);
/// Pause when there was nothing to read.
const IDLE: Duration = Duration::from_millis(2);
/// Longest time that a stopped source reads what the kernel has, should its clock go wrong.
const LONGEST_DRAIN: Duration = Duration::from_secs(10);

/// How to open an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveOptions {
    /// Capture filter in libpcap's language (see pcap-filter(7)).
    pub filter: Option<String>,
    /// Bytes of each frame that are stored.
    pub snaplen: u32,
    /// Kernel buffer in bytes.
    pub buffer_size: u32,
    /// Also take frames that are not for this machine.
    pub is_promiscuous: bool,
    /// Hand over each frame at once instead of collecting them for 20 ms. The kernel's buffer
    /// then holds fewer frames.
    pub is_immediate: bool,
    /// Description for the capture file, for example the host that the interface is in.
    pub description: Option<String>,
}

/// Ends a [`LiveSource`] from another thread or a signal handler: the source then hands out
/// what the kernel had recorded up to this moment, and ends. Cloned handles stop the same
/// source.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

/// An open interface.
pub struct LiveSource {
    capture: Capture<Active>,
    interfaces: [Interface; 1],
    stop: Stop,
    draining: Option<Draining>,
    frames: u64,
    has_ended: bool,
    statistics: CaptureStatistics,
    counters: Counters,
    bytes: Vec<u8>,
}

/// What a stopped source goes by.
#[derive(Debug, Clone, Copy)]
struct Draining {
    /// Frames recorded later are not handed out.
    stopped_at: Timestamp,
    since: Instant,
}

/// libpcap's counters at the last look; they are 32 bits wide and wrap.
#[derive(Debug, Clone, Copy, Default)]
struct Counters {
    received: u32,
    dropped: u32,
    if_dropped: u32,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            filter: None,
            snaplen: DEFAULT_SNAPLEN,
            buffer_size: DEFAULT_BUFFER_SIZE,
            is_promiscuous: true,
            is_immediate: false,
            description: None,
        }
    }
}

impl Stop {
    /// A handle that has not been used.
    pub fn new() -> Self {
        Self::default()
    }

    /// The handle that uses an existing flag, for example one that a signal handler sets.
    pub fn from_flag(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }

    /// Stops the source.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// True once the source was told to stop.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl LiveOptions {
    /// Opens `name` (also `any` and `lo`) in the network namespace of the calling thread.
    /// When this returns, recording has begun.
    ///
    /// # Errors
    /// [`Error::Interface`]: no such interface, with those there are; no permission, with what
    /// would give it; a filter that libpcap refuses, with its message.
    pub fn open(&self, name: &str, stop: Stop) -> Result<LiveSource> {
        let failed = |reason| Error::Interface { interface: name.to_owned(), reason };
        let capture = self.activate(name).map_err(|cause| failed(explain(name, &cause)))?;
        let mut capture = capture
            .setnonblock()
            .map_err(|cause| failed(format!("cannot read without waiting: {cause}")))?;
        if let Some(filter) = &self.filter {
            capture.filter(filter, true).map_err(|cause| {
                failed(format!("capture filter `{filter}`: {}", message(&cause)))
            })?;
        }
        let link_type = u16::try_from(capture.get_datalink().0).unwrap_or(u16::MAX);
        let interface = Interface {
            name: Some(name.to_owned()),
            description: self.description.clone(),
            link_type: link_type_of(link_type),
            snaplen: self.snaplen,
            precision: TimePrecision::NANOS,
        };
        let mut source = LiveSource {
            capture,
            interfaces: [interface],
            stop,
            draining: None,
            frames: 0,
            has_ended: false,
            statistics: CaptureStatistics::default(),
            counters: Counters::default(),
            bytes: Vec::with_capacity(self.snaplen.min(DEFAULT_SNAPLEN) as usize),
        };
        source.count();
        Ok(source)
    }

    fn activate(&self, name: &str) -> std::result::Result<Capture<Active>, pcap::Error> {
        let as_int = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        Capture::from_device(name)?
            .promisc(self.is_promiscuous && name != "any")
            .snaplen(as_int(self.snaplen))
            .buffer_size(as_int(self.buffer_size))
            .timeout(as_int(HAND_OVER.as_millis() as u32))
            .immediate_mode(self.is_immediate)
            .precision(Precision::Nano)
            .open()
    }
}

impl LiveSource {
    /// The handle that stops this source.
    pub fn stop_handle(&self) -> Stop {
        self.stop.clone()
    }

    /// The interface, as a capture file describes it.
    pub fn interface(&self) -> &Interface {
        let [interface] = &self.interfaces;
        interface
    }

    /// Waits for the next frame, at most until `deadline`; `Ok(None)` when none came or the
    /// source has ended (see [`Self::has_ended`]). For callers that show progress meanwhile.
    ///
    /// # Errors
    /// [`Error::Interface`] when the interface went away.
    pub fn next_until(&mut self, deadline: Option<Instant>) -> Result<Option<Frame<'_>>> {
        let found = loop {
            if self.has_ended {
                break None;
            }
            if let Some(found) = self.take()? {
                break Some(found);
            }
            if self.is_drained() {
                self.end();
            } else if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                break None;
            } else {
                thread::sleep(IDLE);
            }
        };
        Ok(found.map(|(timestamp, wire_len)| self.frame(timestamp, wire_len)))
    }

    /// True when no frame will come any more.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Takes one frame from the kernel, if there is one: its bytes go to `self.bytes`.
    fn take(&mut self) -> Result<Option<(Timestamp, u32)>> {
        if self.draining.is_none() && self.stop.is_stopped() {
            self.draining = Some(Draining { stopped_at: now(), since: Instant::now() });
        }
        let packet = match self.capture.next_packet() {
            Ok(packet) => packet,
            Err(pcap::Error::TimeoutExpired | pcap::Error::NoMorePackets) => return Ok(None),
            Err(cause) => {
                self.end();
                let reason = format!("recording stopped: {}", message(&cause));
                let interface = self.interface().name.clone().unwrap_or_default();
                return Err(Error::Interface { interface, reason });
            }
        };
        // With nanosecond precision libpcap keeps nanoseconds in the field for microseconds.
        let nanos = u32::try_from(packet.header.ts.tv_usec).unwrap_or_default();
        #[allow(clippy::useless_conversion)] // 32 bits wide on some targets
        let timestamp = Timestamp::from_parts(i64::from(packet.header.ts.tv_sec), nanos);
        let wire_len = packet.header.len;
        self.bytes.clear();
        self.bytes.extend_from_slice(packet.data);
        if self.draining.is_some_and(|draining| {
            timestamp > draining.stopped_at || draining.since.elapsed() > LONGEST_DRAIN
        }) {
            self.end();
            return Ok(None);
        }
        Ok(Some((timestamp, wire_len)))
    }

    fn frame(&mut self, timestamp: Timestamp, wire_len: u32) -> Frame<'_> {
        self.frames += 1;
        if self.frames.is_multiple_of(4096) {
            self.count();
        }
        let link_type = self.interface().link_type;
        Frame {
            number: FrameNumber(self.frames),
            timestamp,
            wire_len: wire_len.saturating_sub(link_type.pseudo_header_len()),
            link_type,
            interface: InterfaceId(0),
            bytes: &self.bytes,
        }
    }

    /// True when the kernel has handed over all that it recorded before the stop: it collects
    /// frames for [`HAND_OVER`], so it is empty only when nothing came for longer than that.
    fn is_drained(&self) -> bool {
        self.draining.is_some_and(|draining| draining.since.elapsed() > HAND_OVER * 3)
    }

    fn end(&mut self) {
        self.has_ended = true;
        self.count();
    }

    /// Looks at libpcap's counters.
    fn count(&mut self) {
        let Ok(seen) = self.capture.stats() else { return };
        let latest = Counters {
            received: seen.received,
            dropped: seen.dropped,
            if_dropped: seen.if_dropped,
        };
        let add = |total: &mut Option<u64>, before: u32, now: u32| {
            *total = Some(total.unwrap_or(0) + u64::from(now.wrapping_sub(before)));
        };
        let (sum, before) = (&mut self.statistics, self.counters);
        add(&mut sum.received, before.received, latest.received);
        add(&mut sum.dropped_by_kernel, before.dropped, latest.dropped);
        add(&mut sum.dropped_by_interface, before.if_dropped, latest.if_dropped);
        self.counters = latest;
    }
}

impl FrameSource for LiveSource {
    fn next(&mut self) -> Result<Option<Frame<'_>>> {
        self.next_until(None)
    }

    fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    fn format(&self) -> &'static str {
        "live"
    }

    fn statistics(&self) -> CaptureStatistics {
        self.statistics
    }
}

/// The value that files use for a link type of this machine. libpcap's own numbers differ for
/// raw IP only (12 on Linux).
fn link_type_of(datalink: u16) -> LinkType {
    match datalink {
        12 => LinkType(101),
        same => LinkType(same),
    }
}

fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_parts(seconds, since_epoch.subsec_nanos())
}

/// libpcap's own words, without the crate's prefix.
fn message(cause: &pcap::Error) -> String {
    match cause {
        pcap::Error::PcapError(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Why an interface could not be opened, and what to do.
fn explain(name: &str, cause: &pcap::Error) -> String {
    let known: Vec<String> =
        interfaces::local_interfaces().into_iter().map(|interface| interface.name).collect();
    if name != "any" && !known.iter().any(|one| one == name) {
        return format!("there is no such interface; there are {}, any", known.join(", "));
    }
    if !privileges::may_capture() {
        return privileges::how_to_gain();
    }
    format!("cannot be opened: {}", message(cause))
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    /// Opens `lo` for the datagrams to `port`, or says why the test is skipped.
    fn open_loopback(port: u16) -> Option<LiveSource> {
        if !privileges::may_capture() {
            eprintln!("skipped: {}", privileges::how_to_gain());
            return None;
        }
        let filter = Some(format!("udp dst port {port}"));
        Some(LiveOptions { filter, ..LiveOptions::default() }.open("lo", Stop::new()).unwrap())
    }

    #[test]
    fn what_was_sent_between_open_and_stop_is_read_and_then_the_source_ends() {
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = receiver.local_addr().unwrap();
        let Some(mut source) = open_loopback(address.port()) else { return };
        for number in 0..500_u32 {
            receiver.send_to(&number.to_be_bytes(), address).unwrap();
        }
        source.stop_handle().stop();
        let mut seen = Vec::new();
        let reader = thread::spawn(move || {
            while let Some(frame) = source.next().unwrap() {
                seen.push(u32::from_be_bytes(*frame.bytes.last_chunk().unwrap()));
            }
            (seen, source.statistics())
        });
        let (seen, statistics) = reader.join().unwrap();
        assert_eq!(seen, (0..500).collect::<Vec<u32>>());
        assert_eq!(
            (statistics.dropped_by_kernel, statistics.dropped_by_interface),
            (Some(0), Some(0))
        );
    }

    #[test]
    fn waiting_ends_at_the_deadline_when_nothing_comes() {
        let Some(mut source) = open_loopback(9) else { return };
        let deadline = Instant::now() + Duration::from_millis(30);
        assert!(source.next_until(Some(deadline)).unwrap().is_none());
        assert!(!source.has_ended() && Instant::now() >= deadline);
    }

    #[test]
    fn a_wrong_name_or_filter_is_explained() {
        let refused = |name: &str, filter: Option<&str>| {
            let filter = filter.map(str::to_owned);
            let options = LiveOptions { filter, ..LiveOptions::default() };
            options.open(name, Stop::new()).err().map(|error| error.to_string()).unwrap_or_default()
        };
        let message = refused("eth99", None);
        assert!(
            message.contains("no such interface; there are") && message.contains("lo"),
            "{message}"
        );
        if privileges::may_capture() {
            let message = refused("lo", Some("tcp prot 80"));
            assert!(message.contains("`tcp prot 80`: "), "{message}");
        }
    }
}
