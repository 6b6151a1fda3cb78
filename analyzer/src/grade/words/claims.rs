//! Why a claim is true, false, or cannot be told.

use super::{Lang, both};

/// Nothing beside the sentence shows it.
pub fn not_shown(lang: Lang) -> String {
    both!(
        lang,
        "nothing beside this sentence shows it",
        "tidak ada bukti di sekitar kalimat ini yang menunjukkannya"
    )
}

/// The sentence was not understood.
pub fn not_understood(lang: Lang) -> String {
    both!(
        lang,
        "this sentence was not understood; a person has to judge it",
        "kalimat ini tidak dipahami; perlu dinilai oleh orang"
    )
}

/// The handshake on these rows.
pub fn handshake(
    lang: Lang,
    client: &str,
    server: &str,
    syn: u64,
    syn_ack: u64,
    ack: u64,
) -> String {
    both!(
        lang,
        "SYN {syn}, SYN, ACK {syn_ack}, ACK {ack}: {client} to {server}",
        "SYN {syn}, SYN, ACK {syn_ack}, ACK {ack}: {client} ke {server}"
    )
}

/// No handshake on these rows.
pub fn no_handshake_there(lang: Lang, from: u64, to: u64, others: &str) -> String {
    both!(
        lang,
        "rows {from}–{to} hold no handshake; those that are seen stand on {others}",
        "baris {from}–{to} tidak memuat handshake; yang terlihat ada di {others}"
    )
}

/// A handshake of which the SYN is not seen.
pub fn handshake_without_syn(lang: Lang, syn_ack: u64) -> String {
    both!(
        lang,
        "the SYN is not among the rows; SYN, ACK (row {syn_ack}) and what follows are",
        "SYN tidak ada di antara baris; yang ada mulai dari SYN, ACK (baris {syn_ack})"
    )
}

/// Two connections that were open at one time.
pub fn overlap(lang: Lang, a: &str, b: &str) -> String {
    both!(
        lang,
        "{a} and {b} were open at the same time",
        "{a} dan {b} terbuka pada waktu yang sama"
    )
}

/// Two connections that never were.
pub fn no_overlap(lang: Lang, a: &str, b: &str, end: u64, start: u64) -> String {
    both!(
        lang,
        "{a} and {b} were never open at the same time: the last frame of one is {end}, the first of the other {start}",
        "{a} dan {b} tidak pernah terbuka bersamaan: frame terakhir yang satu {end}, frame pertama yang lain {start}"
    )
}

/// A part that an address plays.
pub fn plays(lang: Lang, address: &str, is_client: bool, syn: &str) -> String {
    if is_client {
        both!(
            lang,
            "{address} opens the connection ({syn}): it is the client",
            "{address} membuka koneksi ({syn}): ia client"
        )
    } else {
        both!(
            lang,
            "{address} answers the connection ({syn}): it is the server",
            "{address} menjawab koneksi ({syn}): ia server"
        )
    }
}

/// What was sent again.
pub fn retransmissions(lang: Lang, count: usize) -> String {
    both!(lang, "{count} frames were sent again", "{count} frame dikirim ulang")
}

/// Nothing was sent again.
pub fn no_retransmission(lang: Lang) -> String {
    both!(
        lang,
        "no frame that is shown was sent again",
        "tidak ada frame yang tampak dikirim ulang"
    )
}

/// What the payload reads.
pub fn payload(lang: Lang, text: &str) -> String {
    both!(lang, "the bytes read \"{text}\"", "byte-nya terbaca \"{text}\"")
}

/// Closed by both ends.
pub fn closed(lang: Lang, client: &str, first: u64, second: u64) -> String {
    both!(
        lang,
        "the connection from {client} ends with a FIN of each side ({first}, {second})",
        "koneksi dari {client} berakhir dengan FIN dari kedua sisi ({first}, {second})"
    )
}

/// Reset.
pub fn reset(lang: Lang, client: &str, frame: u64) -> String {
    both!(
        lang,
        "frame {frame} resets the connection from {client}",
        "frame {frame} me-reset koneksi dari {client}"
    )
}

/// The FINs are another connection's.
pub fn fin_of_another(lang: Lang, open: &str, other: &str) -> String {
    both!(
        lang,
        "no FIN of the connection from {open} is shown; the FINs that are belong to {other}, which began before the rows",
        "tidak tampak FIN dari koneksi {open}; FIN yang ada milik {other}, yang dimulai sebelum baris-baris ini"
    )
}

/// No end is shown.
pub fn still_open(lang: Lang, open: &str) -> String {
    both!(
        lang,
        "no FIN of the connection from {open} is shown",
        "tidak tampak FIN dari koneksi {open}"
    )
}

/// A port is seen.
pub fn port(lang: Lang, port: u16, frame: u64) -> String {
    both!(
        lang,
        "port {port} is used from frame {frame} on",
        "port {port} dipakai mulai frame {frame}"
    )
}

/// Flags are seen.
pub fn flags(lang: Lang, names: &str) -> String {
    both!(lang, "frames with {names} are shown", "frame dengan {names} tampak")
}

/// An address is seen, or not.
pub fn reached(lang: Lang, address: &str, is_seen: bool) -> String {
    if is_seen {
        both!(lang, "a connection with {address} is shown", "koneksi dengan {address} tampak")
    } else {
        both!(
            lang,
            "no frame that is shown has the address {address}: the frames do not show this connection",
            "tidak ada frame dengan alamat {address}: koneksi ini tidak tampak pada paketnya"
        )
    }
}

/// Bytes came back.
pub fn echoed(lang: Lang, client: &str, bytes: u64) -> String {
    both!(
        lang,
        "the {bytes} bytes that {client} sent came back",
        "{bytes} byte yang dikirim {client} kembali"
    )
}

/// An interface.
pub fn interface(lang: Lang, name: &str) -> String {
    both!(lang, "the frame was recorded on {name}", "frame direkam pada {name}")
}
