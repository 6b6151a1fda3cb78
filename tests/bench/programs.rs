//! Our programs, and those of others as far as they are installed.

use std::env;
use std::path::{Path, PathBuf};

/// The folder for everything that benchmarks make.
pub fn folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    target.join("bench")
}

/// Our maker of captures.
pub fn generator() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_generator"))
}

/// The program that is measured: `ANALYZER`, or the one that was built beside the generator.
pub fn analyzer() -> PathBuf {
    let beside = generator().with_file_name("analyzer");
    let path = env::var_os("ANALYZER").map_or(beside, PathBuf::from);
    assert!(path.exists(), "{} is missing: run cargo build --release first", path.display());
    path
}

/// Where a peer is installed.
pub fn installed(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}
