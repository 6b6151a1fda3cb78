//! A capture in memory: read, written and summed up with our own readers and writers.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use analyzer::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use analyzer::snapshot::Snapshot;
use analyzer::snapshot::diff::Reading;
use analyzer::source::write::PcapngWriter;
use analyzer::source::{self, FrameSource, Interface, Section};
use analyzer::summary::{self, CaptureSummary, Options};
use analyzer::time::Timestamp;

/// A frame that owns its bytes.
#[derive(Debug, Clone)]
pub struct Owned {
    pub timestamp: Timestamp,
    pub wire_len: u32,
    pub link_type: LinkType,
    pub interface: InterfaceId,
    pub bytes: Vec<u8>,
}

/// All of a capture.
#[derive(Debug, Clone)]
pub struct Capture {
    pub frames: Vec<Owned>,
    interfaces: Vec<Interface>,
}

impl Owned {
    pub fn borrow(&self, number: u64) -> Frame<'_> {
        Frame {
            number: FrameNumber(number),
            timestamp: self.timestamp,
            wire_len: self.wire_len,
            link_type: self.link_type,
            interface: self.interface,
            bytes: &self.bytes,
        }
    }

    /// Comes so many nanoseconds later.
    pub fn delay(&mut self, nanos: i64) {
        self.timestamp = Timestamp::from_nanos(self.timestamp.as_nanos() + nanos);
    }
}

impl Capture {
    fn read(source: &mut dyn FrameSource) -> Self {
        let mut frames = Vec::new();
        while let Some(frame) = source.next().expect("a whole capture") {
            frames.push(Owned {
                timestamp: frame.timestamp,
                wire_len: frame.wire_len,
                link_type: frame.link_type,
                interface: frame.interface,
                bytes: frame.bytes.to_vec(),
            });
        }
        Self { frames, interfaces: source.interfaces().to_vec() }
    }

    /// As a pcapng file.
    pub fn written(&self) -> Vec<u8> {
        let mut writer = PcapngWriter::new(Vec::new(), &Section::default()).unwrap();
        for interface in &self.interfaces {
            writer.add_interface(interface, None, None).unwrap();
        }
        for (number, frame) in (1..).zip(&self.frames) {
            writer.write(&frame.borrow(number)).unwrap();
        }
        writer.finish(&[]).unwrap()
    }

    fn open(&self) -> Box<dyn FrameSource> {
        source::from_reader("mutated", Cursor::new(self.written())).expect("what was written")
    }

    pub fn snapshot(&self) -> Snapshot {
        let (snapshot, damage) = Snapshot::of("mutated", &mut *self.open());
        assert!(damage.is_none(), "{damage:?}");
        snapshot
    }

    pub fn reading(&self, name: &str) -> Reading {
        Reading::of(name, &mut *self.open()).expect("what was written")
    }

    pub fn summary(&self) -> CaptureSummary {
        summary::summarise("mutated", &mut *self.open(), Options::default()).0
    }
}

/// The folder of the fixtures.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fixtures")
}

/// Every fixture with its name.
pub fn fixtures() -> Vec<(String, Capture)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root()).unwrap() {
        let folder = entry.unwrap().path();
        let path = folder.join("capture.pcapng");
        if path.exists() {
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            found.push((name, Capture::read(&mut *source::open(&path).unwrap())));
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(found.len() >= 20, "only {} fixtures", found.len());
    found
}
