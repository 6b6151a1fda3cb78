//! `ip.opt.*` (RFC 791, section 3.1).

use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{self, Boolean, Unsigned};
use crate::filter::literal::Names;
use crate::filter::value::Value;
use crate::wire::Protocol::Ipv4;

/// Bytes of a header without options.
const HEADER: usize = 20;

const NUMBERS: Names = &[
    (0, "End of Option List (EOL)"),
    (1, "No-Operation (NOP)"),
    (2, "Security"),
    (3, "Loose source route"),
    (4, "Time stamp"),
    (7, "Record route"),
    (8, "Stream identifier"),
    (9, "Strict source route"),
    (20, "Router Alert"),
];

const fn option(
    name: &'static str,
    kind: Kind,
    read: fn(&Context<'_, '_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::call(name, kind, Ipv4, read, meaning)
}

pub(super) const FIELDS: &[Field] = &[
    option("ip.opt.type", Unsigned(8), kind, "an option's type"),
    option("ip.opt.type.copy", Boolean, copied, "goes with every fragment"),
    option("ip.opt.type.class", Unsigned(8), class, "its class"),
    option("ip.opt.type.number", Unsigned(8), option_number, "its number").named(NUMBERS),
    option("ip.opt.len", Unsigned(8), len, "its bytes, type and length included"),
    option("ip.opt.ptr", Unsigned(8), pointer, "where the next entry goes"),
    option("ip.opt.ra", Unsigned(16), router_alert, "routers must look at it"),
    option("ip.rec_rt", Kind::Ipv4, recorded, "a station of the recorded route"),
];

/// Hands each option to `read`, type and all bytes, until it says stop.
fn each(context: &Context<'_, '_>, read: &mut dyn FnMut(u8, &[u8]) -> bool) -> bool {
    let mut rest = context.layer.header().get(HEADER..).unwrap_or(&[]);
    while let Some(&kind) = rest.first() {
        let len = match kind {
            0 | 1 => 1,
            _ => match rest.get(1) {
                Some(&len @ 2..) => usize::from(len),
                _ => return false,
            },
        };
        let Some((option, behind)) = rest.split_at_checked(len) else { return false };
        if read(kind, option) {
            return true;
        }
        if kind == 0 {
            return false;
        }
        rest = behind;
    }
    false
}

fn kind(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, _| sink(number(kind)))
}

fn copied(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, _| sink(Value::Boolean(kind & 0x80 != 0)))
}

fn class(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, _| sink(number(kind >> 5 & 3)))
}

fn option_number(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, _| sink(number(kind & 0x1f)))
}

fn len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, option| kind > 1 && sink(number(option.len() as u64)))
}

fn pointer(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, option| match (kind, option.get(2)) {
        (7 | 68 | 131 | 137, Some(pointer)) => sink(number(*pointer)),
        _ => false,
    })
}

fn router_alert(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, option| match *option {
        [_, _, high, low] if kind == 148 => sink(number(u16::from_be_bytes([high, low]))),
        _ => false,
    })
}

fn recorded(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, &mut |kind, option| {
        let end = usize::from(option.get(2).copied().unwrap_or(0)).saturating_sub(1);
        let (stations, _) = option.get(3..end).unwrap_or(&[]).as_chunks::<4>();
        kind == 7 && stations.iter().any(|a| sink(Value::ipv4(u32::from_be_bytes(*a))))
    })
}
