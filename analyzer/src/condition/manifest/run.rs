//! The parts of `run.json`, version 1, that a capture can be held against. Fields that are not
//! named here are passed over: the format may grow.

use std::fs::File;
use std::io::Read;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use serde::Deserialize;

/// Largest manifest that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// A manifest.
#[derive(Debug, Clone, Deserialize)]
pub struct Run {
    /// Version of the format.
    pub version: u32,
    /// The hosts, for the addresses of their interfaces.
    #[serde(default)]
    pub hosts: Vec<Host>,
    /// Every connection, by the time of its opening.
    pub connections: Vec<Told>,
    /// The recordings.
    #[serde(default)]
    pub recordings: Vec<Recording>,
}

/// A host.
#[derive(Debug, Clone, Deserialize)]
pub struct Host {
    name: String,
    interfaces: Vec<Interface>,
}

/// An interface of a host; addresses carry their prefix length.
#[derive(Debug, Clone, Deserialize)]
struct Interface {
    name: String,
    address: String,
    #[serde(default)]
    address6: Option<String>,
}

/// A recording of one interface.
#[derive(Debug, Clone, Deserialize)]
pub struct Recording {
    /// The host.
    pub host: String,
    /// Its interface.
    pub interface: String,
    /// The capture in the run folder.
    pub file: String,
    /// Frames in the capture.
    #[serde(default)]
    pub frames: u64,
    /// Frames lost because the recorder was too slow.
    #[serde(default)]
    pub dropped_by_kernel: Option<u64>,
    /// Frames lost at the interface.
    #[serde(default)]
    pub dropped_by_interface: Option<u64>,
}

/// A connection, as its two ends tell it.
#[derive(Debug, Clone, Deserialize)]
pub struct Told {
    /// Endpoint of the client.
    pub client: SocketAddr,
    /// Endpoint of the server.
    pub server: SocketAddr,
    /// The client's account.
    #[serde(default)]
    pub at_client: Option<Account>,
    /// The server's account.
    #[serde(default)]
    pub at_server: Option<Account>,
}

/// What one end tells.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// Payload bytes that it handed to its system.
    pub bytes_sent: u64,
    /// Payload bytes that it got.
    pub bytes_received: u64,
    /// SHA-256 of the bytes sent, lower-case hex.
    pub sha256_sent: String,
    /// SHA-256 of the bytes received, lower-case hex.
    pub sha256_received: String,
    /// How it was closed.
    pub close: Close,
}

/// How a connection was closed, as one end saw it.
#[derive(Debug, Clone, Deserialize)]
pub struct Close {
    /// `client`, `server`, or null when nobody was seen to.
    pub first: Option<String>,
    /// `fin`, `rst` or `none`.
    pub local: String,
}

impl Run {
    /// Reads a manifest.
    ///
    /// # Errors
    /// A sentence with the file, and the line and column where its content is not as expected.
    pub fn read(path: &Path) -> Result<Self, String> {
        let cannot = |why: String| format!("cannot read the manifest {}: {why}", path.display());
        // A pipe would keep the check waiting for ever.
        let about = std::fs::metadata(path).map_err(|cause| cannot(cause.to_string()))?;
        if !about.is_file() {
            return Err(cannot("it is not a regular file".to_owned()));
        }
        let file = File::open(path).map_err(|cause| cannot(cause.to_string()))?;
        let mut text = String::new();
        let mut limited = file.take(LARGEST + 1);
        limited.read_to_string(&mut text).map_err(|cause| cannot(cause.to_string()))?;
        if text.len() as u64 > LARGEST {
            return Err(cannot(format!("it is larger than {} MiB", LARGEST >> 20)));
        }
        let run: Self = serde_json::from_str(&text).map_err(|cause| cannot(cause.to_string()))?;
        if run.version != 1 {
            return Err(cannot(format!("its version is {}, 1 was expected", run.version)));
        }
        Ok(run)
    }

    /// The recording that a capture is, by its file name; none when it was renamed.
    #[must_use]
    pub fn recording(&self, capture: &Path) -> Option<&Recording> {
        let name = capture.file_name()?.to_str()?;
        let is_it = |recording: &&Recording| {
            Path::new(&recording.file).file_name().and_then(|file| file.to_str()) == Some(name)
        };
        let only = match self.recordings.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        self.recordings.iter().find(is_it).or(only)
    }

    /// The addresses of a recorded interface; none for lo.
    #[must_use]
    pub fn addresses(&self, recording: &Recording) -> Vec<IpAddr> {
        let host = self.hosts.iter().find(|host| host.name == recording.host);
        let interface = host.and_then(|host| {
            host.interfaces.iter().find(|interface| interface.name == recording.interface)
        });
        let addresses = interface
            .into_iter()
            .flat_map(|interface| std::iter::once(&interface.address).chain(&interface.address6));
        addresses.filter_map(|text| text.split('/').next()?.parse().ok()).collect()
    }
}
