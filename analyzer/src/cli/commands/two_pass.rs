//! The option `--two-pass`.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use analyzer::engine::{self, Engine, Threads};
use analyzer::facts::FrameFacts;
use analyzer::source;

use crate::cli::Failure;

/// Whether the capture is read once or twice.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct TwoPassArg {
    /// Read the file twice, so that each frame tells what its connection finally shows
    /// (`tcp.completeness`, `tcp.analysis.initial_rtt`), like Wireshark's window.
    #[arg(id = "two_pass", long = "two-pass")]
    is_wanted: bool,
}

impl TwoPassArg {
    /// The engine for the pass that shows rows, after the first pass, if one is wanted. Damage is
    /// left to that pass: it meets it again, and says so.
    pub fn engine(self, file: &Path, threads: Threads) -> Result<Engine, Failure> {
        if !self.is_wanted {
            return Ok(Engine::new());
        }
        if !fs::metadata(file).is_ok_and(|metadata| metadata.is_file()) {
            return Err("--two-pass needs a file: only a file can be read twice".into());
        }
        let mut first = Engine::new();
        let mut nobody = |_: &FrameFacts<'_>| ControlFlow::Continue(());
        let _ = engine::run_with(&mut first, &mut *source::open(file)?, threads, &mut nobody);
        Ok(Engine::second_pass(first))
    }
}
