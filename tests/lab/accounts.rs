//! What the lab itself checks: its captures against the programs' accounts; and whose the run
//! folder is.

use std::fs;
use std::os::unix::fs::MetadataExt;

use generator::lab::compare;
use generator::lab::manifest::Run;
use generator::record::{HalfClose, Role};

use crate::support::{Finished, Mode, Place, is_root, modes};

/// One parallel run, to lie about.
fn finished() -> Option<Finished> {
    let mode = modes().first().copied()?;
    let finished = Place::new().lab(mode, &["parallel"]);
    assert_eq!(finished.code(), 0, "{}\n{}", finished.stdout(), finished.stderr());
    Some(finished)
}

#[test]
fn a_capture_that_differs_from_the_accounts_is_a_finding() {
    let Some(finished) = finished() else { return };
    let honest = finished.run();
    assert_eq!(compare::findings(&honest, &finished.folder), [""; 0], "all agree");
    type Lie = (&'static str, fn(&mut Run));
    let lies: [Lie; 7] = [
        ("bytes captured, 68 sent", |run| {
            let connection = client_of(run, 67);
            connection.at_client.as_mut().unwrap().bytes_sent = 68;
            connection.at_server.as_mut().unwrap().bytes_received = 68;
        }),
        ("SHA-256", |run| {
            client_of(run, 32).at_server.as_mut().unwrap().sha256_received = "00".repeat(32);
        }),
        ("says that it closed with a reset", |run| {
            client_of(run, 32).at_client.as_mut().unwrap().close.local = HalfClose::Rst;
        }),
        ("closed first in the capture", |run| {
            let connection = client_of(run, 32);
            connection.at_client.as_mut().unwrap().close.first = Some(Role::Server);
            connection.at_server.as_mut().unwrap().close.first = Some(Role::Server);
        }),
        ("is not in the capture", |run| {
            let mut other = client_of(run, 32).clone();
            other.client.set_port(1);
            run.connections.push(other);
        }),
        ("that no program tells of", |run| drop(run.connections.pop())),
        ("nosuch.pcapng", |run| run.recordings[0].file = "nosuch.pcapng".into()),
    ];
    for (words, lie) in lies {
        let mut run = honest.clone();
        lie(&mut run);
        let found = compare::findings(&run, &finished.folder);
        assert_eq!(found.len(), 1, "{words}: {found:?}");
        assert!(found[0].contains(words), "{words}: {found:?}");
    }
}

fn client_of(run: &mut Run, bytes: u64) -> &mut generator::lab::manifest::Connection {
    run.connections.iter_mut().find(|told| told.bytes_to_server == bytes).unwrap()
}

#[test]
fn the_manifest_follows_its_schema() {
    let Some(mode) = modes().first().copied() else { return };
    let place = Place::new();
    let output = place.generator(mode).args(["schema", "run"]).output().unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let finished = place.lab(mode, &["echo"]);
    let text = fs::read_to_string(finished.folder.join("run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_str(&text).unwrap();
    let named = &schema["properties"];
    for key in run.as_object().unwrap().keys() {
        assert!(named[key].is_object(), "{key} is not in the schema");
    }
    for key in schema["required"].as_array().unwrap() {
        assert!(run.get(key.as_str().unwrap()).is_some(), "{key} is not in run.json");
    }
    let record = &schema["$defs"]["ConnectionRecord"]["properties"];
    let told = &run["connections"][0]["at_client"];
    for key in told.as_object().unwrap().keys() {
        assert!(record[key].is_object(), "{key} is not in the schema of a record");
    }
    assert_eq!(record["opened_at"]["$ref"], "#/$defs/WallTime");
}

#[test]
fn under_sudo_the_run_folder_belongs_to_the_caller() {
    if !is_root() || !modes().contains(&Mode::Root) {
        println!("skipped: needs root");
        return;
    }
    let place = Place::new();
    let folder = place.path().join("mine");
    let output = place
        .generator(Mode::Root)
        .args(["lab", "echo", "--as-root", "--out"])
        .arg(&folder)
        .env("SUDO_UID", "12345")
        .env("SUDO_GID", "54321")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut owned = vec![folder.clone(), folder.join("files")];
    owned.extend(fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path()));
    assert!(owned.len() > 7, "{owned:?}");
    for path in owned {
        let found = fs::symlink_metadata(&path).unwrap();
        assert_eq!((found.uid(), found.gid()), (12345, 54321), "{}", path.display());
    }
}

#[test]
fn hold_says_who_waited_for_whom() {
    let Some(mode) = modes().first().copied() else { return };
    let finished = Place::new().lab(mode, &["hold"]);
    assert_eq!(finished.code(), 0, "{}", finished.stderr());
    let shown = finished.stdout().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("each end waits for the other: this client waits in recv()"), "{shown}");
    assert!(shown.contains("neither side sends any for 1.0"), "{shown}");
    assert!(shown.contains("then the client closes first (FIN in frame"), "{shown}");
}
