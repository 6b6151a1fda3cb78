//! What cannot work: a clear message on standard error and exit code 2; and what looks like a
//! failure and is none, a reader that closes our output early.

use std::fs::OpenOptions;
use std::net::TcpListener;
use std::process::Stdio;

use crate::process::{Program, client, command, run, server};

#[test]
fn wrong_input_is_refused_with_a_reason() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let table: &[(&[&str], &str)] = &[
        (&["server", "--bind", "192.0.2.1:10000"], "no interface of this machine has that"),
        (&["server", "--bind", "localhost"], "has no port"),
        (&["server", "--recv-size", "0"], "from 1 to 16777216"),
        (&["server", "--max-connections", "0"], "0 is not in 1.."),
        (&["server", "--idle-timeout", "soon"], "write seconds"),
        (&["server", "--mode", "forks"], "possible values: threads, sequential, async"),
        (&["client"], "--to <HOST:PORT>"),
        (&["client", "--to", "127.0.0.1:80", "--file", "/no/such/file"], "/no/such/file: No such"),
        (&["client", "--to", "127.0.0.1:80", "--file", folder], "is a directory"),
        (&["client", "--to", "127.0.0.1:80", "--from", "somewhere"], "ADDR or ADDR:PORT"),
        (&["client", "--to", "127.0.0.1:80", "--from", "192.0.2.1"], "cannot send from 192.0.2.1"),
        (&["client", "--to", "127.0.0.1:80", "--from", "::1"], "no address of that family"),
        (&["client", "--to", "127.0.0.1:80", "--interface", "nosuch0"], "interface nosuch0"),
        (&["client", "--to", "127.0.0.1:80", "--parallel", "2", "--from", "127.0.0.1:9"], "--from"),
        (&["client", "--to", "no-such-host.invalid:80"], "cannot resolve no-such-host.invalid"),
        (&["client", "--to", "127.0.0.1:80", "--record", "/no/such/folder/x"], "cannot write"),
        (&["socket-info", "no-such-host.invalid", "80"], "cannot resolve no-such-host.invalid"),
        (&["socket-info", "localhost", "http"], "invalid value 'http'"),
    ];
    for (args, reason) in table {
        let done = run(args);
        assert_eq!(done.code, 2, "{args:?}: {done:?}");
        let message = done.stderr.to_lowercase();
        assert!(message.contains(&reason.to_lowercase()), "{args:?}: {}", done.stderr);
    }
    let done = run(&["server", "--bind", &taken]);
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains(&format!("cannot listen on {taken}: Address already in use")));
    assert!(done.stderr.contains("another program has that port"), "{}", done.stderr);
}

#[test]
fn a_closed_port_refuses_each_of_several_connections() {
    // Bound and not listening: nobody else can take it, and it refuses.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap().into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    for parallel in ["1", "5"] {
        let done = client(address, &["--parallel", parallel]);
        assert_eq!(done.code, 2, "{done:?}");
        assert!(done.stderr.contains("INFO:root:ERROR: [Errno 111] Connection refused\n"));
        assert!(done.stderr.contains("nobody listens on that port there"), "{done:?}");
    }
}

#[test]
fn an_unanswered_connection_attempt_ends_with_the_timeout() {
    // Nobody accepts, and the queue of zero holds one connection: the next SYN is dropped.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap().into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let _queued = std::net::TcpStream::connect_timeout(&address, crate::process::LIMIT).unwrap();
    let done = client(address, &["--timeout", "200ms"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("INFO:root:ERROR: timed out\n"), "{done:?}");
    assert!(done.stderr.contains("the server's queue is full"), "{done:?}");
}

/// Output that is always full.
fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

/// Output whose reader is gone.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_full_disk_is_an_error_and_a_closed_pipe_is_not() {
    for json in [false, true] {
        let info: &[&str] = if json { &["--format", "json"] } else { &[] };
        let info = [&["socket-info", "127.0.0.1", "80"], info].concat();
        let done = Program::spawn(command(&info).stdout(full())).finish();
        assert_eq!(done.code, 2, "{done:?}");
        assert!(done.stderr.contains("cannot write to standard output: No space left"), "{done:?}");
        let done = Program::spawn(command(&info).stdout(closed())).finish();
        assert_eq!(done.code, 0, "{done:?}");

        let (_server, address) = server(&["--max-connections", "2"]);
        let to = address.to_string();
        let log = if json { "json" } else { "course" };
        let args = ["client", "--to", &to, "--log", log];
        let done = Program::spawn(command(&args).stdout(full())).finish();
        assert_eq!(done.code, 2, "{done:?}");
        assert!(done.stderr.contains("No space left on device"), "{done:?}");
        let done = Program::spawn(command(&args).stdout(closed())).finish();
        assert_eq!(done.code, 0, "{done:?}");
    }
}

#[test]
fn a_verdict_stands_when_nobody_reads_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let thread = std::thread::spawn(move || drop(listener.accept().unwrap()));
    let done = Program::spawn(command(&["client", "--to", &address]).stdout(closed())).finish();
    assert_eq!(done.code, 1, "{done:?}");
    thread.join().unwrap();
}

#[test]
fn a_log_that_cannot_be_written_is_an_error_after_the_work_is_done() {
    let (_server, address) = server(&["--max-connections", "1"]);
    let to = address.to_string();
    let mut command = command(&["client", "--to", &to]);
    let mut child = command.stdout(Stdio::piped()).stderr(full()).spawn().unwrap();
    let status = child.wait().unwrap();
    let mut verdict = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut verdict).unwrap();
    assert_eq!(status.code(), Some(2));
    assert!(verdict.starts_with("verified: 1 connection"), "{verdict}");
}
