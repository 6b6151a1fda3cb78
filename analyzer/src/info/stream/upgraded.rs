//! A stream behind an HTTP upgrade: its bytes as WebSocket frames.

use std::fmt;

use super::super::websocket::Head;
use super::{Need, Reading, Stream};

impl Stream {
    /// What follows the response that grants the upgrade in the same segment.
    pub(super) fn read_behind_upgrade(
        &self,
        info: &mut String,
        bytes: &[u8],
        http: Reading,
    ) -> Result<Reading, fmt::Error> {
        let rest = bytes.get(http.consumed..).unwrap_or(&[]);
        let frames = self.read_websocket(info, rest)?;
        Ok(Reading {
            protocol: frames.protocol.or(http.protocol),
            consumed: http.consumed + frames.consumed,
            ..frames
        })
    }

    /// Reads as many frames as are complete; the last one is shown.
    pub(super) fn read_websocket(
        &self,
        info: &mut String,
        bytes: &[u8],
    ) -> Result<Reading, fmt::Error> {
        let mut reading = Reading { is_mute: true, ..Reading::default() };
        let start = info.len();
        loop {
            let rest = bytes.get(reading.consumed..).unwrap_or(&[]);
            if rest.is_empty() {
                return Ok(reading);
            }
            let Some(head) = Head::read(rest) else {
                return Ok(Reading { need: Some(Need::More), ..reading });
            };
            let end = usize::try_from(head.len).ok().filter(|end| *end <= rest.len());
            let Some(end) = end else {
                return Ok(Reading { need: Some(Need::Bytes(head.len)), ..reading });
            };
            info.truncate(start);
            head.write(info)?;
            reading.protocol = Some("WebSocket");
            reading.consumed += end;
        }
    }
}
