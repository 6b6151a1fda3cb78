//! A small report with one planted contradiction of every kind, and rows in which nothing is
//! wrong although it looks odd.

use crate::evidence::text_evidence;
use crate::grade::tcp_row::{self, tests::list};
use crate::grade::words::Lang;
use crate::grade::{Options, contradiction, evidence_without_capture};

const REPORT: &str = "\
Task 1
(host1)
```
u@h1:~$ python3 server.py
INFO:root:starting up on ('0.0.0.0', 7000)
INFO:root:connection from ('10.1.0.2', 41000)
INFO:root:received b'hello world!'
INFO:root:sending back data
INFO:root:received b''
```
```
u@h2:~$ python3 client.py
INFO:root:connecting to ('10.1.0.1', 7000)
INFO:root:sending hello
INFO:root:b'hello'
INFO:root:closing
```
No.	Time	Source	Destination	Protocol	Length	Info
1	0.000000	10.1.0.2	10.1.0.1	TCP	62	42000 → 7000 [SYN] Seq=0 Win=64240 Len=0 MSS=1460 SACK_PERM TSval=1 TSecr=0 WS=128
2	0.000100	10.1.0.1	10.1.0.2	TCP	74	7000 → 42000 [SYN, ACK] Seq=0 Ack=1 Win=65160 Len=0 MSS=65500 SACK_PERM TSval=1 TSecr=1 WS=128 
3	0.000200	10.1.0.2	10.1.0.1	TCP	66	42000 → 7000 [ACK] Seq=1 Ack=1 Win=64256 Len=0 TSval=1
4	0.000300	10.1.0.2	10.1.0.1	TCP	78	42000 → 7000 [PSH, ACK] Seq=1 Ack=1 Win=64257 Len=12 TSval=1
5	0.000250	10.1.0.1	10.1.0.2	TCP	66	7000 → 42000 [ACK] Seq=1 Ack=14 Win=65152 Len=0 TSval=1
6	0.000400	10.1.0.1	10.1.0.2	TCP	78	7000 → 42000 [PSH, ACK] Seq=3 Ack=14 Win=65152 Len=12 TSval=1
7	0.000500	10.1.0.2	10.1.0.1	TCP	66	42000 → 7000 [ACK] Seq=14 Ack=15 Win=64256 Len=3 TSval=1
8	0.000600	10.1.0.1	10.1.0.2	TCP	66	42000 → 7000 [ACK] Seq=14 Ack=15 Win=64256 Len=0 TSval=1
Task 2
```
u@h1:~$ python3 server.py
INFO:root:starting up on ('0.0.0.0', 7001)
INFO:root:connection from ('10.1.0.2', 41001)
INFO:root:received b'abc'
```
1	0.000000	10.1.0.2	10.1.0.1	TCP	66	41001 → 7001 [FIN, ACK] Seq=1 Ack=1 Win=502 Len=0
2	0.000100	10.1.0.1	10.1.0.2	TCP	66	7001 → 41001 [FIN, ACK] Seq=1 Ack=2 Win=509 Len=0
3	0.000200	10.1.0.2	10.1.0.1	TCP	74	41002 → 7001 [SYN] Seq=0 Win=64240 Len=0
▶ Frame 3: 75 bytes on wire (600 bits), 75 bytes captured (600 bits)
0000  02 42 ac 10 10 66 02 42  ac 10 10 65 08 00 45 00   .B...f.B...X..E.
";

#[test]
fn every_planted_contradiction_is_named() {
    let evidence = text_evidence("r.md", REPORT);
    let mut seen: Vec<(String, String)> = Vec::new();
    for inner in evidence_without_capture(&evidence, Options::default()) {
        seen.extend(inner.contradictions.into_iter().map(|c| (c.place, c.kind)));
    }
    let expected = [
        ("r.md:6", "log-and-rows"),
        ("r.md:13", "log-and-log"),
        ("r.md:19, Length", "syn-and-options"),
        ("r.md:20, Info", "mss-too-large"),
        ("r.md:22, Info", "window-and-scale"),
        ("r.md:23, Time", "time-goes-back"),
        ("r.md:23, Info", "ack-and-sent"),
        ("r.md:24, Info", "seq-and-sent"),
        ("r.md:25, Length, Len", "length-and-len"),
        ("r.md:26, Source", "address-and-port"),
        ("r.md:31", "earlier-connection"),
        ("r.md:38", "hex-and-text"),
        ("r.md:38", "hex-and-details"),
        ("r.md:38", "hex-and-row"),
    ];
    let seen: Vec<(&str, &str)> = seen.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(seen, expected);
}

#[test]
fn nothing_is_said_of_rows_that_are_only_odd() {
    let tables: [&[&str]; 4] = [
        // Offload: longer than the link; cut numbers; a row without ports between.
        &[
            "1|5.49|10.0.0.2|10.0.0.1|TCP|6512|666 → 38672 [PSH, ACK] Seq=627610 Ack=4621 Win=50",
            "2|5.50|10.0.0.1|10.0.0.2|TCP|66|38672 → 666 [ACK] Seq=4621 Ack=634056 Win=512 Len",
            "3|5.51|10.0.0.2|10.0.0.1|TCP|72|666 → 38672 [PSH, ACK] Seq=634056 Ack=462",
            "4|5.52|10.0.0.2|10.0.0.1|TCP|166|[TCP segment of a reassembled PDU]",
            "5|5.53|10.0.0.1|10.0.0.2|TCP|66|38672 → 666 [ACK] Seq=4621 Ack=634162 Win=512 Len",
        ],
        // A filter took rows out: numbers are not consecutive.
        &[
            "1|0.1|10.0.0.1|10.0.0.2|TCP|66|5 → 6 [ACK] Seq=1 Ack=1 Win=9 Len=0",
            "4|0.2|10.0.0.2|10.0.0.1|TCP|66|6 → 5 [ACK] Seq=1 Ack=900 Win=9 Len=0",
            "9|0.3|10.0.0.1|10.0.0.2|TCP|66|5 → 6 [ACK] Seq=900 Ack=1 Win=9 Len=0",
        ],
        // SACK blocks and a reset without timestamps; frames filled up to 60 bytes.
        &[
            "1|0.1|10.0.0.1|10.0.0.2|TCP|66|5 → 6 [ACK] Seq=1 Ack=1 Win=9 Len=0 TSval=1",
            "2|0.2|10.0.0.1|10.0.0.2|TCP|78|[TCP Dup ACK 1#1] 5 → 6 [ACK] Seq=1 Ack=1 Win=9 Len=0",
            "3|0.3|10.0.0.1|10.0.0.2|TCP|54|5 → 6 [RST] Seq=1 Win=0 Len=0",
            "4|0.4|10.0.0.2|10.0.0.1|TCP|66|6 → 5 [ACK] Seq=1 Ack=1 Win=9 Len=0",
        ],
        // A column of times since the row before goes up and down.
        &[
            "1|0.5|10.0.0.1|10.0.0.2|TCP|60|5 → 6 [ACK] Seq=1 Ack=1 Win=9 Len=0",
            "2|0.1|10.0.0.2|10.0.0.1|TCP|54|6 → 5 [ACK] Seq=1 Ack=1 Win=9 Len=0",
            "3|0.4|10.0.0.1|10.0.0.2|TCP|60|5 → 6 [ACK] Seq=1 Ack=1 Win=9 Len=0",
        ],
    ];
    for table in tables {
        let rows = tcp_row::read(&list(table));
        assert_eq!(contradiction::of_rows(&rows, Lang::Id), [], "{table:?}");
    }
}
