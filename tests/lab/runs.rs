//! The built-in scenarios and some of our own: what was printed, what the manifest says.

use std::time::{Duration, Instant};

use generator::lab::manifest::{Exit, Outcome};
use generator::record::{EndReason, Role};

use crate::support::{Finished, Place, modes};

/// A scenario around `rest`.
fn scenario(name: &str, rest: &str) -> String {
    format!("version = 1\nname = \"{name}\"\ndeadline = \"20s\"\n{rest}")
}

const SERVER: &str =
    "[[process]]\nname = \"server\"\nhost = \"mesin1\"\nserver = { bind = \"0.0.0.0:10000\" }\n";

fn assert_fine(finished: &Finished) {
    assert_eq!(finished.code(), 0, "{}\n{}", finished.stdout(), finished.stderr());
    let run = finished.run();
    assert_eq!(run.outcome, Outcome::Complete);
    assert_eq!(run.findings, Vec::<String>::new());
    assert!(run.processes.iter().all(|process| process.exit == Some(Exit::Code(0))));
}

#[test]
fn echo_is_told_by_both_terminals_to_the_letter() {
    for mode in modes() {
        let place = Place::new();
        let started = Instant::now();
        let finished = place.lab(mode, &["echo"]);
        assert_fine(&finished);
        let elapsed = started.elapsed();
        assert!(elapsed < Duration::from_secs(3), "took {elapsed:?}");
        let run = finished.run();
        let [connection] = run.connections.as_slice() else { panic!("{:?}", run.connections) };
        let port = connection.client.port();
        assert_eq!(connection.client.ip().to_string(), "172.16.16.102");
        assert_eq!(connection.server.to_string(), "172.16.16.101:10000");
        assert_eq!((connection.bytes_to_server, connection.bytes_to_client), (46, 46));
        let server: Vec<String> = finished.log("mesin1").lines().map(str::to_owned).collect();
        assert_eq!(
            server[..9],
            [
                "mesin1$ generator server --bind 0.0.0.0:10000 --backlog 1 --mode sequential"
                    .to_owned(),
                "INFO:root:starting up on ('0.0.0.0', 10000)".to_owned(),
                "INFO:root:waiting for a connection".to_owned(),
                format!("INFO:root:connection from ('172.16.16.102', {port})"),
                "INFO:root:received b'INI ADALAH DATA YANG DIKIRIM ABC'".to_owned(),
                "INFO:root:sending back data".to_owned(),
                "INFO:root:received b'DEFGHIJKLMNOPQ'".to_owned(),
                "INFO:root:sending back data".to_owned(),
                "INFO:root:received b''".to_owned(),
            ]
        );
        let client = finished.log("mesin2");
        assert!(client.contains("INFO:root:b'INI ADALAH DATA '\nINFO:root:b'YANG DIKIRIM ABC'\nINFO:root:b'DEFGHIJKLMNOPQ'\n"), "{client}");
        let story = finished.stdout();
        for line in
            server.iter().chain(client.lines().map(str::to_owned).collect::<Vec<_>>().iter())
        {
            assert!(story.contains(line.as_str()), "the story lacks: {line}\n{story}");
        }
    }
}

#[test]
fn file_is_verified_and_both_accounts_agree() {
    for mode in modes() {
        let finished = Place::new().lab(mode, &["file"]);
        assert_fine(&finished);
        let run = finished.run();
        let [file] = run.files.as_slice() else { panic!("{:?}", run.files) };
        assert_eq!((file.name.as_str(), file.bytes), ("data.txt", 67));
        let [connection] = run.connections.as_slice() else { panic!("{:?}", run.connections) };
        let (client, server) =
            (connection.at_client.clone().unwrap(), connection.at_server.clone().unwrap());
        let hashes = [
            client.sha256_sent,
            client.sha256_received,
            server.sha256_sent,
            server.sha256_received,
        ];
        assert!(hashes.iter().all(|hash| *hash == file.sha256), "{hashes:?}");
        assert_eq!(client.close.first, Some(Role::Client));
        assert!(client.opened_at >= run.started_at && server.closed_at <= run.ended_at);
    }
}

#[test]
fn parallel_clients_are_connected_at_the_same_time() {
    for mode in modes() {
        let finished = Place::new().lab(mode, &["parallel"]);
        assert_fine(&finished);
        let run = finished.run();
        let [first, second] = run.connections.as_slice() else { panic!("{:?}", run.connections) };
        let (a, b) = (first.at_client.clone().unwrap(), second.at_client.clone().unwrap());
        assert!(a.opened_at < b.closed_at && b.opened_at < a.closed_at, "{a:?}\n{b:?}");
        let mut hosts = [a.client.ip().to_string(), b.client.ip().to_string()];
        hosts.sort();
        assert_eq!(hosts, ["172.16.16.102", "172.16.16.103"]);
    }
}

#[test]
fn hold_ends_by_the_clients_timeout() {
    for mode in modes() {
        let finished = Place::new().lab(mode, &["hold"]);
        assert_fine(&finished);
        let run = finished.run();
        let client = run.connections[0].at_client.clone().unwrap();
        assert_eq!(client.close.reason, EndReason::TimedOut);
        assert!(client.closed_at.since(client.opened_at) >= Duration::from_secs(1));
        assert!(finished.log("mesin2").contains("each end waits for the other"));
    }
}

#[test]
fn a_large_file_comes_back_over_several_connections() {
    let text = scenario(
        "large",
        &format!(
            "[[file]]\nname = \"big\"\nsize = \"3MiB\"\nseed = 7\n{}\
             [[process]]\nname = \"client\"\nhost = \"mesin2\"\nafter = [\"server\"]\n\
             client = {{ to = \"172.16.16.101:10000\", file = \"big\", recv-size = 65536, parallel = 3, log = \"quiet\", timeout = \"15s\" }}\n",
            SERVER.replace(" }", ", recv-size = 65536, log = \"quiet\" }")
        ),
    );
    for mode in modes() {
        let finished = Place::new().scenario(mode, "large", &text);
        assert_fine(&finished);
        let run = finished.run();
        assert_eq!(run.connections.len(), 3);
        for connection in &run.connections {
            assert_eq!(
                (connection.bytes_to_server, connection.bytes_to_client),
                (3 << 20, 3 << 20)
            );
            assert_eq!(connection.at_client.as_ref().unwrap().sha256_received, run.files[0].sha256);
        }
    }
}

#[test]
fn ipv6_works_when_the_scenario_turns_it_on() {
    let text = scenario(
        "six",
        r#"ipv6 = true
[[network]]
name = "inner"
[[host]]
name = "mesin1"
interfaces = [{ name = "eth1", network = "inner", address = "172.16.16.101/24", address6 = "fd00::65/64" }]
[[host]]
name = "mesin2"
interfaces = [{ name = "eth1", network = "inner", address = "172.16.16.102/24", address6 = "fd00::66/64" }]
[[process]]
name = "server"
host = "mesin1"
server = { bind = "[::]:10000" }
[[process]]
name = "client"
host = "mesin2"
after = ["server"]
client = { to = "[fd00::65]:10000", message = "enam", timeout = "10s" }
"#,
    );
    for mode in modes() {
        let finished = Place::new().scenario(mode, "six", &text);
        assert_fine(&finished);
        assert_eq!(finished.run().connections[0].server.to_string(), "[fd00::65]:10000");
    }
}

#[test]
fn clients_can_follow_one_another_across_the_outside_network() {
    let client = |name: &str, host: &str, after: &str| {
        format!(
            "[[process]]\nname = \"{name}\"\nhost = \"{host}\"\nafter = [\"{after}\"]\n\
             client = {{ to = \"172.18.0.2:10000\", message = \"{name}\", timeout = \"10s\" }}\n"
        )
    };
    let text = scenario(
        "outside",
        &format!(
            "{SERVER}{}{}",
            client("first", "mesin3", "server"),
            client("second", "gateway", "first")
        ),
    );
    for mode in modes() {
        let finished = Place::new().scenario(mode, "outside", &text);
        assert_fine(&finished);
        let run = finished.run();
        let clients: Vec<String> =
            run.connections.iter().map(|c| c.client.ip().to_string()).collect();
        assert_eq!(clients, ["172.18.0.4", "172.18.0.1"]);
        assert!(run.processes[1].ended_at.unwrap() <= run.processes[2].started_at.unwrap());
    }
}

#[test]
fn a_server_that_cannot_listen_is_said_and_nobody_waits_for_it() {
    let text = scenario(
        "stuck",
        &format!(
            "{}[[process]]\nname = \"client\"\nhost = \"mesin2\"\nafter = [\"server\"]\nclient = {{ to = \"172.16.16.101:10000\" }}\n",
            SERVER.replace("0.0.0.0", "10.9.9.9")
        ),
    );
    for mode in modes() {
        let finished = Place::new().scenario(mode, "stuck", &text);
        assert_eq!(finished.code(), 1, "{}", finished.stderr());
        let run = finished.run();
        assert_eq!(run.outcome, Outcome::Stuck);
        assert_eq!(
            run.findings,
            [
                "server ended with exit code 2, not 0; see its host's log",
                "client was never started"
            ]
        );
        assert!(finished.log("mesin1").contains("no interface of this machine has that address"));
    }
}

#[test]
fn a_client_that_is_refused_is_a_finding_and_may_be_expected() {
    let client = "[[process]]\nname = \"client\"\nhost = \"mesin2\"\nclient = { to = \"172.16.16.101:9\", message = \"x\", timeout = \"5s\" }\n";
    for mode in modes() {
        let finished = Place::new().scenario(mode, "refused", &scenario("refused", client));
        assert_eq!(finished.code(), 1, "{}", finished.stderr());
        assert_eq!(
            finished.run().findings,
            ["client ended with exit code 2, not 0; see its host's log"]
        );
        let expected = format!("{client}expect-exit = 2\n");
        let finished = Place::new().scenario(mode, "expected", &scenario("expected", &expected));
        assert_eq!(finished.code(), 0, "{}\n{}", finished.stdout(), finished.stderr());
    }
}

#[test]
fn the_deadline_ends_a_run_that_would_last() {
    let text = scenario("long", SERVER).replace("20s", "300ms");
    for mode in modes() {
        let finished = Place::new().scenario(mode, "long", &text);
        assert_eq!(finished.code(), 1, "{}", finished.stderr());
        assert_eq!(finished.run().outcome, Outcome::DeadlinePassed);
        assert!(finished.stdout().contains("! the run was stopped at the scenario's deadline"));
    }
}

#[test]
fn a_wrong_scenario_is_shown_with_its_line_and_leaves_no_folder() {
    let Some(mode) = modes().first().copied() else { return };
    let finished = Place::new().scenario(mode, "wrong", "version = 1\nname = \"w\"\ncolor = 1\n");
    assert_eq!(finished.code(), 2);
    assert!(
        finished.stderr().contains("wrong.toml:3:1: unknown field `color`"),
        "{}",
        finished.stderr()
    );
    assert!(!finished.folder.exists());
}

#[test]
fn a_used_run_folder_is_left_alone_and_the_other_one_named() {
    let Some(mode) = modes().first().copied() else { return };
    let place = Place::new();
    let first = place.lab(mode, &["echo"]);
    let before = std::fs::read(first.folder.join("run.json")).unwrap();
    let second = place.lab(mode, &["echo"]);
    assert_eq!(second.code(), 0);
    assert!(second.stderr().contains("has content and is left alone"), "{}", second.stderr());
    assert!(second.stdout().contains("run-echo-2"), "{}", second.stdout());
    assert_eq!(std::fs::read(first.folder.join("run.json")).unwrap(), before);
}

#[test]
fn forbidden_namespaces_are_explained_with_the_setting_and_the_other_way() {
    if modes().is_empty() {
        return;
    }
    let place = Place::new();
    // A user namespace in which there may be no further one, and nobody has privileges.
    let forbid = "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set -all ./generator lab echo --out run";
    let output = std::process::Command::new("unshare")
        .args(["--user", "--map-root-user", "sh", "-c", forbid])
        .current_dir(place.path())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    for part in [
        "user.max_user_namespaces is 0",
        "sysctl -w user.max_user_namespaces",
        "sudo generator lab --as-root",
    ] {
        assert!(errors.contains(part), "should say `{part}`: {errors}");
    }
}
