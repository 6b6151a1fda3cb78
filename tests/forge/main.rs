//! Every fixture that has a recipe is what the forge makes of it, byte for byte.
//!
//! `BLESS=1 cargo test -p generator --test forge` forges the captures anew.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use generator::forge::Recipe;

mod traffic;

fn recipes() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let entries = fs::read_dir(root.join("fixtures")).expect("the fixtures folder");
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable entry").path().join("recipe.txt"))
        .filter(|recipe| recipe.exists())
        .collect();
    found.sort();
    assert!(found.len() >= 20, "only {} recipes found", found.len());
    found
}

#[test]
fn every_fixture_is_what_its_recipe_makes() {
    for path in recipes() {
        let text = fs::read_to_string(&path).expect("readable");
        let recipe = Recipe::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut forged = Vec::new();
        generator::forge::write(&recipe, &mut forged).expect("a capture in memory");
        let capture = path.with_file_name(recipe.file_name());
        if std::env::var_os("BLESS").is_some_and(|value| !value.is_empty()) {
            fs::write(&capture, &forged).expect("can be written");
        }
        let stored = fs::read(&capture).unwrap_or_default();
        assert!(stored == forged, "{} is not what its recipe makes", capture.display());
    }
}

/// Frame 9 of the report's third task: the row and the hex dump make the same bytes.
#[test]
fn a_row_makes_the_bytes_of_the_hex_dump_in_the_report() {
    let head = "host mesin1 02:42:ac:10:10:65 172.16.16.101\n\
                host mesin2 02:42:ac:10:10:66 172.16.16.102\n\
                connection file mesin2:44984 mesin1:32444 isn=0x103e483a,0x84ed9f19\n";
    let row = "2.3 file< [PSH, ACK] Seq=1 Ack=68 RawWin=509 id=0xa2d7 sum=offload \
               TSval=1809916323 TSecr=217279637 \"Ini adalah isi file dari client.\"\n";
    let dump = "2.3 hex\n\
        \x20 0000  02 42 ac 10 10 66 02 42 ac 10 10 65 08 00 45 00\n\
        \x20 0010  00 54 a2 d7 40 00 40 06 1e e1 ac 10 10 65 ac 10\n\
        \x20 0020  10 66 7e bc af b8 84 ed 9f 1a 10 3e 48 7e 80 18\n\
        \x20 0030  01 fd 79 32 00 00 01 01 08 0a 6b e1 21 a3 0c f3\n\
        \x20 0040  6c 95 49 6e 69 20 61 64 61 6c 61 68 20 69 73 69\n\
        \x20 0050  20 66 69 6c 65 20 64 61 72 69 20 63 6c 69 65 6e\n\
        \x20 0060  74 2e\n";
    let forge = |text: &str| {
        let recipe = Recipe::parse(&format!("{head}{text}")).expect("a good recipe");
        let mut bytes = Vec::new();
        generator::forge::write(&recipe, &mut bytes).expect("a capture in memory");
        bytes
    };
    assert_eq!(forge(row), forge(dump));
}

#[test]
fn errors_point_at_line_and_column() {
    let cases = [
        ("host a 02:42 10.0.0.1", "line 1, column 8: write a MAC address"),
        ("0.1 x> [SYN] Seq=0 Win=1", "line 1, column 5: there is no connection `x`"),
        ("\n0.1 hex\n  0010 00", "line 3, column 3: offset 0000 is expected here"),
        ("0.1 x> [SIN] Win=1", "line 1, column 8: `SIN` is not a flag"),
        ("wrong", "line 1, column 1: `wrong` is not a directive"),
        ("0.x arp a who-has b", "line 1, column 1: `0.x` is not a time"),
        ("  0000 00", "line 1, column 3: an indented line belongs to a `hex` frame"),
    ];
    for (text, expected) in cases {
        let error = Recipe::parse(text).expect_err(text).to_string();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
}

#[test]
fn a_window_that_the_scale_cannot_express_is_refused() {
    let text = "host a 02:00:00:00:00:01 10.0.0.1\nhost b 02:00:00:00:00:02 10.0.0.2\n\
                connection c a:1 b:2\n0 c> [SYN] Win=64240 WS=128\n0 c< [SYN, ACK] Win=65160 WS=128\n\
                0 c> [ACK] Win=64250\n";
    let error = Recipe::parse(text).expect_err("64250 is no multiple of 128").to_string();
    assert!(error.contains("Win=64250 is not a multiple of this side's WS=128"), "{error}");
}

#[test]
fn the_command_forges_a_file_and_explains_a_bad_recipe() {
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = folder.path().join("recipe.txt");
    let capture = folder.path().join("out.pcapng");
    let forge = |text: &str| {
        fs::write(&recipe, text).expect("can be written");
        Command::new(env!("CARGO_BIN_EXE_generator"))
            .args(["forge", &recipe.to_string_lossy(), "-o", &capture.to_string_lossy()])
            .output()
            .expect("the generator starts")
    };
    let good = forge("0.5 hex\n  0000 00 01\n");
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    assert_eq!(fs::read(&capture).expect("a capture")[..4], [0x0a, 0x0d, 0x0d, 0x0a]);

    let bad = forge("0.5 hax\n");
    assert_eq!(bad.status.code(), Some(2));
    let talk = String::from_utf8_lossy(&bad.stderr);
    assert!(talk.contains("recipe.txt: line 1, column 5"), "{talk}");
}
