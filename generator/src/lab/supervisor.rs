//! The first process of the lab's pid namespace: builds the lab, runs the scenario, writes the
//! run folder and reports to the command outside. When it ends, the lab is gone.

use std::io::{self, BufRead, Write};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use sha2::{Digest, Sha256};

use super::compare;
use super::error::{Error, Result};
use super::folder::{Folder, log_name};
use super::isolation;
use super::manifest::{
    self, Connection, HostFacts, InterfaceFacts, ProcessFacts, RecordingFacts, Run, ScenarioFacts,
    SystemFacts,
};
use super::message::{self, Event, Order};
use super::process::Happening;
use super::recorder::{Recorder, Subject};
use super::run::Runner;
use super::topology::Topology;
use crate::record::{WallTime, hex};
use crate::scenario::{self, Interface, Scenario};

/// Takes an [`Order`] from `input`, carries it out, and reports on `output`.
///
/// # Errors
/// When the order cannot be read or nobody listens to the report.
pub fn run(input: impl BufRead + Send + 'static, mut output: impl Write) -> io::Result<()> {
    isolation::die_with_parent().map_err(io::Error::other)?;
    isolation::mount_proc();
    let mut input = input;
    let Some(order) = message::receive::<Order>(&mut input)? else { return Ok(()) };
    let (sender, happenings) = mpsc::channel();
    let stop = sender.clone();
    thread::Builder::new().name("orders".into()).spawn(move || {
        // The end of input, for whatever reason, means that nobody wants the lab any more.
        let _ = io::copy(&mut input, &mut io::sink());
        let _ = stop.send(Happening::Stop);
    })?;
    match carry_out(&order, &sender, &happenings, &mut output) {
        Ok(topology) => {
            if order.keep {
                while !matches!(happenings.recv(), Ok(Happening::Stop) | Err(_)) {}
            }
            drop(topology);
            Ok(())
        }
        Err(error) => message::send(&Event::Failed(error.to_string()), &mut output),
    }
}

/// Builds, runs, writes; hands back the lab, still up.
fn carry_out(
    order: &Order,
    sender: &Sender<Happening>,
    happenings: &Receiver<Happening>,
    output: &mut impl Write,
) -> Result<Topology> {
    let scenario = scenario::from_text(&order.source, &order.scenario)?;
    let folder = Folder::at(order.folder.clone());
    let files = folder.fill(&scenario, &order.scenario)?;
    let topology = Topology::build(&scenario)?;
    tell(&Event::Built, output)?;
    let recorders = record(&scenario, &topology, &folder)?;
    let started_at = WallTime::now();
    let runner = Runner::new(&scenario, &topology, &folder, sender.clone(), happenings);
    let (outcome, processes, mut findings) = runner.run()?;
    let (recordings, missing) = stop_recording(recorders, &topology)?;
    findings.extend(missing);
    let connections = collect(&folder, &processes, &mut findings);
    let mut run = Run {
        version: 1,
        scenario: ScenarioFacts {
            name: scenario.name.as_ref().clone(),
            about: scenario.about.clone(),
            source: order.source.clone(),
            sha256: hex(&Sha256::digest(order.scenario.as_bytes())),
        },
        outcome,
        started_at,
        ended_at: WallTime::now(),
        system: system(&scenario),
        hosts: hosts(&scenario, &processes),
        files,
        processes,
        connections,
        recordings,
        findings,
    };
    run.findings.extend(compare::findings(&run, folder.path()));
    folder.write_manifest(&run)?;
    tell(&Event::Finished(Box::new(run)), output)?;
    Ok(topology)
}

/// Starts all recordings of the scenario.
fn record(scenario: &Scenario, topology: &Topology, folder: &Folder) -> Result<Vec<Recorder>> {
    let system = format!("Linux {}", kernel_release());
    let start = |(host, interface): (String, String)| {
        let path = folder.path().join(format!("{host}-{interface}.pcapng"));
        let description = format!("{host} in the lab run {}", scenario.name.as_ref());
        let subject = Subject { interface, description, system: system.clone(), path };
        Recorder::start(topology.host(&host)?, subject)
    };
    scenario.recordings().into_iter().map(start).collect()
}

/// Stops all of them first, then waits for each.
fn stop_recording(
    recorders: Vec<Recorder>,
    topology: &Topology,
) -> Result<(Vec<RecordingFacts>, Vec<String>)> {
    let mut stopped = Vec::new();
    for recorder in recorders {
        let namespace = topology.host(recorder.host())?;
        stopped.push(recorder.stop(namespace)?);
    }
    let (mut recordings, mut findings) = (Vec::new(), Vec::new());
    for recorder in stopped {
        let namespace = topology.host(recorder.host())?;
        let (facts, missing) = recorder.finish(namespace)?;
        recordings.push(facts);
        findings.extend(missing);
    }
    Ok((recordings, findings))
}

fn tell(event: &Event, output: &mut impl Write) -> Result<()> {
    message::send(event, output)
        .map_err(|cause| Error::Supervisor(format!("cannot report: {cause}")))
}

/// Takes the programs' records into one list of connections.
fn collect(
    folder: &Folder,
    processes: &[ProcessFacts],
    findings: &mut Vec<String>,
) -> Vec<Connection> {
    let mut records = Vec::new();
    for process in processes.iter().filter(|process| process.started_at.is_some()) {
        let path = folder.record(&process.name);
        let (found, problem) = manifest::read_records(&path);
        records.extend(found.into_iter().map(|record| (process.name.clone(), record)));
        match problem {
            Some(cause) => {
                findings.push(format!("{} left no complete account: {cause}", process.name))
            }
            // Now in the manifest.
            None => drop(std::fs::remove_file(&path)),
        }
    }
    let connections = manifest::join(records);
    findings.extend(connections.iter().filter_map(Connection::disagreement));
    connections
}

fn system(scenario: &Scenario) -> SystemFacts {
    let rootless = isolation::is_rootless();
    SystemFacts { kernel: kernel_release(), rootless, ipv6: scenario.ipv6 }
}

fn kernel_release() -> String {
    nix::sys::utsname::uname()
        .map(|name| name.release().to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn hosts(scenario: &Scenario, processes: &[ProcessFacts]) -> Vec<HostFacts> {
    let facts = |interface: &Interface| InterfaceFacts {
        name: interface.name.as_ref().clone(),
        network: interface.network.as_ref().clone(),
        address: interface.address.as_ref().to_string(),
        address6: interface.address6.as_ref().map(|address| address.as_ref().to_string()),
        mac: interface.mac().to_string(),
    };
    let has_log = |name: &str| {
        processes.iter().any(|process| process.host == name && process.started_at.is_some())
    };
    scenario
        .hosts
        .iter()
        .map(|host| HostFacts {
            name: host.name.as_ref().clone(),
            log: has_log(host.name.as_ref()).then(|| log_name(host.name.as_ref())),
            interfaces: host.interfaces.iter().map(facts).collect(),
        })
        .collect()
}
