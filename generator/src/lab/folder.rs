//! The run folder: where everything that a run leaves behind goes.
//!
//! ```text
//! scenario.toml          the scenario, as it was read
//! run.json               the manifest
//! mesin1.log …           what each host's terminal showed
//! mesin1-eth1.pcapng …   one capture per recorded interface
//! files/                 the files that were made for the run
//! report.txt report.json the report on the captures
//! ```

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::error::{Error, Result};
use super::manifest::{FileFacts, Run};
use super::process::Terminal;
use crate::record::hex;
use crate::scenario::{Content, Scenario};

/// How many folders of the same name are tried before giving up.
const NUMBER_LIMIT: u32 = 10_000;

/// A run folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    terminals: Mutex<Vec<(String, Terminal)>>,
}

/// Makes an empty run folder at `wanted`; when it has content already, at `wanted-2`,
/// `wanted-3` and so on: nothing is ever overwritten.
///
/// # Errors
/// When it cannot be made.
pub fn make(wanted: &Path) -> Result<PathBuf> {
    let name = wanted.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.ok_or_else(|| {
        Error::Usage(format!("{} cannot be a run folder: it has no name", wanted.display()))
    })?;
    for number in 1..=NUMBER_LIMIT {
        let path = match number {
            1 => wanted.to_owned(),
            _ => wanted.with_file_name(format!("{name}-{number}")),
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|cause| Error::file("make", parent, cause))?;
        }
        match fs::create_dir(&path) {
            Ok(()) => return absolute(&path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if is_empty(&path) {
                    return absolute(&path);
                }
            }
            Err(cause) => return Err(Error::file("make", path, cause)),
        }
    }
    Err(Error::Usage(format!("there are {NUMBER_LIMIT} folders like {} already", wanted.display())))
}

fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(|cause| Error::file("find", path, cause))
}

fn is_empty(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

impl Folder {
    /// The run folder at `path`, which exists.
    pub fn at(path: PathBuf) -> Self {
        Self { path, terminals: Mutex::default() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the run's programs find its files.
    pub fn files(&self) -> PathBuf {
        self.path.join("files")
    }

    /// Where a program writes its connection records until they are in the manifest.
    pub fn record(&self, process: &str) -> PathBuf {
        self.path.join(format!(".{process}.records"))
    }

    /// Writes the scenario and makes its files.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn fill(&self, scenario: &Scenario, text: &str) -> Result<Vec<FileFacts>> {
        let path = self.path.join("scenario.toml");
        fs::write(&path, text).map_err(|cause| Error::file("write", path, cause))?;
        let files = self.files();
        fs::create_dir_all(&files).map_err(|cause| Error::file("make", &files, cause))?;
        scenario.files.iter().map(|content| make_file(&files, content)).collect()
    }

    /// The terminal log of a host, opened at first use.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn terminal(&self, host: &str) -> Result<Terminal> {
        let mut terminals = self.terminals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, terminal)) = terminals.iter().find(|(name, _)| name == host) {
            return Ok(Arc::clone(terminal));
        }
        let path = self.path.join(log_name(host));
        let file = File::options().create(true).append(true).open(&path);
        let file = file.map_err(|cause| Error::file("make", path, cause))?;
        let terminal = Arc::new(Mutex::new(file));
        terminals.push((host.to_owned(), Arc::clone(&terminal)));
        Ok(terminal)
    }

    /// Writes a prompt and a command, as if it had been typed.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn show_command(&self, terminal: &Terminal, host: &str, command: &str) -> Result<()> {
        let mut file = terminal.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{host}$ {command}")
            .map_err(|cause| Error::file("write", self.path.join(log_name(host)), cause))
    }

    /// Writes the manifest.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write_manifest(&self, run: &Run) -> Result<()> {
        write_whole(&self.path.join("run.json"), |file| {
            serde_json::to_writer_pretty(&mut *file, run)?;
            file.write_all(b"\n")
        })
    }
}

/// Writes a file that appears under its name only when it is complete.
///
/// # Errors
/// When the disk refuses; then nothing of it is left.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let part = path.with_added_extension("part");
    let attempt = || -> io::Result<()> {
        let mut file = BufWriter::new(File::create(&part)?);
        write(&mut file)?;
        file.flush()?;
        fs::rename(&part, path)
    };
    attempt().map_err(|cause| {
        // The first failure is the one to tell.
        let _ = fs::remove_file(&part);
        Error::file("write", path, cause)
    })
}

/// The name of a host's terminal log.
pub fn log_name(host: &str) -> String {
    format!("{host}.log")
}

fn make_file(folder: &Path, content: &Content) -> Result<FileFacts> {
    let path = folder.join(content.name.as_ref());
    let mut digest = Sha256::new();
    let mut bytes = 0_u64;
    let mut write = || -> io::Result<()> {
        let mut file = BufWriter::new(File::create(&path)?);
        let mut put = |piece: &[u8]| {
            digest.update(piece);
            bytes += piece.len() as u64;
            file.write_all(piece)
        };
        if let Some(text) = &content.text {
            put(text.as_bytes())?;
        }
        if let Some(size) = content.size {
            seeded(content.seed, size.0, &mut put)?;
        }
        file.flush()
    };
    write().map_err(|cause| Error::file("write", &path, cause))?;
    Ok(FileFacts { name: content.name.as_ref().clone(), bytes, sha256: hex(&digest.finalize()) })
}

/// `size` bytes that follow from `seed` alone: SHA-256 over seed and block number.
fn seeded(seed: u64, size: u64, put: &mut impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut left = size;
    let mut block = 0_u64;
    while left > 0 {
        let bytes =
            Sha256::new().chain_update(seed.to_le_bytes()).chain_update(block.to_le_bytes());
        let bytes = bytes.finalize();
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        put(bytes.get(..take).unwrap_or(&bytes))?;
        left -= take as u64;
        block += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_content_is_never_reused() {
        let parent = tempfile::tempdir().unwrap();
        let wanted = parent.path().join("deep/run");
        let first = make(&wanted).unwrap();
        assert_eq!(make(&wanted).unwrap(), first, "still empty");
        fs::write(first.join("run.json"), "{}").unwrap();
        let second = make(&wanted).unwrap();
        assert_eq!(second.file_name().unwrap(), "run-2");
        fs::write(parent.path().join("file"), "x").unwrap();
        assert_eq!(make(&parent.path().join("file")).unwrap().file_name().unwrap(), "file-2");
    }

    #[test]
    fn seeded_files_repeat_and_differ_by_seed() {
        let bytes = |seed, size| {
            let mut all = Vec::new();
            seeded(seed, size, &mut |piece: &[u8]| {
                all.extend_from_slice(piece);
                Ok(())
            })
            .unwrap();
            all
        };
        assert_eq!(bytes(1, 100), bytes(1, 100));
        assert_eq!(bytes(1, 33), bytes(1, 100)[..33]);
        assert_ne!(bytes(1, 100), bytes(2, 100));
        assert!(bytes(1, 0).is_empty());
    }
}
