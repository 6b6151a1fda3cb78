//! What an installed tshark says: the fields that it knows, their values in a capture, and the
//! frames that filters select.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

/// Stands between the values of one field in one frame.
const BETWEEN: char = '\u{1f}';

/// Is Wireshark's 4.0 there?
pub fn is_installed() -> bool {
    let version = Command::new("tshark").arg("--version").output();
    version.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).contains("(Wireshark) 4.0."))
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new("tshark");
    command.args(arguments).env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
    command.output().expect("tshark runs")
}

fn path_text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// The type of each field, by name; protocols have the type `FT_PROTOCOL`.
pub fn fields() -> BTreeMap<String, String> {
    let output = run(&["-G", "fields"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        match cells[..] {
            ["P", _, name, ..] => found.insert(name.to_string(), "FT_PROTOCOL".to_string()),
            ["F", _, name, kind, ..] => found.insert(name.to_string(), kind.to_string()),
            _ => None,
        };
    }
    found
}

/// Of each frame of a capture, the values of some fields, in their order.
pub fn values(capture: &Path, names: &[&str]) -> Vec<Vec<Vec<String>>> {
    let aggregator = format!("aggregator={BETWEEN}");
    let mut arguments = vec![
        "-n",
        "-r",
        path_text(capture),
        "-T",
        "fields",
        "-E",
        "occurrence=a",
        "-E",
        &aggregator,
    ];
    for name in names {
        arguments.extend(["-e", name]);
    }
    let output = run(&arguments);
    assert!(!error(&output).contains("aren't valid"), "{}", error(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let cell = |cell: &str| match cell {
        "" => Vec::new(),
        values => values.split(BETWEEN).map(str::to_string).collect(),
    };
    let rows: Vec<Vec<Vec<String>>> =
        text.lines().map(|line| line.split('\t').map(cell).collect()).collect();
    assert!(rows.iter().all(|row: &Vec<_>| row.len() == names.len()), "{}", error(&output));
    rows
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The numbers of the frames that a filter selects; `None` when tshark refuses it.
pub fn frames(capture: &Path, filter: &str) -> Option<Vec<u64>> {
    let path = path_text(capture);
    let output = run(&["-n", "-r", path, "-Y", filter, "-T", "fields", "-e", "frame.number"]);
    // A refusal shows the filter again, indented; a damaged capture is an error, too.
    if !output.status.success() && error(&output).lines().any(|line| line.trim() == filter.trim()) {
        return None;
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.lines().filter_map(|line| line.parse().ok()).collect())
}

/// What tshark counts for a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// So many frames with so many bytes.
    Frames(u64, u64),
    /// It refuses the filter.
    Refused,
    /// It was not asked: the filter does not go with statistics.
    Unasked,
}

/// What each filter selects, asked in as few runs as possible.
pub fn counts(capture: &Path, filters: &[&str]) -> Vec<Counted> {
    // A comma would separate two filters.
    let ask =
        |filter: &&str| if filter.contains(',') { Counted::Unasked } else { Counted::Frames(0, 0) };
    let mut counted: Vec<Counted> = filters.iter().map(ask).collect();
    loop {
        let asked: Vec<usize> =
            (0..filters.len()).filter(|at| matches!(counted[*at], Counted::Frames(..))).collect();
        let statistics: Vec<String> =
            asked.iter().map(|at| format!("io,stat,0,{}", filters[*at])).collect();
        let mut arguments = vec!["-n", "-q", "-r", path_text(capture)];
        for each in &statistics {
            arguments.extend(["-z", each]);
        }
        let output = run(&arguments);
        let complaint = error(&output);
        let is_named =
            |at: &&usize| complaint.contains(&format!("Filter \"{}\" is", filters[**at]));
        if let Some(refused) = asked.iter().find(is_named) {
            counted[*refused] = Counted::Refused;
            continue;
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let found: Vec<Counted> = text.lines().filter_map(count).collect();
        let is_complete = found.len() == asked.len();
        // Statistics are printed in the reverse order of their options.
        for (at, found) in asked.iter().zip(found.into_iter().rev()) {
            counted[*at] = if is_complete { found } else { Counted::Unasked };
        }
        if !is_complete {
            counted.fill(Counted::Unasked);
        }
        return counted;
    }
}

/// `| 0.000 <> 0.750 |      2 |   148 |` of a table with statistics.
fn count(line: &str) -> Option<Counted> {
    let cells: Vec<&str> = line.split('|').map(str::trim).collect();
    match cells[..] {
        ["", interval, frames, bytes, ..] if interval.contains("<>") => {
            Some(Counted::Frames(frames.parse().ok()?, bytes.parse().ok()?))
        }
        _ => None,
    }
}
