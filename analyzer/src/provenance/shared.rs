//! Captures that stem from one recording.

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pairing::Pairing;
use super::rare::{RareTrait, TraitKind, rare_traits};
use super::trace::Trace;

/// Worth of shared values from which on a pair is named.
const ENOUGH: f64 = 2.0;

/// Less than this is a connection that went on from one recording into the next.
const LEAST_SIMILARITY: f64 = 0.1;

/// How two captures belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// One recording: the same segments at the same times, but for one shift of the clock.
    OneRecording,
    /// The same segments at other times: one run, recorded in two places, or with times that
    /// were changed.
    OneRun,
}

/// Values of one kind that two captures share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SharedTrait {
    /// What kind of value.
    pub kind: TraitKind,
    /// How many of them.
    pub count: usize,
    /// The first few.
    pub examples: Vec<SharedExample>,
}

/// One value that two captures share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SharedExample {
    /// Frame of the first capture.
    pub frame: u64,
    /// Frame of the second capture.
    pub other_frame: u64,
    /// The value, in words.
    pub value: String,
}

/// Two captures with one origin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SharedPair {
    /// The first file.
    pub file: String,
    /// The second file.
    pub other_file: String,
    /// Place of the first among the captures that were compared, from 0.
    pub index: usize,
    /// Place of the second.
    pub other_index: usize,
    /// How much of the smaller capture is in the other, 0 to 1.
    pub similarity: f64,
    /// How they belong together.
    pub relation: Relation,
    /// The evidence, the strongest kind first.
    pub traits: Vec<SharedTrait>,
    /// How much later the second has the same segments, seconds.
    pub time_shift: f64,
    /// Pairs of frames that are the same segment with another payload.
    pub changed_payload: Vec<(u64, u64)>,
    /// One sentence for a person.
    pub why: String,
}

type Key = (TraitKind, u64);
type Places = Vec<(usize, u64)>;
type Found = BTreeMap<(usize, usize), Vec<(TraitKind, u64, u64, u64)>>;

/// The pairs among captures that stem from one recording, most similar first.
///
/// An index of rare values finds the candidates, so captures that share nothing are never
/// compared.
#[must_use]
pub fn shared_pairs(traces: &[Trace]) -> Vec<SharedPair> {
    let mut index: HashMap<Key, Places> = HashMap::new();
    for (at, trace) in traces.iter().enumerate() {
        for RareTrait { kind, value, frame } in rare_traits(trace) {
            index.entry((kind, value)).or_default().push((at, frame));
        }
    }
    let candidates = candidates(&index);
    let mut pairs: Vec<SharedPair> = candidates
        .into_iter()
        .filter_map(|((one, two), found)| {
            Some(judge(traces.get(one)?, traces.get(two)?, (one, two), &found)).flatten()
        })
        .collect();
    pairs.sort_by(|a, b| {
        b.similarity
            .total_cmp(&a.similarity)
            .then((a.index, a.other_index).cmp(&(b.index, b.other_index)))
    });
    pairs
}

/// What two captures have in common; none when that may be chance.
#[must_use]
pub fn compare(one: &Trace, two: &Trace) -> Option<SharedPair> {
    shared_pairs(&[one.clone(), two.clone()]).pop()
}

/// Which captures meet at some value. Where very many meet, each is held against the next only:
/// the group stays together, and the work small.
fn candidates(index: &HashMap<Key, Places>) -> Found {
    const CROWD: usize = 64;
    let mut found: Found = BTreeMap::new();
    for (&(kind, value), places) in index {
        let reach = if places.len() > CROWD { 1 } else { places.len() };
        for (at, &(one, frame)) in places.iter().enumerate() {
            for &(two, other) in places.iter().skip(at + 1).take(reach) {
                found.entry((one, two)).or_default().push((kind, value, frame, other));
            }
        }
    }
    found
}

fn judge(
    one: &Trace,
    two: &Trace,
    (index, other_index): (usize, usize),
    found: &[(TraitKind, u64, u64, u64)],
) -> Option<SharedPair> {
    let traits = by_kind(found);
    let worth: f64 = traits
        .iter()
        .map(|shared| (shared.count as f64 * shared.kind.weight()).min(shared.kind.ceiling()))
        .sum();
    if worth < ENOUGH {
        return None;
    }
    let pairing = Pairing::of(one, two);
    let similarity = similarity(one, two, &pairing, &traits);
    if similarity < LEAST_SIMILARITY {
        return None;
    }
    let relation = relation(&pairing);
    let mut changed_payload = pairing.payload_differs.clone();
    changed_payload.truncate(20);
    let (file, other_file) = (one.file.display().to_string(), two.file.display().to_string());
    let time_shift = pairing.shift as f64 / 1e9;
    let why = sentence(&pairing, &traits, relation, time_shift);
    Some(SharedPair {
        file,
        other_file,
        index,
        other_index,
        similarity,
        relation,
        traits,
        time_shift,
        changed_payload,
        why,
    })
}

/// Share of the smaller capture that the other has, too; by values when no frames pair up.
fn similarity(one: &Trace, two: &Trace, pairing: &Pairing, traits: &[SharedTrait]) -> f64 {
    let smaller = one.packets.len().min(two.packets.len()).max(1) as f64;
    let by_frames = pairing.frames.len() as f64 / smaller;
    let by_values = traits.iter().map(|shared| shared.count).max().unwrap_or(0) as f64 / smaller;
    by_frames.max(by_values).clamp(0.0, 1.0)
}

/// Times of one recording agree to the microsecond, also after rounding; two recorders of one
/// run never see all segments equally late.
fn relation(pairing: &Pairing) -> Relation {
    const ROUNDING: i64 = 1_000;
    let is_steady = pairing.frames.is_empty() || pairing.spread <= ROUNDING;
    if is_steady { Relation::OneRecording } else { Relation::OneRun }
}

fn by_kind(found: &[(TraitKind, u64, u64, u64)]) -> Vec<SharedTrait> {
    const EXAMPLES: usize = 5;
    let mut kinds: BTreeMap<TraitKind, Vec<(u64, u64, u64)>> = BTreeMap::new();
    for &(kind, value, frame, other) in found {
        kinds.entry(kind).or_default().push((frame, other, value));
    }
    kinds
        .into_iter()
        .map(|(kind, mut all)| {
            all.sort_unstable();
            let example = |&(frame, other_frame, value): &(u64, u64, u64)| SharedExample {
                frame,
                other_frame,
                value: words(kind, value),
            };
            let examples = all.iter().take(EXAMPLES).map(example).collect();
            SharedTrait { kind, count: all.len(), examples }
        })
        .collect()
}

fn words(kind: TraitKind, value: u64) -> String {
    let (high, low) = (value >> 32, value & 0xffff_ffff);
    match kind {
        TraitKind::InitialSequence => format!("ISN {value}"),
        TraitKind::SequencePair => format!("Seq {high}, Ack {low}"),
        TraitKind::TimestampClock => format!("TSval {high}, TSecr {low}"),
        TraitKind::IpIds => {
            let [a, b, c, d] = [48, 32, 16, 0].map(|shift| value >> shift & 0xffff);
            format!("IP IDs 0x{a:04x}, 0x{b:04x}, 0x{c:04x}, 0x{d:04x}")
        }
        TraitKind::RowTimes => String::from("a row with the same ports and time"),
        TraitKind::Intervals => String::from("the same four intervals, to the microsecond"),
        TraitKind::EphemeralPorts => {
            format!(
                "client ports {} and {} one after the other",
                value >> 16 & 0xffff,
                value & 0xffff
            )
        }
    }
}

fn sentence(
    pairing: &Pairing,
    traits: &[SharedTrait],
    relation: Relation,
    time_shift: f64,
) -> String {
    let kinds: Vec<String> = traits.iter().map(|shared| noun(shared.kind, shared.count)).collect();
    let times = match relation {
        Relation::OneRecording if pairing.frames.is_empty() => {
            String::from("the segments themselves were rewritten")
        }
        Relation::OneRecording if time_shift == 0.0 => String::from("at the same times"),
        Relation::OneRecording => format!("all shifted by {time_shift:.6} s"),
        Relation::OneRun => {
            String::from("at other times, so they may be two recordings of one run")
        }
    };
    format!(
        "{} segments are in both, {times}; both have {}",
        pairing.frames.len(),
        kinds.join(", ")
    )
}

fn noun(kind: TraitKind, count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    match kind {
        TraitKind::InitialSequence => format!("{count} ISN{plural}"),
        TraitKind::SequencePair => format!("{count} pair{plural} of sequence numbers"),
        TraitKind::TimestampClock => format!("{count} reading{plural} of the timestamp clocks"),
        TraitKind::IpIds => format!("{count} run{plural} of IP identifications"),
        TraitKind::Intervals => format!("{count} pattern{plural} of intervals"),
        TraitKind::EphemeralPorts => format!("{count} pair{plural} of client ports"),
        TraitKind::RowTimes => format!("{count} row{plural}"),
    }
}
