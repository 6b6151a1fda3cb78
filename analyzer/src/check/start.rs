//! Starts a case from a capture: its folder, where it comes from, and what holds of it today as
//! a draft to trim. Writes the snapshot of one that is blessed.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::case::{CASE_FILE, Case, Compiler, Error};
use super::run::snapshot_of;
use super::short::SHORT_FORMS;
use crate::condition::{Outcome, Subject};
use crate::summary::CaptureSummary;

/// Starts the case `name` (a folder that is not there yet) from a capture.
///
/// # Errors
/// When the folder is there already, when something cannot be read or written, or the capture
/// is none.
pub fn start(name: &Path, capture: &Path, compiler: &Compiler) -> Result<PathBuf, Error> {
    let questions = Subject::read(capture, [])?;
    let summary = questions.summary().ok_or_else(|| Error::NoCase("no capture".to_owned()))?;
    let draft = draft(summary, capture, compiler);
    fs::create_dir_all(name.parent().unwrap_or(Path::new(""))).map_err(|cause| Error::File {
        action: "make the folder",
        path: name.to_owned(),
        cause,
    })?;
    fs::create_dir(name).map_err(|cause| Error::File {
        action: "make the folder",
        path: name.to_owned(),
        cause,
    })?;
    let extension = match summary.capture.format.as_deref() {
        Some("pcapng") | None => "pcapng",
        Some("snoop") => "cap",
        Some(_) => "pcap",
    };
    let is_packed =
        capture.extension().is_some_and(|one| one == "gz" || one == "zst" || one == "lz4");
    let file = match (is_packed, capture.file_name()) {
        (true, Some(own)) => PathBuf::from(own),
        _ => PathBuf::from(format!("capture.{extension}")),
    };
    let target = name.join(&file);
    let failed = |cause| Error::File { action: "copy", path: capture.to_owned(), cause };
    fs::copy(capture, &target).map_err(failed)?;
    let (bytes, digest) = sha256(&target).map_err(failed)?;
    let title =
        name.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let readme = readme(&title, capture, bytes, &digest, summary);
    write(&name.join("README.md"), &readme)?;
    write(&name.join(CASE_FILE), &draft.replace("@FILE@", &file.display().to_string()))?;
    Ok(name.to_owned())
}

/// Writes the snapshot of a case as it is today; true when it was not the same before.
///
/// # Errors
/// When the capture cannot be read, or the snapshot not be written.
pub fn bless(case: &Case) -> Result<bool, Error> {
    let text = snapshot_of(&case.capture)?.to_json();
    let path = case.snapshot.clone();
    if fs::read_to_string(&path).is_ok_and(|known| known == text) {
        return Ok(false);
    }
    write(&path, &text)?;
    Ok(true)
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |cause| Error::File { action: "write", path: path.to_owned(), cause };
    let mut file = fs::File::create(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

fn sha256(path: &Path) -> io::Result<(u64, String)> {
    let mut file = fs::File::open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        digest.update(buffer.get(..read).unwrap_or_default());
    }
    let mut hex = String::new();
    for byte in digest.finalize() {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok((bytes, hex))
}

fn readme(
    title: &str,
    capture: &Path,
    bytes: u64,
    digest: &str,
    summary: &CaptureSummary,
) -> String {
    let name = capture.file_name().map(|name| name.to_string_lossy().into_owned());
    let overview = &summary.capture;
    let recorded = overview.start.as_deref().unwrap_or("unknown");
    format!(
        "# {title}\n\n\
         What this case shows: TO BE FILLED IN.\n\n\
         ## Where the capture comes from\n\n\
         | | |\n|---|---|\n\
         | file | `{}` |\n\
         | size | {bytes} bytes, {} frames |\n\
         | SHA-256 | `{digest}` |\n\
         | recorded | {recorded} |\n\
         | how it was made | TO BE FILLED IN: the command, the machines, the program's version |\n\
         | whose it is, and may it be shared | TO BE FILLED IN |\n",
        name.unwrap_or_default(),
        overview.frames,
    )
}

/// The expectations that hold today.
fn draft(summary: &CaptureSummary, capture: &Path, compiler: &Compiler) -> String {
    let mut text = String::from(
        "# What must hold of this capture. These lines hold today: keep what the case is about,\n\
         # delete what is accidental. `analyzer check --show` prints what each stands for;\n\
         # `analyzer check --help` tells what else can be written here.\n\n\
         description = \"TO BE FILLED IN\"\ncapture = \"@FILE@\"\n\n",
    );
    for line in candidates(summary) {
        if holds(&line, capture, compiler) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    for connection in summary.connections.iter().take(4) {
        let stream = connection.stream;
        let condition = format!(
            "connections.exists(c, c.stream == {stream} && c.server.port == {}\n  \
             && c.from_client.application_bytes == {} && c.from_server.application_bytes == {})",
            connection.server.port,
            connection.from_client.application_bytes,
            connection.from_server.application_bytes,
        );
        let _ = write!(
            text,
            "\n[[expect]]\nname = \"connection {stream} carries what it carried\"\n\
             condition = '''\n{condition}\n'''\n"
        );
    }
    text
}

/// Short forms with the values that the capture has.
fn candidates(summary: &CaptureSummary) -> Vec<String> {
    let word = |value: &dyn erased::Word| value.word();
    let mut lines = vec![format!("connections = {}", summary.connections_total)];
    if let Some(first) = summary.connections.first() {
        lines.push(format!("server_port = {}", first.server.port));
        lines.push(format!("handshake = {}", word(&first.handshake.outcome)));
        lines.push(format!("teardown = {}", word(&first.teardown.kind)));
        if let Some(side) = &first.teardown.closed_first {
            lines.push(format!("closed_by = {}", word(side)));
        }
        lines.push("echo = \"identical\"".to_owned());
    }
    if summary.connections_total > 1 {
        lines.push(format!("concurrent = {}", summary.concurrency.max_open));
        lines.push(format!("parallelism = {}", word(&summary.concurrency.parallelism)));
    }
    let none = ["retransmissions", "lost_segments", "resets"];
    lines.extend(none.iter().map(|name| format!("{name} = 0")));
    lines.extend(["findings = \"none\"".to_owned(), "no_errors = true".to_owned()]);
    lines.push("whole = true".to_owned());
    lines
}

mod erased {
    //! Words of the model as TOML writes them.

    use serde::Serialize;

    /// Something that is one word in JSON.
    pub trait Word {
        /// The word in quotes.
        fn word(&self) -> String;
    }

    impl<T: Serialize> Word for T {
        fn word(&self) -> String {
            serde_json::to_string(self).unwrap_or_default()
        }
    }
}

/// True when a line of a draft holds of the capture.
fn holds(line: &str, capture: &Path, compiler: &Compiler) -> bool {
    let Ok(table) = line.parse::<toml::Table>() else { return false };
    table.into_iter().all(|(name, value)| {
        let form = SHORT_FORMS.iter().find(|form| form.name == name);
        let condition = form
            .zip(value.try_into().ok())
            .and_then(|(form, value)| form.condition(&value).ok())
            .and_then(|text| compiler.compile(&text).ok());
        let Some(condition) = condition else { return false };
        let subject = Subject::read(capture, [&*condition]);
        let outcome = subject.ok().and_then(|subject| condition.evaluate(&subject).ok());
        outcome.is_some_and(|Outcome { holds, .. }| holds)
    })
}
