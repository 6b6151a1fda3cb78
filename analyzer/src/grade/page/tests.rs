use super::*;
use crate::evidence::Kind;
use crate::grade::model::{Contradiction, VERSION};

fn report(seen: &str) -> GradeReport {
    let cell = GradedCell {
        column: Column::Info,
        seen: seen.to_owned(),
        expected: Some("10000 → 57278 [SYN, ACK]".to_owned()),
        verdict: Some(CellVerdict::Mismatch),
    };
    let row = GradedRow {
        line: 3,
        frame: Some(2),
        verdict: Some(CellVerdict::Mismatch),
        cells: vec![cell],
    };
    GradeReport {
        version: VERSION,
        score: Some(2.5),
        max_score: Some(4.0),
        holds: false,
        items: vec![GradedItem {
            id: "x".into(),
            title: seen.to_owned(),
            points: 2.5,
            max_points: 4.0,
            holds: false,
            why: seen.to_owned(),
            frames: vec![1, 2],
        }],
        joins: Vec::new(),
        evidence: vec![GradedEvidence {
            file: seen.to_owned(),
            line: 1,
            kind: Kind::PacketList,
            capture: Some("run.pcapng".into()),
            source: Origin::ThisCapture,
            source_because: None,
            rows: vec![row],
            bytes: None,
            details: None,
            unread_lines: Vec::new(),
            list_findings: Vec::new(),
            contradictions: vec![Contradiction {
                kind: "length-and-len".into(),
                place: seen.to_owned(),
                why: seen.to_owned(),
                frames: vec![2],
                region: None,
            }],
            claims: Vec::new(),
        }],
    }
}

#[test]
fn text_of_a_hand_in_cannot_become_markup() {
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=y>&";
    let page = page(&report(evil), Beside { title: evil, ..Beside::default() });
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains("<img"), "{page}");
    assert!(page.contains("&lt;script&gt;"));
}

#[test]
fn a_page_is_whole_by_itself_and_says_what_is_wrong() {
    let page =
        page(&report("10000 → 57279 [SYN, ACK]"), Beside { title: "t", ..Beside::default() });
    assert!(page.starts_with("<!DOCTYPE html>"));
    for part in
        ["2.5", "10000 → 57278 [SYN, ACK]", "cell mismatch", "Frames: 1, 2", "prefers-color-scheme"]
    {
        assert!(page.contains(part), "{part}");
    }
    for outside in ["http://", "https://", "src=\"/", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn a_page_speaks_indonesian() {
    let beside = Beside { title: "t", lang: Lang::Id, ..Beside::default() };
    let page = page(&report("x"), beside);
    assert!(page.contains("lang=\"id\"") && page.contains("poin"));
}

#[cfg(feature = "screenshot")]
#[test]
fn a_cell_in_a_picture_is_cut_out_and_framed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shot.png");
    image::RgbImage::from_pixel(200, 100, image::Rgb([255, 255, 255])).save(&path).unwrap();
    let region = Region { x: 190, y: 50, width: 40, height: 12 };
    assert!(picture::cropped(&path, region).unwrap().starts_with("iVBOR"));
    assert_eq!(picture::cropped(&path, Region { x: 900, ..region }), None);
    assert_eq!(picture::cropped(folder.path(), region), None);
}
