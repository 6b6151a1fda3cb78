//! Fields of tunnels.

use super::icmp::{CHECKSUM_STATES, sum};
use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{Boolean, Unsigned};
use crate::wire::Protocol::{Geneve, Gre, Vxlan};

const fn gre_flag(name: &'static str, mask: u64, meaning: &'static str) -> Field {
    Field::bits(name, Boolean, Gre, (0, 2, mask), meaning)
}

const fn gre(
    name: &'static str,
    bits: u8,
    read: fn(&Context<'_, '_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::call(name, Unsigned(bits), Gre, read, meaning)
}

pub(super) const FIELDS: &[Field] = &[
    Field::number("gre.flags_and_version", Gre, 0, 2, "flags and version"),
    gre_flag("gre.flags.checksum", CHECKSUM, "a checksum is there"),
    gre_flag("gre.flags.routing", ROUTING, "routing is there"),
    gre_flag("gre.flags.key", KEY, "a key is there"),
    gre_flag("gre.flags.sequence_number", SEQUENCE, "a sequence number is there"),
    gre_flag("gre.flags.strict_source_route", 0x0800, "the route is strict"),
    Field::bits(
        "gre.flags.recursion_control",
        Unsigned(16),
        Gre,
        (0, 2, 0x0700),
        "further encapsulations allowed",
    ),
    Field::call(
        "gre.flags.ack",
        Boolean,
        Gre,
        acknowledgment_flag,
        "an acknowledgment number is there",
    ),
    gre("gre.flags.reserved", 16, reserved, "reserved bits"),
    Field::bits("gre.flags.version", Unsigned(16), Gre, (0, 2, 0x0007), "version"),
    Field::number("gre.proto", Gre, 2, 2, "protocol of the payload"),
    gre("gre.checksum", 16, checksum, "checksum"),
    gre("gre.checksum.status", 8, checksum_status, "verdict on it").named(CHECKSUM_STATES),
    gre("gre.offset", 16, offset, "place of the active route"),
    gre("gre.key", 32, key, "key"),
    gre("gre.key.payload_length", 16, payload_len, "bytes of the payload (PPTP)"),
    gre("gre.key.call_id", 16, call, "number of the call (PPTP)"),
    gre("gre.sequence_number", 32, sequence, "sequence number"),
    gre("gre.ack_number", 32, acknowledgment, "acknowledgment number (PPTP)"),
    Field::bits("vxlan.vni", Unsigned(24), Vxlan, (4, 3, 0xff_ffff), "number of the network"),
    Field::number("vxlan.flags", Vxlan, 0, 2, "flags"),
    Field::bits("vxlan.flag_i", Boolean, Vxlan, (0, 2, 0x0800), "the number is valid"),
    Field::number("vxlan.gbp", Vxlan, 2, 2, "group policy"),
    Field::bits("geneve.version", Unsigned(8), Geneve, (0, 1, 0xc0), "version"),
    Field::number("geneve.proto_type", Geneve, 2, 2, "protocol of the payload"),
    Field::bits("geneve.vni", Unsigned(24), Geneve, (4, 3, 0xff_ffff), "number of the network"),
];

const CHECKSUM: u64 = 0x8000;
const ROUTING: u64 = 0x4000;
const KEY: u64 = 0x2000;
const SEQUENCE: u64 = 0x1000;
const ACKNOWLEDGMENT: u64 = 0x0080;

/// Version 1 is PPTP's (RFC 2637).
fn is_pptp(context: &Context<'_, '_>) -> bool {
    context.integer(0, 2).is_some_and(|flags| flags & 7 == 1)
}

/// Where the optional word of a flag stands, when it is there.
fn place(context: &Context<'_, '_>, wanted: u64) -> Option<usize> {
    let flags = context.integer(0, 2)?;
    let mut at = 4;
    for mask in [CHECKSUM | ROUTING, KEY, SEQUENCE, ACKNOWLEDGMENT] {
        let is_there = flags & mask != 0;
        if mask & wanted != 0 {
            return is_there.then_some(at);
        }
        at += if is_there { 4 } else { 0 };
    }
    None
}

fn word(
    context: &Context<'_, '_>,
    flag: u64,
    (at, width): (usize, usize),
    sink: &mut Values<'_>,
) -> bool {
    let value = place(context, flag).and_then(|place| context.integer(place + at, width));
    value.is_some_and(|value| sink(number(value)))
}

fn acknowledgment_flag(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let flags = context.integer(0, 2).filter(|_| is_pptp(context));
    let flag = flags.map(|flags| crate::filter::Value::Boolean(flags & ACKNOWLEDGMENT != 0));
    flag.is_some_and(sink)
}

fn reserved(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    // Of version 1 the highest is the flag of an acknowledgment.
    let mask = if is_pptp(context) { 0x78 } else { 0xf8 };
    context.integer(0, 2).is_some_and(|flags| sink(number((flags & mask) >> 3)))
}

fn checksum(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    word(context, CHECKSUM, (0, 2), sink)
}

fn checksum_status(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let layer = context.layer;
    if place(context, CHECKSUM).is_none() {
        return false;
    }
    let is_cut = layer.bytes.len() < layer.wire_len as usize;
    sink(number(if is_cut { 2_u8 } else { u8::from(sum(layer.bytes) == u16::MAX) }))
}

fn offset(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    word(context, ROUTING, (2, 2), sink)
}

fn key(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    !is_pptp(context) && word(context, KEY, (0, 4), sink)
}

fn payload_len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    is_pptp(context) && word(context, KEY, (0, 2), sink)
}

fn call(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    is_pptp(context) && word(context, KEY, (2, 2), sink)
}

fn sequence(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    word(context, SEQUENCE, (0, 4), sink)
}

fn acknowledgment(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    is_pptp(context) && word(context, ACKNOWLEDGMENT, (0, 4), sink)
}
