//! ARP (RFC 826, RFC 5227): who asks for whom, who answers.

use std::fmt::{self, Write};

use super::text::Hardware;
use crate::wire::ArpView;

/// Writes the line of an ARP message.
pub(super) fn write<W: Write>(out: &mut W, arp: &ArpView<'_>) -> fmt::Result {
    let Some((sender, target)) = arp.ipv4() else {
        return write_opcode(out, arp.opcode());
    };
    let hardware = arp.sender_hardware().unwrap_or(&[]);
    let target_hardware = arp.target_hardware().unwrap_or(&[]);
    match arp.opcode() {
        1 if sender == target => {
            // RFC 5227, section 1.1: an announcement has no target hardware address.
            if target_hardware.iter().all(|byte| *byte == 0) {
                write!(out, "ARP Announcement for {target}")
            } else {
                write!(out, "Gratuitous ARP for {target} (Request)")
            }
        }
        2 if sender == target => write!(out, "Gratuitous ARP for {target} (Reply)"),
        1 if sender.is_unspecified() => write!(out, "Who has {target}? (ARP Probe)"),
        1 => write!(out, "Who has {target}? Tell {sender}"),
        2 => write!(out, "{sender} is at {}", SenderHardware(hardware)),
        3 => write!(out, "Who is {}? Tell {}", Hardware(target_hardware), Hardware(hardware)),
        4 => write!(out, "{} is at {target}", Hardware(target_hardware)),
        9 => write!(out, "{} is at {sender}", Hardware(hardware)),
        other => write_opcode(out, other),
    }
}

/// The Protocol column: the reverse questions (RFC 903, RFC 2390) have names of their own.
pub(super) fn column(arp: &ArpView<'_>) -> &'static str {
    match arp.opcode() {
        3 | 4 => "RARP",
        8 | 9 => "Inverse ARP",
        _ => "ARP",
    }
}

/// Messages that are not about IPv4, or not simple questions.
fn write_opcode<W: Write>(out: &mut W, opcode: u16) -> fmt::Result {
    match opcode {
        1 => out.write_str("request"),
        2 => out.write_str("reply"),
        3 => out.write_str("reverse request"),
        4 => out.write_str("reverse reply"),
        8 => out.write_str("inverse request"),
        9 => out.write_str("inverse reply"),
        10 => out.write_str("arp nak"),
        other => write!(out, "Unknown ARP opcode 0x{other:04x}"),
    }
}

/// Addresses longer than EUI-64 (InfiniBand's have 20 bytes) are written without colons.
struct SenderHardware<'a>(&'a [u8]);

impl fmt::Display for SenderHardware<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() <= 8 {
            return Hardware(self.0).fmt(f);
        }
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
