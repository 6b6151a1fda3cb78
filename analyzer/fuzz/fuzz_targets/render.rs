//! Well-formed connections that carry any bytes: what every renderer makes of foreign text.

#![no_main]

use analyzer::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use analyzer::tcp::StreamId;
use analyzer::time::Timestamp;
use analyzer_fuzz::bytes::Input;
use analyzer_fuzz::everything::{Everything, with_borrowers};
use analyzer_fuzz::messages::{Kept, Messages};
use analyzer_fuzz::rendering::{capture_end, check_dump, explain_one};
use libfuzzer_sys::fuzz_target;

fn frame(number: usize, kept: &Kept) -> Frame<'_> {
    Frame {
        number: FrameNumber(number as u64 + 1),
        timestamp: Timestamp::from_nanos(kept.nanos),
        wire_len: kept.wire_len,
        link_type: LinkType(1),
        interface: InterfaceId(0),
        bytes: &kept.bytes,
    }
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let (asked, flag) = (input.u8(), input.u8());
    let end = capture_end(&mut input);
    let kept: Vec<Kept> = Messages::new(input).collect();
    let mut everything = Everything::new();
    with_borrowers(StreamId(0), |also| {
        for (number, kept) in kept.iter().enumerate() {
            everything.frame(frame(number, kept), also);
        }
    });
    everything.finish(&end);
    explain_one(&kept, u64::from(asked), flag);
    check_dump(data, asked);
});
