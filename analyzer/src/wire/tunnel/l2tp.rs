//! L2TP (RFC 2661, RFC 3931).

use crate::wire::Protocol;
use crate::wire::decoder::{Step, Walk};
use crate::wire::span::Span;

/// L2TPv3 directly over IP: a session identifier.
pub(in crate::wire) fn decode_v3_ip<'a>(walk: &mut Walk<'a>, span: Span<'a>) -> Step<'a> {
    walk.layer(Protocol::L2tp, span, 4).and(None)
}
