//! TOML files that a person wrote: read up to a limit, and refused with file, line and column.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::de::DeserializeOwned;

/// Largest file, in bytes.
const LARGEST: u64 = 256 << 10;

/// Why a file is refused: file, place, reason.
#[derive(Debug, thiserror::Error)]
#[error("{file}{place}: {reason}")]
pub struct Refused {
    file: String,
    place: String,
    reason: String,
}

/// A kind of file, and those of it that need no file: their names, and the text behind a name.
pub(super) struct Sort {
    /// What messages call it.
    pub noun: &'static str,
    /// Names of the ready ones.
    pub ready: &'static [&'static str],
    /// The text of a ready one.
    pub text: fn(&str) -> Option<&'static str>,
}

impl Sort {
    /// The text of a file, or of a ready one by its name.
    ///
    /// # Errors
    /// When the file cannot be read, is too long, or is no UTF-8.
    pub fn read(&self, path: &Path) -> Result<String, Refused> {
        if let Some(text) = path.to_str().and_then(self.text) {
            return Ok(text.to_owned());
        }
        let refused =
            |reason| Refused { file: path.display().to_string(), place: String::new(), reason };
        let (noun, ready) = (self.noun, self.ready.join(", "));
        let file = File::open(path).map_err(|cause| {
            refused(format!("cannot be read: {cause}; ready {noun}s are {ready}"))
        })?;
        let mut bytes = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| refused(e.to_string()))?;
        if bytes.len() as u64 > LARGEST {
            let limit = LARGEST >> 10;
            return Err(refused(format!("more than {limit} KiB; no {noun} is that long")));
        }
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            refused(format!("byte {at} is not UTF-8 text; save it as UTF-8"))
        })
    }
}

/// A text that is being read, and the name of its file.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    /// The text.
    pub text: &'a str,
    /// What messages call the file.
    pub file: &'a str,
}

impl Written<'_> {
    /// The text as values.
    ///
    /// # Errors
    /// At its place, what TOML or the values do not allow.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.refused(at, error.message().to_owned())
        })
    }

    /// Refuses a version other than 1.
    ///
    /// # Errors
    /// At the version's place.
    pub fn expect_first_version(&self, version: &toml::Spanned<u32>) -> Result<(), Refused> {
        match version.get_ref() {
            1 => Ok(()),
            other => {
                let reason = format!("version {other} is not known; write 1");
                Err(self.refused(version.span().start, reason))
            }
        }
    }

    /// What is wrong at a byte of the text.
    pub fn refused(&self, at: usize, reason: String) -> Refused {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Refused { file: self.file.to_owned(), place: format!(":{line}:{column}"), reason }
    }
}
