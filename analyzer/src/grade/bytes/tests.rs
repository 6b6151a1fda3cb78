use crate::evidence::Content;
use crate::evidence::text_evidence;
use crate::frame::LinkType;
use crate::grade::bytes::field::Fields;
use crate::grade::bytes::one;
use crate::grade::bytes::search::Nearest;
use crate::grade::model::Origin;
use crate::grade::words::Lang;

/// A TCP segment with timestamps and four bytes of payload.
const FRAME: [u8; 70] = [
    2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, // Ethernet
    0x45, 0, 0, 56, 0x12, 0x34, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, // IPv4
    0x9c, 0x40, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8, 0x80, 0x18, 1, 0xf5, 0, 0, 0, 0, // TCP
    1, 1, 8, 10, 0, 0, 0x30, 0x39, 0, 0, 0x10, 0x92, // timestamps
    b'd', b'a', b't', b'a',
];

fn nearest(bytes: &[u8], shown: &[u8]) -> Nearest {
    let equal = bytes.iter().zip(shown).filter(|(one, two)| one == two).count();
    Nearest {
        frame: 7,
        bytes: bytes.to_vec(),
        link_type: LinkType(1),
        start: 0,
        equal,
        wire_len: 70,
    }
}

fn dump(bytes: &[u8]) -> String {
    let mut text = Vec::new();
    crate::listing::hex_pane::write(&mut text, bytes).unwrap_or_default();
    String::from_utf8(text).unwrap_or_default()
}

/// Source, kinds and sentences of a text beside the frame.
fn judged(text: &str, shown: &[u8]) -> (Origin, Vec<String>) {
    let evidence = text_evidence("dump.txt", text);
    let Some(Content::FrameBytes(dump)) = evidence.first().map(|piece| &piece.content) else {
        return (Origin::Unknown, Vec::new());
    };
    let near = nearest(&FRAME, shown);
    let judged = one(dump, None, (Some(near), true), "c.pcap".as_ref(), Lang::En);
    let judged = judged.map(|judged| (judged.source, judged.found));
    let (source, found) = judged.unwrap_or((Origin::Unknown, Vec::new()));
    (source, found.into_iter().map(|found| format!("{}: {}", found.kind, found.why)).collect())
}

#[test]
fn bytes_belong_to_fields() {
    let fields = Fields::of(&FRAME, LinkType(1));
    let table = [
        (0, "eth.dst"),
        (13, "eth.type"),
        (19, "ip.id"),
        (22, "ip.ttl"),
        (33, "ip.dst"),
        (34, "tcp.srcport"),
        (45, "tcp.ack_raw"),
        (47, "tcp.flags"),
        (49, "tcp.window_size_value"),
        (54, "tcp.options"),
        (58, "tcp.options.timestamp.tsval"),
        (65, "tcp.options.timestamp.tsecr"),
        (69, "tcp.payload"),
        (70, "frame"),
    ];
    for (offset, name) in table {
        assert_eq!(fields.at(offset), name, "{offset}");
    }
}

#[test]
fn a_dump_is_its_frame() {
    assert_eq!(judged(&dump(&FRAME), &FRAME), (Origin::ThisCapture, Vec::new()));
}

#[test]
fn an_edited_byte_is_named_with_its_field() {
    let mut bytes = FRAME;
    bytes[35] = 0x41;
    bytes[66] = b'm';
    let (source, found) = judged(&dump(&bytes), &bytes);
    assert_eq!(source, Origin::ThisCapture);
    let expected = [
        "bytes-and-frame: at offset 0x0023 (tcp.srcport) 41 is shown, and frame 7 has 40",
        "bytes-and-frame: at offset 0x0042 (tcp.payload) 6d is shown, and frame 7 has 64",
    ];
    assert_eq!(found, expected);
}

#[test]
fn bytes_of_another_run_are_no_edits() {
    let mut bytes = FRAME;
    for at in [18, 19, 38, 39, 40, 41, 42, 43, 44, 45, 58, 59, 60, 61, 62, 63, 64, 65] {
        bytes[at] ^= 0x55;
    }
    assert_eq!(judged(&dump(&bytes), &bytes), (Origin::AnotherRun, Vec::new()));
}

#[test]
fn details_are_held_against_the_frame_that_they_name() {
    let text = "Frame 7: 70 bytes on wire (560 bits), 70 bytes captured (560 bits)\n\
        Internet Protocol Version 4, Src: 10.0.0.1, Dst: 10.0.0.2\n    Time to Live: 63\n\
        Transmission Control Protocol, Src Port: 40000, Dst Port: 80\n    Window: 501\n    \
        Sequence Number (raw): 16909060\n    Timestamp value: 12346\n";
    let (_, found) = judged(text, &[]);
    let expected = [
        "details-and-frame: Time to Live: 63 is shown, and frame 7 has 64",
        "details-and-frame: Timestamp value: 12346 is shown, and frame 7 has 12345",
    ];
    assert_eq!(found, expected);
}

#[test]
fn bytes_of_another_frame_than_named() {
    let text = format!("Frame 9: 70 bytes on wire (560 bits)\n{}", dump(&FRAME));
    let (_, found) = judged(&text, &FRAME);
    let expected =
        "bytes-of-another-frame: it is called frame 9, and its bytes are those of frame 7";
    assert_eq!(found, [expected]);
}
