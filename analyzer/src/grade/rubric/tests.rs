use std::path::PathBuf;

use super::*;
use crate::grade::model::{GradeReport, VERSION};

fn empty() -> GradeReport {
    GradeReport {
        version: VERSION,
        score: None,
        max_score: None,
        holds: true,
        items: Vec::new(),
        joins: Vec::new(),
        evidence: Vec::new(),
    }
}

fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("fixtures").join(name).join("capture.pcapng")
}

fn points(rubric: &str, capture: &str) -> Vec<(String, f64)> {
    let mut report = empty();
    let rubric = Rubric::read(Path::new(rubric)).unwrap();
    rubric.judge(&[fixture(capture)], &mut report, None, Lang::En).unwrap();
    report.items.into_iter().map(|item| (item.id, item.points)).collect()
}

#[test]
fn the_courses_rubrics_judge_the_courses_captures() {
    for name in COURSE {
        let rubric = Rubric::read(Path::new(name)).unwrap_or_else(|e| panic!("{e}"));
        assert!(!rubric.title(Lang::Id).is_empty());
    }
    let get = |all: &[(String, f64)], id: &str| all.iter().find(|item| item.0 == id).unwrap().1;
    let echo = points("task-2", "lab-echo");
    assert_eq!([get(&echo, "handshake"), get(&echo, "echo"), get(&echo, "close")], [2.0, 2.0, 1.0]);
    assert_eq!(get(&echo, "list"), 0.0);
    let together = points("task-4", "lab-parallel");
    assert_eq!([get(&together, "two"), get(&together, "together")], [2.0, 2.0]);
    assert_eq!(get(&points("task-4", "task-4-parallel"), "together"), 0.0);
    assert_eq!(get(&points("task-2", "lab-file"), "handshake"), 0.0);
}

#[test]
fn feedback_is_in_the_chosen_language_with_a_reason() {
    let mut report = empty();
    let rubric = Rubric::read(Path::new("task-4")).unwrap();
    rubric.judge(&[fixture("task-4-parallel")], &mut report, None, Lang::Id).unwrap();
    let item = report.items.iter().find(|item| item.id == "together").unwrap();
    assert!(item.why.starts_with("Satu koneksi selesai"), "{}", item.why);
    assert!(item.why.contains("max"), "{}", item.why);
    assert_eq!(report.max_score, Some(11.0));
    assert!(!report.holds);
}

#[test]
fn a_part_gives_a_part_of_the_points() {
    let text = "version = 1\n[[item]]\nid = 'x'\npoints = 3\n\
        [[item.part]]\npoints = 1\ncondition = 'connections.size() == 1'\n\
        [[item.part]]\npoints = 2\ncondition = 'connections.size() == 9'\n";
    let mut report = empty();
    let rubric = Rubric::parse(text, "r.toml").unwrap();
    rubric.judge(&[fixture("lab-echo")], &mut report, None, Lang::En).unwrap();
    assert_eq!((report.score, report.max_score), (Some(1.0), Some(3.0)));
}

#[test]
fn mistakes_are_shown_with_their_place() {
    let item = "version = 1\n[[item]]\nid = 'x'\npoints = 1\n";
    let table = [
        ("version = 2\n", "r.toml:1:11: version 2 is not known"),
        ("version = 1\n", "r.toml:1:1: 0 items"),
        (&format!("{item}colour = 1\n"), "r.toml:5:1: unknown field `colour`"),
        (&format!("{item}condition = 'connection.size() == 1'\n"), "r.toml:5:13: bad condition"),
        (&format!("{item}condition = 'shown.rows > '\n"), "r.toml:5:13: bad condition"),
        (item, "r.toml:4:10: it needs a condition"),
        ("version = 1\n[[item]]\nid = 'x'\npoints = nan\n", "r.toml:4:10: points must be"),
        ("version = \n", "r.toml:1:"),
    ];
    for (text, expected) in table {
        let error = Rubric::parse(text, "r.toml").unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\nexpected {expected}");
    }
}

#[test]
fn an_endless_expression_ends_with_a_word() {
    let list = (0..60).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let list = format!("[{list}]");
    let condition =
        format!("{list}.all(a, {list}.all(b, {list}.all(c, {list}.all(d, a + b + c + d >= 0))))");
    let text = format!("version = 1\n[[item]]\nid = 'x'\npoints = 1\ncondition = '{condition}'\n");
    let mut report = empty();
    let rubric = Rubric::parse(&text, "r.toml").unwrap();
    rubric.judge(&[fixture("lab-echo")], &mut report, None, Lang::En).unwrap();
    assert_eq!(report.score, Some(0.0));
    assert!(report.items[0].why.contains("cannot be decided"), "{}", report.items[0].why);

    let deep = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
    let text = format!("version = 1\n[[item]]\nid = 'x'\npoints = 1\ncondition = '{deep} == 1'\n");
    assert!(Rubric::parse(&text, "r.toml").is_err());
    let folder = tempfile::tempdir().unwrap();
    let huge = folder.path().join("huge.toml");
    std::fs::write(&huge, vec![b'#'; 300_000]).unwrap();
    let error = Rubric::read(&huge).unwrap_err().to_string();
    assert!(error.contains("more than 256 KiB"), "{error}");
}
