//! A running `analyzer capture`, and the ways to end it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use analyzer::source::privileges;

/// No recording of these tests takes longer.
const LIMIT: Duration = Duration::from_secs(30);

/// The program under test.
pub fn analyzer() -> Command {
    Command::new(env!("CARGO_BIN_EXE_analyzer"))
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// True when captures are allowed; otherwise says why the test is skipped.
pub fn may_capture() -> bool {
    if privileges::may_capture() {
        return true;
    }
    skip(&privileges::how_to_gain());
    false
}

fn skip(reason: &str) {
    let is_required = std::env::var_os("LAB_REQUIRED").is_some()
        || std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!is_required, "nothing may be skipped here: {reason}");
    println!("skipped: {reason}");
}

/// A recording that has begun.
pub struct Recorder {
    child: Child,
    stdout: Option<thread::JoinHandle<Vec<u8>>>,
    stderr: Option<thread::JoinHandle<Vec<u8>>>,
}

impl Recorder {
    /// Starts a recording and waits until it says that it records.
    pub fn start(options: impl FnOnce(&mut Command)) -> Self {
        let mut command = analyzer();
        command.arg("capture");
        options(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut talk = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut first = String::new();
        talk.read_line(&mut first).expect("readable");
        assert!(first.starts_with("recording on"), "{first}");
        let mut out = child.stdout.take().expect("a pipe");
        let stdout = thread::spawn(move || read_all(&mut out));
        let stderr = thread::spawn(move || read_all(&mut talk));
        Self { child, stdout: Some(stdout), stderr: Some(stderr) }
    }

    /// What Ctrl-C does.
    pub fn interrupt(&self) {
        self.signal("INT");
    }

    /// Holds the program while `work` is done, as a machine too busy would.
    pub fn stop_for_a_while(&self, work: impl FnOnce()) {
        self.signal("STOP");
        work();
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().expect("kill");
        assert!(status.success());
    }

    /// `/proc/PID/task/*/status` of all its threads.
    pub fn status_of_threads(&self) -> Vec<String> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("it runs");
        let status = |task: fs::DirEntry| fs::read_to_string(task.path().join("status"));
        let found: Vec<String> =
            tasks.flatten().map(|task| status(task).expect("status")).collect();
        assert!(!found.is_empty());
        found
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Output {
        let end = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(Instant::now() < end, "the recording does not end");
            thread::sleep(Duration::from_millis(10));
        };
        let take = |reader: &mut Option<thread::JoinHandle<Vec<u8>>>| {
            reader.take().expect("once").join().expect("readable")
        };
        let (stdout, stderr) = (take(&mut self.stdout), take(&mut self.stderr));
        Output { status, stdout, stderr }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_all(input: &mut impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).expect("readable");
    bytes
}

/// Records on one end of a veth pair in a fresh network namespace while something is sent over
/// it, for which the kernel asks by ARP; `None`, with the reason printed, where namespaces are forbidden. The namespace goes
/// with the last process in it.
pub fn in_namespace() -> Option<Output> {
    const SCRIPT: &str = "
        ip link set lo up
        ip link add eth1 type veth peer name eth2
        ip address add 10.77.0.1/24 dev eth1
        ip link set eth1 up
        ip link set eth2 up
        \"$ANALYZER\" capture -i eth1 -f 'icmp or arp' --count 1 --duration 10s &
        recorder=$!
        for attempt in 1 2 3 4 5 6 7 8 9 10; do
            sleep 0.2
            echo ping >/dev/udp/10.77.0.2/9 || true
            kill -0 $recorder 2>/dev/null || break
        done
        wait $recorder";
    let allowed = Command::new("unshare").args(["--net", "true"]).status();
    if !allowed.is_ok_and(|status| status.success()) {
        skip("network namespaces are forbidden here (unshare --net)");
        return None;
    }
    let output = Command::new("unshare")
        .args(["--net", "bash", "-c", SCRIPT])
        .env("ANALYZER", env!("CARGO_BIN_EXE_analyzer"))
        .stdin(Stdio::null())
        .output();
    Some(output.expect("it starts"))
}
