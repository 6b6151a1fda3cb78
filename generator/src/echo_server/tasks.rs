//! Accepting and echoing with tokio: the mode `async`, a task for each connection.
//!
//! The same steps as in `accept` and `blocking`, in the same order and with the same patience;
//! only the waiting differs.

use std::convert::Infallible;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::Interest;
use tokio::net::unix::pipe;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::tally::{AcceptFailure, EXHAUSTED_PAUSE, Ending, Tally, Totals};
use super::{EchoServer, GRACE, LINGER, QUIET, ServerSummary, Settings};
use crate::error::Error;
use crate::event::{Event, Observer};
use crate::record::HalfClose;
use crate::stop::Stop;

/// Serves until stopped or done; returns when every connection is closed.
pub(super) fn run(
    server: EchoServer,
    stop: &Stop,
    observer: Arc<dyn Observer>,
) -> Result<ServerSummary, Error> {
    let EchoServer { listener, address, settings } = server;
    let totals = Arc::new(Totals::default());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|cause| Error::System { task: "start the tokio runtime", cause })?;
    let served = runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        let stop = pipe::Receiver::from_owned_fd(stop.as_fd().try_clone_to_owned()?)?;
        accept_all(listener, settings, &stop, &observer, &totals).await
    });
    served.map_err(|cause| Error::Accept { address, cause })?;
    Ok(totals.summary())
}

/// Accepts until stopped or until there were enough, then waits for the open connections.
async fn accept_all(
    listener: TcpListener,
    settings: Settings,
    stop: &pipe::Receiver,
    observer: &Arc<dyn Observer>,
    totals: &Arc<Totals>,
) -> io::Result<()> {
    let (stopping, _) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let mut result = Ok(());
    let limit = settings.max_connections.unwrap_or(u64::MAX);
    for number in 1..=limit {
        observer.event(&Event::Waiting);
        let (stream, client) = match accept_one(&listener, stop, &**observer).await {
            Ok(Some(accepted)) => accepted,
            Ok(None) => break,
            Err(error) => {
                result = Err(error);
                break;
            }
        };
        let (settings, stopping) = (settings.clone(), stopping.subscribe());
        let (observer, totals) = (observer.clone(), totals.clone());
        tasks.spawn(async move {
            let server = stream.local_addr().unwrap_or(settings.bind);
            let tally = Tally::open(&totals, &*observer, number, client, server);
            serve(stream, tally, &settings, stopping).await;
        });
        while tasks.try_join_next().is_some() {}
    }
    drop(listener);
    let mut is_told = false;
    while !tasks.is_empty() {
        tokio::select! {
            _ = stop.readable(), if !is_told => is_told = stopping.send(true).is_ok(),
            _ = tasks.join_next() => {}
        }
    }
    result
}

/// The next connection; `None` when asked to stop.
async fn accept_one(
    listener: &TcpListener,
    stop: &pipe::Receiver,
    observer: &dyn Observer,
) -> io::Result<Option<(TcpStream, SocketAddr)>> {
    let mut has_told = false;
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stop.readable() => return Ok(None),
            accepted = listener.accept() => accepted,
        };
        let error = match accepted {
            Ok(accepted) => return Ok(Some(accepted)),
            Err(error) => error,
        };
        match AcceptFailure::of(&error) {
            AcceptFailure::Skip => {}
            AcceptFailure::Exhausted => {
                if !std::mem::replace(&mut has_told, true) {
                    observer.event(&Event::Failed { connection: None, error: &error });
                }
                // Elapsing is the normal case; a stop is seen at the top.
                let _ = timeout(EXHAUSTED_PAUSE, stop.readable()).await;
            }
            AcceptFailure::Fatal => return Err(error),
        }
    }
}

/// Echoes until the end, closes, and closes the books.
async fn serve(
    stream: TcpStream,
    mut tally: Tally<'_>,
    settings: &Settings,
    stopping: watch::Receiver<bool>,
) {
    let mut patience = Patience { stopping, idle: settings.idle_timeout, grace_end: None };
    let Err(ending) = converse(&stream, &mut tally, settings.recv_size, &mut patience).await;
    let peer = match &ending {
        Ending::PeerFin | Ending::Failed(_) => ending.peer(),
        Ending::Stopped | Ending::Idle => drain(&stream, &mut tally).await,
    };
    drop(stream);
    tally.close(&ending, peer);
}

/// The echo loop; ends only with an [`Ending`].
async fn converse(
    stream: &TcpStream,
    tally: &mut Tally<'_>,
    recv_size: usize,
    patience: &mut Patience,
) -> Result<Infallible, Ending> {
    let mut buffer = vec![0; recv_size];
    loop {
        patience.wait(stream, Interest::READABLE).await?;
        let count = match stream.try_read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error.into()),
        };
        let data = buffer.get(..count).unwrap_or_default();
        tally.received(data);
        if data.is_empty() {
            return Err(Ending::PeerFin);
        }
        send_back(stream, data, tally, patience).await?;
    }
}

/// Sends all of `data`, or accounts for the part that could not be sent.
async fn send_back(
    stream: &TcpStream,
    mut data: &[u8],
    tally: &mut Tally<'_>,
    patience: &mut Patience,
) -> Result<(), Ending> {
    while !data.is_empty() {
        let ending = match stream.try_write(data) {
            Ok(count) => {
                let (sent, rest) = data.split_at_checked(count).unwrap_or((data, &[]));
                tally.sent(sent);
                data = rest;
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                match patience.wait(stream, Interest::WRITABLE).await {
                    Ok(()) => continue,
                    Err(ending) => ending,
                }
            }
            Err(error) => error.into(),
        };
        tally.unanswered(data);
        return Err(ending);
    }
    Ok(())
}

/// Sends our FIN and reads until the client's, for [`LINGER`] at most.
async fn drain(stream: &TcpStream, tally: &mut Tally<'_>) -> HalfClose {
    if socket2::SockRef::from(stream).shutdown(Shutdown::Write).is_err() {
        return HalfClose::Rst;
    }
    let deadline = Instant::now() + LINGER;
    let mut buffer = [0; 4096];
    loop {
        match timeout_at(deadline, stream.readable()).await {
            Ok(Ok(())) if Instant::now() < deadline => {}
            _ => return HalfClose::Unseen,
        }
        match stream.try_read(&mut buffer) {
            Ok(0) => return HalfClose::Fin,
            Ok(count) => tally.too_late(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return HalfClose::Rst,
        }
    }
}

/// How long a connection is waited for, and what a stop changes about it.
struct Patience {
    stopping: watch::Receiver<bool>,
    idle: Option<Duration>,
    /// Set once we were asked to stop.
    grace_end: Option<Instant>,
}

impl Patience {
    async fn wait(&mut self, stream: &TcpStream, interest: Interest) -> Result<(), Ending> {
        let Some(grace_end) = self.grace_end else {
            let idle = self.idle.unwrap_or(Duration::MAX);
            let is_stopping = tokio::select! {
                biased;
                _ = self.stopping.wait_for(|is_stopping| *is_stopping) => true,
                ready = timeout(idle, stream.ready(interest)) => {
                    ready.map_err(|_| Ending::Idle)??;
                    false
                }
            };
            if is_stopping {
                self.grace_end = Some(Instant::now() + GRACE);
            }
            // After a stop the caller finds nothing to read or write yet, and waits again.
            return Ok(());
        };
        let now = Instant::now();
        if now >= grace_end {
            return Err(Ending::Stopped);
        }
        let deadline = if interest.is_readable() { grace_end.min(now + QUIET) } else { grace_end };
        timeout_at(deadline, stream.ready(interest)).await.map_err(|_| Ending::Stopped)??;
        Ok(())
    }
}
