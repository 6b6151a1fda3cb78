//! Any bytes as a `case.toml` beside a capture; what is a case is run.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use analyzer::check::{self, CASE_FILE, Case, Compiler};
use libfuzzer_sys::fuzz_target;

/// A folder of this process with a capture and its blessed snapshot.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("analyzer-fuzz-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let capture = include_bytes!("../../../fixtures/task-2-echo/capture.pcapng");
        fs::write(folder.join("capture.pcapng"), capture).expect("a capture");
        let snapshot = include_bytes!("../../../fixtures/task-2-echo/snapshot.json");
        fs::write(folder.join("snapshot.json"), snapshot).expect("a snapshot");
        folder
    })
}

fuzz_target!(|data: &[u8]| {
    // A case may name any capture; only the one beside it is read here.
    if data.windows(7).any(|word| word == b"capture") {
        return;
    }
    fs::write(folder().join(CASE_FILE), data).expect("a case");
    match Case::read(folder(), &Compiler::default()) {
        Ok(cases) => {
            for report in cases.iter().map(check::run) {
                assert!(report.error.is_none(), "the capture can be read: {report:?}");
            }
        }
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.is_empty() && shown.len() < 8192 + 4 * data.len(), "{shown}");
        }
    }
});
