//! The clock of the timestamp option against the clock of the capture.
//!
//! A sender stamps every segment with a clock of its own (RFC 7323, section 4.1). How much later
//! the capture saw the segment than it was stamped is the same for all segments of a half-stream,
//! but for one tick and for what the way took longer. A segment that is seen *earlier* than
//! others by more than that has no way to come about in one recording with one steady clock.

use super::super::pairing::quantile;
use super::super::trace::{Packet, Trace};
use super::{Sign, SignKind, frames_in_words};

/// Ticks per second in use: Linux 1000, 250 or 100 before 4.13, BSD and Windows 1000 or
/// 100.
const RATES: [i64; 3] = [1000, 250, 100];
/// Segments below which a half-stream says nothing.
const FEWEST: usize = 4;
/// Nanoseconds in a second.
const SECOND: i64 = 1_000_000_000;

/// A segment's time on both clocks.
#[derive(Debug, Clone, Copy)]
struct Reading {
    frame: u64,
    time: i64,
    /// Ticks since the half-stream's first segment.
    ticks: i64,
}

/// How the readings of a half-stream stand to a clock of one rate.
#[derive(Debug, Clone)]
struct Fit {
    rate: i64,
    /// How much later than typical each was seen, nanoseconds.
    late: Vec<i64>,
    /// Segments that are farther off than a quiet network explains; tells the rate.
    misfits: usize,
    tolerance: i64,
    outliers: Vec<usize>,
}

/// The half-streams whose clocks do not agree with the capture's.
pub(super) fn signs(trace: &Trace) -> Vec<Sign> {
    trace.half_streams().iter().filter_map(|half| sign(half)).collect()
}

fn sign(half: &[&Packet]) -> Option<Sign> {
    let readings = readings(half);
    if readings.len() < FEWEST {
        return None;
    }
    let fit = RATES
        .into_iter()
        .map(|rate| Fit::of(&readings, rate))
        .min_by_key(|fit| (fit.misfits, fit.rate != 1000))?;
    let is_clock = fit.outliers.len() * 2 <= readings.len();
    if fit.outliers.is_empty() || !is_clock {
        return None;
    }
    Some(fit.sign(half, &readings))
}

fn readings(half: &[&Packet]) -> Vec<Reading> {
    let mut first = None;
    half.iter()
        .filter_map(|packet| {
            let (value, _) = packet.clock?;
            let start = *first.get_or_insert(value);
            let ticks = i64::from(value.wrapping_sub(start).cast_signed());
            Some(Reading { frame: packet.frame, time: packet.time, ticks })
        })
        .collect()
}

impl Fit {
    fn of(readings: &[Reading], rate: i64) -> Self {
        let tick = SECOND / rate;
        let raw: Vec<i64> = readings
            .iter()
            .map(|reading| reading.time.wrapping_sub(reading.ticks.saturating_mul(tick)))
            .collect();
        let drift = drift(readings, &raw);
        let straight: Vec<i64> = readings
            .iter()
            .zip(&raw)
            .map(|(reading, raw)| raw.wrapping_sub((reading.ticks as f64 * drift) as i64))
            .collect();
        let typical = quantile(straight.clone(), 50);
        let late: Vec<i64> = straight.iter().map(|&at| at.wrapping_sub(typical)).collect();
        let usual = quantile(late.iter().map(|late| late.saturating_abs()).collect(), 50);
        // Less than this is what schedulers and queues do on a busy machine.
        let quiet = (3 * tick).max(200_000_000);
        let misfits = late.iter().filter(|late| late.saturating_abs() > quiet).count();
        let tolerance = quiet.max(usual.saturating_mul(12));
        // Networks keep segments back, mobile ones for seconds; none delivers before it is sent.
        let latest = tolerance.saturating_mul(4).max(5 * SECOND);
        let is_out = |late: i64| late < -tolerance || late > latest;
        let outliers =
            late.iter().enumerate().filter(|(_, late)| is_out(**late)).map(|(at, _)| at).collect();
        Self { rate, late, misfits, tolerance, outliers }
    }

    fn sign(&self, half: &[&Packet], readings: &[Reading]) -> Sign {
        let frames: Vec<u64> = self
            .outliers
            .iter()
            .filter_map(|&at| readings.get(at))
            .map(|reading| reading.frame)
            .collect();
        let worst = self
            .outliers
            .iter()
            .filter_map(|&at| self.late.get(at))
            .max_by_key(|late| late.saturating_abs());
        let seconds = worst.copied().unwrap_or_default() as f64 / 1e9;
        let (side, rate) = (if seconds < 0.0 { "earlier" } else { "later" }, self.rate);
        let port = half.first().map_or(0, |packet| packet.ports.0);
        let what = format!(
            "the timestamp option of port {port} counts {rate} times a second; by it, {} came \
             {:.3} s {side} than the other segments of this endpoint (more than {:.3} s is \
             unusual). Also a clock that was set during the recording, a machine that slept, or \
             a segment that waited on its way does this",
            frames_in_words(&frames),
            seconds.abs(),
            self.tolerance as f64 / 1e9,
        );
        Sign { kind: SignKind::Clock, frames, what }
    }
}

/// Nanoseconds per tick by which the two clocks drift apart, when it is as little as clocks do
/// (500 ppm) or when the half-stream is long enough to measure more; by the medians of its first
/// and last quarter.
fn drift(readings: &[Reading], raw: &[i64]) -> f64 {
    const LONG: usize = 16;
    if readings.len() < LONG {
        return 0.0;
    }
    let quarter = readings.len() / 4;
    let late = |range: &[i64]| quantile(range.to_vec(), 50) as f64;
    let ticks = |range: &[Reading]| quantile(range.iter().map(|r| r.ticks).collect(), 50) as f64;
    let ends = |at: usize| Some((raw.get(at..at + quarter)?, readings.get(at..at + quarter)?));
    let (Some((raw_a, read_a)), Some((raw_b, read_b))) = (ends(0), ends(raw.len() - quarter))
    else {
        return 0.0;
    };
    let span = ticks(read_b) - ticks(read_a);
    let found = if span > 0.0 { (late(raw_b) - late(raw_a)) / span } else { 0.0 };
    let time = |at: Option<&Reading>| at.map_or(0.0, |reading| reading.time as f64);
    let lasted = time(readings.last()) - time(readings.first());
    let per_tick = lasted / span.max(1.0);
    if found.abs() <= per_tick.abs() * 5e-4 { found } else { 0.0 }
}
