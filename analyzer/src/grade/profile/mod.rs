//! What a teacher knows of the lab before anything is handed in: its machines by name, the ports
//! of its services, and traffic that has nothing to do with the tasks.
//!
//! With it, sentences, logs and rubrics can call machines by their names, and traffic of the
//! notebooks through which the machines are used is held against nobody.

use std::net::IpAddr;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::story::{Story, Told};
use super::written::{Refused, Sort, Written};

#[cfg(test)]
mod tests;

/// Most hosts, services and ignored ports.
const MOST: usize = 1_000;
/// The ready ones, by name.
pub const READY: [&str; 1] = ["course"];

const PROFILES: Sort = Sort { noun: "profile", ready: &READY, text: ready };

/// The text of a ready profile.
#[must_use]
pub fn ready(name: &str) -> Option<&'static str> {
    (name == "course").then_some(include_str!("course.toml"))
}

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// Other names for it.
    pub also: Vec<String>,
    /// Its addresses.
    pub addresses: Vec<String>,
}

/// A port that has a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// What it is called.
    pub name: String,
    /// Its port.
    pub port: u16,
}

/// A lab.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its machines.
    pub hosts: Vec<Host>,
    /// Its services.
    pub services: Vec<Service>,
    /// Ports of traffic that counts for nothing.
    pub ignored: Vec<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    version: Spanned<u32>,
    #[serde(default, rename = "title")]
    _title: Option<toml::Value>,
    #[serde(default)]
    host: Vec<HostFile>,
    #[serde(default)]
    service: Vec<Service>,
    #[serde(default)]
    ignore: IgnoreFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HostFile {
    name: Spanned<String>,
    #[serde(default)]
    also: Vec<String>,
    addresses: Vec<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct IgnoreFile {
    #[serde(default)]
    ports: Vec<u16>,
}

impl Profile {
    /// Reads a profile, or takes a ready one: `course`.
    ///
    /// # Errors
    /// With file, line and column, what is wrong there.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        let text = PROFILES.read(path)?;
        Self::parse(&text, &path.display().to_string())
    }

    /// The same from text; `file` names it in messages.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(text: &str, file: &str) -> Result<Self, Refused> {
        let written = Written { text, file };
        let parsed: ProfileFile = written.parse()?;
        written.expect_first_version(&parsed.version)?;
        let (hosts, services) = (parsed.host.len(), parsed.service.len());
        if hosts.max(services).max(parsed.ignore.ports.len()) > MOST {
            return Err(
                written.refused(0, format!("more than {MOST} of a kind; no lab is that large"))
            );
        }
        let mut profile =
            Self { services: parsed.service, ignored: parsed.ignore.ports, ..Self::default() };
        for host in parsed.host {
            profile.add(host, written)?;
        }
        Ok(profile)
    }

    fn add(&mut self, host: HostFile, written: Written<'_>) -> Result<(), Refused> {
        let at = host.name.span().start;
        let name = host.name.into_inner();
        let all = std::iter::once(&name).chain(&host.also);
        if let Some(twice) = all.clone().find(|name| self.host(name).is_some()) {
            return Err(written.refused(at, format!("two hosts are called {twice:?}")));
        }
        if all.clone().any(|name| name.trim().len() < 2) {
            return Err(written.refused(at, "a name needs two letters at least".to_owned()));
        }
        let mut addresses = Vec::new();
        for address in host.addresses {
            let (at, text) = (address.span().start, address.into_inner());
            let Ok(address) = text.parse::<IpAddr>() else {
                return Err(
                    written.refused(at, format!("{text:?} is no IP address, like \"10.0.0.1\""))
                );
            };
            addresses.push(address.to_string());
        }
        self.hosts.push(Host { name, also: host.also, addresses });
        Ok(())
    }

    /// The machine that is called so, in capitals or not.
    #[must_use]
    pub fn host(&self, name: &str) -> Option<&Host> {
        let name = name.trim();
        self.hosts.iter().find(|host| host.names().any(|own| own.eq_ignore_ascii_case(name)))
    }

    /// Takes the connections out of a story that count for nothing.
    #[must_use]
    pub fn relevant(&self, mut story: Story) -> Story {
        let is_ignored = |told: &Told| told.ends().iter().any(|end| self.ignores(end.port));
        story.connections.retain(|told| !is_ignored(told));
        story
    }

    /// Whether traffic of a port counts for nothing.
    #[must_use]
    pub fn ignores(&self, port: u16) -> bool {
        self.ignored.contains(&port)
    }

    /// The only machine that a sentence calls by name, with the place of the name; none when it
    /// names several, or none.
    #[must_use]
    pub fn named_in(&self, sentence: &str) -> Option<(&Host, std::ops::Range<usize>)> {
        // Of "mesin1" and "mesin10" the sentence means the one that is a word in it.
        let lower = sentence.to_ascii_lowercase();
        let mut found = self.hosts.iter().filter_map(|host| {
            let place = host.names().find_map(|name| word(&lower, &name.to_ascii_lowercase()))?;
            Some((host, place))
        });
        let one = found.next()?;
        found.next().is_none().then_some(one)
    }
}

impl Host {
    /// All its names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.also).map(String::as_str)
    }

    /// Whether it has an address.
    #[must_use]
    pub fn has(&self, address: &str) -> bool {
        self.addresses.iter().any(|own| own == address)
    }
}

/// Where a name stands in a text as a word of its own.
fn word(text: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).map(|(at, _)| at..at + name.len()).find(|place| {
        let before = text.get(..place.start).and_then(|text| text.chars().next_back());
        let after = text.get(place.end..).and_then(|text| text.chars().next());
        !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
    })
}
