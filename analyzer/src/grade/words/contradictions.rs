//! Why something contradicts itself.

use super::{Lang, both};

/// A frame whose Length and Len differ by more than its headers.
pub fn length_and_len(lang: Lang, length: u64, len: u64, headers: u64) -> String {
    let right = headers + len;
    let left = length.saturating_sub(headers);
    both!(
        lang,
        "Length {length} and Len={len} cannot both be right: the headers of this connection's frames take {headers} bytes, so Len={len} makes {right}, and Length {length} leaves {left} bytes of data",
        "Length {length} dan Len={len} tidak mungkin keduanya benar: header frame koneksi ini {headers} byte, jadi Len={len} berarti {right}, dan Length {length} menyisakan {left} byte data"
    )
}

/// A SYN that is too short for the options that it shows.
pub fn syn_and_options(lang: Lang, length: u64, least: u64) -> String {
    both!(
        lang,
        "Length {length} is too short for the options that the Info shows: they need at least {least} bytes",
        "Length {length} terlalu pendek untuk opsi yang tampak di Info: perlu sedikitnya {least} byte"
    )
}

/// An MSS that no IPv4 segment can have.
pub fn mss(lang: Lang, mss: u64) -> String {
    both!(
        lang,
        "MSS={mss} cannot be: an IPv4 packet has at most 65,535 bytes, 40 of them headers, so no segment is larger than 65,495 bytes (1,460 on Ethernet)",
        "MSS={mss} tidak mungkin: paket IPv4 paling besar 65.535 byte dengan 40 byte header, jadi segmen paling besar 65.495 byte (1.460 pada Ethernet)"
    )
}

/// Data that is acknowledged but was not sent.
pub fn ack_and_sent(lang: Lang, row: u64, ack: u64, end: u64) -> String {
    both!(
        lang,
        "row {row} acknowledges everything before {ack}, but the rows above it send only up to {end}",
        "baris {row} mengakui semua data sebelum {ack}, tetapi baris di atasnya hanya mengirim sampai {end}"
    )
}

/// A frame that is too short for what is acknowledged behind it.
pub fn length_and_ack(lang: Lang, length: u64, row: u64, ack: u64, missing: u64) -> String {
    let right = length + missing;
    both!(
        lang,
        "Length {length} is too short: row {row} answers with Ack={ack}, so this frame carried {missing} bytes more than its Length has room for; it should be {right}",
        "Length {length} terlalu pendek: baris {row} menjawab dengan Ack={ack}, jadi frame ini membawa {missing} byte lebih dari ruang pada Length-nya; seharusnya {right}"
    )
}

/// A sequence number that is not where the one before ended.
pub fn seq_and_sent(lang: Lang, seq: u64, before: u64, end: u64) -> String {
    both!(
        lang,
        "Seq={seq} does not follow row {before}, which ends at {end}, and no row between them is missing",
        "Seq={seq} tidak menyambung baris {before} yang berakhir di {end}, padahal tidak ada baris yang hilang di antaranya"
    )
}

/// A window that its scale cannot make.
pub fn window_and_scale(lang: Lang, window: u64, factor: u64) -> String {
    both!(
        lang,
        "Win={window} cannot be: the SYN says WS={factor}, and every window is a multiple of {factor} of at most 65,535 times it",
        "Win={window} tidak mungkin: SYN menyebut WS={factor}, dan setiap window adalah kelipatan {factor}, paling besar 65.535 kalinya"
    )
}

/// A row that is earlier than the row before it.
pub fn time(lang: Lang, time: &str, before: u64, earlier: &str) -> String {
    both!(
        lang,
        "the time goes back: {time} stands below {earlier} of row {before}",
        "waktunya mundur: {time} berada di bawah {earlier} pada baris {before}"
    )
}

/// A port that changes its address within a connection.
pub fn address_and_port(lang: Lang, port: u16, seen: &str, usual: &str) -> String {
    both!(
        lang,
        "port {port} belongs to {usual} in the other rows of this connection, here to {seen}",
        "port {port} milik {usual} pada baris lain koneksi ini, di sini milik {seen}"
    )
}

/// A log and rows that show different connections.
pub fn different_runs(lang: Lang, log: &str, rows: &str) -> String {
    both!(
        lang,
        "the log shows a connection from {log}, the rows show {rows}: they come from different runs",
        "log menunjukkan koneksi dari {log}, sedangkan paketnya {rows}: keduanya berasal dari percobaan yang berbeda"
    )
}

/// A log of a connection of which the rows show only the end.
pub fn earlier_connection(lang: Lang, log: &str, frames: &str, rows: &str) -> String {
    both!(
        lang,
        "the log shows the connection from {log}; of it the rows show only the end ({frames}), it began before them. The handshake and the data in the rows are those of {rows}: another run",
        "log menunjukkan koneksi dari {log}; paketnya hanya memuat akhirnya ({frames}), koneksi itu dimulai sebelumnya. Handshake dan data pada paketnya milik {rows}: percobaan lain"
    )
}

/// A log with other bytes than the rows.
pub fn log_bytes(lang: Lang, client: &str, way: &str, log: u64, rows: u64) -> String {
    both!(
        lang,
        "connection from {client}: the log counts {log} bytes {way}, the packets {rows}",
        "koneksi dari {client}: log mencatat {log} byte {way}, paketnya {rows}"
    )
}

/// A log with as many bytes as the packets, but not the same ones.
pub fn log_byte(lang: Lang, client: &str, way: &str, at: usize, [log, rows]: [u8; 2]) -> String {
    both!(
        lang,
        "connection from {client}: byte {at} of those {way} is 0x{log:02x} in the log and 0x{rows:02x} in the packets",
        "koneksi dari {client}: byte ke-{at} dari yang {way} adalah 0x{log:02x} di log dan 0x{rows:02x} di paket"
    )
}

/// A log under a machine's name whose connections are another machine's.
pub fn log_elsewhere(lang: Lang, host: &str, address: &str, port: u16) -> String {
    both!(
        lang,
        "it is called the log of {host}, which has no such connection to port {port}; the capture shows {address}",
        "disebut log {host}, padahal {host} tidak punya koneksi seperti itu ke port {port}; capture menunjukkan {address}"
    )
}

/// A log that is of the capture's run.
pub fn log_is_of_capture(lang: Lang, client: &str) -> String {
    both!(
        lang,
        "the connection from {client} is in the capture",
        "koneksi dari {client} ada di capture"
    )
}

/// Two logs that do not know each other.
pub fn log_and_log(lang: Lang, sent: u64, received: &str) -> String {
    both!(
        lang,
        "the client's log sends {sent} bytes; the server's log has no such connection (it received {received})",
        "log client mengirim {sent} byte; log server tidak punya koneksi seperti itu (diterima {received})"
    )
}

/// Two logs whose bytes differ.
pub fn log_contents(lang: Lang) -> String {
    both!(
        lang,
        "the client's log shows other bytes than the server's log of the same connection",
        "log client menunjukkan byte yang berbeda dari log server untuk koneksi yang sama"
    )
}

/// A client and a server on different ports.
pub fn log_ports(lang: Lang, client: u16, server: u16) -> String {
    both!(
        lang,
        "the client's log connects to port {client}, the server's log listens on port {server}",
        "log client menyambung ke port {client}, log server membuka port {server}"
    )
}

/// Rows that show nothing of what a log connects to.
pub fn other_traffic(lang: Lang, wanted: &str, ports: &str) -> String {
    both!(
        lang,
        "the log names {wanted}; no row has that address. The rows show other traffic (port {ports})",
        "log menyebut {wanted}; tidak ada baris dengan alamat itu. Paketnya menunjukkan lalu lintas lain (port {ports})"
    )
}

/// A value of the dump against a value beside it.
pub fn bytes_and(lang: Lang, what: &str, dump: &str, beside: &str) -> String {
    both!(
        lang,
        "{what}: the bytes say {dump}, the text beside them {beside}",
        "{what}: byte-nya menunjukkan {dump}, teks di dekatnya {beside}"
    )
}

/// A checksum that does not fit.
pub fn checksum(lang: Lang, layer: &str, expected: u16) -> String {
    both!(
        lang,
        "the {layer} checksum does not fit the bytes (it should be 0x{expected:04x}): at least one byte is not what was captured",
        "checksum {layer} tidak cocok dengan byte-nya (seharusnya 0x{expected:04x}): sedikitnya satu byte tidak sama dengan yang ditangkap"
    )
}

/// A text column with other characters than its bytes.
pub fn text_column(lang: Lang, offset: u32, seen: &str, right: &str) -> String {
    both!(
        lang,
        "at {offset:04x} the text column shows \"{seen}\", the bytes are \"{right}\"",
        "pada {offset:04x} kolom teks menunjukkan \"{seen}\", byte-nya \"{right}\""
    )
}

/// A dump whose offsets leave a gap.
pub fn offsets(lang: Lang, offset: u32, expected: usize) -> String {
    both!(
        lang,
        "the row at offset {offset:04x} should stand at {expected:04x}: rows of the dump are missing or cut",
        "baris pada offset {offset:04x} seharusnya di {expected:04x}: ada baris hex yang hilang atau terpotong"
    )
}
