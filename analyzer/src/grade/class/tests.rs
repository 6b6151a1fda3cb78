use super::*;

fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("fixtures").join(name).join("capture.pcapng")
}

/// Two who share a capture, one alone, one broken, one empty, one with an evil name.
fn class(folder: &Path) {
    let hand_in = |name: &str, capture: Option<&str>| {
        let path = folder.join(name);
        fs::create_dir_all(&path).unwrap();
        if let Some(capture) = capture {
            fs::copy(fixture(capture), path.join("run.pcapng")).unwrap();
        }
        path
    };
    hand_in("ana_101_assignsubmission_file", Some("lab-echo"));
    hand_in("budi_102_assignsubmission_file", Some("lab-echo"));
    hand_in("citra_103_assignsubmission_file", Some("lab-parallel"));
    hand_in("=1+1<b>", Some("lab-file"));
    hand_in("empty", None);
    let broken = hand_in("broken", None);
    fs::write(broken.join("run.pcapng"), b"\x0a\x0d\x0d\x0a broken").unwrap();
}

fn graded(folder: &Path) -> Class {
    let rubric = Rubric::read(Path::new("task-2")).unwrap();
    let grade = |one: &Submission| grade_one(one, Some(&rubric), Options::default(), Lang::En);
    Class::of(find(folder).unwrap().iter().map(grade).collect(), Lang::En)
}

#[test]
fn a_class_is_graded_whatever_is_in_its_folders() {
    let folder = tempfile::tempdir().unwrap();
    class(folder.path());
    let class = graded(folder.path());
    let out = folder.path().join("out");
    class.write(&out).unwrap();

    let book = fs::read_to_string(out.join("gradebook.csv")).unwrap();
    let line = |name: &str| book.lines().find(|line| line.contains(name)).unwrap().to_owned();
    assert!(
        line("ana_101").contains("graded,5,10") || line("ana_101").contains("graded,5,10"),
        "{book}"
    );
    assert!(line("ana_101").contains("budi_102"), "{book}");
    assert!(!line("citra").contains("ana"), "{book}");
    assert!(line("empty").contains("not graded"), "{book}");
    assert!(line("broken").contains("not graded"), "{book}");
    assert!(book.contains("'=1+1"), "{book}");

    let moodle = fs::read_to_string(out.join("gradebook-moodle.csv")).unwrap();
    assert!(moodle.contains("Participant 101,ana,"), "{moodle}");
    let canvas = fs::read_to_string(out.join("gradebook-canvas.csv")).unwrap();
    assert!(canvas.lines().nth(1).unwrap().starts_with("    Points Possible,"), "{canvas}");

    let index = fs::read_to_string(out.join("index.html")).unwrap();
    assert!(index.contains("What most got wrong") && !index.contains("<b>\""), "{index}");
    let pages: Vec<_> = fs::read_dir(out.join("students")).unwrap().collect();
    assert_eq!(pages.len(), 6);
}

#[test]
fn students_pages_do_not_name_others() {
    let folder = tempfile::tempdir().unwrap();
    class(folder.path());
    let class = graded(folder.path());
    assert_eq!(class.shared.len(), 1);
    let out = folder.path().join("out");
    class.write(&out).unwrap();
    for entry in fs::read_dir(out.join("students")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let is_budis = path.to_string_lossy().contains("budi");
        assert_eq!(text.contains("budi"), is_budis, "{}", path.display());
    }
}

/// The packet list of a fixture as somebody would copy it, from `skip` rows on.
fn list_of(name: &str, skip: usize) -> String {
    let list = crate::grade::ExpectedList::read(&fixture(name), None).unwrap();
    let mut text = String::from("No.\tTime\tSource\tDestination\tProtocol\tLength\tInfo\n");
    for row in list.rows.iter().skip(skip) {
        let time = row.times.relative;
        text += &format!(
            "{}\t{}.{:09}\t{}\t{}\t{}\t{}\t{}\n",
            row.number - skip as u64,
            time / 1_000_000_000,
            time % 1_000_000_000,
            row.source,
            row.destination,
            row.protocol,
            row.length,
            row.info
        );
    }
    text
}

#[test]
fn a_list_of_somebody_elses_recording_is_named_with_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let hand_in = |name: &str, capture: Option<&str>, list: Option<String>| {
        let path = folder.path().join(name);
        fs::create_dir_all(&path).unwrap();
        if let Some(capture) = capture {
            fs::copy(fixture(capture), path.join("run.pcapng")).unwrap();
        }
        if let Some(list) = list {
            fs::write(path.join("rows.txt"), list).unwrap();
        }
    };
    // Her own capture and list; one with her list and another capture; two with a list alone;
    // and the same task done by somebody else, with all that belongs to it.
    hand_in("ana", Some("lab-echo"), Some(list_of("lab-echo", 0)));
    hand_in("budi", Some("lab-file"), Some(list_of("lab-echo", 2)));
    hand_in("citra", None, Some(list_of("lab-parallel", 0)));
    hand_in("dewi", None, Some(list_of("lab-parallel", 3)));
    hand_in("eko", Some("lab-hold"), Some(list_of("lab-hold", 0)));
    let class = graded(folder.path());
    let name = |at: usize| class.graded[at].name.as_str();
    let mut pairs: Vec<_> =
        class.shared.iter().map(|(one, two, _)| [name(*one), name(*two)]).collect();
    pairs.iter_mut().for_each(|pair| pair.sort_unstable());
    pairs.sort_unstable();
    assert_eq!(pairs, [["ana", "budi"], ["citra", "dewi"]], "{:#?}", class.shared);
}

#[test]
fn a_folder_without_submissions_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = find(folder.path()).unwrap_err().to_string();
    assert!(error.contains("one folder per submission"), "{error}");
}
