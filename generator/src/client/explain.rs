//! Who waits for whom, in words, when nothing moves any more.

use super::CloseMode;

/// What is known when the client gives up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standstill {
    pub(super) close: CloseMode,
    /// Every byte of the payload was handed to the system.
    pub(super) is_all_sent: bool,
    pub(super) sent: u64,
    pub(super) received: u64,
}

/// One paragraph: what this end waits for, what the other end waits for, and what would help.
pub(super) fn explain(standstill: &Standstill) -> String {
    let Standstill { close, is_all_sent, sent, received } = *standstill;
    let missing = sent.saturating_sub(received);
    if !is_all_sent {
        return format!(
            "this client waits for room to send or for more input after {sent} bytes, of which \
             {received} came back; the server does not read, so its receive buffer and our send \
             buffer are full, or the input has stopped"
        );
    }
    match (missing, close) {
        (0, CloseMode::HalfClose) => format!(
            "all {sent} bytes came back and our FIN is sent: this client waits for the server's \
             FIN; the server has not closed its half, although an EOF waits for it in recv()"
        ),
        (0, _) => format!(
            "all {sent} bytes came back, and now each end waits for the other: this client waits \
             in recv() for an EOF, which only the server's close can send; the server waits in \
             recv() for more bytes or for an EOF, which only this client's close can send. TCP \
             has no end of message, so one end must close first: --close fin or --close half-close"
        ),
        (_, CloseMode::HalfClose) => format!(
            "this client sent {sent} bytes and its FIN, and waits for {missing} bytes of the echo; \
             the server has them or will get them, and does not send them back"
        ),
        (_, _) if received == 0 => format!(
            "this client sent {sent} bytes and waits for their echo; none came. The kernel \
             accepted the connection, which is no proof that a program did: a sequential server \
             that is busy with another client leaves this one in its queue until that one closes"
        ),
        _ => format!(
            "this client sent {sent} bytes and waits for {missing} of them to come back; the \
             server waits for more bytes or for an EOF before it answers, or is stuck"
        ),
    }
}
