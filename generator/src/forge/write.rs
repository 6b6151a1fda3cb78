//! From built frames to a capture file.

use std::io::Write;

use analyzer::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use analyzer::source::write::{PcapWriter, PcapngWriter};
use analyzer::source::{CaptureStatistics, Interface, Section};
use analyzer::time::{TimePrecision, Timestamp};

use super::{Error, Recipe};

const ETHERNET: LinkType = LinkType(1);
const RAW_IP: LinkType = LinkType(101);

/// Writes the recipe's capture; the same recipe always makes the same bytes.
///
/// # Errors
/// When the writer fails, or the file format cannot hold a frame's time.
pub fn write(recipe: &Recipe, out: &mut dyn Write) -> Result<(), Error> {
    let link_type = if recipe.has_ethernet { ETHERNET } else { RAW_IP };
    let precision =
        if recipe.file.has_nanoseconds { TimePrecision::NANOS } else { TimePrecision::MICROS };
    let frames = (1..).zip(&recipe.frames).map(|(number, forged)| Frame {
        number: FrameNumber(number),
        timestamp: Timestamp::from_nanos(forged.time),
        wire_len: forged.wire_len,
        link_type,
        interface: InterfaceId(0),
        bytes: &forged.bytes,
    });
    if recipe.file.is_pcapng {
        let application = Some("generator forge".to_string());
        let mut writer = PcapngWriter::new(out, &Section { application, ..Section::default() })?;
        let interface = Interface {
            name: Some(recipe.file.interface.clone()),
            description: recipe.file.description.clone(),
            link_type,
            snaplen: recipe.file.snaplen,
            precision,
        };
        writer.add_interface(&interface, None, None)?;
        for frame in frames {
            writer.write(&frame)?;
        }
        let nothing_known: [CaptureStatistics; 0] = [];
        writer.finish(&nothing_known)?;
    } else {
        let mut writer = PcapWriter::new(out, link_type, recipe.file.snaplen, precision)?;
        for frame in frames {
            writer.write(&frame)?;
        }
        writer.finish()?;
    }
    Ok(())
}
