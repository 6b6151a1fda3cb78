//! Case folders as tests of `cargo test`, without a build script.
//!
//! In the `Cargo.toml` of another project:
//!
//! ```toml
//! [dev-dependencies]
//! analyzer = { git = "...", default-features = false, features = ["harness"] }
//!
//! [[test]]
//! name = "captures"
//! harness = false
//! ```
//!
//! and in `tests/captures.rs`:
//!
//! ```no_run
//! analyzer::check::cases!("tests/captures");
//! ```
//!
//! Each case folder below `tests/captures` is a test of its own: `cargo test --test captures`
//! lists, filters and runs them like any other.

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use super::case::Compiler;
use super::find;
use super::run;
use super::table::{self, Look};

/// The `main` of a test that runs every case below the folders. Relative ones start at the
/// folder of the crate's `Cargo.toml`, where cargo runs tests.
#[must_use]
pub fn main(folders: &[&str]) -> ExitCode {
    let arguments = Arguments::from_args();
    let compiler = Compiler::default();
    let mut trials = Vec::new();
    for folder in folders {
        match find::cases(Path::new(folder), &compiler) {
            Ok(cases) => trials.extend(cases.into_iter().map(|(name, case)| {
                let name = name.strip_prefix(folder).unwrap_or(&name);
                let name = name.trim_start_matches('/').to_owned();
                Trial::test(name, move || {
                    let report = run::run(&case.map_err(|error| error.to_string())?);
                    told(&report)
                })
            })),
            Err(error) => {
                let told = error.to_string();
                trials.push(Trial::test(*folder, move || Err(Failed::from(told))));
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn told(report: &super::model::CaseReport) -> Result<(), Failed> {
    if report.holds {
        return Ok(());
    }
    let mut text = Vec::new();
    let _ = table::write_case(report, Look::default(), &mut text);
    Err(Failed::from(String::from_utf8_lossy(&text).into_owned()))
}

/// Makes the `main` of a test target with `harness = false` that runs every case below the
/// folders. See [`crate::check::harness`].
#[macro_export]
#[doc(hidden)]
macro_rules! __check_cases {
    ($($folder:expr),+ $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::check::harness::main(&[$($folder),+])
        }
    };
}
