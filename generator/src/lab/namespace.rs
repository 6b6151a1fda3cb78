//! A network namespace and the one thread that lives in it.
//!
//! A namespace belongs to threads, not to processes: whatever the thread of a [`Namespace`]
//! does (make links, start a process, open a capture) happens inside. The namespace has no
//! name in the file system; when the thread and the processes that it started are gone, the
//! kernel removes it with everything in it.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

use nix::sched::{CloneFlags, setns, unshare};

use super::error::{Error, Result};
use super::link::Links;

/// A network namespace, entered by handing it work.
#[derive(Debug)]
pub struct Namespace {
    name: String,
    file: File,
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// Work to be done inside the namespace.
type Job = Box<dyn FnOnce(&Links) + Send>;

impl Namespace {
    /// Makes a new, empty namespace whose hostname is `name`.
    ///
    /// # Errors
    /// When the kernel refuses (see [`Error::Host`]).
    pub fn create(name: &str) -> Result<Self> {
        let (jobs, receiver) = mpsc::channel();
        let (ready, opened) = mpsc::channel();
        let host = name.to_owned();
        let thread = thread::Builder::new()
            .name(host.clone())
            .spawn(move || live(&host, &ready, &receiver))
            .map_err(|cause| Error::host(name, "start its thread", cause))?;
        let file = opened.recv().map_err(|_| gone(name))??;
        Ok(Self { name: name.to_owned(), file, jobs: Some(jobs), thread: Some(thread) })
    }

    /// The host's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of the file descriptor that stands for the namespace, valid in this process
    /// as long as `self` is.
    pub fn raw_fd(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    /// Runs `work` inside and hands back its answer.
    ///
    /// # Errors
    /// When the namespace's thread is gone.
    pub fn enter<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Links) -> T + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = mpsc::channel();
        let job: Job = Box::new(move |links| {
            // Nobody waits any more when the receiver is gone.
            let _ = reply.send(work(links));
        });
        let jobs = self.jobs.as_ref().ok_or_else(|| gone(&self.name))?;
        jobs.send(job).map_err(|_| gone(&self.name))?;
        answer.recv().map_err(|_| gone(&self.name))
    }

    /// Starts a further thread inside, for work that lasts (a recording).
    ///
    /// # Errors
    /// When the thread cannot be started; a failing `setns` is handed to `work`.
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl FnOnce(Result<()>) -> T + Send + 'static,
    ) -> Result<JoinHandle<T>> {
        let file = self
            .file
            .try_clone()
            .map_err(|cause| Error::host(&self.name, "keep its namespace", cause))?;
        let host = self.name.clone();
        thread::Builder::new()
            .name(format!("{host}-work"))
            .spawn(move || {
                let entered = setns(file.as_fd(), CloneFlags::CLONE_NEWNET)
                    .map_err(|cause| Error::host(&host, "enter its namespace", cause));
                work(entered)
            })
            .map_err(|cause| Error::host(&self.name, "start a thread", cause))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic in there was already reported by the thread itself.
            let _ = thread.join();
        }
    }
}

/// The body of the thread: enter a new namespace, say so, work until nobody asks any more.
fn live(host: &str, ready: &Sender<Result<File>>, jobs: &Receiver<Job>) {
    let links = match found(host) {
        Ok((links, file)) => {
            if ready.send(Ok(file)).is_err() {
                return;
            }
            links
        }
        Err(error) => {
            let _ = ready.send(Err(error));
            return;
        }
    };
    for job in jobs {
        job(&links);
    }
}

fn found(host: &str) -> Result<(Links, File)> {
    unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWUTS)
        .map_err(|cause| Error::host(host, "make its namespace", cause))?;
    nix::unistd::sethostname(host).map_err(|cause| Error::host(host, "set its hostname", cause))?;
    let file = File::open("/proc/thread-self/ns/net")
        .map_err(|cause| Error::host(host, "open its namespace", cause))?;
    Ok((Links::open(host)?, file))
}

fn gone(name: &str) -> Error {
    Error::host(name, "work in its namespace", "its thread is gone")
}
