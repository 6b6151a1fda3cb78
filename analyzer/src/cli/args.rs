//! What the user may type, and nothing about what it does.

use clap::{Parser, Subcommand};

use super::commands::{
    capture, check, conversations, diff, explain, fields, follow, frames, grade, interfaces,
    report, schema, segments,
};

/// Tells what happened in a capture: handshakes, data, teardown, and what went wrong.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands; each has its own file in `commands/`, with its arguments.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the interfaces of this machine and what may be captured on them.
    Interfaces(interfaces::Args),
    /// Record on an interface: live rows, then the report.
    Capture(capture::Args),
    /// Tell what happened in captures: connections, who closed them, what ran in parallel.
    Report(report::Args),
    /// Check cases: does what must hold of captures still hold?
    Check(check::Args),
    /// Print the JSON Schema of a document that this program writes.
    Schema(schema::Args),
    /// List the frames of a capture like Wireshark's packet list, with their bytes if wanted.
    Frames(frames::Args),
    /// Show the bytes that the two ends of a TCP stream read, in order.
    Follow(follow::Args),
    /// List the TCP segments of a capture with Wireshark's numbers and verdicts.
    Segments(segments::Args),
    /// List the TCP streams of a capture with their frames and bytes each way.
    Conversations(conversations::Args),
    /// Tell why a frame has its TCP analysis flags, or why not the one that you expected.
    Explain(explain::Args),
    /// Compare two captures connection by connection, whatever their ports, numbers and times.
    Diff(diff::Args),
    /// List the fields that display filters (-Y) can name, with type and meaning.
    Fields(fields::Args),
    /// Hold evidence against captures: packet lists, logs, claims; tell what is true, with proof.
    Grade(grade::Args),
}
