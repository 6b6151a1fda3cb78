//! Filters against an installed tshark 4.0: the fields that there are, the frames that have
//! them, and random filters with values from the captures.
//!
//! Reads the fixtures, or the captures of the folder `FILTER_DIFFERENTIAL_CAPTURES`.
//! `FILTER_DIFFERENTIAL_FILTERS` says how many random filters each of them gets (default 15),
//! `FILTER_DIFFERENTIAL_SEED` where the random numbers start. Without tshark 4.0 the tests say so and compare nothing.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use analyzer::filter::{Field, Filter, Kind, fields};

mod grammar;
mod ours;
#[path = "../differential/rng.rs"]
mod rng;
mod tshark;

use grammar::Known;
use rng::Rng;
use tshark::Counted;

/// Fields that random filters leave out: one depends on which frames are shown, which
/// statistics do not know; the other names protocols above those that are decoded here.
const LEFT_OUT: &[&str] = &["frame.time_delta_displayed", "frame.protocols"];

fn has_tshark() -> bool {
    let there = tshark::is_installed();
    if !there {
        assert!(std::env::var_os("LAB_REQUIRED").is_none(), "tshark 4.0 is required here");
        println!("skipped: tshark 4.0 is not installed");
    }
    there
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn captures() -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let Some(folder) = std::env::var_os("FILTER_DIFFERENTIAL_CAPTURES") {
        let only = std::env::var("FILTER_DIFFERENTIAL_ONLY").unwrap_or_default();
        let entries = fs::read_dir(folder).expect("a folder of captures");
        found.extend(entries.map(|entry| entry.expect("readable").path()));
        found.retain(|path| path.display().to_string().contains(&only));
    } else {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
        let entries = fs::read_dir(root.join("fixtures")).expect("the fixtures");
        let folders = entries.map(|entry| entry.expect("readable").path());
        found.extend(folders.map(|folder| folder.join("capture.pcapng")));
        found.retain(|path| path.is_file());
    }
    found.sort();
    assert!(!found.is_empty(), "no captures");
    found
}

fn kind_fits(kind: Kind, theirs: &str) -> bool {
    match kind {
        Kind::Protocol => theirs == "FT_PROTOCOL",
        Kind::Label => theirs == "FT_NONE",
        Kind::Boolean => theirs == "FT_BOOLEAN",
        Kind::Unsigned(bits) => theirs == format!("FT_UINT{bits}"),
        Kind::Signed(bits) => theirs == format!("FT_INT{bits}"),
        Kind::FrameNumber => theirs == "FT_FRAMENUM",
        Kind::Ipv4 => theirs == "FT_IPv4",
        Kind::Ipv6 => theirs == "FT_IPv6",
        Kind::Ether => theirs == "FT_ETHER",
        Kind::Bytes => matches!(theirs, "FT_BYTES" | "FT_UINT_BYTES"),
        Kind::Text => matches!(theirs, "FT_STRING" | "FT_STRINGZ" | "FT_UINT_STRING"),
        Kind::AbsoluteTime => theirs == "FT_ABSOLUTE_TIME",
        Kind::RelativeTime => theirs == "FT_RELATIVE_TIME",
    }
}

#[test]
fn every_field_is_one_of_wiresharks_and_of_its_type() {
    if !has_tshark() {
        return;
    }
    let theirs = tshark::fields();
    let mut wrong = Vec::new();
    for field in fields::all() {
        match theirs.get(field.name) {
            Some(kind) if kind_fits(field.kind, kind) => {}
            Some(kind) => wrong.push(format!("{}: {}, there {kind}", field.name, field.kind)),
            None => wrong.push(format!("{}: not there", field.name)),
        }
    }
    assert!(wrong.is_empty(), "{} fields differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn numbers<'n>(frames: impl IntoIterator<Item = &'n u64>) -> String {
    let shown: Vec<String> = frames.into_iter().take(12).map(u64::to_string).collect();
    shown.join(",")
}

/// What the frames of two answers differ in.
fn difference(theirs: &BTreeSet<u64>, ours: &BTreeSet<u64>) -> String {
    let (missing, extra): (Vec<_>, Vec<_>) =
        (theirs.difference(ours).collect(), ours.difference(theirs).collect());
    format!(
        "missing {} ({}), extra {} ({})",
        missing.len(),
        numbers(missing.iter().copied()),
        extra.len(),
        numbers(extra.iter().copied())
    )
}

fn name(capture: &Path) -> String {
    let folder = capture.parent().and_then(Path::file_name).unwrap_or_default();
    let file = capture.file_name().unwrap_or_default();
    format!("{}/{}", folder.display(), file.display())
}

#[test]
fn fields_are_there_where_tshark_has_them() {
    if !has_tshark() {
        return;
    }
    let pattern = std::env::var("FILTER_DIFFERENTIAL_FIELDS").unwrap_or_default();
    let all: Vec<Field> = fields::all().filter(|field| field.name.starts_with(&pattern)).collect();
    let names: Vec<&str> = all.iter().map(|field| field.name).collect();
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for capture in captures() {
        let filters = names.iter().map(|name| Filter::parse(name).expect("a field")).collect();
        let ours = ours::frames(&capture, filters);
        let theirs = tshark::values(&capture, &names);
        for (column, (field, ours)) in all.iter().zip(ours).enumerate() {
            let has = |row: &Vec<Vec<String>>| !row[column].is_empty();
            let rows = theirs.iter().zip(1..).filter(|(row, _)| has(row));
            let mut theirs: BTreeSet<u64> = rows.map(|(_, number)| number).collect();
            let ours: BTreeSet<u64> = ours.into_iter().map(|(number, _)| number).collect();
            compared += 1;
            if theirs != ours {
                // An empty text looks like none, so ask in earnest.
                theirs =
                    tshark::frames(&capture, field.name).expect("a field").into_iter().collect();
            }
            if theirs != ours {
                let difference = difference(&theirs, &ours);
                let line = format!("{} {}: {difference}", name(&capture), field.name);
                println!("{line}");
                wrong.push(line);
            }
        }
    }
    println!("{compared} fields of captures compared");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Asks both programs; a line for each difference.
fn differences(capture: &Path, filters: &[String]) -> Vec<String> {
    let texts: Vec<&str> = filters.iter().map(String::as_str).collect();
    let counts = tshark::counts(capture, &texts);
    let parsed: Vec<Option<Filter>> = texts.iter().map(|text| Filter::parse(text).ok()).collect();
    let accepted = parsed.iter().flatten().cloned().collect();
    let mut answers = ours::frames(capture, accepted).into_iter();
    let mut found = Vec::new();
    for ((text, filter), counted) in texts.iter().zip(&parsed).zip(counts) {
        let ours = filter.as_ref().and_then(|_| answers.next());
        let bytes = ours.iter().flatten().map(|(_, len)| len).sum();
        let is_same = match (&ours, counted) {
            (Some(ours), counted) => counted == Counted::Frames(ours.len() as u64, bytes),
            (None, counted) => counted == Counted::Refused,
        };
        if !is_same {
            let difference = difference_of(capture, text, ours.as_deref());
            found.extend(difference.map(|what| format!("{} {text}: {what}", name(capture))));
        }
    }
    found
}

/// Asks tshark again, about one filter and the very frames.
fn difference_of(capture: &Path, text: &str, ours: Option<&[(u64, u64)]>) -> Option<String> {
    match (ours, tshark::frames(capture, text)) {
        (None, None) => None,
        (None, Some(_)) => Some("refused".to_string()),
        (Some(_), None) => Some("accepted".to_string()),
        (Some(ours), Some(theirs)) => {
            let ours: BTreeSet<u64> = ours.iter().map(|(number, _)| *number).collect();
            let theirs: BTreeSet<u64> = theirs.into_iter().collect();
            (ours != theirs).then(|| difference(&theirs, &ours))
        }
    }
}

#[test]
fn random_filters_select_what_tshark_selects() {
    if !has_tshark() {
        return;
    }
    let mut rng = Rng(number("FILTER_DIFFERENTIAL_SEED", 1));
    let count = number("FILTER_DIFFERENTIAL_FILTERS", 15);
    let all: Vec<Field> = fields::all().filter(|field| !LEFT_OUT.contains(&field.name)).collect();
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for capture in captures() {
        let names: Vec<&str> = all.iter().map(|field| field.name).collect();
        let known = Known::new(&all, &tshark::values(&capture, &names));
        let filters: Vec<String> = (0..count).map(|_| known.filter(&mut rng)).collect();
        compared += filters.len();
        let found = differences(&capture, &filters);
        for line in &found {
            println!("{line}");
        }
        wrong.extend(found);
    }
    println!("{compared} filters compared");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
