//! Opens a capture: finds out what it is by its first bytes, unpacks it, picks the reader.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::buffer::{Input, RollingBuffer};
use super::compressed::Compression;
use super::pcap::PcapSource;
use super::pcap::variant::FileHeader;
use super::pcapng::{self, PcapngSource};
use super::reading::Reading;
use super::snoop::{self, SnoopSource};
use super::{Error, FrameSource, Result};

/// Bytes that tell every format apart.
const SIGNATURE: usize = 8;

/// Opens a capture file, or standard input for `-`.
///
/// pcap (micro- and nanoseconds, the modified dialects), pcapng and snoop are recognised by
/// their first bytes, also when they are packed with gzip, zstd or lz4. The file is read once
/// from front to back, so a pipe will do.
///
/// # Errors
/// [`Error::Io`] when it cannot be opened or read, [`Error::NotACapture`] when it is something
/// else, [`Error::Damaged`] when its file header is.
pub fn open(path: &Path) -> Result<Box<dyn FrameSource>> {
    if path == Path::new("-") {
        return from_reader("-", io::stdin());
    }
    let failed = |cause| Error::Io { path: path.to_path_buf(), cause };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        let reason = "it is a directory; name a capture file in it";
        return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, reason)));
    }
    from_input(path, metadata.is_file(), Box::new(file))
}

/// Reads a capture from anything that can be read; `name` stands for it in messages.
///
/// # Errors
/// As [`open`].
pub fn from_reader(
    name: impl AsRef<Path>,
    reader: impl Read + Send + 'static,
) -> Result<Box<dyn FrameSource>> {
    from_input(name.as_ref(), false, Box::new(reader))
}

fn from_input(
    path: &Path,
    is_regular_file: bool,
    mut input: Input,
) -> Result<Box<dyn FrameSource>> {
    let failed = |cause| Error::Io { path: path.to_path_buf(), cause };
    let start = read_start(&mut input).map_err(failed)?;
    let compression = Compression::of(&start);
    let whole: Input = Box::new(io::Cursor::new(start).chain(input));
    let whole = match compression {
        Some(compression) => compression.unpack(whole).map_err(failed)?,
        None => whole,
    };

    let buffer = RollingBuffer::new(whole);
    let mut reading = Reading::new(path.to_path_buf(), is_regular_file, buffer);
    reading.fill(SIGNATURE)?;
    let start = reading.buffer.available();
    if let Some(header) = FileHeader::from_magic(start) {
        return Ok(Box::new(PcapSource::new(reading, header)?));
    }
    if start.starts_with(&pcapng::MAGIC) {
        return Ok(Box::new(PcapngSource::new(reading)));
    }
    if start.starts_with(&snoop::MAGIC) {
        return Ok(Box::new(SnoopSource::new(reading)?));
    }
    let reason = what_it_is(start, compression.is_some());
    Err(Error::NotACapture { path: path.to_path_buf(), reason })
}

/// The first bytes, fewer when the input is shorter.
fn read_start(input: &mut Input) -> io::Result<Vec<u8>> {
    let mut start = Vec::with_capacity(SIGNATURE);
    input.take(SIGNATURE as u64).read_to_end(&mut start)?;
    Ok(start)
}

/// Says what the file is instead, and what would be accepted.
fn what_it_is(start: &[u8], is_packed: bool) -> String {
    const ACCEPTED: &str = "pcap, pcapng and snoop can be read, also packed with gzip, zstd or lz4";
    let what = match start {
        [] if is_packed => "the compressed file holds nothing",
        [] => {
            return String::from(
                "it is empty; the recording may have failed before its first byte was written",
            );
        }
        [0x89, b'P', b'N', b'G', ..] => "it is a PNG image",
        [0xff, 0xd8, 0xff, ..] => "it is a JPEG image",
        [b'G', b'I', b'F', b'8', ..] => "it is a GIF image",
        [b'%', b'P', b'D', b'F', ..] => "it is a PDF document",
        [b'P', b'K', 3 | 5 | 7, ..] => {
            "it is a ZIP archive (or an office document); unpack it first"
        }
        [b'B', b'Z', b'h', ..] => "it is packed with bzip2; unpack it first (bunzip2)",
        [0xfd, b'7', b'z', b'X', b'Z', ..] => "it is packed with xz; unpack it first (unxz)",
        [0x7f, b'E', b'L', b'F', ..] => "it is a program",
        [b'#', b'!', ..] => "it is a script",
        [b'{' | b'[', ..] => "it looks like JSON text",
        [b'<', ..] => "it looks like XML or HTML text",
        _ if start.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')) => {
            "it is text"
        }
        _ => return format!("it starts with the bytes{}; {ACCEPTED}", hex(start)),
    };
    format!("{what}; {ACCEPTED}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!(" {byte:02x}")).collect()
}
