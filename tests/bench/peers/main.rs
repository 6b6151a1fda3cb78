//! `make bench`: what the analyzer costs, against the programs that people use today.
//!
//! Prints one row per target, met or missed, as Markdown. Nothing needs to be installed: a peer
//! that is not there is said to be absent. `BENCH=full` measures on captures as large as the
//! targets say (about 10 GB in `target/bench`, kept between runs), `BENCH_ROUNDS` says how often
//! programs run in alternation (default 3, full 5), `BENCH_ONLY=live` or `offline` leaves out the
//! other half.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr)]
#![allow(clippy::print_stdout, reason = "this is where the table goes")]

#[path = "../../support/callgrind.rs"]
mod callgrind;
mod captures;
#[path = "../../support/flood.rs"]
mod flood;
mod live;
#[path = "../measure.rs"]
mod measure;
#[path = "../programs.rs"]
mod programs;
mod rows;
mod table;
#[path = "../../support/veth.rs"]
mod veth;

use std::env;
use std::io;

use captures::{Captures, Size};
use rows::Run;
use table::Rows;

fn main() -> io::Result<()> {
    let size = match env::var("BENCH").as_deref() {
        Ok("full") => Size::Full,
        Ok("") | Err(_) => Size::Quick,
        Ok(other) => return Err(io::Error::other(format!("BENCH is `full` or empty: {other}"))),
    };
    let rounds = env::var("BENCH_ROUNDS").ok().and_then(|text| text.parse().ok());
    let rounds = rounds.unwrap_or(if size == Size::Full { 5 } else { 3 });
    let only = env::var("BENCH_ONLY").unwrap_or_default();
    let mut run = Run { captures: Captures::new(size)?, rounds, rows: Rows::new() };
    if only != "live" {
        run.all()?;
    }
    if only != "offline" {
        live::measure(run.captures.folder(), &mut run.rows)?;
    }
    println!("{}", run.rows.finish());
    Ok(())
}
