//! Makes the seed corpora from the repository's fixtures: `cargo run --example seeds`.
//!
//! Writes below `corpus/`: each capture as it is, its frames in the form of the target `frame`,
//! its payloads in the form of the target `render`, the cases beside the captures, some filters and
//! conditions, and the words of both languages as dictionaries.

use std::path::Path;
use std::{env, fs, io};

use analyzer::check::CASE_FILE;
use analyzer::condition::{FUNCTIONS, Language};
use analyzer::engine::Engine;
use analyzer::filter::fields;
use analyzer::source;
use analyzer_fuzz::frames::encode;
use analyzer_fuzz::messages;

/// Filters of every shape.
const FILTERS: &[&str] = &[
    "tcp",
    "!(arp or udp)",
    "tcp.port == 80 && ip.addr == 10.0.0.0/8",
    "tcp.flags.syn == 1 and tcp.flags & 0x12 == 2",
    "any tcp.port in {80, 443, 8000..9000}",
    "all ip.addr != 10.0.0.1 xor eth.addr == 02:42:ac:10:10:65",
    "frame.time_relative >= 1.5 || frame.len < 100",
    "tcp.payload contains \"abc\\x00\" && tcp.payload[0:3] == 61:62:63",
    "frame[-4:] matches r\"(?i)a[b-d]+$\"",
    "lower(frame.protocols) == \"eth\" or len(tcp.payload) > 10 or count(ip.addr) !== 2",
    "frame.time == \"2024-05-01 08:30:00.5\"",
    "ipv6.src == ::ffff:1.2.3.4 || ip.src == ip.dst && tcp.srcport ~= 1",
    "tcp.stream eq 0 and not tcp.analysis.retransmission",
];

/// Conditions of every shape.
const CONDITIONS: &[&str] = &[
    "connections_total == 2",
    "connections.exists(c, c.server.port == 32444 && c.handshake.complete)",
    "connections.all(c, c.teardown.kind in [\"fin\", \"rst\"])",
    "overlaps(connections).max >= 2",
    "count('tcp.analysis.retransmission') == 0 && frames('tcp.flags.syn == 1').size() > 1",
    "connections.all(c, payload(c, \"client\") == payload(c, \"server\"))",
    "sha256(payload(connections[0], \"client\")) != \"\"",
    "connections.filter(c, c.from_client.application_bytes > 3).map(c, c.stream).size() > 0",
    "has(connections[0].handshake.rtt) ? connections[0].handshake.rtt < 0.1 : true",
    "!(capture.duration < 1.0 || findings.exists_one(f, f.severity == \"error\"))",
    "connections[1].client.address.startsWith(\"172.16.\")",
    "[1, 2, 3].exists(x, x * 2 == 4) && {\"a\": 1}.a == 1",
];

/// Operators and words beside the names of fields.
const WORDS: &[&str] = &[
    "==",
    "!=",
    "!==",
    "~=",
    "===",
    ">",
    "<",
    ">=",
    "<=",
    "eq",
    "ne",
    "gt",
    "lt",
    "ge",
    "le",
    "contains",
    "matches",
    "~",
    "in",
    "any ",
    "all ",
    "and",
    "or",
    "xor",
    "not ",
    "&&",
    "||",
    "^^",
    "!",
    "&",
    "..",
    "len(",
    "count(",
    "upper(",
    "lower(",
    "max(",
    "min(",
    "abs(",
    "[0:1]",
    "[-1]",
    "[1-2]",
    "[:3,4:]",
    "{1, 2}",
    "0x",
    "1.2.3.0/24",
    "::/0",
    "\\\"",
    "\\\\x",
    "r\\\"",
    "'a'",
    "true",
];

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let default = root.join("../../fixtures");
    let folder = env::args_os().nth(1).map_or(default, Into::into);
    let corpus = root.join("corpus");
    for target in ["capture", "frame", "filter", "tcp", "render", "condition", "case"] {
        fs::create_dir_all(corpus.join(target))?;
    }
    let mut captures = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?.path();
        let files = if entry.is_dir() {
            fs::read_dir(&entry)?.filter_map(Result::ok).map(|file| file.path()).collect()
        } else {
            vec![entry.clone()]
        };
        if entry.join(CASE_FILE).is_file() {
            let name = entry.file_name().unwrap_or_default();
            fs::copy(entry.join(CASE_FILE), corpus.join("case").join(name))?;
        }
        for file in files.iter().filter(|file| file.extension().is_none_or(|end| end != "txt")) {
            captures += u32::from(add(file, &corpus)?);
        }
    }
    for (index, filter) in FILTERS.iter().enumerate() {
        fs::write(corpus.join("filter").join(format!("filter-{index}")), filter)?;
    }
    for (index, condition) in CONDITIONS.iter().enumerate() {
        fs::write(corpus.join("condition").join(format!("condition-{index}")), condition)?;
    }
    let language = Language::captures();
    let words = language.variables().chain(FUNCTIONS.iter().map(|function| function.name));
    let dictionary: String = words.map(|word| format!("\"{word}\"\n")).collect();
    fs::write(corpus.join("condition.dict"), dictionary)?;
    let names = fields::all().map(|field| field.name.to_owned());
    let words = WORDS.iter().map(|word| (*word).to_owned()).chain(names);
    let dictionary: String = words.map(|word| format!("\"{word}\"\n")).collect();
    fs::write(corpus.join("filter.dict"), dictionary)?;
    println!("{captures} captures");
    Ok(())
}

/// Adds a file when it is a capture of a size that helps a fuzzer.
fn add(file: &Path, corpus: &Path) -> io::Result<bool> {
    const LARGEST: u64 = 64 * 1024;
    let Ok(mut capture) = source::open(file) else { return Ok(false) };
    let name = file.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy());
    let name: Vec<_> = name.collect();
    let name = name.join("-");
    if fs::metadata(file)?.len() <= LARGEST {
        fs::copy(file, corpus.join("capture").join(&name))?;
    }
    let (mut frames, mut messages) = (Vec::new(), messages::Recorder::new());
    let mut engine = Engine::new();
    while let Ok(Some(frame)) = capture.next() {
        if frames.is_empty() {
            frames.extend(frame.link_type.0.to_le_bytes());
        }
        encode(&frame, 1, &mut frames);
        if frames.len() as u64 > LARGEST {
            break;
        }
        if let Some(tcp) = &engine.examine(frame).tcp {
            messages.add(&tcp.segment, tcp.payload);
        }
    }
    fs::write(corpus.join("frame").join(&name), frames)?;
    fs::write(corpus.join("render").join(&name), messages.into_bytes())?;
    Ok(true)
}
