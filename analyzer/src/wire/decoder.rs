//! The walk from the link layer inwards.
//!
//! Each layer's file has a function that takes the walk and the bytes left, notes its layer
//! and answers what comes next and where. The loop here calls them one after the other, so
//! depth costs no stack, and [`MAX_LAYERS`](super::MAX_LAYERS) bounds it.

use std::slice::IterMut;

use super::fragments::{FragmentKey, FragmentTable, Piece};
use super::link::wlan::ByteOrder;
use super::offset::FrameOffset;
use super::span::Span;
use super::{CommonFrame, Decoded, Layer, Protocol, Stop, StopReason, VlanView};
use super::{ip_protocol, ipv4, ipv6, link, tunnel};
use crate::frame::{Frame, LinkType};

/// How many reassembled datagrams may be nested in one frame: a datagram in fragments may
/// carry a tunnel that carries a fragment.
const REASSEMBLY_DEPTH: usize = 2;

/// Lengths that a record claims beyond this are damage; Wireshark stops at the same number.
pub(super) const MAX_WIRE_LEN: u32 = i32::MAX as u32;

/// Decodes frames; remembers only the fragments of IP datagrams that are not complete.
#[derive(Debug, Default)]
pub struct Decoder {
    /// One table for fragments on the wire, one for fragments inside reassembled datagrams.
    fragments: [FragmentTable; REASSEMBLY_DEPTH],
}

/// What stands at the start of a span.
#[derive(Debug, Clone, Copy)]
pub(super) enum Next {
    /// A link layer, by its LINKTYPE_ number.
    Link(LinkType),
    /// Ethernet.
    Ethernet,
    /// Whatever an EtherType announces, in Ethernet, its tags and Linux cooked frames.
    EtherType(u16),
    /// Whatever an EtherType announces, where Wireshark's `frame.protocols` does not say so.
    NetworkType(u16),
    /// IEEE 802.2.
    Llc,
    /// PPP, perhaps with HDLC-like framing.
    Ppp,
    /// PPP without framing.
    BarePpp,
    /// Cisco HDLC.
    CiscoHdlc,
    /// Frame relay.
    FrameRelay,
    /// IEEE 802.11 with the frame control field in either byte order.
    Wlan(ByteOrder),
    /// Whatever GRE's protocol number announces.
    GreProtocol(u16),
    /// Whatever an IP protocol number announces.
    IpProtocol(u8),
    /// IPv4, by a layer that said so.
    Ipv4,
    /// IPv6, by a layer that said so.
    Ipv6,
    /// IPv4 or IPv6, as the first four bits say.
    AnyIp,
}

/// The next layer and its bytes, or the end.
pub(super) type Step<'a> = Option<(Next, Span<'a>)>;

/// One frame on its way through the layers.
pub(super) struct Walk<'w, 'a> {
    pub decoded: &'w mut Decoded<'a>,
    /// Set inside a packet that an ICMP error quotes.
    pub is_quoted: bool,
    /// Set when the next layer was announced by an EtherType.
    pub by_ether_type: bool,
    /// Set when the IP payload is the first fragment of a datagram that stays incomplete.
    pub payload_is_fragment: bool,
    tables: IterMut<'a, FragmentTable>,
    table: Option<&'a mut FragmentTable>,
}

impl Decoder {
    /// A decoder without fragments.
    pub fn new() -> Self {
        Self::default()
    }

    /// The layers of a frame, outermost first. Never fails: what can't be decoded ends the
    /// list, with the reason in [`Decoded::stop`]. Allocates only to keep an IP fragment.
    #[inline]
    pub fn decode<'a>(&'a mut self, frame: &Frame<'a>) -> Decoded<'a> {
        let mut decoded = Decoded::default();
        self.decode_into(frame, &mut decoded);
        decoded
    }

    /// The same into an empty place that the caller has: layers take a kilobyte, which is
    /// dear to move once per frame.
    #[inline]
    pub(crate) fn decode_into<'a>(&'a mut self, frame: &Frame<'a>, decoded: &mut Decoded<'a>) {
        self.decode_known(frame, CommonFrame::of(frame), decoded);
    }

    /// The same when somebody has looked already whether the frame is a common one.
    #[inline]
    pub(crate) fn decode_known<'a>(
        &'a mut self,
        frame: &Frame<'a>,
        common: Option<CommonFrame>,
        decoded: &mut Decoded<'a>,
    ) {
        if common.and_then(|common| common.write_layers(frame, &mut decoded.layers)).is_none() {
            self.walk(frame, decoded);
        }
    }

    /// From layer to layer, each of which says what comes next.
    #[inline(never)]
    pub(super) fn walk<'a>(&'a mut self, frame: &Frame<'a>, decoded: &mut Decoded<'a>) {
        let mut tables = self.fragments.iter_mut();
        let table = tables.next();
        let mut walk = Walk {
            decoded,
            is_quoted: false,
            by_ether_type: false,
            payload_is_fragment: false,
            tables,
            table,
        };
        let all = Span { bytes: frame.bytes, wire_len: MAX_WIRE_LEN, offset: FrameOffset::START };
        // A record that claims fewer bytes on the wire than it stores is cut to the claim.
        let pseudo_header = frame.link_type.pseudo_header_len();
        let span = all.limit(frame.wire_len.saturating_add(pseudo_header));
        let mut step = Some((Next::Link(frame.link_type), span));
        while let Some((next, span)) = step {
            step = walk.enter(next, span);
        }
    }
}

impl<'a> Walk<'_, 'a> {
    #[inline]
    fn enter(&mut self, next: Next, span: Span<'a>) -> Step<'a> {
        match next {
            Next::Link(link_type) => link::first(self, link_type, span),
            Next::Ethernet => link::ethernet::decode(self, span),
            Next::EtherType(number) => {
                self.by_ether_type = true;
                link::ether_type::decode(self, number, span)
            }
            Next::NetworkType(number) => link::ether_type::decode(self, number, span),
            Next::Llc => link::llc::decode(self, span),
            Next::Ppp => link::ppp::decode_hdlc(self, span),
            Next::BarePpp => link::ppp::decode_bare(self, span),
            Next::CiscoHdlc => link::ppp::decode_cisco_hdlc(self, span),
            Next::FrameRelay => link::frame_relay::decode(self, span),
            Next::Wlan(order) => link::wlan::decode(self, span, order),
            Next::GreProtocol(number) => tunnel::gre::decode_payload(self, number, span),
            Next::IpProtocol(number) => ip_protocol::decode(self, number, span),
            Next::Ipv4 => ipv4::decode(self, span),
            Next::Ipv6 => ipv6::decode(self, span),
            Next::AnyIp => ipv4::decode_any(self, span),
        }
    }

    /// Notes a layer with a header of `header_len` bytes and gives its payload. When the
    /// header is not all there, the layer is noted with what there is, and the walk ends.
    #[inline]
    pub fn layer(
        &mut self,
        protocol: Protocol,
        span: Span<'a>,
        header_len: u32,
    ) -> Option<Span<'a>> {
        let captured = span.captured();
        let layer = Layer {
            protocol,
            bytes: span.bytes,
            header_len,
            wire_len: span.wire_len,
            offset: span.offset,
            is_quoted: self.is_quoted,
            by_ether_type: self.by_ether_type,
        };
        self.by_ether_type = false;
        if self.decoded.layers.push(layer).is_err() {
            return self.stop(protocol, span, StopReason::TooDeep);
        }
        if header_len > captured {
            return self.stop(protocol, span, too_short(span, header_len));
        }
        Some(span.skip(header_len))
    }

    /// Notes a layer that ends the walk because its header contradicts itself.
    #[cold]
    pub fn malformed<T>(
        &mut self,
        protocol: Protocol,
        span: Span<'a>,
        header_len: u32,
        how: &'static str,
    ) -> Option<T> {
        self.layer(protocol, span, header_len)?;
        self.stop(protocol, span, StopReason::Malformed(how))
    }

    /// Ends the walk; the first reason stays.
    #[cold]
    pub fn stop<T>(&mut self, protocol: Protocol, span: Span<'a>, reason: StopReason) -> Option<T> {
        let stop = Stop { protocol, offset: span.offset.get(), reason };
        self.decoded.stop.get_or_insert(stop);
        None
    }

    /// The outermost VLAN number; 0 without one.
    pub fn vlan(&self) -> u16 {
        self.decoded.layers.iter().find_map(VlanView::from_layer).map_or(0, |tag| tag.id())
    }

    /// Keeps a fragment. When it completes its datagram, gives the datagram's payload;
    /// otherwise the walk ends. Fragments inside the datagram go to the next table.
    pub fn reassemble(
        &mut self,
        key: FragmentKey,
        piece: Piece<'_>,
        span: Span<'a>,
        protocol: Protocol,
    ) -> Option<Span<'a>> {
        if !self.table.as_deref_mut().is_some_and(|table| table.add(key, piece)) {
            return self.stop(protocol, span, StopReason::Fragment);
        }
        let table: &'a FragmentTable = self.table.take()?;
        self.table = self.tables.next();
        self.payload_is_fragment = false;
        let bytes = table.completed();
        let wire_len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Some(Span { bytes, wire_len, offset: FrameOffset::OUTSIDE })
    }
}

/// Why a header of `needed` bytes does not fit: the capture cut it, or the wire.
pub(super) fn too_short(span: Span<'_>, needed: u32) -> StopReason {
    if needed > span.wire_len {
        StopReason::Malformed("ends before its header does")
    } else {
        StopReason::Truncated { needed, captured: span.captured() }
    }
}
