//! What standard output can show: colour and width, both only on a terminal.

use std::env;
use std::io::{IsTerminal, stdout};

/// True when standard output is a terminal and nobody asked for plain text
/// (<https://no-color.org>).
pub fn wants_colour() -> bool {
    stdout().is_terminal()
        && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Characters in a line of the terminal; `None` when standard output is none.
pub fn width() -> Option<usize> {
    if !stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}
