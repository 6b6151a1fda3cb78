//! Servers that do not echo well, made here: the client must notice, say where, and exit with 1.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use crate::process::{LIMIT, client};

/// Accepts one connection on a thread and lets `behave` deal with it.
fn bad_server(behave: impl FnOnce(TcpStream) + Send + 'static) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.set_write_timeout(Some(LIMIT)).unwrap();
        behave(stream);
    });
    (address, thread)
}

/// Reads until the client closes, however it does.
fn read_on(mut stream: TcpStream) {
    let mut rest = [0; 4096];
    while stream.read(&mut rest).is_ok_and(|count| count > 0) {}
}

fn message_of(mut stream: &TcpStream) -> [u8; 46] {
    let mut message = [0; 46];
    stream.read_exact(&mut message).unwrap();
    message
}

#[test]
fn a_corrupted_echo_is_told_with_its_first_offset() {
    let (address, thread) = bad_server(|mut stream| {
        let mut message = message_of(&stream);
        message[20] ^= 0x20;
        message[30] ^= 0x01;
        stream.write_all(&message).unwrap();
        read_on(stream);
    });
    let done = client(address, &["--log", "quiet"]);
    assert_eq!(done.code, 1, "{done:?}");
    let expected = "connection 1: the echo differs first at offset 20: expected 0x20, got 0x00";
    assert!(done.stdout.contains("NOT VERIFIED: 0 of 1 connection"), "{done:?}");
    assert!(done.stdout.contains(expected), "{done:?}");
    thread.join().unwrap();
}

#[test]
fn a_short_echo_is_told_with_both_lengths() {
    let (address, thread) = bad_server(|mut stream| {
        let message = message_of(&stream);
        stream.write_all(&message[..10]).unwrap();
    });
    let done = client(address, &["--log", "quiet"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stdout.contains("the echo is short: 10 of 46 bytes came back"), "{done:?}");
    thread.join().unwrap();
}

#[test]
fn a_long_echo_is_no_echo() {
    for close in ["fin", "half-close", "hold"] {
        let (address, thread) = bad_server(|mut stream| {
            let message = message_of(&stream);
            stream.write_all(&message).unwrap();
            stream.write_all(b"!").unwrap();
            read_on(stream);
        });
        let done = client(address, &["--log", "quiet", "--close", close]);
        assert_eq!(done.code, 1, "{close}: {done:?}");
        assert!(done.stdout.contains("47 bytes or more, where 46 were sent"), "{done:?}");
        thread.join().unwrap();
    }
}

#[test]
fn a_reset_is_told_with_the_systems_words() {
    let (address, thread) = bad_server(|stream| {
        let mut piece = [0; 10];
        (&stream).read_exact(&mut piece).unwrap();
        // Unread bytes turn the close into a reset.
        drop(stream);
    });
    let done = client(address, &["--log", "course"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stdout.contains("0 of 46 bytes came back (Connection reset by peer)"), "{done:?}");
    assert!(
        done.stderr.ends_with(
            "INFO:root:ERROR: [Errno 104] Connection reset by peer\nINFO:root:closing\n"
        ),
        "{done:?}"
    );
    thread.join().unwrap();
}

#[test]
fn a_silent_server_is_given_up_with_an_explanation() {
    let (address, thread) = bad_server(read_on);
    let done = client(address, &["--timeout", "300ms"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stderr.contains("sent 46 bytes and waits for their echo; none came"), "{done:?}");
    thread.join().unwrap();
}

#[test]
fn an_echo_that_comes_after_giving_up_comes_too_late() {
    let (address, thread) = bad_server(|mut stream| {
        // Reads until the client's FIN, which it sends when it gives up, and answers then.
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        stream.write_all(&all).unwrap();
    });
    let done = client(address, &["--timeout", "200ms"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stdout.contains("the echo is short: 0 of 46 bytes came back"), "{done:?}");
    thread.join().unwrap();
}

#[test]
fn a_server_that_does_not_read_is_given_up_with_an_explanation() {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let (address, thread) = bad_server(move |stream| {
        // Holds the connection without reading until the client is done.
        let _ = receiver.recv_timeout(LIMIT);
        drop(stream);
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zeros");
    std::fs::File::create(&path).unwrap().set_len(64 << 20).unwrap();
    let done = client(address, &["--file", path.to_str().unwrap(), "--timeout", "300ms"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stderr.contains("the server does not read"), "{done:?}");
    drop(sender);
    thread.join().unwrap();
}

#[test]
fn one_bad_connection_of_several_spoils_the_verdict() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        let mut streams: Vec<TcpStream> = (0..4).map(|_| listener.accept().unwrap().0).collect();
        for (number, stream) in streams.iter_mut().enumerate() {
            stream.set_read_timeout(Some(LIMIT)).unwrap();
            let mut message = message_of(stream);
            message[45] ^= u8::from(number == 2);
            stream.write_all(&message).unwrap();
        }
        streams.into_iter().for_each(read_on);
    });
    let done = client(address, &["--parallel", "4", "--log", "quiet"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.stdout.contains("NOT VERIFIED: 3 of 4 connections"), "{done:?}");
    assert!(done.stdout.contains("differs first at offset 45"), "{done:?}");
    thread.join().unwrap();
}
