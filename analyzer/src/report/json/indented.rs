//! JSON with two spaces per level, as `serde_json` writes it, in fewer and larger pieces: a
//! report is mostly indentation, and that is most of the time it takes to write one.

use std::io::{self, Write};

use serde_json::ser::Formatter;

/// A line feed and the indentation after it.
const BREAK: &[u8] = b"\n                                                                ";
const STEP: usize = 2;

/// Formats like [`serde_json::ser::PrettyFormatter`].
#[derive(Debug, Default)]
pub(super) struct Indented {
    level: usize,
    /// False in an object or array that has nothing in it yet.
    has_value: bool,
}

impl Indented {
    #[inline]
    fn break_line(&self, out: &mut (impl Write + ?Sized), comma: bool) -> io::Result<()> {
        if comma {
            out.write_all(b",")?;
        }
        let wanted = 1 + self.level * STEP;
        match BREAK.get(..wanted) {
            Some(line) => out.write_all(line),
            None => {
                out.write_all(BREAK)?;
                (BREAK.len()..wanted).try_for_each(|_| out.write_all(b" "))
            }
        }
    }

    #[inline]
    fn enter(&mut self, out: &mut (impl Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.level += 1;
        self.has_value = false;
        out.write_all(bracket)
    }

    #[inline]
    fn leave(&mut self, out: &mut (impl Write + ?Sized), bracket: &[u8]) -> io::Result<()> {
        self.level = self.level.saturating_sub(1);
        if self.has_value {
            self.break_line(out, false)?;
        }
        out.write_all(bracket)
    }
}

impl Formatter for Indented {
    #[inline]
    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.enter(out, b"[")
    }

    #[inline]
    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.leave(out, b"]")
    }

    #[inline]
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.break_line(out, !first)
    }

    #[inline]
    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    #[inline]
    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.enter(out, b"{")
    }

    #[inline]
    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.leave(out, b"}")
    }

    #[inline]
    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.break_line(out, !first)
    }

    #[inline]
    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    #[inline]
    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::{Serializer, Value, json};

    use super::*;

    #[test]
    fn it_is_what_serde_json_writes() {
        let mut deep = json!([1, {"a": [], "b": {}, "c": [[], {}], "d": [null, "x\n"]}]);
        for _ in 0..40 {
            let inner: Value = deep.clone();
            deep = json!({ "k": inner, "l": [1.5, true] });
            let mut written = Vec::new();
            let mut serializer = Serializer::with_formatter(&mut written, Indented::default());
            deep.serialize(&mut serializer).unwrap();
            assert_eq!(written, serde_json::to_vec_pretty(&deep).unwrap());
        }
    }
}
