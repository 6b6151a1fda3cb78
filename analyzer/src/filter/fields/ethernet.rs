//! `eth.*`.

use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{Bytes, Unsigned};
use crate::filter::literal::Names;
use crate::filter::value::Value;
use crate::wire::Protocol::{Arp, Ethernet};

/// EtherTypes by the words that Wireshark has for them.
pub(super) const ETHER_TYPES: Names = &[
    (0x0800, "IPv4"),
    (0x0806, "ARP"),
    (0x8100, "802.1Q Virtual LAN"),
    (0x86dd, "IPv6"),
    (0x8847, "MPLS label switched packet"),
    (0x8863, "PPPoE Discovery"),
    (0x8864, "PPPoE Session"),
    (0x88a8, "802.1ad Provider Bridge (Q-in-Q)"),
];

pub(super) const FIELDS: &[Field] = &[
    Field::ether("eth.dst", Ethernet, 0, "receiver's address"),
    Field::ether("eth.src", Ethernet, 6, "sender's address"),
    Field::ether("eth.addr", Ethernet, 0, "either address")
        .and(Field::ether("eth.addr", Ethernet, 6, "")),
    Field::flag("eth.dst.ig", Ethernet, 0, 0x01, "receiver is a group"),
    Field::flag("eth.dst.lg", Ethernet, 0, 0x02, "receiver's address is local"),
    Field::flag("eth.src.ig", Ethernet, 6, 0x01, "sender is a group"),
    Field::flag("eth.src.lg", Ethernet, 6, 0x02, "sender's address is local"),
    Field::flag("eth.ig", Ethernet, 0, 0x01, "either address is a group")
        .and(Field::flag("eth.ig", Ethernet, 6, 0x01, "")),
    Field::flag("eth.lg", Ethernet, 0, 0x02, "either address is local")
        .and(Field::flag("eth.lg", Ethernet, 6, 0x02, "")),
    Field::bits("eth.dst.oui", Unsigned(24), Ethernet, (0, 3, 0xff_ffff), "receiver's vendor"),
    Field::bits("eth.src.oui", Unsigned(24), Ethernet, (6, 3, 0xff_ffff), "sender's vendor"),
    Field::bits("eth.addr.oui", Unsigned(24), Ethernet, (0, 3, 0xff_ffff), "either vendor")
        .and(Field::bits("", Unsigned(24), Ethernet, (6, 3, 0xff_ffff), "")),
    Field::call("eth.padding", Bytes, Ethernet, padding, "zeros that fill a short frame"),
    Field::call("eth.trailer", Bytes, Ethernet, trailer, "what follows the payload"),
    Field::call("eth.type", Unsigned(16), Ethernet, ether_type, "protocol of the payload")
        .named(ETHER_TYPES),
    Field::call("eth.len", Unsigned(16), Ethernet, ether_len, "payload bytes (IEEE 802.3)"),
];

/// Payload bytes that a frame on Ethernet must at least have.
const LEAST_PAYLOAD: usize = 46;

fn ether_type(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    context.integer(12, 2).filter(|value| *value > 1500).is_some_and(|value| sink(number(value)))
}

fn ether_len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    context.integer(12, 2).filter(|value| *value <= 1500).is_some_and(|value| sink(number(value)))
}

/// The bytes behind what the next layer declares to be its own: zeros that fill the frame up
/// to its least length, then anything else.
fn rest<'c>(context: &Context<'_, 'c>) -> Option<(&'c [u8], &'c [u8])> {
    let next = context.facts.decoded.layers.get(context.index + 1)?;
    let payload = context.layer.payload();
    let used = match (next.protocol, next.bytes) {
        // Its addresses tell where it ends (RFC 826).
        (Arp, &[_, _, _, _, hardware, protocol, ..]) => {
            8 + 2 * (usize::from(hardware) + usize::from(protocol))
        }
        _ => usize::try_from(next.wire_len).ok()?,
    };
    let rest = payload.get(used..)?;
    let filling = LEAST_PAYLOAD.saturating_sub(used).min(rest.len());
    let (padding, trailer) = rest.split_at_checked(filling)?;
    if padding.iter().all(|byte| *byte == 0) { Some((padding, trailer)) } else { Some((&[], rest)) }
}

fn padding(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    rest(context).is_some_and(|(padding, _)| !padding.is_empty() && sink(Value::Bytes(padding)))
}

fn trailer(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    rest(context).is_some_and(|(_, trailer)| !trailer.is_empty() && sink(Value::Bytes(trailer)))
}
