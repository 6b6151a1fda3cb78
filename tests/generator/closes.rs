//! Every mode of the server with every way to close.

use generator::record::{ConnectionRecord, EchoVerdict, EndReason, HalfClose, Role};

use crate::process::{MESSAGE, MESSAGE_SHA256, client, records, server};

const MODES: [&str; 3] = ["threads", "sequential", "async"];

/// One connection with its two records.
fn connect(mode: &str, close: &[&str], code: i32) -> (ConnectionRecord, ConnectionRecord) {
    let folder = tempfile::tempdir().unwrap();
    let (at_server, at_client) = (folder.path().join("server"), folder.path().join("client"));
    let record = at_server.to_str().unwrap();
    let (server, address) = server(&["--mode", mode, "--max-connections", "1", "--record", record]);
    let record = at_client.to_str().unwrap();
    let done = client(address, &[&["--record", record, "--log", "quiet"], close].concat());
    assert_eq!(done.code, code, "{mode} {close:?}: {done:?}");
    assert_eq!(server.finish().code, 0);
    let [server, client] = [at_server, at_client].map(|path| match records(&path).as_slice() {
        [record] => record.clone(),
        other => panic!("one record expected: {other:#?}"),
    });
    // Whatever the close, both ends tell of the same connection and the same bytes.
    assert_eq!((server.client, server.server), (client.client, client.server));
    assert_eq!(server.server, address);
    assert_eq!((server.role, client.role), (Role::Server, Role::Client));
    for record in [&server, &client] {
        assert_eq!((record.bytes_sent, record.bytes_received), (46, 46), "{mode} {close:?}");
        assert_eq!(record.sha256_sent, MESSAGE_SHA256);
        assert_eq!(record.sha256_received, MESSAGE_SHA256);
        assert!(record.opened_at <= record.closed_at);
    }
    assert_eq!(client.echo, Some(EchoVerdict::Identical));
    assert_eq!(client.close.first, Some(Role::Client), "{mode} {close:?}");
    assert_eq!(server.close.first, Some(Role::Client), "{mode} {close:?}");
    (server, client)
}

#[test]
fn fin_and_half_close_end_with_a_fin_from_each_side() {
    for mode in MODES {
        for close in ["fin", "half-close"] {
            let (server, client) = connect(mode, &["--close", close], 0);
            for record in [server, client] {
                let close = record.close;
                assert_eq!((close.local, close.peer), (HalfClose::Fin, HalfClose::Fin), "{mode}");
                assert_eq!(close.reason, EndReason::Done);
                assert_eq!(record.error, None);
            }
        }
    }
}

#[test]
fn rst_reaches_the_server_as_a_reset() {
    for mode in MODES {
        let (server, client) = connect(mode, &["--close", "rst"], 0);
        assert_eq!(client.close.local, HalfClose::Rst, "{mode}");
        assert_eq!(server.close.peer, HalfClose::Rst, "{mode}");
        assert_eq!(server.close.reason, EndReason::PeerClosed);
        assert_eq!(server.error.as_deref(), Some("Connection reset by peer"));
    }
}

#[test]
fn hold_waits_for_an_eof_that_never_comes_and_says_who_waits_for_whom() {
    for mode in MODES {
        let (server, client) = connect(mode, &["--close", "hold", "--timeout", "0.2"], 0);
        assert_eq!(client.close.reason, EndReason::TimedOut);
        assert!(client.closed_at.since(client.opened_at).as_millis() >= 200);
        let waiting = client.waiting.unwrap();
        assert!(waiting.contains("this client waits in recv() for an EOF"), "{waiting}");
        assert!(waiting.contains("the server waits in recv() for more bytes"), "{waiting}");
        assert_eq!(server.close.reason, EndReason::Done, "the client's FIN came in the end");
    }
}

#[test]
fn an_empty_message_is_echoed_as_nothing() {
    for close in ["fin", "half-close", "rst"] {
        let (_server, address) = server(&["--max-connections", "1"]);
        let done = client(address, &["--message", "", "--close", close, "--log", "quiet"]);
        assert_eq!(done.code, 0, "{done:?}");
        assert!(done.stdout.contains("0 bytes sent, 0 bytes came back, identical"), "{done:?}");
    }
}

#[test]
fn a_second_client_of_the_sequential_server_waits_for_the_first() {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    let (mut server, address) = server(&["--mode", "sequential", "--max-connections", "2"]);
    let connect = || {
        let stream = TcpStream::connect_timeout(&address, crate::process::LIMIT).unwrap();
        stream.set_read_timeout(Some(crate::process::LIMIT)).unwrap();
        stream
    };
    let mut first = connect();
    first.write_all(b"one").unwrap();
    let mut echo = [0; 3];
    first.read_exact(&mut echo).unwrap();
    // The kernel accepts the second and takes its bytes; the program does not.
    let mut second = connect();
    second.write_all(b"two").unwrap();
    first.write_all(b"end").unwrap();
    first.read_exact(&mut echo).unwrap();
    drop(first);
    second.read_exact(&mut echo).unwrap();
    assert_eq!(&echo, b"two");
    drop(second);
    server.expect("INFO:root:received b'one'");
    let done = server.finish();
    let words: Vec<&str> = done.stderr.lines().map(|line| &line["INFO:root:".len()..]).collect();
    let at = |text: &str| words.iter().position(|word| word.starts_with(text)).unwrap();
    let accepted: Vec<usize> =
        (0..words.len()).filter(|&at| words[at].starts_with("connection from")).collect();
    assert!(at("received b'end'") < at("received b''"), "{words:#?}");
    assert!(at("received b''") < accepted[1] && accepted[1] < at("received b'two'"), "{words:#?}");
    assert!(done.stdout.contains("at most 1 at the same time"), "{done:?}");
}

#[test]
fn sources_can_be_chosen() {
    let (mut server, address) = server(&["--max-connections", "2"]);
    for from in ["127.0.0.5", "127.0.0.6:0"] {
        let done = client(address, &["--from", from, "--interface", "lo", "--message", MESSAGE]);
        assert_eq!(done.code, 0, "{done:?}");
        let expected = format!("INFO:root:connection from ('{}', ", from.trim_end_matches(":0"));
        server.expect(&expected);
    }
    assert_eq!(server.finish().code, 0);
}
