//! The outside of a lab: starts it, hears from it, stops it.
//!
//! Signals and the supervisor's reports arrive in one channel. The first SIGINT or SIGTERM asks
//! the lab to stop and write down what there is; the second kills it. Either way nothing of it
//! is left when [`Session::end`] returns.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use super::error::{Error, Result};
use super::isolation::Privilege;
use super::manifest::Run;
use super::message::{self, Event, Order};

/// The hidden command that becomes the warden.
pub const WARDEN: &str = "lab-warden";

/// The hidden command that becomes the supervisor.
pub const SUPERVISOR: &str = "lab-supervisor";

/// How long the lab may take to go after it was told to.
const END_LIMIT: Duration = Duration::from_secs(15);

/// A lab that is being run.
#[derive(Debug)]
pub struct Session {
    warden: Child,
    orders: Option<ChildStdin>,
    news: Receiver<News>,
    sender: Sender<News>,
    signals: Handle,
    supervisor: Option<u32>,
}

#[derive(Debug)]
enum News {
    Event(Event),
    Signal,
    Enter,
    /// The lab's end of the channel is closed.
    Over,
}

impl Session {
    /// Starts the lab and gives it its order.
    ///
    /// # Errors
    /// When the program cannot start itself.
    pub fn start(order: &Order, privilege: Privilege) -> Result<Self> {
        let fail = |cause: io::Error| Error::Supervisor(format!("could not be started: {cause}"));
        let mut command = Command::new("/proc/self/exe");
        command.arg(WARDEN);
        if privilege == Privilege::Root {
            command.arg("--as-root");
        }
        // Its own group: Ctrl-C at the terminal is for us to pass on.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let (sender, news) = mpsc::channel();
        let signals = listen_to_signals(sender.clone()).map_err(fail)?;
        let mut warden = command.spawn().map_err(fail)?;
        let mut orders = warden.stdin.take();
        if let Some(output) = warden.stdout.take() {
            listen_to_events(BufReader::new(output), sender.clone()).map_err(fail)?;
        }
        if let Some(orders) = &mut orders {
            // A warden that is gone already has said why, or its end tells.
            let _ = message::send(order, orders);
        }
        Ok(Self { warden, orders, news, sender, signals, supervisor: None })
    }

    /// Waits for the end of the run, which the scenario's deadline bounds.
    ///
    /// # Errors
    /// When the lab could not be built or run, or was killed.
    pub fn finish(&mut self) -> Result<Run> {
        loop {
            match self.news.recv() {
                Ok(News::Event(Event::Started(pid))) => self.supervisor = Some(pid),
                Ok(News::Event(Event::Finished(run))) => return Ok(*run),
                Ok(News::Event(Event::Failed(reason))) => return Err(Error::Failed(reason)),
                Ok(News::Signal) => self.stop(),
                Ok(News::Event(Event::Built) | News::Enter) => {}
                Ok(News::Over) | Err(_) => return Err(self.unexpected_end()),
            }
        }
    }

    /// For every host the command that opens a shell in it, by the names of the supervisor's
    /// threads.
    pub fn ways_in(&self, run: &Run) -> Vec<(String, String)> {
        let Some(pid) = self.supervisor else { return Vec::new() };
        let user = if run.system.rootless { "--user --preserve-credentials " } else { "" };
        let way = |name: &str| {
            thread_named(pid, name)
                .map(|thread| format!("nsenter --target {thread} {user}--net --uts --mount --pid"))
        };
        let ways = run.hosts.iter().filter_map(|host| Some((host.name.clone(), way(&host.name)?)));
        ways.collect()
    }

    /// Waits until somebody presses Enter or Ctrl-C, or the lab is gone.
    pub fn wait_for_user(&self) {
        let sender = self.sender.clone();
        // The thread stays in its read when a signal comes first; the program ends then.
        let reader = thread::Builder::new().name("enter".into()).spawn(move || {
            let mut line = Vec::new();
            if matches!(io::stdin().lock().read_until(b'\n', &mut line), Ok(1..)) {
                let _ = sender.send(News::Enter);
            }
        });
        if reader.is_err() {
            return;
        }
        while let Ok(News::Event(_)) = self.news.recv() {}
    }

    /// Ends the lab and waits until it is gone.
    ///
    /// # Errors
    /// When it had to be killed.
    pub fn end(mut self) -> Result<()> {
        self.orders = None;
        self.wait_until_over()
    }

    fn wait_until_over(&mut self) -> Result<()> {
        let is_over = loop {
            match self.news.recv_timeout(END_LIMIT) {
                Ok(News::Over) | Err(RecvTimeoutError::Disconnected) => break true,
                Ok(News::Signal) | Err(RecvTimeoutError::Timeout) => break false,
                Ok(News::Event(_) | News::Enter) => {}
            }
        };
        if !is_over {
            self.kill();
        }
        self.reap();
        if is_over { Ok(()) } else { Err(Error::Supervisor("had to be killed".into())) }
    }

    /// The first time: asks. The second time: kills.
    fn stop(&mut self) {
        if self.orders.take().is_none() {
            self.kill();
        }
    }

    fn kill(&mut self) {
        // The supervisor dies with its warden, and the lab with the supervisor.
        let _ = self.warden.kill();
    }

    fn reap(&mut self) -> Option<std::process::ExitStatus> {
        self.warden.wait().ok()
    }

    fn unexpected_end(&mut self) -> Error {
        self.orders = None;
        let status = self.reap();
        let how = match status.map(|status| (status.code(), status.signal())) {
            Some((_, Some(signal))) => format!("was killed by signal {signal}"),
            Some((Some(code), _)) => format!("ended with exit code {code}"),
            _ => "is gone".to_owned(),
        };
        Error::Supervisor(format!("{how} before the run was over; the lab is gone with it"))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.signals.close();
        self.orders = None;
        if !matches!(self.warden.try_wait(), Ok(Some(_))) {
            self.kill();
            self.reap();
        }
    }
}

fn listen_to_signals(sender: Sender<News>) -> io::Result<Handle> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let handle = signals.handle();
    thread::Builder::new().name("signals".into()).spawn(move || {
        for _ in signals.forever() {
            if sender.send(News::Signal).is_err() {
                return;
            }
        }
    })?;
    Ok(handle)
}

fn listen_to_events(
    mut output: impl BufRead + Send + 'static,
    sender: Sender<News>,
) -> io::Result<()> {
    thread::Builder::new().name("events".into()).spawn(move || {
        while let Ok(Some(event)) = message::receive(&mut output) {
            if sender.send(News::Event(event)).is_err() {
                return;
            }
        }
        let _ = sender.send(News::Over);
    })?;
    Ok(())
}

/// The number of the process's thread of that name.
fn thread_named(pid: u32, name: &str) -> Option<u32> {
    let tasks = fs::read_dir(Path::new("/proc").join(pid.to_string()).join("task")).ok()?;
    tasks.flatten().find_map(|task| {
        let found = fs::read_to_string(task.path().join("comm")).ok()?;
        (found.trim_end() == name).then(|| task.file_name().to_str()?.parse().ok())?
    })
}
