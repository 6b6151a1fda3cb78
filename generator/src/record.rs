//! What is known of a connection when it is over: the record that logs, manifests and later
//! checks share.
//!
//! Serialised as one JSON object. Both ends of a connection write one; they agree on `client`
//! and `server`, and each counts from its own point of view.

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A wall-clock instant. In JSON: RFC 3339, UTC, nine decimals
/// (`2026-01-31T12:00:00.000000001Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(transparent)]
pub struct WallTime(#[schemars(with = "String")] pub SystemTime);

/// Which end wrote the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The end that connected.
    Client,
    /// The end that accepted.
    Server,
}

/// How one end closed its half of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HalfClose {
    /// With FIN (RFC 9293 section 3.6).
    Fin,
    /// With RST (RFC 9293 section 3.5.2).
    Rst,
    /// Neither: the other end was faster, or this end stopped looking before it happened.
    #[serde(rename = "none")]
    Unseen,
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EndReason {
    /// The work was done; the close was part of it.
    Done,
    /// Nothing moved for as long as this end was willing to wait.
    TimedOut,
    /// This end was asked to stop (SIGINT, SIGTERM).
    Stopped,
    /// The other end closed before the work was done.
    PeerClosed,
    /// The echo differed from what was sent.
    EchoDiffered,
    /// The system reported an error; see `error`.
    Failed,
}

/// How a connection was closed, as the writer of the record saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Close {
    /// Who closed first; `None` when nobody was seen to.
    pub first: Option<Role>,
    /// How the writer of the record closed.
    pub local: HalfClose,
    /// How the other end closed.
    pub peer: HalfClose,
    /// Why the connection ended.
    pub reason: EndReason,
}

/// One finished connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConnectionRecord {
    /// Which end wrote this.
    pub role: Role,
    /// Number of the connection in its program, from 1, in the order of opening.
    pub connection: u64,
    /// Endpoint of the client.
    pub client: SocketAddr,
    /// Endpoint of the server.
    pub server: SocketAddr,
    /// Payload bytes that this end handed to the system.
    pub bytes_sent: u64,
    /// Payload bytes that this end got.
    pub bytes_received: u64,
    /// SHA-256 of the bytes sent, lower-case hex.
    pub sha256_sent: String,
    /// SHA-256 of the bytes received, lower-case hex.
    pub sha256_received: String,
    /// When the connection was established (client) or accepted (server).
    pub opened_at: WallTime,
    /// When this end was done with it.
    pub closed_at: WallTime,
    /// How it was closed.
    pub close: Close,
    /// What the system reported, if it reported anything.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
    /// The client's verdict on the echo; servers have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub echo: Option<EchoVerdict>,
    /// Who waited for whom, in words, when nothing moved any more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waiting: Option<String>,
}

/// What comparing the echo with the bytes sent came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum EchoVerdict {
    /// Every byte came back, in order, and nothing else.
    Identical,
    /// The first byte that differs.
    Differs {
        /// Its offset in the stream, from 0.
        offset: u64,
        /// The byte that was sent there.
        expected: u8,
        /// The byte that came back.
        got: u8,
    },
    /// Fewer bytes came back than were to be echoed.
    Short {
        /// Bytes that were to come back.
        expected: u64,
        /// Bytes that came back, all of them right.
        got: u64,
    },
    /// More came back than was sent.
    Long {
        /// Bytes that were sent.
        expected: u64,
        /// Bytes that came back, at least.
        got: u64,
    },
}

impl WallTime {
    /// The clock's time.
    pub fn now() -> Self {
        Self(SystemTime::now())
    }

    /// From `earlier` to here; zero when the clock was set back in between.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.duration_since(earlier.0).unwrap_or_default()
    }
}

impl Serialize for WallTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&humantime::format_rfc3339_nanos(self.0))
    }
}

impl<'de> Deserialize<'de> for WallTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_rfc3339(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl Role {
    /// The other end.
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

impl EchoVerdict {
    /// True when every byte came back and nothing else did.
    pub const fn is_identical(&self) -> bool {
        matches!(self, Self::Identical)
    }
}

/// Lower-case hex, as `sha256sum` prints it.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_survives_json() {
        let record = ConnectionRecord {
            role: Role::Client,
            connection: 1,
            client: "127.0.0.1:4000".parse().unwrap(),
            server: "[::1]:10000".parse().unwrap(),
            bytes_sent: 46,
            bytes_received: 3,
            sha256_sent: "00".repeat(32),
            sha256_received: "ff".repeat(32),
            opened_at: WallTime(SystemTime::UNIX_EPOCH + Duration::from_nanos(1)),
            closed_at: WallTime(SystemTime::UNIX_EPOCH + Duration::from_secs(2)),
            close: Close {
                first: Some(Role::Server),
                local: HalfClose::Fin,
                peer: HalfClose::Unseen,
                reason: EndReason::PeerClosed,
            },
            error: None,
            echo: Some(EchoVerdict::Short { expected: 46, got: 3 }),
            waiting: None,
        };
        let json = serde_json::to_string(&record).unwrap();
        assert!(json.contains(r#""opened_at":"1970-01-01T00:00:00.000000001Z""#), "{json}");
        assert!(json.contains(r#""peer":"none","reason":"peer-closed""#), "{json}");
        assert!(json.contains(r#""verdict":"short","expected":46,"got":3"#), "{json}");
        assert_eq!(serde_json::from_str::<ConnectionRecord>(&json).unwrap(), record);
    }
}
