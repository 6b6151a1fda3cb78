//! Runs of the course's tasks, each with names, messages and sizes of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use toml::Value;

/// A task of the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// Two machines run the program.
    One,
    /// Echo server and client, 46 bytes.
    Two,
    /// A file of 67 bytes.
    Three,
    /// Two clients at once.
    Four,
    /// The fourth, with one client after the other.
    FourInTurn,
}

impl Task {
    /// The ready rubric that it is graded with.
    pub const fn rubric(self) -> &'static str {
        match self {
            Self::One => "task-1",
            Self::Two => "task-2",
            Self::Three => "task-3",
            Self::Four | Self::FourInTurn => "task-4",
        }
    }
}

/// A run: its folder, and the capture in it.
#[derive(Debug, Clone)]
pub struct Run {
    /// What ran.
    pub task: Task,
    /// Where everything is.
    pub folder: PathBuf,
}

impl Run {
    /// The capture of the server's machine.
    pub fn capture(&self) -> PathBuf {
        self.folder.join("mesin1-eth1.pcapng")
    }

    /// What each machine's terminal showed.
    pub fn logs(&self) -> Vec<String> {
        let log = |host| fs::read_to_string(self.folder.join(format!("{host}.log")));
        ["mesin1", "mesin2", "mesin3"].into_iter().filter_map(|host| log(host).ok()).collect()
    }
}

/// Numbers by chance, the same ones for the same seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Chance(pub u64);

impl Chance {
    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// One of several.
    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }
}

const NAMES: [&str; 12] = [
    "Ayu", "Budi", "Citra", "Dewi", "Eko", "Fajar", "Gita", "Hadi", "Intan", "Joko", "Kartika",
    "Lestari",
];
const WORDS: [&str; 12] = [
    "data", "pesan", "socket", "mesin", "it's", "\"echo\"", "paket", "50%", "jaringan", "TCP",
    "[ACK]", "café",
];

/// A text of so many bytes that names somebody.
fn text(chance: &mut Chance, bytes: usize) -> String {
    let mut text = format!("Halo dari {}", chance.of::<&str>(&NAMES));
    while text.len() < bytes {
        text.push(' ');
        text.push_str(chance.of::<&str>(&WORDS));
    }
    while text.len() > bytes || text.ends_with(' ') {
        text.pop();
    }
    while text.len() < bytes {
        text.push('.');
    }
    text
}

/// A process that is a client of the server on the first machine.
fn client(host: u8, port: u16, what: &str, more: &str) -> String {
    format!(
        "\n[[process]]\nname = \"client{host}\"\nhost = \"mesin{host}\"\n{more}\nclient = {{ \
         to = \"172.16.16.101:{port}\", {what}, timeout = \"10s\" }}\n"
    )
}

/// The scenario of a task; the seed chooses texts and sizes.
fn scenario(task: Task, seed: u64) -> String {
    let chance = &mut Chance(seed);
    let (port, mode) = match task {
        Task::One => (1024 + chance.below(8000) as u16, "sequential"),
        Task::Two => (10_000, "sequential"),
        Task::Three => (32_444, "sequential"),
        Task::Four | Task::FourInTurn => (32_444, "threads"),
    };
    let mut all = String::from("version = 1\nname = \"study\"\ndeadline = \"20s\"\n");
    let size = chance.of(&[16, 32, 64, 1024]);
    let message = |chance: &mut Chance, bytes: usize| {
        format!("message = {}, recv-size = {size}", Value::String(text(chance, bytes)))
    };
    let some = |chance: &mut Chance| 12 + chance.below(300) as usize;
    if task == Task::Three {
        let file = Value::String(text(chance, 66) + "\n");
        all.push_str(&format!("\n[[file]]\nname = \"data.txt\"\ntext = {file}\n"));
    }
    all.push_str(&format!(
        "\n[[process]]\nname = \"server\"\nhost = \"mesin1\"\nserver = {{ bind = \
         \"0.0.0.0:{port}\", mode = \"{mode}\" }}\n"
    ));
    let after = "after = [\"server\"]";
    let then = "after = [\"server\", \"client2\"]";
    match task {
        Task::Two => all.push_str(&client(2, port, &message(chance, 46), after)),
        Task::Three => {
            let what = format!("file = \"data.txt\", recv-size = {size}");
            all.push_str(&client(2, port, &what, after));
        }
        Task::One | Task::FourInTurn => {
            let bytes = some(chance);
            all.push_str(&client(2, port, &message(chance, bytes), after));
            let bytes = some(chance);
            all.push_str(&client(3, port, &message(chance, bytes), then));
        }
        Task::Four => {
            let together = format!("{after}\nbarrier = \"start\"");
            for host in [2, 3] {
                let bytes = some(chance);
                let what = message(chance, bytes) + ", stay-open = \"100ms\"";
                all.push_str(&client(host, port, &what, &together));
            }
        }
    }
    all
}

/// Runs a task; none, with the reason, where the system does not let labs run.
pub fn run(folder: &Path, task: Task, seed: u64) -> Option<Run> {
    let out = folder.join(format!("{task:?}-{seed}"));
    let file = folder.join(format!("{task:?}-{seed}.toml"));
    fs::write(&file, scenario(task, seed)).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_generator"));
    command.args(["lab", "--scenario"]).arg(file).arg("--out").arg(&out);
    let output = command.output().expect("the generator runs");
    if output.status.success() {
        return Some(Run { task, folder: out });
    }
    let reason = String::from_utf8_lossy(&output.stderr);
    let is_required = std::env::var_os("LAB_REQUIRED").is_some()
        || std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!is_required && !out.join("run.json").exists(), "the lab failed: {reason}");
    println!("skipped: no lab can run here: {reason}");
    None
}
