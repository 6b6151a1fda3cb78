//! What a scenario must keep to beyond its grammar: names that exist, one meaning each,
//! addresses that differ, an order that can be followed.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::ops::Range;

use toml::Spanned;

use super::{Error, Process, Scenario};

/// Most hosts, interfaces of a host, processes and files that a scenario may have.
const LIMIT: usize = 64;

/// Largest file that a scenario may make, in bytes.
const FILE_LIMIT: u64 = 4 << 30;

/// Longest name of a host or a network: with an interface's it must fit the kernel's 15.
const NAME_LIMIT: usize = 9;

struct Checker<'a> {
    file: &'a str,
    text: &'a str,
    scenario: &'a Scenario,
}

/// Checks everything.
pub(super) fn check(file: &str, text: &str, scenario: &Scenario) -> Result<(), Error> {
    let checker = Checker { file, text, scenario };
    checker.head()?;
    checker.hosts()?;
    checker.files()?;
    checker.processes()?;
    checker.order()?;
    checker.recordings()
}

impl Checker<'_> {
    fn head(&self) -> Result<(), Error> {
        let scenario = self.scenario;
        if *scenario.version.as_ref() != 1 {
            let reason = format!(
                "version {} is unknown; this program reads version 1",
                scenario.version.as_ref()
            );
            return self.wrong(scenario.version.span(), reason);
        }
        self.name(&scenario.name, 40)?;
        let longest = [
            ("network", scenario.networks.len()),
            ("host", scenario.hosts.len()),
            ("file", scenario.files.len()),
            ("process", scenario.processes.len()),
            ("record", scenario.record.len()),
        ];
        for (what, count) in longest {
            if count > LIMIT {
                return self
                    .wrong(0..0, format!("{count} entries of `{what}`; the most is {LIMIT}"));
            }
        }
        if scenario.processes.is_empty() {
            return self.wrong(0..0, "nothing runs: add a [[process]] with a server or a client");
        }
        Ok(())
    }

    fn hosts(&self) -> Result<(), Error> {
        let networks =
            self.unique("network", self.scenario.networks.iter().map(|n| &n.name), NAME_LIMIT)?;
        self.unique("host", self.scenario.hosts.iter().map(|h| &h.name), NAME_LIMIT)?;
        let mut addresses = HashSet::new();
        let mut macs = HashSet::new();
        for host in &self.scenario.hosts {
            self.unique("interface", host.interfaces.iter().map(|i| &i.name), 5)?;
            for interface in &host.interfaces {
                if interface.name.as_ref() == "lo" {
                    return self.wrong(interface.name.span(), "every host has `lo` already");
                }
                self.known("network", &interface.network, &networks)?;
                if !addresses.insert(interface.address.as_ref().ip) {
                    return self
                        .wrong(interface.address.span(), "another interface has this address");
                }
                if !macs.insert(interface.mac()) {
                    let reason =
                        format!("another interface has the hardware address {}", interface.mac());
                    return self.wrong(interface.name.span(), reason);
                }
                if let Some(address) = &interface.address6
                    && !self.scenario.ipv6
                {
                    return self.wrong(address.span(), "IPv6 is off; say `ipv6 = true` at the top");
                }
            }
        }
        Ok(())
    }

    fn files(&self) -> Result<(), Error> {
        let mut seen = HashSet::new();
        for file in &self.scenario.files {
            let name = file.name.as_ref();
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            if name.is_empty()
                || name.len() > 100
                || name.starts_with('.')
                || !name.chars().all(plain)
            {
                return self.wrong(
                    file.name.span(),
                    format!("`{name}` is not a plain file name (letters, digits, `.`, `-`, `_`; no folders)"),
                );
            }
            if !seen.insert(name) {
                return self.wrong(file.name.span(), format!("file `{name}` is there twice"));
            }
            if file.text.is_some() == file.size.is_some() {
                return self.wrong(
                    file.name.span(),
                    format!("file `{name}` needs either `text` or `size`"),
                );
            }
            if let Some(size) = file.size
                && size.0 > FILE_LIMIT
            {
                let reason =
                    format!("file `{name}` would have {} bytes; the most is {FILE_LIMIT}", size.0);
                return self.wrong(file.name.span(), reason);
            }
        }
        Ok(())
    }

    fn processes(&self) -> Result<(), Error> {
        let scenario = self.scenario;
        let names = self.unique("process", scenario.processes.iter().map(|p| &p.name), 40)?;
        let hosts: HashSet<&str> =
            scenario.hosts.iter().map(|h| h.name.as_ref().as_str()).collect();
        for process in &scenario.processes {
            self.known("host", &process.host, &hosts)?;
            for before in &process.after {
                self.known("process", before, &names)?;
            }
            if process.server.is_some() == process.client.is_some() {
                let reason = format!(
                    "process `{}` needs either `server` or `client`",
                    process.name.as_ref()
                );
                return self.wrong(process.name.span(), reason);
            }
            if let (Some(barrier), Some(_)) = (&process.barrier, &process.server) {
                return self.wrong(barrier.span(), "only clients wait at a barrier");
            }
            self.roles(process)?;
        }
        Ok(())
    }

    fn roles(&self, process: &Process) -> Result<(), Error> {
        if let Some(server) = &process.server
            && server.bind.as_ref().parse::<SocketAddr>().is_err()
        {
            let reason = format!(
                "`{}` is not an address with a port such as 0.0.0.0:10000",
                server.bind.as_ref()
            );
            return self.wrong(server.bind.span(), reason);
        }
        let Some(client) = &process.client else { return Ok(()) };
        if client.to.as_ref().parse::<SocketAddr>().is_err() {
            let reason = format!(
                "`{}` is not an address with a port such as 172.16.16.101:10000 (the lab has no name server)",
                client.to.as_ref()
            );
            return self.wrong(client.to.span(), reason);
        }
        if client.message.is_some() && client.file.is_some() {
            return self
                .wrong(client.to.span(), "a client sends either `message` or `file`, not both");
        }
        if let Some(file) = &client.file {
            let files = self.scenario.files.iter().map(|f| f.name.as_ref().as_str()).collect();
            self.known("file", file, &files)?;
        }
        Ok(())
    }

    /// Follows the `after` lists as far as they go; whoever is left waits for itself.
    fn order(&self) -> Result<(), Error> {
        let mut waiting: Vec<&Process> = self.scenario.processes.iter().collect();
        let mut started: HashSet<&str> = HashSet::new();
        loop {
            let before = waiting.len();
            waiting.retain(|process| {
                let ready =
                    process.after.iter().all(|name| started.contains(name.as_ref().as_str()));
                if ready {
                    started.insert(process.name.as_ref());
                }
                !ready
            });
            match waiting.first() {
                None => return self.barriers(),
                Some(stuck) if waiting.len() == before => {
                    let reason =
                        format!("process `{}` waits for itself in a circle", stuck.name.as_ref());
                    return self.wrong(stuck.name.span(), reason);
                }
                Some(_) => {}
            }
        }
    }

    /// Who waits for somebody behind the same barrier would wait for ever.
    fn barriers(&self) -> Result<(), Error> {
        for process in &self.scenario.processes {
            let Some(barrier) = &process.barrier else { continue };
            let mate = process.after.iter().find(|name| {
                self.scenario.processes.iter().any(|other| {
                    other.name.as_ref() == name.as_ref()
                        && other.barrier.as_ref().map(Spanned::as_ref) == Some(barrier.as_ref())
                })
            });
            if let Some(mate) = mate {
                let reason = format!(
                    "`{}` waits behind the same barrier: neither could start",
                    mate.as_ref()
                );
                return self.wrong(mate.span(), reason);
            }
        }
        Ok(())
    }

    fn recordings(&self) -> Result<(), Error> {
        let mut seen = HashSet::new();
        for recording in &self.scenario.record {
            let name = recording.host.as_ref();
            let Some(host) = self.scenario.hosts.iter().find(|host| host.name.as_ref() == name)
            else {
                return self.wrong(recording.host.span(), format!("there is no host `{name}`"));
            };
            let interface = recording.interface.as_ref();
            if interface != "lo" && !host.interfaces.iter().any(|i| i.name.as_ref() == interface) {
                let reason = format!("host `{name}` has no interface `{interface}`");
                return self.wrong(recording.interface.span(), reason);
            }
            if !seen.insert((name, interface)) {
                return self.wrong(recording.interface.span(), "this interface is recorded twice");
            }
        }
        Ok(())
    }

    fn unique<'b>(
        &self,
        what: &str,
        names: impl Iterator<Item = &'b Spanned<String>>,
        longest: usize,
    ) -> Result<HashSet<&'b str>, Error> {
        let mut seen = HashSet::new();
        for name in names {
            self.name(name, longest)?;
            if !seen.insert(name.as_ref().as_str()) {
                return self
                    .wrong(name.span(), format!("{what} `{}` is there twice", name.as_ref()));
            }
        }
        Ok(seen)
    }

    fn name(&self, name: &Spanned<String>, longest: usize) -> Result<(), Error> {
        let text = name.as_ref();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
        if starts && text.len() <= longest && text.chars().all(plain) {
            return Ok(());
        }
        let reason = format!(
            "`{text}` is not a name here: a small letter, then small letters, digits and hyphens, at most {longest}"
        );
        self.wrong(name.span(), reason)
    }

    fn known(
        &self,
        what: &str,
        name: &Spanned<String>,
        names: &HashSet<&str>,
    ) -> Result<(), Error> {
        if names.contains(name.as_ref().as_str()) {
            return Ok(());
        }
        let mut known: Vec<&str> = names.iter().copied().collect();
        known.sort_unstable();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        self.wrong(
            name.span(),
            format!("there is no {what} `{}` (there is: {known})", name.as_ref()),
        )
    }

    fn wrong<T>(&self, span: Range<usize>, reason: impl Into<String>) -> Result<T, Error> {
        Err(Error::at(self.file, self.text, span, reason))
    }
}
