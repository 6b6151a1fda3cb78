//! `icmp.*`, `icmpv6.*`, `igmp.*`.

use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::Unsigned;
use crate::wire::Protocol::{Icmp, Icmpv6, Igmp};

pub(super) const FIELDS: &[Field] = &[
    Field::number("icmp.type", Icmp, 0, 1, "kind of message"),
    Field::number("icmp.code", Icmp, 1, 1, "kind within the kind"),
    Field::number("icmp.checksum", Icmp, 2, 2, "checksum"),
    Field::call("icmp.ident", Unsigned(16), Icmp, identifier, "who asked, in an echo"),
    Field::call("icmp.seq", Unsigned(16), Icmp, sequence, "which echo"),
    Field::number("icmpv6.type", Icmpv6, 0, 1, "kind of message"),
    Field::number("icmpv6.code", Icmpv6, 1, 1, "kind within the kind"),
    Field::number("icmpv6.checksum", Icmpv6, 2, 2, "checksum"),
    Field::call("icmpv6.echo.identifier", Unsigned(16), Icmpv6, identifier_v6, "who asked"),
    Field::call("icmpv6.echo.sequence_number", Unsigned(16), Icmpv6, sequence_v6, "which echo"),
    Field::number("igmp.type", Igmp, 0, 1, "kind of message"),
    Field::number("igmp.checksum", Igmp, 2, 2, "checksum"),
];

/// The 16-bit number at `at`, in messages of the given types.
fn part(context: &Context<'_, '_>, types: &[u64], at: usize, sink: &mut Values<'_>) -> bool {
    let is_one = context.integer(0, 1).is_some_and(|kind| types.contains(&kind));
    is_one && context.integer(at, 2).is_some_and(|value| sink(number(value)))
}

/// Echo, timestamp, information and address mask messages have identifier and sequence.
const WITH_IDENTIFIER: &[u64] = &[0, 8, 13, 14, 15, 16, 17, 18];
const ECHO_V6: &[u64] = &[128, 129];

fn identifier(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, WITH_IDENTIFIER, 4, sink)
}

fn sequence(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, WITH_IDENTIFIER, 6, sink)
}

fn identifier_v6(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, ECHO_V6, 4, sink)
}

fn sequence_v6(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    part(context, ECHO_V6, 6, sink)
}
