//! Compressed captures: gzip, zstd and lz4, recognised by their first bytes and unpacked while
//! they are read. Several members after one another count as one file.

use std::fmt;
use std::io::{self, BufReader, Read};

use flate2::read::MultiGzDecoder;
use lz4_flex::frame::FrameDecoder;

use super::buffer::Input;

/// A compressed file cannot be unpacked further: its own damage, not the system's.
#[derive(Debug)]
pub(super) struct Corrupt {
    format: &'static str,
    cause: io::Error,
}

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} data is damaged or cut short: {}", self.format, self.cause)
    }
}

impl std::error::Error for Corrupt {}

const GZIP: [u8; 3] = [0x1f, 0x8b, 0x08];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const LZ4: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];

/// The compression that a file starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
    Lz4,
}

impl Compression {
    /// Recognises the magic number at the start of a file.
    pub(super) fn of(start: &[u8]) -> Option<Self> {
        if start.starts_with(&GZIP) {
            Some(Self::Gzip)
        } else if start.starts_with(&ZSTD) {
            Some(Self::Zstd)
        } else if start.starts_with(&LZ4) {
            Some(Self::Lz4)
        } else {
            None
        }
    }

    /// Unpacks the input while it is read.
    ///
    /// # Errors
    /// When the decoder has no memory.
    pub(super) fn unpack(self, input: Input) -> io::Result<Input> {
        Ok(match self {
            Self::Gzip => {
                Box::new(Unpacked { format: "gzip", decoder: MultiGzDecoder::new(input) })
            }
            Self::Zstd => {
                Box::new(Unpacked { format: "zstd", decoder: zstd::Decoder::new(input)? })
            }
            Self::Lz4 => Box::new(Unpacked { format: "lz4", decoder: Lz4Frames::new(input) }),
        })
    }
}

/// A decoder whose complaints about its data are told apart from those of the system.
struct Unpacked<D> {
    format: &'static str,
    decoder: D,
}

impl<D: Read> Read for Unpacked<D> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(into).map_err(|cause| match cause.kind() {
            // The system's errors keep their number; what has none comes from the decoder.
            _ if cause.raw_os_error().is_some() => cause,
            io::ErrorKind::Interrupted => cause,
            _ => io::Error::other(Corrupt { format: self.format, cause }),
        })
    }
}

/// lz4 frames one after another. The decoder returns 0 at the end of each frame, and also when
/// the file ends between two blocks of one; whether the file had ended tells these apart.
struct Lz4Frames {
    decoder: FrameDecoder<Watched>,
}

/// An input that remembers how far it was read.
struct Watched {
    input: BufReader<Input>,
    /// Bytes read since the last frame ended.
    since_frame: u64,
    has_ended: bool,
}

impl Lz4Frames {
    fn new(input: Input) -> Self {
        let input = BufReader::with_capacity(64 * 1024, input);
        let watched = Watched { input, since_frame: 0, has_ended: false };
        Self { decoder: FrameDecoder::new(watched) }
    }
}

impl Read for Lz4Frames {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.decoder.read(into)?;
            if count > 0 || into.is_empty() {
                return Ok(count);
            }
            let watched = self.decoder.get_mut();
            match (watched.has_ended, watched.since_frame) {
                (true, 0) => return Ok(0),
                (true, _) => return Err(io::ErrorKind::UnexpectedEof.into()),
                (false, _) => watched.since_frame = 0,
            }
        }
    }
}

impl Read for Watched {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(into)?;
        self.since_frame += count as u64;
        self.has_ended |= count == 0 && !into.is_empty();
        Ok(count)
    }
}
