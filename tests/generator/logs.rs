//! What the programs print: the course's lines to the letter, and JSON that programs can read.

use std::io::Write;

use crate::process::{MESSAGE, MESSAGE_SHA256, client, run, server, server_on};

#[test]
fn both_terminals_show_what_the_report_shows_in_task_2() {
    let (server, address) = server(&["--mode", "sequential", "--max-connections", "1"]);
    let done = client(address, &["--from", "127.0.0.1"]);
    let port = address.port();
    assert_eq!(
        done.stderr,
        format!(
            "INFO:root:connecting to ('127.0.0.1', {port})\n\
             INFO:root:sending INI ADALAH DATA YANG DIKIRIM ABCDEFGHIJKLMNOPQ\n\
             INFO:root:b'INI ADALAH DATA '\n\
             INFO:root:b'YANG DIKIRIM ABC'\n\
             INFO:root:b'DEFGHIJKLMNOPQ'\n\
             INFO:root:closing\n"
        )
    );
    assert!(done.stdout.starts_with("verified: 1 connection, 46 bytes sent, 46 bytes came back"));
    assert!(done.stdout.contains(&format!("SHA-256: {MESSAGE_SHA256}\n")), "{}", done.stdout);
    let done = server.finish();
    let (before, after) = done.stderr.split_once("connection from ('127.0.0.1', ").unwrap();
    assert_eq!(
        before,
        format!(
            "INFO:root:starting up on ('127.0.0.1', {port})\n\
             INFO:root:waiting for a connection\nINFO:root:"
        )
    );
    assert_eq!(
        after.split_once(")\n").unwrap().1,
        "INFO:root:received b'INI ADALAH DATA YANG DIKIRIM ABC'\n\
         INFO:root:sending back data\n\
         INFO:root:received b'DEFGHIJKLMNOPQ'\n\
         INFO:root:sending back data\n\
         INFO:root:received b''\n\
         INFO:root:closing\n"
    );
}

#[test]
fn a_file_shows_what_the_report_shows_in_task_3() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"Ini adalah isi file dari client.\nFile ini akan dikirim via socket.\n")
        .unwrap();
    let (_server, address) = server(&["--max-connections", "1"]);
    let path = file.path().to_str().unwrap();
    let done = client(
        address,
        &["--file", path, "--recv-size", "32", "--close", "hold", "--timeout", "300ms"],
    );
    let expected = "INFO:root:sending file content (67 bytes)\n\
                    INFO:root:received: b'Ini adalah isi file dari client.'\n\
                    INFO:root:received: b'\\nFile ini akan dikirim via socke'\n\
                    INFO:root:received: b't.\\n'\n\
                    INFO:root:ERROR: timed out\n\
                    INFO:root:closing\n\
                    generator: connection 1 stood still";
    assert!(done.stderr.contains(expected), "{}", done.stderr);
    assert_eq!(done.code, 0, "the echo was verified: {done:?}");
}

#[test]
fn json_logs_are_objects_with_time_and_event_and_end_with_the_summary() {
    let (_server, address) = server(&["--max-connections", "1"]);
    let done = client(address, &["--log", "json", "--message", "it's"]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    let lines: Vec<serde_json::Value> =
        done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    let expected = ["connecting", "connected", "sending", "sent"];
    assert_eq!(events[..4], expected);
    assert_eq!(events[events.len() - 2..], ["closed", "summary"]);
    for line in &lines {
        humantime::parse_rfc3339(line["time"].as_str().unwrap()).unwrap();
    }
    let summary = lines.last().unwrap();
    assert_eq!(summary["identical"], 1);
    assert_eq!(summary["bytes_received"], 4);
    let record = &lines[lines.len() - 2]["record"];
    assert_eq!(record["echo"]["verdict"], "identical");
    assert_eq!(record["server"], address.to_string());
    assert_eq!(lines[2]["first_bytes"], "69742773");
}

#[test]
fn the_servers_json_log_ends_with_its_summary() {
    use std::io::{BufRead, BufReader};
    let mut command = crate::process::command(&[
        "server",
        "--bind",
        "127.0.0.1:0",
        "--log",
        "json",
        "--max-connections",
        "1",
    ]);
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next =
        || -> serde_json::Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let listening = next();
    assert_eq!(listening["event"], "listening");
    assert_eq!(listening["mode"], "threads");
    let address = listening["address"].as_str().unwrap().parse().unwrap();
    assert_eq!(client(address, &[]).code, 0);
    let mut events = Vec::new();
    while events.last().is_none_or(|event| event != "summary") {
        let line = next();
        if line["event"] == "closed" {
            assert_eq!(line["record"]["sha256_received"], MESSAGE_SHA256);
        }
        events.push(line["event"].as_str().unwrap().to_owned());
    }
    assert_eq!(events[..3], ["waiting", "accepted", "received"]);
    assert!(child.wait().unwrap().success());
}

#[test]
fn ipv6_addresses_are_tuples_of_four() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        assert!(std::env::var_os("CI").is_none(), "this machine has no ::1");
        eprintln!("skipped: this machine has no ::1");
        return;
    }
    let (mut server, address) = server_on("[::1]:0", &["--max-connections", "1"]);
    let done = client(address, &["--message", MESSAGE]);
    assert_eq!(done.code, 0, "{done:?}");
    let line = server.expect("INFO:root:connection from ('::1', ");
    assert!(line.ends_with(", 0, 0)"), "{line}");
    assert_eq!(server.finish().code, 0);
}

#[test]
fn socket_info_resolves_without_connecting() {
    let done = run(&["socket-info", "127.0.0.1", "80"]);
    assert_eq!(
        done.stdout,
        "timeout : None\ntimeout : 10.0\n[(<AddressFamily.AF_INET: 2>, \
         <SocketKind.SOCK_STREAM: 1>, 6, '', ('127.0.0.1', 80))]\n"
    );
    assert_eq!(done.stderr, "generator: names were resolved; no connection was made\n");
    let done = run(&["socket-info", "127.0.0.1", "80", "--timeout", "2.5", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(json["timeout_default"], serde_json::Value::Null);
    assert_eq!(json["timeout_set"], 2.5);
    assert_eq!(json["addresses"][0]["kind_number"], 1);
    assert_eq!(json["connected"], false);
}
