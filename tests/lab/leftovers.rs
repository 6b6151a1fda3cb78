//! However a lab ends, nothing of it stays: no process, no namespace, no interface.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Mode, Place, interfaces, modes};

const WAITING: &str = "version = 1\nname = \"waiting\"\ndeadline = \"60s\"\n\
    [[process]]\nname = \"server\"\nhost = \"mesin1\"\nserver = { bind = \"0.0.0.0:10000\" }\n\
    [[process]]\nname = \"client\"\nhost = \"mesin2\"\nafter = [\"server\"]\n\
    client = { to = \"172.16.16.101:10000\", message = \"x\", close = \"hold\", timeout = \"50s\" }\n";

/// How long the kernel may take to clear up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pids of the processes that run our copy of the program, by their hidden or open command.
fn processes(program: &Path) -> Vec<(i32, String)> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let ours =
        entries.filter(|e| fs::read_link(e.path().join("exe")).is_ok_and(|exe| exe == program));
    ours.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        Some((pid, String::from_utf8_lossy(&line).split('\0').nth(1)?.to_owned()))
    })
    .collect()
}

fn pid_of(program: &Path, command: &str) -> Pid {
    let found = processes(program);
    let pid = found.iter().find(|(_, name)| name == command);
    Pid::from_raw(pid.unwrap_or_else(|| panic!("no {command} among {found:?}")).0)
}

/// The network namespaces in which threads of these processes are, except our own.
fn namespaces(pids: &[(i32, String)]) -> BTreeSet<String> {
    let own = fs::read_link("/proc/self/ns/net").unwrap().display().to_string();
    pids.iter()
        .flat_map(|(pid, _)| threads(&format!("/proc/{pid}")))
        .filter(|ns| *ns != own)
        .collect()
}

fn threads(process: &str) -> Vec<String> {
    let tasks = fs::read_dir(format!("{process}/task")).into_iter().flatten().flatten();
    tasks
        .filter_map(|task| fs::read_link(task.path().join("ns/net")).ok())
        .map(|link| link.display().to_string())
        .collect()
}

/// Network namespaces of everything that runs on this machine.
fn all_namespaces() -> BTreeSet<String> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.flat_map(|entry| threads(&entry.path().display().to_string())).collect()
}

struct Started {
    place: Place,
    command: Child,
    before: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

impl Started {
    /// Starts a lab and waits until its client is connected.
    fn new(mode: Mode) -> Self {
        let place = Place::new();
        let before = interfaces();
        let file = place.path().join("waiting.toml");
        fs::write(&file, WAITING).unwrap();
        let mut command = place.generator(mode);
        command.args(["lab", "--scenario", "waiting.toml", "--out", "run"]);
        if mode == Mode::Root {
            command.arg("--as-root");
        }
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = place.path().join("run/mesin1.log");
        let deadline = Instant::now() + PATIENCE;
        while !fs::read_to_string(&log).is_ok_and(|log| log.contains("sending back data")) {
            assert!(Instant::now() < deadline, "the lab does not start");
            thread::sleep(Duration::from_millis(5));
        }
        let namespaces = namespaces(&processes(&place.path().join("generator")));
        // Four hosts, the switch, the supervisor.
        assert!(namespaces.len() >= 6, "{namespaces:?}");
        Self { place, command, before, namespaces }
    }

    fn program(&self) -> std::path::PathBuf {
        self.place.path().join("generator")
    }

    /// Waits for the command's end and checks that nothing is left; gives its exit code, its
    /// output and its errors.
    fn ended(mut self) -> (Option<i32>, String, String) {
        let (mut output, mut errors) = (String::new(), String::new());
        self.command.stdout.take().unwrap().read_to_string(&mut output).unwrap();
        self.command.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        let status = self.command.wait().unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = processes(&self.program());
            let namespaces: Vec<String> =
                all_namespaces().intersection(&self.namespaces).cloned().collect();
            if left.is_empty() && namespaces.is_empty() {
                break;
            }
            assert!(Instant::now() < deadline, "left over: {left:?} {namespaces:?}");
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(interfaces(), self.before);
        (status.code(), output, errors)
    }
}

#[test]
fn nothing_is_left_after_ctrl_c_and_the_run_folder_says_so() {
    for mode in modes() {
        let lab = Started::new(mode);
        kill(pid_of(&lab.program(), "lab"), Signal::SIGINT).unwrap();
        let (code, output, errors) = lab.ended();
        assert_eq!(code, Some(1), "{output}\n{errors}");
        assert!(output.contains("! the run was interrupted"), "{output}\n{errors}");
    }
}

#[test]
fn nothing_is_left_when_the_supervisor_is_killed() {
    for mode in modes() {
        let lab = Started::new(mode);
        kill(pid_of(&lab.program(), "lab-supervisor"), Signal::SIGKILL).unwrap();
        let (code, output, errors) = lab.ended();
        assert_eq!(code, Some(2), "{output}\n{errors}");
        assert!(errors.contains("before the run was over"), "{errors}");
    }
}

#[test]
fn nothing_is_left_when_the_warden_is_killed() {
    for mode in modes() {
        let lab = Started::new(mode);
        kill(pid_of(&lab.program(), "lab-warden"), Signal::SIGKILL).unwrap();
        let (code, output, errors) = lab.ended();
        assert_eq!(code, Some(2), "{output}\n{errors}");
        assert!(errors.contains("was killed by signal 9"), "{errors}");
    }
}

#[test]
fn nothing_is_left_when_the_command_itself_is_killed() {
    for mode in modes() {
        let lab = Started::new(mode);
        kill(pid_of(&lab.program(), "lab"), Signal::SIGKILL).unwrap();
        let (code, ..) = lab.ended();
        assert_eq!(code, None);
    }
}

#[test]
fn a_killed_server_is_a_finding_and_ends_the_run() {
    for mode in modes() {
        let lab = Started::new(mode);
        kill(pid_of(&lab.program(), "server"), Signal::SIGKILL).unwrap();
        let (code, output, errors) = lab.ended();
        assert_eq!(code, Some(1), "{output}\n{errors}");
        assert!(output.contains("! server was killed by signal 9"), "{output}");
    }
}

#[test]
fn a_kept_lab_can_be_entered_and_goes_at_enter() {
    for mode in modes() {
        let place = Place::new();
        let mut command = place.generator(mode);
        command.args(["lab", "echo", "--keep", "--out", "run"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut told = String::new();
        while !told.contains("Press Enter") {
            assert_ne!(output.read_line(&mut told).unwrap(), 0, "{told}");
        }
        let way = told.lines().find_map(|line| line.trim().strip_prefix("mesin2: ")).unwrap();
        let words: Vec<&str> = way.split(' ').collect();
        let inside = std::process::Command::new(words[0])
            .args(&words[1..])
            .args(["cat", "/proc/net/dev", "/proc/sys/kernel/hostname"])
            .output()
            .unwrap();
        let seen = String::from_utf8_lossy(&inside.stdout);
        assert!(seen.contains("eth1:") && seen.ends_with("mesin2\n"), "{seen} {inside:?}");
        drop(std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"\n"));
        assert!(child.wait().unwrap().success());
        assert_eq!(processes(&place.path().join("generator")), []);
    }
}
