//! `analyzer capture` on real interfaces: `lo`, `any` and a veth pair in namespaces of its own.
//!
//! Where the system does not let us capture, a test is skipped with the reason printed; with
//! `CI=true` or `LAB_REQUIRED` set that is a failure. Traffic goes to 127.0.0.1 or stays inside
//! the namespaces.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod recorder;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use analyzer::source;
use recorder::{Recorder, analyzer, may_capture, stderr, stdout};

/// One echo of 5 bytes over 127.0.0.1, closed by the client first; returns the server's port.
fn echo(listener: &TcpListener) {
    let address = listener.local_addr().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).unwrap();
            stream.write_all(&bytes).unwrap();
        });
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"hello").unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"hello");
    });
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let filter = format!("tcp port {}", listener.local_addr().unwrap().port());
    (listener, filter)
}

/// Frames of a capture file, read by the library.
fn frames_of(path: &Path) -> u64 {
    let mut capture = source::open(path).unwrap();
    let mut frames = 0;
    while capture.next().unwrap().is_some() {
        frames += 1;
    }
    frames
}

fn assert_code(output: &Output, code: i32) {
    let (out, talk) = (stdout(output), stderr(output));
    assert_eq!(output.status.code(), Some(code), "\n{talk}\n{out}");
}

#[test]
fn connections_end_the_recording_and_are_reported_and_written() {
    if !may_capture() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.pcapng");
    let (listener, filter) = listener();
    for interface in ["lo", "any"] {
        let recorder = Recorder::start(|command| {
            command.args(["-i", interface, "-f", &filter, "--connections", "2", "-w"]).arg(&path);
        });
        echo(&listener);
        echo(&listener);
        let output = recorder.wait();
        assert_code(&output, 0);
        let (out, talk) = (stdout(&output), stderr(&output));
        assert!(out.contains("2 connections"), "{interface}: {out}");
        assert!(out.contains("No. The 2 connections ran one after the other"), "{out}");
        assert!(out.contains("[SYN]") && out.contains("Format live"), "{interface}: {out}");
        assert!(talk.contains(", 0 dropped by the kernel, 0 dropped by the interface"), "{talk}");
        let frames = frames_of(&path);
        assert!(talk.contains(&format!("{frames} frames recorded")), "{frames}: {talk}");
        assert!(frames >= 16, "{frames} frames of two connections");
        let again = analyzer().arg("report").arg(&path).output().unwrap();
        assert!(stdout(&again).contains("The recorder dropped no frame"), "{}", stdout(&again));
    }
}

#[test]
fn a_count_of_frames_ends_the_recording() {
    if !may_capture() {
        return;
    }
    let (listener, filter) = listener();
    let recorder = Recorder::start(|command| {
        command.args(["-i", "lo", "-f", &filter, "--count", "3", "--quiet"]);
    });
    echo(&listener);
    let output = recorder.wait();
    assert_code(&output, 0);
    assert!(stderr(&output).contains("3 frames recorded"), "{}", stderr(&output));
    let out = stdout(&output);
    assert!(out.starts_with("Capture lo"), "--quiet shows no rows: {out}");
    assert!(out.contains("complete") && out.contains("frames 1-3"), "{out}");
}

#[test]
fn a_duration_in_bare_seconds_ends_the_recording_and_no_frame_is_a_negative_verdict() {
    if !may_capture() {
        return;
    }
    let start = Instant::now();
    let output = Recorder::start(|command| {
        command.args(["-i", "lo", "-f", "tcp port 9", "--duration", "1"]);
    })
    .wait();
    assert_code(&output, 1);
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(950) && took < Duration::from_secs(8), "{took:?}");
    assert!(stderr(&output).contains("0 frames recorded"), "{}", stderr(&output));
    let wrong = analyzer().args(["capture", "-i", "lo", "--duration", "soon"]).output().unwrap();
    assert_code(&wrong, 2);
    assert!(stderr(&wrong).contains("write seconds (10, 2.5) or units"), "{}", stderr(&wrong));
}

#[test]
fn ctrl_c_amid_traffic_loses_no_frame_that_was_counted() {
    if !may_capture() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.pcapng");
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = receiver.local_addr().unwrap();
    let filter = format!("udp port {}", address.port());
    let recorder = Recorder::start(|command| {
        command.args(["-i", "lo", "-f", &filter, "--quiet", "-w"]).arg(&path);
    });
    for number in 0..400_u32 {
        receiver.send_to(&number.to_be_bytes(), address).unwrap();
        if number == 200 {
            recorder.interrupt();
        }
    }
    let output = recorder.wait();
    assert_code(&output, 0);
    let frames = frames_of(&path);
    assert!(frames >= 201, "what was sent before Ctrl-C is there: {frames}");
    assert!(stderr(&output).contains(&format!("{frames} frames recorded")), "{}", stderr(&output));
    assert!(stdout(&output).contains("There is no TCP in this capture"), "{}", stdout(&output));
}

#[test]
fn a_buffer_too_small_for_the_traffic_is_admitted() {
    if !may_capture() {
        return;
    }
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = receiver.local_addr().unwrap();
    let filter = format!("udp port {}", address.port());
    let recorder = Recorder::start(|command| {
        command.args(["-i", "lo", "-f", &filter, "--buffer-size", "1K", "--duration", "2s"]);
        command.arg("--quiet");
    });
    recorder.stop_for_a_while(|| {
        for _ in 0..2_000 {
            receiver.send_to(&[0; 1_400], address).unwrap();
        }
    });
    let output = recorder.wait();
    assert_code(&output, 0);
    assert!(stdout(&output).contains("The recorder lost"), "{}", stdout(&output));
    assert!(stderr(&output).contains("a larger --buffer-size"), "{}", stderr(&output));
}

#[test]
fn the_capture_goes_to_standard_output_and_the_report_to_standard_error() {
    if !may_capture() {
        return;
    }
    let (listener, filter) = listener();
    let recorder = Recorder::start(|command| {
        command.args(["-i", "lo", "-f", &filter, "--connections", "1", "-w", "-"]);
    });
    echo(&listener);
    let output = recorder.wait();
    assert_code(&output, 0);
    assert!(stderr(&output).contains("1 connection\n"), "{}", stderr(&output));
    let mut capture = source::from_reader("-", std::io::Cursor::new(output.stdout)).unwrap();
    let mut frames = 0;
    while capture.next().unwrap().is_some() {
        frames += 1;
    }
    assert!(frames >= 8, "{frames} frames on standard output");
}

#[test]
fn privileges_are_dropped_while_it_records() {
    if !may_capture() {
        return;
    }
    let recorder = Recorder::start(|command| {
        command.args(["-i", "lo", "-f", "udp port 9", "--duration", "20s", "--quiet"]);
    });
    for status in recorder.status_of_threads() {
        for set in ["CapEff", "CapPrm", "CapInh", "CapAmb"] {
            let value = status.lines().find_map(|line| line.strip_prefix(&format!("{set}:")));
            assert_eq!(value.map(str::trim), Some("0000000000000000"), "{set} in\n{status}");
        }
    }
    recorder.interrupt();
    assert_code(&recorder.wait(), 1);
}

#[test]
fn without_permission_the_missing_capability_and_its_remedy_are_named() {
    if !may_capture() {
        return;
    }
    // The build's folder may be closed to others, so they get a copy.
    let folder = tempfile::Builder::new().prefix("capture-test-").tempdir_in("/tmp").unwrap();
    let program = folder.path().join("analyzer");
    // In a process of its own: what this one writes may be open in another test's child when it is
    // to run ("text file busy").
    let copied = Command::new("cp")
        .args([env!("CARGO_BIN_EXE_analyzer").as_ref(), program.as_os_str()])
        .status();
    assert!(copied.unwrap().success());
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new("setpriv")
        .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
        .arg(&program)
        .args(["capture", "-i", "lo", "--duration", "1"])
        .output()
        .expect("setpriv of util-linux");
    assert_code(&output, 2);
    let talk = stderr(&output);
    assert!(talk.contains("CAP_NET_RAW") && talk.contains("setcap cap_net_raw+ep"), "{talk}");
}

#[test]
fn an_unknown_interface_or_a_bad_filter_is_explained_and_costs_no_file() {
    if !may_capture() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("older.pcapng");
    fs::write(&path, "precious").unwrap();
    for (options, reason) in [
        (["-i", "nosuch0", "-f", "tcp"], "nosuch0"),
        (["-i", "lo", "-f", "tcp port port"], "tcp port port"),
    ] {
        let output = analyzer().arg("capture").args(options).arg("-w").arg(&path).output().unwrap();
        assert_code(&output, 2);
        assert!(stderr(&output).contains(reason), "{}", stderr(&output));
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }
}

#[test]
fn a_veth_interface_in_a_namespace_is_recorded() {
    if !may_capture() {
        return;
    }
    let Some(output) = recorder::in_namespace() else { return };
    assert_code(&output, 0);
    let out = stdout(&output);
    assert!(out.contains("Capture eth1"), "{out}");
    assert!(out.contains("ICMP") || out.contains("ARP"), "{out}");
}
