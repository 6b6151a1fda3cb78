//! Closing a connection as the plan says, and telling how it went.

use std::io;
use std::time::Duration;

use super::CloseMode;
use super::exchange::{Exchange, Halt};
use crate::record::{Close, EndReason, HalfClose, Role};

/// After our FIN, the server has this long to close its half.
const LINGER: Duration = Duration::from_secs(2);

/// Closes in the way that was asked for, as far as `halt` leaves a choice, and says how it went.
pub(super) fn close(mode: CloseMode, exchange: &mut Exchange<'_>, halt: &Halt) -> Close {
    let (first, local, reason) = match halt {
        Halt::Complete if mode == CloseMode::Rst => {
            // Zero seconds: the kernel sends RST when the stream is dropped (socket(7)).
            let armed = socket2::SockRef::from(&exchange.stream).set_linger(Some(Duration::ZERO));
            let local = if armed.is_ok() { HalfClose::Rst } else { HalfClose::Fin };
            let peer = HalfClose::Unseen;
            return Close { first: Some(Role::Client), local, peer, reason: EndReason::Done };
        }
        Halt::Complete => (Role::Client, HalfClose::Fin, EndReason::Done),
        Halt::Eof if exchange.is_fin_sent => {
            let (local, peer) = (HalfClose::Fin, HalfClose::Fin);
            return Close { first: Some(Role::Client), local, peer, reason: EndReason::Done };
        }
        Halt::Eof => {
            let (local, peer) = (HalfClose::Fin, HalfClose::Fin);
            let reason = EndReason::PeerClosed;
            return Close { first: Some(Role::Server), local, peer, reason };
        }
        Halt::Broken(error) => return broken(error),
        Halt::Fault => (Role::Client, HalfClose::Fin, EndReason::EchoDiffered),
        Halt::TimedOut => (Role::Client, HalfClose::Fin, EndReason::TimedOut),
        Halt::Stopped => (Role::Client, HalfClose::Fin, EndReason::Stopped),
        Halt::Payload(_) => (Role::Client, HalfClose::Fin, EndReason::Failed),
    };
    let peer = match exchange.close_gently(LINGER) {
        Some(Halt::Eof) => HalfClose::Fin,
        Some(Halt::Broken(_)) => HalfClose::Rst,
        _ => HalfClose::Unseen,
    };
    let is_long = exchange.fault.is_some() && reason == EndReason::Done;
    let reason = if is_long { EndReason::EchoDiffered } else { reason };
    Close { first: Some(first), local, peer, reason }
}

/// A connection that the system reported as broken.
fn broken(error: &io::Error) -> Close {
    let is_reset =
        matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe);
    if is_reset {
        let (local, peer) = (HalfClose::Unseen, HalfClose::Rst);
        return Close { first: Some(Role::Server), local, peer, reason: EndReason::PeerClosed };
    }
    let (local, peer) = (HalfClose::Unseen, HalfClose::Unseen);
    Close { first: None, local, peer, reason: EndReason::Failed }
}
