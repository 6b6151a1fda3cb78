//! Starting labs from tests: as root, as an ordinary user, and what they must not leave behind.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, OnceLock};

use generator::lab::manifest::Run;
use tempfile::TempDir;

/// How a lab gets its namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As the user who runs the tests, or, when that is root, as `nobody`.
    Rootless,
    /// As root, without a user namespace.
    Root,
}

/// The user and group that stand for everybody else (nobody, nogroup).
const NOBODY: &str = "65534";

/// A place for run folders that every user may write to.
pub struct Place {
    folder: Arc<TempDir>,
    program: PathBuf,
}

/// A lab's outcome.
pub struct Finished {
    /// Keeps the files.
    _place: Arc<TempDir>,
    pub folder: PathBuf,
    pub output: Output,
}

/// Copies a program in a process of its own. A copy that this process writes is open in every
/// child that another test's thread starts meanwhile, and a program that is open for writing
/// cannot be run: "text file busy".
fn copy_program(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("--").args([from, to]).status().unwrap();
    assert!(status.success(), "the program cannot be copied to {}", to.display());
    fs::set_permissions(to, fs::Permissions::from_mode(0o755)).unwrap();
}

impl Place {
    /// Makes one; copies the program there, because an ordinary user may not see the build's
    /// folder.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("lab-test-").tempdir_in("/tmp").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let program = folder.path().join("generator");
        copy_program(Path::new(env!("CARGO_BIN_EXE_generator")), &program);
        Self { folder: Arc::new(folder), program }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A command that runs `generator` in `mode`.
    pub fn generator(&self, mode: Mode) -> Command {
        let mut command = if mode == Mode::Rootless && is_root() {
            let mut setpriv = Command::new("setpriv");
            setpriv.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
            setpriv.arg(&self.program);
            setpriv
        } else {
            Command::new(&self.program)
        };
        command.current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Runs `generator lab` with `arguments` and a run folder of its own.
    pub fn lab(&self, mode: Mode, arguments: &[&str]) -> Finished {
        let folder = self.path().join(format!("run-{}", arguments.join("-").replace('/', "_")));
        let mut command = self.generator(mode);
        command.arg("lab").args(arguments).arg("--out").arg(&folder);
        if mode == Mode::Root {
            command.arg("--as-root");
        }
        let output = command.output().unwrap();
        Finished { _place: Arc::clone(&self.folder), folder, output }
    }

    /// Runs a scenario given as text.
    pub fn scenario(&self, mode: Mode, name: &str, text: &str) -> Finished {
        let file = self.path().join(format!("{name}.toml"));
        fs::write(&file, text).unwrap();
        self.lab(mode, &["--scenario", file.to_str().unwrap()])
    }
}

impl Finished {
    /// The exit code; -1 when a signal ended it.
    pub fn code(&self) -> i32 {
        self.output.status.code().unwrap_or(-1)
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// The manifest.
    pub fn run(&self) -> Run {
        let text = fs::read_to_string(self.folder.join("run.json"))
            .unwrap_or_else(|cause| panic!("{cause}\n{}\n{}", self.stdout(), self.stderr()));
        serde_json::from_str(&text).unwrap()
    }

    /// A host's terminal log.
    pub fn log(&self, host: &str) -> String {
        fs::read_to_string(self.folder.join(format!("{host}.log"))).unwrap()
    }
}

/// The modes that this machine allows. Prints why it leaves one out; where nothing may be left
/// out (`CI`, `LAB_REQUIRED`), panics instead.
pub fn modes() -> Vec<Mode> {
    static MODES: OnceLock<Vec<Mode>> = OnceLock::new();
    MODES
        .get_or_init(|| {
            [Mode::Rootless, Mode::Root].into_iter().filter(|mode| is_allowed(*mode)).collect()
        })
        .clone()
}

fn is_allowed(mode: Mode) -> bool {
    let reason = match mode {
        Mode::Root if !is_root() => "needs root".to_owned(),
        Mode::Root => match unshare(&["--net", "--pid", "--fork"]) {
            Ok(()) => return true,
            Err(reason) => reason,
        },
        Mode::Rootless => match unshare(&["--user", "--map-root-user", "--net", "--pid", "--fork"])
        {
            Ok(()) => return true,
            Err(reason) => reason,
        },
    };
    let is_required = std::env::var_os("LAB_REQUIRED").is_some()
        || std::env::var_os("CI").is_some_and(|value| value == "true");
    // An ordinary user cannot become root; that is no failure of the machine.
    let is_fault = is_required && (mode == Mode::Rootless || is_root());
    assert!(!is_fault, "the lab must run here ({mode:?}), but: {reason}");
    println!("skipped {mode:?}: {reason}");
    false
}

/// Whether the kernel allows it, asked without our own program.
fn unshare(options: &[&str]) -> Result<(), String> {
    let mut command = Command::new("setpriv");
    if is_root() && options.contains(&"--user") {
        command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    }
    let output = command.arg("unshare").args(options).arg("true").output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(cause) => Err(format!("cannot run unshare: {cause}")),
    }
}

pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// The interfaces of the namespace of the tests.
pub fn interfaces() -> BTreeSet<String> {
    let table = fs::read_to_string("/proc/self/net/dev").unwrap();
    table
        .lines()
        .skip(2)
        .filter_map(|line| Some(line.split_once(':')?.0.trim().to_owned()))
        .collect()
}
