//! What is said of pieces beside a lab's manifest.

use super::{Lang, both};

/// A piece of the run.
pub fn one_run(lang: Lang, clients: &str) -> String {
    both!(
        lang,
        "of the manifest's run: it has its connections from {clients}",
        "dari percobaan dalam manifest: ada koneksi dari {clients}"
    )
}

/// A piece of another run.
pub fn different_runs(lang: Lang, run: &str, shown: &str) -> String {
    both!(
        lang,
        "the manifest has connections from {run}, this has {shown}: different runs",
        "manifest mencatat koneksi dari {run}, di sini {shown}: percobaan yang berbeda"
    )
}
