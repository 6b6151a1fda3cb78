//! Much data and many connections: no deadlock, constant memory, real overlap.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use generator::echo_server::{EchoServer, Mode, ServerSummary, Settings};
use generator::stop::Stop;

use crate::process::{LIMIT, Program, client, command, records, server};

/// A file of pseudo-random bytes, the same in every run.
fn noise(mebibytes: usize) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut block = Vec::with_capacity(1 << 20);
    for _ in 0..mebibytes {
        block.clear();
        while block.len() < 1 << 20 {
            // xorshift64: any bytes do, as long as a shift by some would be noticed.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            block.extend(state.to_le_bytes());
        }
        file.write_all(&block).unwrap();
    }
    file
}

/// A server in this process that logs nothing and serves so many connections.
fn quiet_server(
    mode: Mode,
    recv_size: usize,
    connections: u64,
) -> (JoinHandle<ServerSummary>, SocketAddr) {
    let server = EchoServer::bind(Settings {
        bind: "127.0.0.1:0".parse().unwrap(),
        recv_size,
        backlog: 1,
        mode,
        max_connections: Some(connections),
        idle_timeout: Some(LIMIT),
    })
    .unwrap();
    let address = server.address();
    let run = move || server.run(&Stop::new().unwrap(), Arc::new(())).unwrap();
    (std::thread::spawn(run), address)
}

#[test]
fn sixty_four_mebibytes_pass_through_small_buffers_in_both_directions() {
    let file = noise(64);
    let path = file.path().to_str().unwrap();
    for (mode, recv_size) in [(Mode::Threads, 2000), (Mode::Async, 3000)] {
        let (server, address) = quiet_server(mode, recv_size, 1);
        let done = client(address, &["--file", path, "--recv-size", "1000", "--timeout", "30"]);
        assert_eq!(done.code, 0, "{done:?}");
        assert!(done.stdout.contains("67108864 bytes sent, 67108864 bytes came back"), "{done:?}");
        assert_eq!(done.stderr, "", "no log and no bar for a big file without a terminal");
        assert_eq!(server.join().unwrap().bytes_sent, 64 << 20);
    }
}

#[test]
fn standard_input_is_streamed_compared_and_sent_by_all() {
    let file = noise(4);
    for parallel in ["1", "3"] {
        let connections = parallel.parse().unwrap();
        let (server, address) = quiet_server(Mode::Threads, 65536, connections);
        let mut command = command(&[
            "client",
            "--to",
            &address.to_string(),
            "-",
            "--recv-size",
            "65536",
            "--parallel",
            parallel,
            "--timeout",
            "30",
        ]);
        command.stdin(file.reopen().unwrap()).stdout(std::process::Stdio::piped());
        let done = Program::spawn(&mut command).finish();
        assert_eq!(done.code, 0, "{done:?}");
        let bytes = (4 << 20) * connections;
        assert_eq!(server.join().unwrap().bytes_sent, bytes);
        assert!(done.stdout.contains(&format!("{bytes} bytes came back, identical")), "{done:?}");
    }
}

#[test]
fn fifty_parallel_clients_are_open_at_the_same_time() {
    for mode in ["threads", "async"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records");
        let record = path.to_str().unwrap();
        let (server, address) = server(&["--mode", mode, "--max-connections", "50"]);
        let done = client(address, &["--parallel", "50", "--log", "quiet", "--record", record]);
        assert_eq!(done.code, 0, "{done:?}");
        assert!(done.stdout.contains("50 connections, 2300 bytes sent"), "{done:?}");
        assert!(done.stdout.contains("overlap: 50 connections open at the same time"), "{done:?}");
        assert_eq!(server.finish().code, 0);
        // The records prove it: the last was opened before the first was closed.
        let records = records(&path);
        assert_eq!(records.len(), 50);
        let last_opened = records.iter().map(|record| record.opened_at).max().unwrap();
        let first_closed = records.iter().map(|record| record.closed_at).min().unwrap();
        assert!(last_opened < first_closed, "{mode}");
    }
}

#[test]
fn rounds_follow_one_another_on_new_connections() {
    let (server, address) = server(&["--max-connections", "6"]);
    let done = client(address, &["--repeat", "3", "--parallel", "2", "--log", "quiet"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.contains("verified: 6 connections, 276 bytes sent"), "{done:?}");
    assert!(done.stdout.contains("overlap: 2 connections"), "{done:?}");
    assert_eq!(server.finish().code, 0);
}
