//! The captures of lab runs, read through the analyzer's library: nothing is missing from them,
//! and they tell the same story as the programs.

use analyzer::source;
use analyzer::summary::{
    self, CaptureSummary, HandshakeOutcome, Options, OverlapKind, Parallelism, Side,
    TeardownOutcome,
};
use generator::lab::manifest::{Connection, Run};

use crate::support::{Finished, Mode, Place, modes};

fn summary(finished: &Finished, file: &str) -> CaptureSummary {
    let mut capture = source::open(&finished.folder.join(file)).unwrap();
    let (summary, error) = summary::summarise(file, &mut *capture, Options::default());
    assert!(error.is_none(), "{error:?}");
    summary
}

/// Every frame that the kernel counted is in the file, and none was dropped.
fn assert_nothing_is_missing(run: &Run, finished: &Finished) {
    for recording in &run.recordings {
        assert_eq!(recording.frames, recording.counted, "{recording:?}");
        assert_eq!(recording.dropped_by_kernel, Some(0));
        let summary = summary(finished, &recording.file);
        assert_eq!(summary.capture.frames, recording.frames);
        assert_eq!(summary.capture.recorder.dropped_by_kernel, Some(0));
        let interface = &summary.capture.interfaces[0];
        assert_eq!(interface.name.as_deref(), Some(recording.interface.as_str()));
        assert!(interface.description.as_ref().unwrap().contains(&recording.host));
    }
}

/// The capture's connection between the endpoints of the manifest's, with the same bytes.
fn assert_told_alike(capture: &CaptureSummary, told: &Connection) {
    let seen = capture.connections.iter().find(|seen| {
        seen.client.port == told.client.port()
            && seen.client.address == told.client.ip().to_string()
    });
    let seen = seen.unwrap_or_else(|| panic!("{} is not in the capture", told.client));
    assert_eq!(seen.server.address, told.server.ip().to_string());
    assert_eq!(seen.server.port, told.server.port());
    assert_eq!(seen.handshake.outcome, HandshakeOutcome::Complete);
    assert_eq!(seen.from_client.application_bytes, told.bytes_to_server);
    assert_eq!(seen.from_server.application_bytes, told.bytes_to_client);
    assert_eq!((seen.from_client.missing_bytes, seen.from_server.missing_bytes), (0, 0));
}

#[test]
fn echo_is_captured_from_the_first_arp_to_the_last_ack() {
    for mode in modes() {
        let finished = Place::new().lab(mode, &["echo"]);
        assert_eq!(finished.code(), 0, "{}\n{}", finished.stdout(), finished.stderr());
        let run = finished.run();
        assert_nothing_is_missing(&run, &finished);
        let capture = summary(&finished, "mesin1-eth1.pcapng");
        let protocols: Vec<(&str, u64)> =
            capture.capture.protocols.iter().map(|p| (p.protocol.as_str(), p.frames)).collect();
        assert!(protocols.iter().all(|(name, _)| ["tcp", "arp"].contains(name)), "{protocols:?}");
        assert!(protocols.contains(&("arp", 2)), "{protocols:?}");
        let [connection] = capture.connections.as_slice() else { panic!("{capture:?}") };
        assert_told_alike(&capture, &run.connections[0]);
        let handshake = &connection.handshake;
        let frames =
            [&handshake.syn, &handshake.syn_ack, &handshake.ack].map(|m| m.as_ref().unwrap().frame);
        assert_eq!(frames, [3, 4, 5], "two ARP frames come first");
        let teardown = &connection.teardown;
        assert_eq!(teardown.outcome, TeardownOutcome::Closed);
        assert_eq!(teardown.closed_first, Some(Side::Client));
        let last = teardown.server_fin.as_ref().unwrap().acknowledged.as_ref().unwrap().frame;
        assert_eq!(last, capture.capture.frames, "the last ACK is the last frame");
    }
}

#[test]
fn parallel_clients_are_proved_to_overlap() {
    for mode in modes() {
        let finished = Place::new().lab(mode, &["parallel"]);
        assert_eq!(finished.code(), 0, "{}\n{}", finished.stdout(), finished.stderr());
        let run = finished.run();
        assert_nothing_is_missing(&run, &finished);
        let capture = summary(&finished, "mesin1-eth1.pcapng");
        run.connections.iter().for_each(|told| assert_told_alike(&capture, told));
        assert_eq!(capture.concurrency.parallelism, Parallelism::Parallel);
        assert_eq!(capture.concurrency.max_open, 2);
        assert_eq!(capture.concurrency.overlaps[0].kind, OverlapKind::ServedInParallel);
    }
}

#[test]
fn hold_stays_open_for_a_second_and_is_closed_by_the_client() {
    for mode in modes() {
        let finished = Place::new().lab(mode, &["hold"]);
        let run = finished.run();
        assert_nothing_is_missing(&run, &finished);
        let capture = summary(&finished, "mesin1-eth1.pcapng");
        assert_told_alike(&capture, &run.connections[0]);
        let connection = &capture.connections[0];
        let idle = connection.teardown.client_fin.as_ref().unwrap().sent.time
            - connection.from_server.last_data.as_ref().unwrap().time;
        assert!((0.9..3.0).contains(&idle), "{idle}");
        assert_eq!(connection.teardown.closed_first, Some(Side::Client));
    }
}

const LARGE: &str = r#"
version = 1
name = "large"
deadline = "30s"
record = [
  { host = "mesin1", interface = "eth1" },
  { host = "mesin2", interface = "eth1" },
  { host = "mesin3", interface = "eth1" },
  { host = "mesin1", interface = "lo" },
]
[[file]]
name = "big"
size = "5MiB"
seed = 3
[[process]]
name = "server"
host = "mesin1"
server = { bind = "0.0.0.0:32444", recv-size = 65536, log = "quiet" }
[[process]]
name = "inside"
host = "mesin1"
after = ["server"]
client = { to = "127.0.0.1:32444", message = "halo", timeout = "10s" }
[[process]]
name = "client2"
host = "mesin2"
after = ["server"]
barrier = "b"
client = { to = "172.16.16.101:32444", file = "big", recv-size = 65536, parallel = 2, log = "quiet", timeout = "25s" }
[[process]]
name = "client3"
host = "mesin3"
after = ["server"]
barrier = "b"
client = { to = "172.16.16.101:32444", file = "big", recv-size = 65536, log = "quiet", timeout = "25s" }
"#;

#[test]
fn captures_at_several_interfaces_hold_every_frame_that_the_kernel_counted() {
    for mode in modes() {
        let finished = Place::new().scenario(mode, "large", LARGE);
        assert_eq!(finished.code(), 0, "{}\n{}", finished.stdout(), finished.stderr());
        let run = finished.run();
        let recorded: Vec<(&str, &str)> =
            run.recordings.iter().map(|r| (r.host.as_str(), r.interface.as_str())).collect();
        assert_eq!(
            recorded,
            [("mesin1", "eth1"), ("mesin2", "eth1"), ("mesin3", "eth1"), ("mesin1", "lo")]
        );
        assert_nothing_is_missing(&run, &finished);
        let server = summary(&finished, "mesin1-eth1.pcapng");
        assert_eq!(server.connections_total, 3);
        for told in run.connections.iter().filter(|told| !told.client.ip().is_loopback()) {
            assert_eq!(told.bytes_to_server, 5 << 20);
            assert_told_alike(&server, told);
            let own = format!(
                "mesin{}-eth1.pcapng",
                if told.client.ip().to_string().ends_with("102") { 2 } else { 3 }
            );
            assert_told_alike(&summary(&finished, &own), told);
        }
        let inside = summary(&finished, "mesin1-lo.pcapng");
        let told = run.connections.iter().find(|told| told.client.ip().is_loopback()).unwrap();
        assert_told_alike(&inside, told);
    }
}

#[test]
fn a_refused_connection_is_captured_as_such() {
    let text = "version = 1\nname = \"refused\"\nrecord = [{ host = \"mesin2\", interface = \"eth1\" }]\n\
        [[process]]\nname = \"client\"\nhost = \"mesin2\"\nexpect-exit = 2\n\
        client = { to = \"172.16.16.101:9\", message = \"x\", timeout = \"5s\" }\n";
    for mode in modes() {
        let finished = Place::new().scenario(mode, "refused", text);
        assert_eq!(finished.code(), 0, "{}\n{}", finished.stdout(), finished.stderr());
        assert_nothing_is_missing(&finished.run(), &finished);
        let capture = summary(&finished, "mesin2-eth1.pcapng");
        assert_eq!(capture.connections[0].handshake.outcome, HandshakeOutcome::Refused);
    }
}

#[test]
fn the_report_lies_beside_the_captures_and_is_printed() {
    let Some(mode) = modes().first().copied() else { return };
    let finished = Place::new().lab(mode, &["file"]);
    let text = std::fs::read_to_string(finished.folder.join("report.txt")).unwrap();
    for line in text.lines() {
        assert!(finished.stdout().contains(line), "not printed: {line}");
    }
    let json = std::fs::read_to_string(finished.folder.join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let capture = serde_json::to_value(summary(&finished, "mesin1-eth1.pcapng")).unwrap();
    assert_eq!(report["captures"], serde_json::json!([capture]));
}

#[test]
fn a_run_as_root_says_so_and_so_does_a_rootless_one() {
    for mode in modes() {
        let finished = Place::new().lab(mode, &["echo"]);
        assert_eq!(finished.run().system.rootless, mode == Mode::Rootless);
    }
}
