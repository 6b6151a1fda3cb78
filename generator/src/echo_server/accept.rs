//! Accepting with plain sockets: the modes `threads` and `sequential`.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use nix::poll::PollFlags;

use super::tally::{AcceptFailure, EXHAUSTED_PAUSE, Tally, Totals};
use super::{EchoServer, Mode, ServerSummary, Settings, blocking};
use crate::error::Error;
use crate::event::{Event, Observer};
use crate::stop::Stop;
use crate::wait::{Wake, wait};

/// Stack of a connection's thread; its buffer is on the heap.
const STACK_BYTES: usize = 256 * 1024;

/// Serves until stopped or done; returns when every connection is closed.
pub(super) fn run(
    server: EchoServer,
    stop: &Stop,
    observer: &dyn Observer,
) -> Result<ServerSummary, Error> {
    let EchoServer { listener, address, settings } = server;
    let totals = Totals::default();
    thread::scope(|scope| {
        let result = accept_all(&listener, &settings, stop, observer, |number, stream, client| {
            let work = |settings, totals| {
                move || serve(number, stream, client, settings, stop, observer, totals)
            };
            let work = work(&settings, &totals);
            if settings.mode == Mode::Sequential {
                work();
                return;
            }
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            if let Err(error) = thread.spawn_scoped(scope, work) {
                // The connection was dropped with the closure: the client sees it closed.
                observer.event(&Event::Failed { connection: Some(number), error: &error });
            }
        });
        // From here on new clients are refused; leaving the scope waits for the open ones.
        drop(listener);
        result
    })
    .map_err(|cause| Error::Accept { address, cause })?;
    Ok(totals.summary())
}

/// Hands out connections, numbered from 1, until stopped or until there were enough.
fn accept_all(
    listener: &TcpListener,
    settings: &Settings,
    stop: &Stop,
    observer: &dyn Observer,
    mut serve: impl FnMut(u64, TcpStream, SocketAddr),
) -> std::io::Result<()> {
    let limit = settings.max_connections.unwrap_or(u64::MAX);
    for number in 1..=limit {
        observer.event(&Event::Waiting);
        let Some((stream, client)) = accept_one(listener, stop, observer)? else { break };
        serve(number, stream, client);
    }
    Ok(())
}

/// The next connection; `None` when asked to stop.
fn accept_one(
    listener: &TcpListener,
    stop: &Stop,
    observer: &dyn Observer,
) -> std::io::Result<Option<(TcpStream, SocketAddr)>> {
    let mut has_told = false;
    loop {
        if wait(listener, PollFlags::POLLIN, Some(stop), None)? == Wake::Stopped {
            return Ok(None);
        }
        let error = match listener.accept() {
            Ok(accepted) => return Ok(Some(accepted)),
            Err(error) => error,
        };
        match AcceptFailure::of(&error) {
            AcceptFailure::Skip => {}
            AcceptFailure::Exhausted => {
                if !std::mem::replace(&mut has_told, true) {
                    observer.event(&Event::Failed { connection: None, error: &error });
                }
                let pause = Some(Instant::now() + EXHAUSTED_PAUSE);
                wait(stop, PollFlags::POLLIN, None, pause)?;
            }
            AcceptFailure::Fatal => return Err(error),
        }
    }
}

/// One connection from accept to close.
fn serve(
    number: u64,
    stream: TcpStream,
    client: SocketAddr,
    settings: &Settings,
    stop: &Stop,
    observer: &dyn Observer,
    totals: &Totals,
) {
    let server = stream.local_addr().unwrap_or(settings.bind);
    let tally = Tally::open(totals, observer, number, client, server);
    blocking::serve(stream, tally, settings, stop);
}
