//! The arrows between modules point one way: who may import whom, checked from the sources.
//!
//! A module may use itself and what stands beside it in the tables below; anything else fails
//! with file and line. The tables are the map that the README draws.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

/// Modules of the analyzer's library and what they may import. Leaves: `chunked`, `time`.
const ANALYZER: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("chunked", &[]),
    ("frame", &["time"]),
    ("source", &["frame", "time"]),
    ("wire", &["frame", "time"]),
    ("tcp", &["wire", "frame", "chunked", "time"]),
    ("facts", &["tcp", "wire", "frame", "time"]),
    ("filter", &["facts", "info", "tcp", "wire", "frame", "time"]),
    ("info", &["facts", "tcp", "wire", "frame", "time"]),
    ("engine", &["facts", "source", "wire", "tcp", "frame", "time"]),
    ("explain", &["engine", "facts", "info", "source", "tcp", "frame", "time"]),
    (
        "summary",
        &["engine", "facts", "filter", "info", "source", "tcp", "wire", "frame", "chunked", "time"],
    ),
    ("listing", &["engine", "facts", "info", "tcp", "wire", "frame", "time"]),
    ("report", &["summary", "time"]),
    (
        "condition",
        &["summary", "engine", "facts", "filter", "info", "source", "tcp", "wire", "frame", "time"],
    ),
    ("snapshot", &["summary", "engine", "facts", "info", "source", "tcp", "wire", "frame", "time"]),
    (
        "check",
        &[
            "condition",
            "snapshot",
            "summary",
            "engine",
            "facts",
            "filter",
            "info",
            "source",
            "frame",
            "time",
        ],
    ),
    ("evidence", &["time"]),
    ("provenance", &["engine", "facts", "source", "tcp", "wire", "frame", "time"]),
    (
        "grade",
        &[
            "evidence",
            "provenance",
            "condition",
            "summary",
            "engine",
            "facts",
            "filter",
            "info",
            "source",
            "tcp",
            "wire",
            "frame",
            "time",
        ],
    ),
    ("cli", &["cli"]),
];

/// Crates that only some modules may name.
const CRATES: &[(&str, &[&str])] = &[
    ("etherparse", &["analyzer/src/wire", "generator/src/forge"]),
    ("pcap", &["analyzer/src/source"]),
    ("pnet", &["analyzer/src/source"]),
    ("clap", &["analyzer/src/cli", "generator/src/cli"]),
    (
        "comfy_table",
        &["analyzer/src/report", "analyzer/src/grade", "analyzer/src/cli", "generator/src/cli"],
    ),
    ("rtnetlink", &["generator/src/lab"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace around the crate").into()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every production line of a folder's sources: path below the root, line number, text.
/// Production ends where a file's test module begins.
fn production_lines(folder: &str) -> Vec<(String, usize, String)> {
    let root = root();
    let mut files = Vec::new();
    rust_files(&root.join(folder), &mut files);
    let mut lines = Vec::new();
    for file in files.iter().filter(|file| !file.ends_with("tests.rs")) {
        let name = file.strip_prefix(&root).expect("below the root").display().to_string();
        let text = fs::read_to_string(file).expect("readable UTF-8");
        let production = text.lines().take_while(|line| *line != "#[cfg(test)]");
        lines.extend(production.enumerate().map(|(at, line)| (name.clone(), at + 1, line.into())));
    }
    assert!(lines.len() > 100, "{folder}: the sources were not found");
    lines
}

/// The first part of every path after `crate::` in a line of code.
fn imports(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let group = rest.strip_prefix('{').map(|inside| inside.split('}').next().unwrap_or(inside));
        for part in group.unwrap_or(rest).split(',') {
            let name: String = part
                .trim_start()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            names.push(name);
            if group.is_none() {
                break;
            }
        }
    }
    names
}

#[test]
fn modules_import_only_what_lies_below_them() {
    let mut wrong = Vec::new();
    for (file, number, line) in production_lines("analyzer/src") {
        let module =
            file.trim_start_matches("analyzer/src/").split(['/', '.']).next().unwrap_or("");
        if matches!(module, "lib" | "main") {
            continue;
        }
        let allowed = ANALYZER.iter().find(|(name, _)| *name == module);
        let Some((_, allowed)) = allowed else {
            wrong.push(format!("{file}: module `{module}` has no place in the map"));
            continue;
        };
        for import in imports(&line) {
            let is_module = ANALYZER.iter().any(|(name, _)| *name == import);
            if is_module && import != module && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{file}:{number}: {module} -> {import}: {}", line.trim()));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "forbidden arrows:\n{}", wrong.join("\n"));
}

#[test]
fn crates_are_named_only_where_they_belong() {
    let mut wrong = Vec::new();
    for folder in ["analyzer/src", "generator/src"] {
        for (file, number, line) in production_lines(folder) {
            let code = line.split("//").next().unwrap_or_default();
            for (name, places) in CRATES {
                let is_named = code.contains(&format!("use {name}::"))
                    || code.contains(&format!(" {name}::"))
                    || code.contains(&format!("({name}::"));
                if is_named && !places.iter().any(|place| file.starts_with(place)) {
                    wrong.push(format!("{file}:{number}: {name} is named here: {}", code.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "crates out of their place:\n{}", wrong.join("\n"));
}

#[test]
fn the_generator_uses_the_analyzer_and_never_the_other_way() {
    for (file, number, line) in production_lines("analyzer/src") {
        assert!(!line.contains("generator::"), "{file}:{number}: {line}");
    }
    let places = ["generator/src/lab", "generator/src/forge", "generator/src/cli"];
    for (file, number, line) in production_lines("generator/src") {
        let is_placed = places.iter().any(|place| file.starts_with(place));
        assert!(is_placed || !line.contains("analyzer::"), "{file}:{number}: {line}");
    }
}

#[test]
fn the_reader_of_imports_sees_groups_and_paths() {
    assert_eq!(imports("use crate::{frame::Frame, tcp};"), ["frame", "tcp"]);
    assert_eq!(imports("    let x = crate::wire::decode(); // crate::tcp"), ["wire"]);
    assert!(imports("use std::fmt;").is_empty());
}
