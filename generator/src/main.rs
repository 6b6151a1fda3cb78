//! The `generator` program.

fn main() {}
