//! The connections that rows of a packet list show.

use super::{End, Flagged, Story, Told};
use crate::grade::tcp_row::{Number, TcpRow};

/// Marks of segments that were sent again.
const AGAIN: [&str; 3] =
    ["[TCP Retransmission]", "[TCP Fast Retransmission]", "[TCP Spurious Retransmission]"];

/// Tells the story of rows.
#[must_use]
pub fn from_rows(rows: &[TcpRow]) -> Story {
    let mut story = Story { is_whole: is_whole(rows), ..Story::default() };
    for row in rows {
        note_flags(&mut story.flagged, row);
        for address in [&row.source, &row.destination] {
            if !address.is_empty() && !story.addresses.contains(address) {
                story.addresses.push(address.clone());
            }
        }
        if let Some((from, to)) = ends(row) {
            add(&mut story.connections, row, &from, &to);
        }
    }
    settle_roles(&mut story.connections);
    for told in &mut story.connections {
        told.is_countable = story.is_whole && told.syn_ack.is_some() && told.is_closed();
    }
    story
}

/// Consecutive numbers: nothing was left out between the rows.
fn is_whole(rows: &[TcpRow]) -> bool {
    let numbers: Option<Vec<u64>> = rows.iter().map(|row| row.number).collect();
    numbers.is_some_and(|numbers| {
        numbers.windows(2).all(|pair| matches!(pair, [a, b] if a.checked_add(1) == Some(*b)))
    })
}

fn note_flags(flagged: &mut Flagged, row: &TcpRow) {
    let flags = row.flag();
    let lists = [
        (flags.psh, &mut flagged.psh),
        (flags.fin, &mut flagged.fin),
        (flags.rst, &mut flagged.rst),
        (flags.syn, &mut flagged.syn),
    ];
    for (is_set, list) in lists {
        if is_set {
            list.push(row.name());
        }
    }
}

fn ends(row: &TcpRow) -> Option<(End, End)> {
    let from = End { address: row.source.clone(), port: row.source_port? };
    let to = End { address: row.destination.clone(), port: row.destination_port? };
    Some((from, to))
}

fn add(connections: &mut Vec<Told>, row: &TcpRow, from: &End, to: &End) {
    let flags = row.flag();
    let is_syn = flags.syn && !flags.ack;
    let found =
        connections.iter().rposition(|told| told.ends() == [from, to] || told.ends() == [to, from]);
    let is_new = |told: &Told| is_syn && (told.is_closed() || told.reset.is_some());
    let known = found.and_then(|at| connections.get_mut(at)).filter(|told| !is_new(told));
    match known {
        Some(told) => follow(told, row, from),
        None => {
            let mut told = Told {
                client: if flags.syn && flags.ack { to.clone() } else { from.clone() },
                server: if flags.syn && flags.ack { from.clone() } else { to.clone() },
                are_roles_sure: flags.syn,
                frames: (row.name(), row.name()),
                times: row.nanos.map(|nanos| (nanos, nanos)),
                ..Told::default()
            };
            follow(&mut told, row, from);
            connections.push(told);
        }
    }
}

fn follow(told: &mut Told, row: &TcpRow, from: &End) {
    let flags = row.flag();
    let name = row.name();
    let is_client = *from == told.client;
    told.frames.1 = name;
    told.times = told.times.zip(row.nanos).map(|((first, _), nanos)| (first, nanos));
    if flags.syn {
        let seen = if flags.ack { &mut told.syn_ack } else { &mut told.syn };
        seen.get_or_insert(name);
    } else if is_client && flags.ack && !flags.rst && told.syn_ack.is_some() {
        told.ack.get_or_insert(name);
    }
    let [client_fin, server_fin] = &mut told.fins;
    if flags.fin {
        (if is_client { client_fin } else { server_fin }).get_or_insert(name);
    }
    if flags.rst {
        told.reset.get_or_insert(name);
    }
    if row.is_marked(&AGAIN) {
        told.retransmissions.push(name);
    }
    count(told, row, is_client);
}

/// What an acknowledgment proves to have been sent: all before it but the SYN and the FIN.
fn count(told: &mut Told, row: &TcpRow, is_client: bool) {
    let Some(ack) = row.ack.and_then(Number::exact) else { return };
    let [client, server] = told.bytes;
    let [client_fin, server_fin] = told.fins;
    let (before, fin) = if is_client { (server, server_fin) } else { (client, client_fin) };
    let proven = ack.saturating_sub(1);
    // An acknowledgment after a FIN counts it too.
    let proven = if fin.is_some() && proven > before { proven - 1 } else { proven };
    let [client, server] = &mut told.bytes;
    let sent = if is_client { server } else { client };
    *sent = (*sent).max(proven);
}

/// Where no SYN tells, the end whose port serves in another connection is the server, else the
/// one whose port is the lower of the two.
fn settle_roles(connections: &mut [Told]) {
    let servers: Vec<End> = connections
        .iter()
        .filter(|told| told.are_roles_sure)
        .map(|told| told.server.clone())
        .collect();
    for told in connections.iter_mut().filter(|told| !told.are_roles_sure) {
        let is_turned = if servers.contains(&told.server) {
            false
        } else {
            servers.contains(&told.client) || told.client.port < told.server.port
        };
        if is_turned {
            std::mem::swap(&mut told.client, &mut told.server);
            told.bytes.reverse();
            told.fins.reverse();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::tcp_row;

    fn story(lines: &[&str]) -> Story {
        from_rows(&tcp_row::read(&tcp_row::tests::list(lines)))
    }

    #[test]
    fn rows_tell_whole_and_cut_connections() {
        let story = story(&[
            "1|0.000000|10.0.0.2|10.0.0.1|TCP|66|40001 → 9000 [FIN, ACK] Seq=1 Ack=1 Win=502 Len=0",
            "2|0.000100|10.0.0.1|10.0.0.2|TCP|66|9000 → 40001 [FIN, ACK] Seq=1 Ack=2 Win=502 Len=0",
            "3|1.000000|10.0.0.2|10.0.0.1|TCP|74|40002 → 9000 [SYN] Seq=0 Win=64240 Len=0",
            "4|1.000100|10.0.0.1|10.0.0.2|TCP|74|9000 → 40002 [SYN, ACK] Seq=0 Ack=1 Win=65160 Len=0",
            "5|1.000200|10.0.0.2|10.0.0.1|TCP|66|40002 → 9000 [ACK] Seq=1 Ack=1 Win=502 Len=0",
            "6|1.000300|10.0.0.2|10.0.0.1|TCP|76|40002 → 9000 [PSH, ACK] Seq=1 Ack=1 Win=502 Len=10",
            "7|1.000400|10.0.0.1|10.0.0.2|TCP|66|9000 → 40002 [ACK] Seq=1 Ack=11 Win=502 Len=0",
        ]);
        let [old, new] = story.connections.as_slice() else { panic!("{story:?}") };
        assert!(old.began_before() && old.is_closed() && !old.are_roles_sure);
        assert_eq!((old.client.port, old.bytes), (40001, [0, 0]));
        assert_eq!((new.syn, new.syn_ack, new.ack), (Some(3), Some(4), Some(5)));
        assert!(!new.is_closed() && !new.is_countable && story.is_whole);
        assert_eq!(new.bytes, [10, 0]);
        assert_eq!(old.overlaps(new), Some(false));
    }
}
