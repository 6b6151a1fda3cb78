//! The option `--threads`.

use std::num::NonZeroUsize;

use analyzer::engine::Threads;

/// On how many threads to work.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct ThreadsArg {
    /// Threads to work on; one processor is used by one. By default two where there are two
    /// processors: one reads ahead, one analyses. The output is the same.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

impl ThreadsArg {
    /// What the user chose, else what the machine has.
    pub fn resolve(self) -> Threads {
        self.threads.map_or_else(Threads::available, Threads::at_most)
    }
}
