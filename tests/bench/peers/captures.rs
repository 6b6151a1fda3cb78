//! The captures of a run: made by our own maker, kept between runs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use generator::forge::traffic::{FileFormat, Profile, Shape, Traffic, write};
use sha2::{Digest, Sha256};

use crate::programs;

/// How large the captures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// About a fifth: a run takes a few minutes.
    Quick,
    /// As large as the targets say.
    Full,
}

/// Captures on disk.
#[derive(Debug)]
pub struct Captures {
    folder: PathBuf,
    size: Size,
}

/// A capture and how to make it.
#[derive(Debug, Clone, Copy)]
pub struct Capture {
    name: &'static str,
    profile: Profile,
    quick: &'static [&'static str],
    full: &'static [&'static str],
}

pub const MANY: Capture = Capture {
    name: "many.pcap",
    profile: Profile::Many,
    quick: &["--connections", "40000"],
    full: &[],
};
/// What the slow peers can read in bearable time.
pub const FIRST: Capture = Capture {
    name: "many-first.pcap",
    profile: Profile::Many,
    quick: &["--max-frames", "200000"],
    full: &["--max-frames", "1000000"],
};
/// What instructions are counted on.
pub const COUNTED: Capture = Capture {
    name: "many-counted.pcap",
    profile: Profile::Many,
    quick: &["--max-frames", "200000"],
    full: &["--max-frames", "200000"],
};
pub const NOTHING: Capture = Capture {
    name: "nothing.pcap",
    profile: Profile::Many,
    quick: &["--max-frames", "0"],
    full: &["--max-frames", "0"],
};
pub const WIDE: Capture = Capture {
    name: "wide.pcap",
    profile: Profile::Wide,
    quick: &["--connections", "100000"],
    full: &[],
};
pub const BULK: Capture = Capture {
    name: "bulk.pcap",
    profile: Profile::Bulk,
    quick: &["--segments", "30000-34000"],
    full: &[],
};
pub const MIXED: Capture = Capture {
    name: "mixed.pcap",
    profile: Profile::Mixed,
    quick: &["--connections", "10000"],
    full: &[],
};
pub const MIXED_NG: Capture = Capture { name: "mixed.pcapng", ..MIXED };

impl Captures {
    pub fn new(size: Size) -> io::Result<Self> {
        let folder = programs::folder().join(if size == Size::Full { "full" } else { "quick" });
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, size })
    }

    /// Where the capture is; makes it unless it is there, from this very maker.
    pub fn get(&self, capture: Capture) -> io::Result<PathBuf> {
        let path = self.folder.join(capture.name);
        let mut arguments = vec!["traffic", capture.profile.name()];
        arguments.extend(match self.size {
            Size::Quick => capture.quick,
            Size::Full => capture.full,
        });
        let stamp = format!("{} {}\n", arguments.join(" "), fingerprint(capture.profile)?);
        let stamp_path = self.folder.join(format!("{}.stamp", capture.name));
        if fs::read_to_string(&stamp_path).is_ok_and(|found| found == stamp) && path.exists() {
            return Ok(path);
        }
        eprintln!("making {}", capture.name);
        let truth = self.folder.join(format!("{}.truth.json", capture.name));
        let status = Command::new(programs::generator())
            .args(&arguments)
            .args([Path::new("-o"), &path, Path::new("--truth"), &truth])
            .stderr(Stdio::null())
            .status()?;
        if !status.success() {
            return Err(io::Error::other(format!("{} was not made: {status}", capture.name)));
        }
        for packed in ["gz", "zst"] {
            let _ = fs::remove_file(self.folder.join(format!("{}.{packed}", capture.name)));
        }
        fs::write(stamp_path, stamp)?;
        Ok(path)
    }

    /// A number that the maker counted, for example `connections`.
    pub fn truth(&self, capture: Capture, key: &str) -> io::Result<u64> {
        let path = self.get(capture)?.with_file_name(format!("{}.truth.json", capture.name));
        let truth: serde_json::Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        truth[key].as_u64().ok_or_else(|| io::Error::other(format!("no {key} in the truth")))
    }

    /// The capture, packed by `program` (`gzip`, `zstd`).
    pub fn packed(&self, capture: Capture, program: &Path, ending: &str) -> io::Result<PathBuf> {
        let plain = self.get(capture)?;
        let packed = self.folder.join(format!("{}.{ending}", capture.name));
        if !packed.exists() {
            eprintln!("packing {}", packed.display());
            let out = fs::File::create(&packed)?;
            let status = Command::new(program).arg("-c").arg(&plain).stdout(out).status()?;
            if !status.success() {
                return Err(io::Error::other(format!("{}: {status}", program.display())));
            }
        }
        Ok(packed)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Names the maker: a digest of some frames that it makes. Of few connections, because the peak
/// of this process's memory is where every program that it starts begins.
fn fingerprint(profile: Profile) -> io::Result<String> {
    let shape = Shape { connections: 100, open: 50, ..profile.shape() };
    let mut bytes = Vec::new();
    write(&mut Traffic::new(shape, 1), FileFormat::Pcap, Some(2_000), &mut bytes)?;
    let digest = Sha256::digest(&bytes);
    Ok(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}
