//! What the collector makes of whole conversations, as tables of segments.

use super::model::*;
use super::{Options, script};

pub(super) const HANDSHAKE: &str = "
    0.0 a > S 0 0
    0.1 a < SA 0 1
    0.2 a > A 1 1";

pub(super) const ECHO: &str = "
    0.3 a > PA 1 1 hello
    0.4 a < A 1 6
    0.5 a < PA 1 6 hello
    0.6 a > A 6 6";

fn only(lines: &[&str]) -> Connection {
    let summary = script::summary(&lines.join("\n"), Options::default());
    assert_eq!(summary.connections.len(), 1);
    summary.connections.into_iter().next().unwrap()
}

/// Name, segments, how it began, how it ended, why it was reset.
#[test]
fn beginnings_and_endings() {
    use {HandshakeOutcome as Began, ResetCause as Cause, TeardownOutcome as Ended};
    let syn = "0.0 a > S 0 0";
    type Case<'a> = (&'a str, &'a [&'a str], Began, Ended, Option<Cause>);
    let table: &[Case<'_>] = &[
        (
            "clean",
            &[HANDSHAKE, ECHO, "1 a > FA 6 6", "2 a < FA 6 7", "3 a > A 7 7"],
            Began::Complete,
            Ended::Closed,
            None,
        ),
        (
            "last ACK missing",
            &[HANDSHAKE, "1 a > FA 1 1", "2 a < FA 1 2"],
            Began::Complete,
            Ended::ClosedUnacknowledged,
            None,
        ),
        (
            "half closed",
            &[HANDSHAKE, ECHO, "1 a > FA 6 6", "2 a < A 6 7"],
            Began::Complete,
            Ended::HalfClosed,
            None,
        ),
        ("still open", &[HANDSHAKE, ECHO], Began::Complete, Ended::Open, None),
        (
            "refused",
            &[syn, "0.1 a < RA 0 1"],
            Began::Refused,
            Ended::NeverOpened,
            Some(Cause::Refused),
        ),
        (
            "unanswered",
            &[syn, "1000 a > S 0 0", "3000 a > S 0 0"],
            Began::Unanswered,
            Ended::NeverOpened,
            None,
        ),
        (
            "no final ACK",
            &[syn, "0.1 a < SA 0 1"],
            Began::NotAcknowledged,
            Ended::NeverOpened,
            None,
        ),
        (
            "scan",
            &[syn, "0.1 a < SA 0 1", "0.2 a > R 1 0"],
            Began::Abandoned,
            Ended::NeverOpened,
            Some(Cause::HandshakeAbandoned),
        ),
        (
            "SYN-ACK missing",
            &[syn, "0.2 a > A 1 1", "0.3 a > PA 1 1 hello"],
            Began::SynAckMissing,
            Ended::Open,
            None,
        ),
        ("SYN missing", &["0.1 a < SA 0 1", "0.2 a > A 1 1"], Began::SynMissing, Ended::Open, None),
        (
            "simultaneous",
            &[syn, "0.1 a < S 0 0", "0.2 a > SA 0 1", "0.3 a < SA 0 1", "0.4 a > A 1 1"],
            Began::SimultaneousOpen,
            Ended::Open,
            None,
        ),
        ("older", &["0.3 a > PA 1 1 hello"], Began::NotCaptured, Ended::Open, None),
        (
            "unread data",
            &[HANDSHAKE, "1 a > PA 1 1 hello", "2 a < RA 1 6"],
            Began::Complete,
            Ended::Reset,
            Some(Cause::UnreadData),
        ),
        (
            "linger 0",
            &[HANDSHAKE, ECHO, "1 a > PA 6 6 bye", "1.1 a < A 6 9", "2 a > RA 9 6"],
            Began::Complete,
            Ended::Reset,
            Some(Cause::Aborted),
        ),
        (
            "data after close",
            &[HANDSHAKE, "1 a > FA 1 1", "2 a < PA 1 2 late", "2.1 a > R 2 0"],
            Began::Complete,
            Ended::Reset,
            Some(Cause::DataAfterClose),
        ),
        (
            "after both FINs",
            &[HANDSHAKE, "1 a > FA 1 1", "2 a < FA 1 2", "3 a > A 2 2", "4 a < R 2 0"],
            Began::Complete,
            Ended::Closed,
            Some(Cause::AfterClose),
        ),
        (
            "stray",
            &["0.3 a > PA 1 1 hello", "0.4 a < R 1 0"],
            Began::NotCaptured,
            Ended::Reset,
            Some(Cause::StraySegment),
        ),
    ];
    for (name, lines, began, ended, cause) in table {
        let connection = only(lines);
        assert_eq!(connection.handshake.outcome, *began, "{name}");
        assert_eq!(connection.teardown.outcome, *ended, "{name}");
        assert_eq!(connection.teardown.reset.map(|reset| reset.cause), *cause, "{name}");
    }
}

#[test]
fn the_first_fin_says_who_closed_and_what_came_after_it() {
    let half = only(&[
        HANDSHAKE,
        ECHO,
        "10 a > FA 6 6",
        "11 a < A 6 7",
        "20 a < PA 6 7 later",
        "20.1 a > A 7 11",
        "30 a < FA 11 7",
        "31 a > A 7 12",
    ]);
    let teardown = &half.teardown;
    assert_eq!(teardown.closed_first, Some(Side::Client));
    assert_eq!(teardown.client_fin.unwrap().sent.frame, 8);
    assert_eq!(teardown.client_fin.unwrap().acknowledged.unwrap().frame, 9);
    assert_eq!(teardown.server_fin.unwrap().acknowledged.unwrap().frame, 13);
    let half_close = teardown.half_close.unwrap();
    assert_eq!((half_close.by, half_close.bytes_after_fin), (Side::Client, 5));
    assert!((half_close.duration - 0.020).abs() < 1e-9);

    let both = only(&[HANDSHAKE, "1 a > FA 1 1", "1.1 a < FA 1 1", "2 a > A 2 2", "2.1 a < A 2 2"]);
    assert!(both.teardown.is_simultaneous);
    assert_eq!(both.teardown.outcome, TeardownOutcome::Closed);
}

#[test]
fn bytes_sent_twice_count_once_for_the_application() {
    let connection =
        only(&[HANDSHAKE, "1 a > PA 1 1 hello", "300 a > PA 1 1 hello", "301 a < A 1 6"]);
    assert_eq!(connection.from_client.segment_bytes, 10);
    assert_eq!(connection.from_client.application_bytes, 5);
    assert_eq!(connection.from_client.data_segments, 2);
    let again = &connection.events[0];
    assert_eq!((again.kind, again.count, again.from_client), (EventKind::Retransmission, 1, 1));
    assert_eq!(again.frames, [5]);
}

#[test]
fn what_only_the_numbers_show_is_missing() {
    let connection = only(&[HANDSHAKE, "1 a > PA 1 1 hello", "2 a > PA 16 1 hello"]);
    assert_eq!(connection.from_client.application_bytes, 10);
    assert_eq!(connection.from_client.missing_bytes, 10);
}

#[test]
fn another_handshake_tells_who_the_server_is() {
    let summary = script::summary(
        "0.1 a < PA 1 1 hello
         0.2 a > A 1 6
         1.0 b > S 0 0
         1.1 b < SA 0 1
         1.2 b > A 1 1",
        Options::default(),
    );
    let older = &summary.connections[0];
    assert_eq!(older.roles, RoleBasis::Assumed);
    assert!(older.began_before_capture);
    assert_eq!(older.server.port, 80, "the first sender is not the client here");
    assert_eq!(older.from_server.application_bytes, 5);
    assert_eq!(older.segments[0].from, Side::Server);
    assert_eq!(
        older.roles_because.as_deref(),
        Some("10.0.0.1:80 answered the handshake of connection 1")
    );
}

#[test]
fn reused_ports_name_the_earlier_connection() {
    let script = [HANDSHAKE, "1 a > FA 1 1", "2 a < FA 1 2", "3 a > A 2 2", "9 a > S 70000 0"];
    let summary = script::summary(&script.join("\n"), Options::default());
    let reuse = summary.connections[1].port_reuse.unwrap();
    assert_eq!((reuse.previous_stream, reuse.previous_last_frame), (0, 6));
    assert_eq!(summary.connections[0].port_reuse, None);
}

#[test]
fn the_largest_are_told_in_full_and_the_rest_is_counted() {
    let mut script = String::new();
    for (index, connection) in ["a", "b", "c"].iter().enumerate() {
        let size = [10, 300, 20][index];
        script.push_str(&format!("{index} {connection} > PA 1 1 *{size}\n"));
    }
    let options = Options { top: 1, ..Options::default() };
    let summary = script::summary(&script, options);
    assert_eq!((summary.connections_total, summary.connections_cut), (3, 2));
    assert_eq!(summary.connections[0].stream, 1);
    assert_eq!(summary.every_connection().map(|c| c.stream).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn long_lists_of_segments_keep_their_two_ends_and_count_the_middle() {
    let mut script = HANDSHAKE.to_owned();
    for index in 0..50_u32 {
        script.push_str(&format!("\n{} a > PA {} 1 *10", index + 1, 1 + index * 10));
    }
    let summary = script::summary(&script, Options { top: 5, segments: 8, ..Options::default() });
    let connection = &summary.connections[0];
    let frames: Vec<u64> = connection.segments.iter().map(|row| row.frame).collect();
    assert_eq!(frames, [4, 5, 6, 7, 8, 9, 52, 53]);
    assert_eq!((connection.segments_total, connection.segments_cut), (50, 42));
}

/// Found by fuzzing: the data of a RST was listed, but not counted.
#[test]
fn a_reset_with_data_is_no_row() {
    let connection = only(&[HANDSHAKE, ECHO, "1 a < RPA 6 6 why"]);
    assert_eq!(connection.segments_total, 2);
    assert_eq!((connection.segments.len(), connection.segments_cut), (2, 0));
    assert_eq!(connection.from_server.application_bytes, 5);
}
