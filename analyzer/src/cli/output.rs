//! A file that a user named for the result of a command.
//!
//! A regular file appears under its name only when it is complete: until then it is written
//! beside it, so that a full disk or an interruption neither leaves half a result nor costs an
//! older one. What is no regular file (a pipe, `/dev/stdout`) is written directly.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::Failure;

/// Bytes collected before they are written.
const BUFFER: usize = 1 << 16;

/// A result on its way.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    out: Out,
}

#[derive(Debug)]
enum Out {
    Direct(BufWriter<File>),
    Beside(BufWriter<NamedTempFile>),
}

impl OutputFile {
    /// Begins the file at `path`.
    ///
    /// # Errors
    /// When nothing can be written there, with the path.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        let out = open(path).map_err(|cause| cannot_write(path, &cause))?;
        Ok(Self { path: path.to_owned(), out })
    }

    /// Lets `write` write.
    ///
    /// # Errors
    /// Those of `write`, with the path.
    pub fn write(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let result = match &mut self.out {
            Out::Direct(out) => write(out).and_then(|()| out.flush()),
            Out::Beside(out) => write(out).and_then(|()| out.flush()),
        };
        result.map_err(|cause| cannot_write(&self.path, &cause))
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When the system refuses, with the path.
    pub fn finish(self) -> Result<(), Failure> {
        let failed = |cause: &io::Error| cannot_write(&self.path, cause);
        let Out::Beside(out) = self.out else { return Ok(()) };
        let file = out.into_inner().map_err(|error| failed(error.error()))?;
        // Through a link, the file that it points to is replaced, not the link.
        let target = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        file.persist(target).map(drop).map_err(|error| failed(&error.error))
    }
}

fn open(path: &Path) -> io::Result<Out> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&target).is_ok_and(|found| !found.is_file()) {
        let file = File::options().write(true).open(&target)?;
        return Ok(Out::Direct(BufWriter::with_capacity(BUFFER, file)));
    }
    // An older file keeps its permissions; a new one gets those that the umask leaves.
    let mode = fs::metadata(&target).map_or(0o666, |found| found.permissions().mode() & 0o777);
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = Builder::new();
    builder.prefix(".").suffix(".part").permissions(Permissions::from_mode(mode));
    Ok(Out::Beside(BufWriter::with_capacity(BUFFER, builder.tempfile_in(folder)?)))
}

fn cannot_write(path: &Path, cause: &io::Error) -> Failure {
    format!("cannot write {}: {}", path.display(), system_reason(cause)).into()
}

/// The system's own error: tempfile wraps it with the name of its file, which tells nobody
/// anything.
fn system_reason(cause: &io::Error) -> &io::Error {
    let mut next = cause.get_ref().and_then(|inner| inner.source());
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<io::Error>() {
            return system_reason(found);
        }
        next = error.source();
    }
    cause
}
