//! Carrying a scenario out: who starts when, until the last client has ended, and the orderly
//! stop of the servers. Every wait ends with an event or with the scenario's deadline.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::error::{Error, Result};
use super::folder::Folder;
use super::launch;
use super::manifest::{Exit, Outcome, ProcessFacts};
use super::process::{Happening, Running, input};
use super::sockets::{self, Socket, State};
use super::topology::Topology;
use crate::record::{Role, WallTime};
use crate::scenario::{Process, Scenario};

/// How often a condition in the kernel's tables is looked at, for which there is no event.
const LOOK: Duration = Duration::from_millis(2);

/// How long a program may take to stop after it was asked, before it is killed.
const GRACE: Duration = Duration::from_secs(3);

/// How long the last segments may take to be acknowledged.
const QUIET_LIMIT: Duration = Duration::from_secs(3);

/// A scenario being carried out.
pub struct Runner<'a> {
    topology: &'a Topology,
    folder: &'a Folder,
    sender: Sender<Happening>,
    happenings: &'a Receiver<Happening>,
    programs: Vec<Program>,
    deadline: Instant,
}

/// A process of the scenario and how far it is.
struct Program {
    plan: Process,
    stage: Stage,
    /// It listens, or it is connected.
    is_set_up: bool,
    /// The signal that we have asked it to end with, if we have.
    stopped_with: Option<Signal>,
    running: Option<Running>,
    facts: ProcessFacts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Not started yet.
    Waiting,
    /// Started; a server that does not listen yet, or a client behind a barrier.
    Starting,
    /// A server that listens, or a client at work.
    Running,
    /// Ended.
    Over,
}

impl<'a> Runner<'a> {
    /// Prepares a run; nothing is started yet.
    pub fn new(
        scenario: &Scenario,
        topology: &'a Topology,
        folder: &'a Folder,
        sender: Sender<Happening>,
        happenings: &'a Receiver<Happening>,
    ) -> Self {
        let programs = scenario.processes.iter().map(Program::new).collect();
        let deadline = Instant::now() + scenario.deadline.0;
        Self { topology, folder, sender, happenings, programs, deadline }
    }

    /// Runs until every client has ended, then stops the servers.
    ///
    /// # Errors
    /// When a program cannot be started or a kernel table cannot be read.
    pub fn run(mut self) -> Result<(Outcome, Vec<ProcessFacts>, Vec<String>)> {
        let outcome = self.work();
        let mut findings = self.stop_all();
        let outcome = outcome?;
        findings.extend(self.programs.iter().filter_map(Program::finding));
        findings.extend(self.wait_for_quiet()?);
        Ok((outcome, self.programs.into_iter().map(|program| program.facts).collect(), findings))
    }

    fn work(&mut self) -> Result<Outcome> {
        loop {
            self.look()?;
            self.start_ready()?;
            if let Some(outcome) = self.outcome() {
                return Ok(outcome);
            }
            let now = Instant::now();
            if now >= self.deadline {
                return Ok(Outcome::DeadlinePassed);
            }
            let is_looking = self.programs.iter().any(|program| program.stage == Stage::Starting);
            let patience = if is_looking { LOOK } else { self.deadline - now };
            match self.happenings.recv_timeout(patience) {
                Ok(Happening::Ended(number, exit, at)) => self.ended(number, exit, at),
                Ok(Happening::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    return Ok(Outcome::Interrupted);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Starts whoever has everything it waits for.
    fn start_ready(&mut self) -> Result<()> {
        for number in 0..self.programs.len() {
            let Some(program) = self.programs.get(number) else { continue };
            if program.stage == Stage::Waiting
                && program.plan.after.iter().all(|name| self.is_reached(name.as_ref()))
            {
                self.start(number)?;
            }
        }
        Ok(())
    }

    /// What others wait for: a server that listens, a client that has ended.
    fn is_reached(&self, name: &str) -> bool {
        self.programs.iter().filter(|program| program.plan.name.as_ref() == name).all(|program| {
            match program.facts.role {
                Role::Server => program.stage == Stage::Running,
                Role::Client => program.stage == Stage::Over,
            }
        })
    }

    fn start(&mut self, number: usize) -> Result<()> {
        let Some(program) = self.programs.get_mut(number) else { return Ok(()) };
        let arguments = launch::arguments(&program.plan);
        let host = program.plan.host.as_ref();
        let terminal = self.folder.terminal(host)?;
        self.folder.show_command(&terminal, host, &launch::as_typed(&arguments))?;
        let mut command = Command::new("/proc/self/exe");
        command
            .args(&arguments)
            .args(launch::hidden_arguments(
                &program.plan,
                &self.folder.record(program.plan.name.as_ref()),
            ))
            .current_dir(self.folder.files())
            .stdin(input(program.plan.barrier.is_some()));
        program.facts.started_at = Some(WallTime::now());
        let namespace = self.topology.host(host)?;
        let running =
            Running::start(namespace, command, Arc::clone(&terminal), self.sender.clone(), number)?;
        program.running = Some(running);
        let is_free = program.facts.role == Role::Client && program.plan.barrier.is_none();
        program.stage = if is_free { Stage::Running } else { Stage::Starting };
        Ok(())
    }

    /// Looks whether the servers listen, and whether everybody behind a barrier is connected.
    fn look(&mut self) -> Result<()> {
        for program in self.programs.iter_mut().filter(|p| p.stage == Stage::Starting) {
            if !program.is_set_up {
                let sockets = sockets_of(self.topology, program.plan.host.as_ref())?;
                program.is_set_up = program.is_set_up_by(&sockets);
            }
            if program.is_set_up && program.facts.role == Role::Server {
                program.stage = Stage::Running;
            }
        }
        self.open_barriers();
        Ok(())
    }

    /// A barrier opens when everybody behind it is connected or gone.
    fn open_barriers(&mut self) {
        let closed: Vec<String> = self
            .programs
            .iter()
            .filter(|program| program.stage < Stage::Running && !program.is_set_up)
            .filter_map(|program| program.plan.barrier.as_ref().map(|name| name.as_ref().clone()))
            .collect();
        for program in self.programs.iter_mut().filter(|p| p.stage == Stage::Starting) {
            let Some(barrier) = &program.plan.barrier else { continue };
            if !closed.contains(barrier.as_ref()) {
                program.stage = Stage::Running;
                if let Some(running) = &mut program.running {
                    running.release();
                }
            }
        }
    }

    /// How the run has ended, if it has.
    fn outcome(&self) -> Option<Outcome> {
        let has_clients = self.programs.iter().any(|p| p.facts.role == Role::Client);
        let is_done = |program: &Program| match program.facts.role {
            Role::Client => program.stage == Stage::Over,
            // Without clients, the servers are there for others.
            Role::Server => program.stage == Stage::Over || has_clients,
        };
        if self.programs.iter().all(is_done) {
            return Some(Outcome::Complete);
        }
        let is_moving = self.programs.iter().any(|program| match program.facts.role {
            Role::Client => matches!(program.stage, Stage::Starting | Stage::Running),
            Role::Server => program.stage == Stage::Starting,
        });
        let serves = !has_clients && self.programs.iter().any(Program::is_alive);
        (!is_moving && !serves).then_some(Outcome::Stuck)
    }

    fn ended(&mut self, number: usize, exit: Exit, at: WallTime) {
        if let Some(program) = self.programs.get_mut(number) {
            program.stage = Stage::Over;
            program.facts.ended_at = Some(at);
            program.facts.exit = Some(exit);
        }
    }

    /// Asks everybody who still runs to stop, kills who does not, and reaps all.
    fn stop_all(&mut self) -> Vec<String> {
        let mut findings = Vec::new();
        for (signal, grace) in [(Signal::SIGTERM, GRACE), (Signal::SIGKILL, GRACE)] {
            let deadline = Instant::now() + grace;
            for program in self.programs.iter_mut().filter(|program| program.is_alive()) {
                if signal == Signal::SIGKILL {
                    let name = &program.facts.name;
                    findings.push(format!("{name} did not stop within {GRACE:?} and was killed"));
                }
                program.stopped_with = Some(signal);
                if let Some(running) = &program.running {
                    running.signal(signal);
                }
            }
            while self.programs.iter().any(Program::is_alive) {
                let left = deadline.saturating_duration_since(Instant::now());
                match self.happenings.recv_timeout(left) {
                    Ok(Happening::Ended(number, exit, at)) => self.ended(number, exit, at),
                    // Already stopping.
                    Ok(Happening::Stop) => {}
                    Err(_) => break,
                }
            }
        }
        findings
    }

    /// Waits until the kernel has nothing to send any more for connections whose programs are
    /// gone, so that the recordings hold the last ACK.
    fn wait_for_quiet(&self) -> Result<Vec<String>> {
        let deadline = Instant::now() + QUIET_LIMIT;
        let mut findings = Vec::new();
        let mut hosts: Vec<&str> =
            self.programs.iter().map(|p| p.plan.host.as_ref().as_str()).collect();
        hosts.sort_unstable();
        hosts.dedup();
        for host in hosts {
            loop {
                let loud =
                    sockets_of(self.topology, host)?.iter().filter(|s| !s.is_quiet()).count();
                if loud == 0 {
                    break;
                }
                if Instant::now() >= deadline {
                    findings.push(format!("{host} still had {loud} connections open at the end"));
                    break;
                }
                std::thread::sleep(LOOK);
            }
        }
        Ok(findings)
    }
}

fn sockets_of(topology: &Topology, host: &str) -> Result<Vec<Socket>> {
    let fail = |cause| Error::host(host, "read its sockets", cause);
    topology.host(host)?.enter(|_| sockets::list())?.map_err(fail)
}

impl Program {
    fn new(plan: &Process) -> Self {
        let facts = ProcessFacts {
            name: plan.name.as_ref().clone(),
            host: plan.host.as_ref().clone(),
            role: launch::role(plan),
            command: launch::arguments(plan),
            started_at: None,
            ended_at: None,
            exit: None,
            expected_exit: plan.expect_exit,
        };
        let plan = plan.clone();
        Self {
            plan,
            stage: Stage::Waiting,
            is_set_up: false,
            stopped_with: None,
            running: None,
            facts,
        }
    }

    fn is_alive(&self) -> bool {
        matches!(self.stage, Stage::Starting | Stage::Running)
    }

    /// A server listens; a client has all its connections.
    fn is_set_up_by(&self, sockets: &[Socket]) -> bool {
        if let Some(server) = &self.plan.server {
            let port = port(server.bind.as_ref());
            return sockets.iter().any(|s| s.state == State::Listen && Some(s.local_port) == port);
        }
        let Some(client) = &self.plan.client else { return false };
        let port = port(client.to.as_ref());
        let is_ours = |s: &&Socket| s.state == State::Established && Some(s.remote_port) == port;
        let connected = sockets.iter().filter(is_ours).count();
        u32::try_from(connected).is_ok_and(|connected| connected >= client.parallel.unwrap_or(1))
    }

    fn finding(&self) -> Option<String> {
        let name = &self.facts.name;
        let expected = i32::from(self.facts.expected_exit);
        match self.facts.exit {
            Some(Exit::Code(code)) if code == expected => None,
            Some(Exit::Code(code)) => Some(format!(
                "{name} ended with exit code {code}, not {expected}; see its host's log"
            )),
            // Killed by ourselves, which has its own finding.
            Some(Exit::Signal(number)) if self.stopped_with.is_some_and(|s| s as i32 == number) => {
                None
            }
            Some(Exit::Signal(number)) => Some(format!("{name} was killed by signal {number}")),
            None if self.facts.started_at.is_none() => Some(format!("{name} was never started")),
            None => Some(format!("{name} did not end")),
        }
    }
}

fn port(address: &str) -> Option<u16> {
    address.parse::<SocketAddr>().ok().map(|address| address.port())
}
