//! Claims held against what is known: a capture when there is one, else the rows, dumps and logs
//! that stand beside the sentence.

use super::model::ClaimVerdict::{self, False, NotUnderstood, True, Unsupported};
use super::story::{Story, Told};
use super::words::{Lang, claims as words};
use crate::evidence::claims::Claim;
use crate::evidence::{ChunkWay, Role, TerminalLog};

/// What claims are held against.
#[derive(Debug, Clone, Default)]
pub struct Known<'a> {
    /// The connections of a capture, or of each list.
    pub stories: Vec<Story>,
    /// Texts that were sent: payloads of dumps, contents of logs and of connections.
    pub texts: Vec<String>,
    /// Interfaces that details name.
    pub interfaces: Vec<String>,
    /// Terminal logs.
    pub logs: Vec<&'a TerminalLog>,
}

/// A verdict with its reason and its frames.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The verdict.
    pub verdict: ClaimVerdict,
    /// Why.
    pub why: String,
    /// Frames that prove it.
    pub frames: Vec<u64>,
    /// Set when the proof that the sentence means is another connection's.
    pub is_of_another: bool,
}

fn judged(verdict: ClaimVerdict, why: String, frames: Vec<u64>) -> Judged {
    Judged { verdict, why, frames, is_of_another: false }
}

/// Judges one claim. With several lists, one that proves it is enough, and all must disprove it.
#[must_use]
pub fn judge(claim: &Claim, known: &Known<'_>, lang: Lang) -> Judged {
    let nothing = || judged(Unsupported, words::not_shown(lang), Vec::new());
    let first = match claim {
        Claim::NotUnderstood => judged(NotUnderstood, words::not_understood(lang), Vec::new()),
        Claim::PayloadSays(text) => payload(text, known, lang),
        Claim::Interface(name) => interface(name, known, lang),
        Claim::Echoed if is_echoed(known) => echoed_by_log(known, lang),
        _ => nothing(),
    };
    if first.verdict != Unsupported {
        return first;
    }
    let mut by_story: Vec<Judged> =
        known.stories.iter().map(|story| against(claim, story, lang)).collect();
    if let Some(at) = by_story.iter().position(|one| one.verdict == True) {
        return by_story.swap_remove(at);
    }
    let at = by_story.iter().position(|one| one.verdict != False).unwrap_or(0);
    if at < by_story.len() { by_story.swap_remove(at) } else { first }
}

fn against(claim: &Claim, story: &Story, lang: Lang) -> Judged {
    match claim {
        Claim::Handshake(rows) => handshake(*rows, story, lang),
        Claim::Parallel(ports) => parallel(ports, story, lang),
        Claim::NoRetransmission => no_retransmission(story, lang),
        Claim::Plays(address, role) => plays(address, *role, story, lang),
        Claim::ClosedNormally => closed(story, lang),
        Claim::PortUsed(port) => port_used(*port, story, lang),
        Claim::FlagsSeen(flags) => flags_seen(flags, story, lang),
        Claim::Reached(address, port) => reached(address, *port, story, lang),
        Claim::Echoed => echoed(story, lang),
        Claim::PayloadSays(_) | Claim::Interface(_) | Claim::NotUnderstood => {
            judged(Unsupported, words::not_shown(lang), Vec::new())
        }
    }
}

fn whole_handshake(told: &Told) -> Option<(u64, u64, u64)> {
    Some((told.syn?, told.syn_ack?, told.ack?))
}

fn handshake(rows: Option<(u64, u64)>, story: &Story, lang: Lang) -> Judged {
    let all: Vec<(&Told, (u64, u64, u64))> =
        story.connections.iter().filter_map(|told| Some((told, whole_handshake(told)?))).collect();
    let meant =
        all.iter().find(|(_, (syn, _, ack))| rows.is_none_or(|(a, b)| a == *syn && b == *ack));
    if let Some((told, (syn, syn_ack, ack))) = meant {
        let (client, server) = (told.client.to_string(), told.server.to_string());
        let why = words::handshake(lang, &client, &server, *syn, *syn_ack, *ack);
        return judged(True, why, vec![*syn, *syn_ack, *ack]);
    }
    let Some((from, to)) = rows else {
        let cut =
            story.connections.iter().find_map(|told| told.syn_ack.filter(|_| told.syn.is_none()));
        let why =
            cut.map_or_else(|| words::not_shown(lang), |at| words::handshake_without_syn(lang, at));
        return judged(Unsupported, why, cut.into_iter().collect());
    };
    let shown = |row: u64| {
        let mut connections = story.connections.iter();
        connections.any(|told| (told.frames.0..=told.frames.1).contains(&row))
    };
    // Rows beyond the list can be anything, and so can rows around a handshake.
    let is_around = all.iter().any(|(_, (syn, _, ack))| from <= *syn && *ack <= to);
    let is_known = shown(from) && shown(to) && story.is_whole && !is_around;
    let others: Vec<String> = all.iter().map(|(_, (syn, _, ack))| format!("{syn}–{ack}")).collect();
    let others = if others.is_empty() { "-".to_owned() } else { others.join(", ") };
    let verdict = if is_known { False } else { Unsupported };
    judged(verdict, words::no_handshake_there(lang, from, to, &others), Vec::new())
}

/// Two connections at the same time: those of the ports, or any two of one service.
fn parallel(ports: &[u16], story: &Story, lang: Lang) -> Judged {
    let meant: Vec<&Told> = if ports.is_empty() {
        story.connections.iter().collect()
    } else {
        ports.iter().filter_map(|port| story.of_client_port(*port)).collect()
    };
    let pairs = meant
        .iter()
        .enumerate()
        .flat_map(|(at, a)| meant.iter().skip(at + 1).map(move |b| (*a, *b)))
        .filter(|(a, b)| !ports.is_empty() || a.server == b.server);
    let mut apart = None;
    let mut may_overlap = false;
    for (a, b) in pairs.take(10_000) {
        // When those began that began before the first frame is not known.
        let are_known = !ports.is_empty() || !(a.began_before() || b.began_before());
        match a.overlaps(b) {
            Some(true) if story.is_whole && are_known => {
                let why = words::overlap(lang, &a.client.to_string(), &b.client.to_string());
                return judged(True, why, vec![a.frames.0, b.frames.0, a.frames.1, b.frames.1]);
            }
            Some(false) if are_known => apart = apart.or(Some((a, b))),
            Some(false) => {}
            _ => may_overlap = true,
        }
    }
    let Some((a, b)) = apart else {
        return judged(Unsupported, words::not_shown(lang), Vec::new());
    };
    let (first, second) = if a.frames.1 < b.frames.0 { (a, b) } else { (b, a) };
    let (client, other) = (first.client.to_string(), second.client.to_string());
    let why = words::no_overlap(lang, &client, &other, first.frames.1, second.frames.0);
    // Rows may leave connections out; the two that a sentence names are these.
    let is_proven = ports.len() == meant.len() && ports.len() == 2;
    let none_at_all = story.is_capture && story.is_whole && ports.is_empty() && !may_overlap;
    let verdict = if is_proven || none_at_all { False } else { Unsupported };
    judged(verdict, why, vec![first.frames.1, second.frames.0])
}

fn no_retransmission(story: &Story, lang: Lang) -> Judged {
    let again: Vec<u64> =
        story.connections.iter().flat_map(|told| told.retransmissions.clone()).collect();
    if !again.is_empty() {
        judged(False, words::retransmissions(lang, again.len()), again)
    } else if story.is_whole && !story.connections.is_empty() {
        judged(True, words::no_retransmission(lang), Vec::new())
    } else {
        judged(Unsupported, words::not_shown(lang), Vec::new())
    }
}

fn plays(address: &str, role: Role, story: &Story, lang: Lang) -> Judged {
    let mut other = None;
    for told in story.connections.iter().filter(|told| told.are_roles_sure) {
        let Some(actual) = told.role_of(address) else { continue };
        let frame = told.syn.or(told.syn_ack);
        let syn = frame.map_or_else(|| told.frames.0.to_string(), |frame| frame.to_string());
        let why = words::plays(lang, address, actual == Role::Client, &syn);
        let verdict = if actual == role { True } else { False };
        let one = judged(verdict, why, frame.into_iter().collect());
        if verdict == True {
            return one;
        }
        other = other.or(Some(one));
    }
    other.unwrap_or_else(|| judged(Unsupported, words::not_shown(lang), Vec::new()))
}

fn closed(story: &Story, lang: Lang) -> Judged {
    let begun: Vec<&Told> = story.connections.iter().filter(|told| !told.began_before()).collect();
    let meant: Vec<&Told> =
        if begun.is_empty() { story.connections.iter().collect() } else { begun };
    if let Some((told, frame)) = meant.iter().find_map(|told| Some((told, told.reset?))) {
        return judged(False, words::reset(lang, &told.client.to_string(), frame), vec![frame]);
    }
    if let Some(open) = meant.iter().find(|told| !told.is_closed()) {
        let name = open.client.to_string();
        let other = story.connections.iter().find(|told| told.began_before() && told.is_closed());
        return match other {
            Some(other) => {
                let why = words::fin_of_another(lang, &name, &other.client.to_string());
                let frames = other.fins.into_iter().flatten().collect();
                Judged { verdict: Unsupported, why, frames, is_of_another: true }
            }
            None => judged(Unsupported, words::still_open(lang, &name), Vec::new()),
        };
    }
    match meant.first().map(|told| (told.client.to_string(), told.fins)) {
        Some((name, [Some(client), Some(server)])) => {
            let (first, second) = (client.min(server), client.max(server));
            judged(True, words::closed(lang, &name, first, second), vec![first, second])
        }
        _ => judged(Unsupported, words::not_shown(lang), Vec::new()),
    }
}

fn port_used(port: u16, story: &Story, lang: Lang) -> Judged {
    match story.connections.iter().find(|told| told.has_port(port)) {
        Some(told) => {
            let frame = told.frames.0;
            judged(True, words::port(lang, port, frame), vec![frame])
        }
        None => judged(Unsupported, words::not_shown(lang), Vec::new()),
    }
}

fn flags_seen(flags: &[&str], story: &Story, lang: Lang) -> Judged {
    let list = |flag: &&str| match *flag {
        "PSH" => story.flagged.psh.first(),
        "FIN" => story.flagged.fin.first(),
        "RST" => story.flagged.rst.first(),
        _ => story.flagged.syn.first(),
    };
    match flags.iter().map(|flag| list(flag).copied()).collect::<Option<Vec<u64>>>() {
        Some(frames) => judged(True, words::flags(lang, &flags.join(", ")), frames),
        None => judged(Unsupported, words::not_shown(lang), Vec::new()),
    }
}

fn reached(address: &str, port: Option<u16>, story: &Story, lang: Lang) -> Judged {
    let told = story.connections.iter().find(|told| {
        told.server.address == address && port.is_none_or(|port| told.server.port == port)
    });
    if let Some(told) = told {
        return judged(True, words::reached(lang, address, true), vec![told.frames.0]);
    }
    let is_absent = !story.addresses.iter().any(|seen| seen == address);
    if !is_absent {
        return judged(Unsupported, words::not_shown(lang), Vec::new());
    }
    let verdict = if story.is_capture && story.is_whole { False } else { Unsupported };
    judged(verdict, words::reached(lang, address, false), Vec::new())
}

fn echoed(story: &Story, lang: Lang) -> Judged {
    let told = story.connections.iter().find(|told| {
        let [client, server] = told.bytes;
        let [sent, back] = &told.content;
        told.is_countable && client > 0 && client == server && sent == back
    });
    match told {
        Some(told) => {
            let [bytes, _] = told.bytes;
            let why = words::echoed(lang, &told.client.to_string(), bytes);
            judged(True, why, vec![told.frames.0, told.frames.1])
        }
        None => judged(Unsupported, words::not_shown(lang), Vec::new()),
    }
}

/// A client's log that reads as many bytes as it sent.
fn echo_of<'a>(known: &Known<'a>) -> Option<(&'a TerminalLog, u64)> {
    known.logs.iter().copied().filter(|log| log.role == Some(Role::Client)).find_map(|log| {
        let mut totals = log
            .connections
            .iter()
            .map(|one| (one.total(ChunkWay::Sent), one.total(ChunkWay::Received)));
        totals.find(|(sent, back)| *sent > 0 && sent == back).map(|(sent, _)| (log, sent))
    })
}

fn is_echoed(known: &Known<'_>) -> bool {
    echo_of(known).is_some()
}

fn echoed_by_log(known: &Known<'_>, lang: Lang) -> Judged {
    let (name, bytes) = echo_of(known)
        .map_or(("client", 0), |(log, bytes)| (log.machine.as_deref().unwrap_or("client"), bytes));
    judged(True, words::echoed(lang, name, bytes), Vec::new())
}

/// A text that is sent, or nearly: a claim with most of its words is meant to be it.
fn payload(text: &str, known: &Known<'_>, lang: Lang) -> Judged {
    if let Some(sent) = known.texts.iter().find(|sent| sent.contains(text)) {
        return judged(True, words::payload(lang, sent.trim()), Vec::new());
    }
    let claimed: Vec<&str> = text.split_whitespace().collect();
    let near = known.texts.iter().find(|sent| {
        let words: Vec<&str> = sent.split(|c: char| !c.is_alphanumeric()).collect();
        let shared = claimed.iter().filter(|word| words.contains(word)).count();
        claimed.len() >= 3 && shared * 10 >= claimed.len() * 7
    });
    match near {
        Some(sent) => judged(False, words::payload(lang, sent.trim()), Vec::new()),
        None => judged(Unsupported, words::not_shown(lang), Vec::new()),
    }
}

fn interface(name: &str, known: &Known<'_>, lang: Lang) -> Judged {
    let seen: Vec<&String> = known
        .interfaces
        .iter()
        .chain(known.stories.iter().flat_map(|story| &story.interfaces))
        .collect();
    match seen.as_slice() {
        [] => judged(Unsupported, words::not_shown(lang), Vec::new()),
        all if all.iter().any(|one| *one == name) => {
            judged(True, words::interface(lang, name), Vec::new())
        }
        // "any" records the frames of every interface.
        [first, ..] if first.as_str() == "any" || name == "any" => {
            judged(Unsupported, words::interface(lang, first), Vec::new())
        }
        [first, ..] => judged(False, words::interface(lang, first), Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::text_evidence;
    use crate::grade::model::ClaimVerdict::{self, False, NotUnderstood, True, Unsupported};
    use crate::grade::words::Lang;
    use crate::grade::{Options, evidence_with_capture, evidence_without_capture, story};

    const REPORT: &str = "\
```
u@h2:~$ python3 client.py
INFO:root:connecting to ('10.1.0.1', 7000)
INFO:root:sending the quick brown fox
INFO:root:b'the quick brown fox'
INFO:root:closing
```
1	0.000000	10.1.0.3	10.1.0.1	TCP	66	43000 → 7000 [FIN, ACK] Seq=1 Ack=1 Win=502 Len=0
2	0.000100	10.1.0.1	10.1.0.3	TCP	66	7000 → 43000 [FIN, ACK] Seq=1 Ack=2 Win=502 Len=0
3	0.000200	10.1.0.2	10.1.0.1	TCP	74	42000 → 7000 [SYN] Seq=0 Win=64240 Len=0 MSS=1460
4	0.000300	10.1.0.1	10.1.0.2	TCP	74	7000 → 42000 [SYN, ACK] Seq=0 Ack=1 Win=65160 Len=0
5	0.000400	10.1.0.2	10.1.0.1	TCP	66	42000 → 7000 [ACK] Seq=1 Ack=1 Win=64256 Len=0
6	0.000500	10.1.0.2	10.1.0.1	TCP	85	42000 → 7000 [PSH, ACK] Seq=1 Ack=1 Win=64256 Len=19

";

    /// Verdicts of sentences below the report.
    fn verdicts(sentences: &[&str]) -> Vec<ClaimVerdict> {
        let text = format!("{REPORT}{}", sentences.join("\n"));
        let evidence = text_evidence("r.md", &text);
        let inner = evidence_without_capture(&evidence, Options::default());
        inner.iter().flat_map(|inner| &inner.claims).map(|claim| claim.verdict).collect()
    }

    #[test]
    fn claims_are_held_against_rows_and_logs() {
        let table = [
            ("The handshake is on rows 3–5", True),
            ("The handshake is on rows 4–6", False),
            ("The handshake is on rows 40–42", Unsupported),
            ("Koneksi dari port 42000 dan 43000 simultan", False),
            ("There was no retransmission at all", True),
            ("10.1.0.2 is the client", True),
            ("Source: 10.1.0.1 (client) here", False),
            ("10.1.0.77 is the client", Unsupported),
            ("The payload says \"quick brown\"", True),
            ("The payload says \"the quick fox\"", False),
            ("The payload says \"nothing of the kind\"", Unsupported),
            ("The connection was closed normally", Unsupported),
            ("Port 7000 was used here", True),
            ("Packets with the flag FIN are seen", True),
            ("It connects to 10.9.9.9 on port 80", Unsupported),
            ("The server sends it back", True),
            ("The capture was made on interface eth7", Unsupported),
            ("I liked this lab very much", NotUnderstood),
        ];
        for (sentence, expected) in table {
            assert_eq!(verdicts(&[sentence]), [expected], "{sentence}");
        }
    }

    #[test]
    fn the_end_of_another_connection_is_named() {
        let text = format!("{REPORT}The connection was closed normally");
        let evidence = text_evidence("r.md", &text);
        let inner =
            evidence_without_capture(&evidence, Options { lang: Lang::Id, ..Options::default() });
        let kinds: Vec<&str> =
            inner.iter().flat_map(|i| &i.contradictions).map(|c| c.kind.as_str()).collect();
        assert_eq!(kinds, ["close-of-another-connection"]);
    }

    #[test]
    fn a_capture_has_the_last_word() {
        let capture = story::Story { is_capture: true, is_whole: true, ..story::Story::default() };
        let text = format!("{REPORT}It connects to 10.9.9.9 on port 80\nThe handshake worked well");
        let evidence = text_evidence("r.md", &text);
        let inner = evidence_with_capture(&evidence, &capture, Options::default());
        let verdicts: Vec<_> =
            inner.iter().flat_map(|i| &i.claims).map(|claim| claim.verdict).collect();
        assert_eq!(verdicts, [False, Unsupported]);
    }
}
