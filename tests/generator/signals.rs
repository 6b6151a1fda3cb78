//! Stopping: what is in flight comes through, what is idle is closed, and the exit code is 0.

use std::io::{Read, Write};
use std::net::TcpStream;

use nix::sys::signal::Signal;

use crate::process::{LIMIT, Program, server};

fn connect(address: std::net::SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, LIMIT).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.set_write_timeout(Some(LIMIT)).unwrap();
    stream
}

#[test]
fn a_stopped_server_closes_idle_connections_properly() {
    for mode in ["threads", "sequential", "async"] {
        for signal in [Signal::SIGINT, Signal::SIGTERM] {
            let (mut server, address) = server(&["--mode", mode]);
            let mut stream = connect(address);
            stream.write_all(b"hello").unwrap();
            let mut echo = [0; 5];
            stream.read_exact(&mut echo).unwrap();
            server.expect("INFO:root:sending back data");
            server.signal(signal);
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).unwrap();
            assert_eq!(rest, b"", "{mode} {signal}: EOF, not a reset");
            drop(stream);
            let done = server.finish();
            assert_eq!(done.code, 0, "{mode} {signal}: {done:?}");
            assert!(done.stderr.ends_with("INFO:root:closing\n"), "{done:?}");
            assert!(done.stdout.contains("served 1 connection (0 failed)"), "{done:?}");
            TcpStream::connect(address).unwrap_err();
        }
    }
}

#[test]
fn a_stopped_server_finishes_what_is_in_flight() {
    for mode in ["threads", "sequential", "async"] {
        let (mut server, address) =
            server(&["--mode", mode, "--recv-size", "65536", "--log", "course"]);
        let stream = connect(address);
        let sent: Vec<u8> = (0..2_000_000_u32).map(|number| (number % 253) as u8).collect();
        let copy = sent.clone();
        let mut writer = stream.try_clone().unwrap();
        let thread = std::thread::spawn(move || writer.write_all(&copy).unwrap());
        server.expect("INFO:root:sending back data");
        server.signal(Signal::SIGTERM);
        let mut echo = Vec::new();
        (&stream).read_to_end(&mut echo).unwrap();
        thread.join().unwrap();
        assert!(echo == sent, "{mode}: {} of {} bytes came back", echo.len(), sent.len());
        drop(stream);
        assert_eq!(server.finish().code, 0);
    }
}

#[test]
fn a_server_without_clients_stops_at_once() {
    for mode in ["threads", "sequential", "async"] {
        let (server, _) = server(&["--mode", mode]);
        server.signal(Signal::SIGINT);
        let done = server.finish();
        assert_eq!(done.code, 0);
        assert!(done.stdout.contains("served 0 connections"), "{done:?}");
    }
}

#[test]
fn an_idle_connection_is_closed_when_that_was_asked_for() {
    for mode in ["threads", "sequential", "async"] {
        let (server, address) =
            server(&["--mode", mode, "--idle-timeout", "100ms", "--max-connections", "1"]);
        let mut stream = connect(address);
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        drop(stream);
        let done = server.finish();
        assert_eq!(done.code, 0);
        assert!(done.stderr.contains("INFO:root:ERROR: timed out"), "{mode}: {done:?}");
    }
}

#[test]
fn a_holding_client_that_is_interrupted_closes_and_reports_what_it_verified() {
    let (server, address) = server(&["--max-connections", "1"]);
    let mut client = Program::start(&["client", "--to", &address.to_string(), "--close", "hold"]);
    client.expect("INFO:root:b'DEFGHIJKLMNOPQ'");
    client.signal(Signal::SIGINT);
    let done = client.finish();
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.starts_with("verified: 1 connection"), "{done:?}");
    assert_eq!(server.finish().code, 0, "the server saw the client's FIN");
}
