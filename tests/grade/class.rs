//! Rubrics, classes, pages and slices through the command line.

use std::fs;
use std::path::Path;

use analyzer::source;

use super::{analyzer, capture, list, path};

fn text(args: &[&str]) -> (i32, String, String) {
    let output = analyzer(args);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().expect("a code"), text(output.stdout), text(output.stderr))
}

/// Compares with the file of that name beside this one; `BLESS=1` writes it.
fn golden(name: &str, seen: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/grade/golden").join(name);
    if std::env::var_os("BLESS").is_some_and(|value| !value.is_empty()) {
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(&file, seen).expect("written");
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(seen, expected, "{name} is otherwise than before; BLESS=1 writes it");
}

/// A hand-in for task 2: the list of a fixture, one port of it edited, and two sentences.
fn hand_in(folder: &Path, is_edited: bool) {
    fs::create_dir_all(folder).expect("a folder");
    fs::copy(capture("task-2-echo"), folder.join("run.pcapng")).expect("copied");
    let mut rows = list(&capture("task-2-echo"), "table", None);
    if is_edited {
        rows = rows.replacen("57278 → 10000 [PSH, ACK]", "57279 → 10000 [PSH, ACK]", 1);
        assert!(rows.contains("57279"), "{rows}");
    }
    fs::write(folder.join("list.txt"), rows).expect("written");
    let said = "172.16.16.102 is the client.\nThere was no retransmission.\n";
    fs::write(folder.join("notes.txt"), said).expect("written");
}

#[test]
fn ready_rubrics_and_profiles_are_printed_and_can_be_used() {
    let folder = tempfile::tempdir().expect("a folder");
    for (option, names) in [
        ("--show-rubric", ["task-1", "task-2", "task-3", "task-4"].as_slice()),
        ("--show-profile", &["course"]),
    ] {
        for name in names {
            let (code, shown, _) = text(&["grade", option, name]);
            assert_eq!(code, 0);
            let file = folder.path().join(name);
            fs::write(&file, shown).expect("written");
            let wanted = if option == "--show-rubric" { "--rubric" } else { "--profile" };
            let notes = folder.path().join("notes.txt");
            fs::write(&notes, "Some words about this.").expect("written");
            let (code, _, talk) = text(&["grade", "--evidence", path(&notes), wanted, path(&file)]);
            assert!(code < 2, "{talk}");
        }
        let (code, _, talk) = text(&["grade", option, "task-9"]);
        assert!(code == 2 && talk.contains("ready are"), "{talk}");
    }
}

#[test]
fn every_format_of_a_graded_hand_in_is_as_before() {
    let folder = tempfile::tempdir().expect("a folder");
    hand_in(folder.path(), true);
    let file = |name: &str| folder.path().join(name);
    let (run, rows, notes) = (file("run.pcapng"), file("list.txt"), file("notes.txt"));
    for (format, lang) in [("table", "en"), ("table", "id"), ("csv", "en"), ("html", "en")] {
        let args = [
            "grade",
            "--pcap",
            path(&run),
            "--evidence",
            path(&rows),
            "--evidence",
            path(&notes),
            "--rubric",
            "task-2",
            "--format",
            format,
            "--lang",
            lang,
        ];
        let (code, shown, talk) = text(&args);
        assert_eq!((code, talk.as_str()), (1, ""));
        let shown = shown.replace(&format!("{}/", path(folder.path())), "");
        if format == "table" {
            // Where lines break depends on how long the folder's name is.
            let words: Vec<&str> = shown.split_whitespace().collect();
            assert!(words.join(" ").contains("57279"), "{shown}");
            continue;
        }
        golden(&format!("hand-in-{lang}.{format}"), &shown);
    }
}

#[test]
fn a_class_gets_gradebooks_pages_and_a_summary() {
    let folder = tempfile::tempdir().expect("a folder");
    let class = folder.path().join("class");
    hand_in(&class.join("Ayu Lestari_1001_assignsubmission_file"), false);
    hand_in(&class.join("Budi_1002_assignsubmission_file"), true);
    fs::create_dir_all(class.join("Citra_1003_assignsubmission_file")).expect("a folder");
    let out = folder.path().join("graded");
    let (code, _, talk) =
        text(&["grade", "--batch", path(&class), "--rubric", "task-2", "-o", path(&out)]);
    assert_eq!(code, 1, "{talk}");
    assert!(talk.contains("2 of 3 submissions graded") && talk.contains("Citra"), "{talk}");
    for name in ["gradebook.csv", "gradebook-moodle.csv", "gradebook-canvas.csv"] {
        golden(name, &fs::read_to_string(out.join(name)).expect("a gradebook"));
    }
    let index = fs::read_to_string(out.join("index.html")).expect("a page");
    assert!(!index.contains(path(folder.path())), "names of folders of this computer");
    assert!(index.contains("run.pcapng ~ Budi") && index.contains("1001"), "{index}");
    let pages: Vec<_> = fs::read_dir(out.join("students")).expect("pages").collect();
    assert_eq!(pages.len(), 3);
    for page in pages {
        let page = fs::read_to_string(page.expect("a page").path()).expect("text");
        let named = ["Ayu", "Budi", "Citra"].into_iter().filter(|name| page.contains(name));
        assert_eq!(named.count(), 1, "a page names another student: {page}");
    }
}

#[test]
fn a_slice_has_what_does_not_hold_and_the_same_verdict() {
    let folder = tempfile::tempdir().expect("a folder");
    hand_in(folder.path(), true);
    let (run, rows) = (folder.path().join("run.pcapng"), folder.path().join("list.txt"));
    let slice = folder.path().join("slice.pcapng");
    let (code, _, talk) = text(&[
        "grade",
        "--pcap",
        path(&run),
        "--evidence",
        path(&rows),
        "--slice",
        path(&slice),
        "--anonymise",
    ]);
    assert_eq!(code, 1, "{talk}");
    let mut frames = 0;
    let mut source = source::open(&slice).expect("a capture");
    while source.next().expect("sound").is_some() {
        frames += 1;
    }
    // The frame of the edited row, its neighbours, and the handshake: of 12 frames.
    assert!((3..=6).contains(&frames), "{frames}: {talk}");
}
