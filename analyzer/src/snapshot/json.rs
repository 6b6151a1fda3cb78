//! The document as text: indented, with one line per segment, so that a version control
//! system shows a changed segment as a changed line.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::Snapshot;
use super::model::VERSION;

/// Why a text is no snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no JSON, or another document.
    #[error("this is no snapshot: {0}; write a new one with `analyzer check --bless`")]
    NotASnapshot(#[from] serde_json::Error),
    /// It was written by another version of this program.
    #[error(
        "this snapshot has version {found}, and this program reads version {VERSION}; \
         write a new one with `analyzer check --bless`"
    )]
    Version {
        /// The version that it names.
        found: u32,
    },
}

/// Objects from this depth on stand on one line.
const INLINE: usize = 4;

impl Snapshot {
    /// The document, with a line feed at its end. The same capture gives the same bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        let mut serializer = Serializer::with_formatter(&mut out, Lines::default());
        // Writing plain values into memory cannot fail.
        if self.serialize(&mut serializer).is_err() {
            out.clear();
        }
        out.push(b'\n');
        String::from_utf8(out).unwrap_or_default()
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// When the text is something else (with line and column), or of another version.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        #[derive(serde::Deserialize)]
        struct Head {
            version: u32,
        }
        let head: Head = serde_json::from_str(text)?;
        if head.version != VERSION {
            return Err(Error::Version { found: head.version });
        }
        Ok(serde_json::from_str(text)?)
    }
}

/// Writes the JSON Schema of [`Snapshot`].
///
/// # Errors
/// Those of the writer.
pub fn write_schema(out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &schemars::schema_for!(Snapshot))?;
    writeln!(out)
}

/// Breaks lines around what lies less deep than rows.
#[derive(Debug, Default)]
struct Lines {
    /// Of each object and array that is open: whether it stands on one line.
    open: Vec<bool>,
    has_value: bool,
}

impl Lines {
    fn begin<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        let is_row = bracket == b"{" && self.open.len() + 1 >= INLINE;
        self.open.push(is_row || self.is_inline());
        self.has_value = false;
        out.write_all(bracket)
    }

    fn end<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        let breaks = self.has_value && !self.is_inline();
        self.open.pop();
        if breaks {
            self.break_line(out)?;
        }
        self.has_value = true;
        out.write_all(bracket)
    }

    fn next<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        match (self.is_inline(), first) {
            (false, _) => self.break_line(out),
            (true, false) => out.write_all(b" "),
            (true, true) => Ok(()),
        }
    }

    fn is_inline(&self) -> bool {
        self.open.last() == Some(&true)
    }

    fn break_line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        out.write_all(b"\n")?;
        self.open.iter().try_for_each(|_| out.write_all(b"  "))
    }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}
