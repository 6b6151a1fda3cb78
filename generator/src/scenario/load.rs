//! Reading a scenario: text to checked [`Scenario`].

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{Error, Scenario, builtin, check};

/// Longest scenario text in bytes.
const TEXT_LIMIT: u64 = 1 << 20;

/// Reads and checks a scenario file; hands back its text too.
///
/// # Errors
/// When it cannot be read, or something in it is wrong.
pub fn read(path: &Path) -> Result<(Scenario, String), Error> {
    let fail = |cause| Error::Io { path: path.to_owned(), cause };
    let mut text = String::new();
    let mut file = File::open(path).map_err(fail)?.take(TEXT_LIMIT + 1);
    file.read_to_string(&mut text).map_err(fail)?;
    if text.len() as u64 > TEXT_LIMIT {
        let reason = format!("larger than {TEXT_LIMIT} bytes: this is not a scenario");
        return Err(fail(io::Error::new(io::ErrorKind::FileTooLarge, reason)));
    }
    Ok((from_text(&path.display().to_string(), &text)?, text))
}

/// Parses and checks the text of a scenario; `file` names it in errors.
///
/// # Errors
/// When something in it is wrong, with line and column.
pub fn from_text(file: &str, text: &str) -> Result<Scenario, Error> {
    let mut scenario = parse(file, text)?;
    if scenario.hosts.is_empty() && scenario.networks.is_empty() {
        let course = parse("course.toml", builtin::COURSE)?;
        scenario.hosts = course.hosts;
        scenario.networks = course.networks;
    }
    check::check(file, text, &scenario)?;
    Ok(scenario)
}

fn parse(file: &str, text: &str) -> Result<Scenario, Error> {
    toml::from_str(text).map_err(|error| {
        Error::at(file, text, error.span().unwrap_or(0..0), error.message().trim_end())
    })
}
