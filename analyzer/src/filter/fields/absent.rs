//! Fields that Wireshark knows and that no frame has here, as none has them there: what needs
//! databases, other captures' facts or settings that are off unless somebody turns them on.

use super::{Field, Source};
use crate::filter::kind::Kind::{self, Boolean, FrameNumber, Label, Text, Unsigned};

const fn absent(name: &'static str, kind: Kind, meaning: &'static str) -> Field {
    Field::new(name, kind, Source::Frame(|_, _| false), meaning)
}

const PLACE: &str = "needs a database of places: never there";
const PROCESS: &str = "needs a record of processes: never there";
const OLD: &str = "the old reading of a byte: off in Wireshark, never there";
const LATER: &str = "seen only later: never there in one pass";

pub(super) const FIELDS: &[Field] = &[
    absent("ip.geoip.country", Text, PLACE),
    absent("ip.geoip.country_iso", Text, PLACE),
    absent("ip.geoip.city", Text, PLACE),
    absent("ip.geoip.asnum", Unsigned(32), PLACE),
    absent("ip.geoip.org", Text, PLACE),
    absent("ip.geoip.src_country", Text, PLACE),
    absent("ip.geoip.src_country_iso", Text, PLACE),
    absent("ip.geoip.src_city", Text, PLACE),
    absent("ip.geoip.src_asnum", Unsigned(32), PLACE),
    absent("ip.geoip.dst_country", Text, PLACE),
    absent("ip.geoip.dst_country_iso", Text, PLACE),
    absent("ip.geoip.dst_city", Text, PLACE),
    absent("ip.geoip.dst_asnum", Unsigned(32), PLACE),
    absent("ipv6.geoip.country", Text, PLACE),
    absent("ipv6.geoip.country_iso", Text, PLACE),
    absent("ipv6.geoip.city", Text, PLACE),
    absent("ipv6.geoip.asnum", Unsigned(32), PLACE),
    absent("tcp.proc.srccmd", Text, PROCESS),
    absent("tcp.proc.dstcmd", Text, PROCESS),
    absent("tcp.proc.srcpid", Unsigned(32), PROCESS),
    absent("tcp.proc.dstpid", Unsigned(32), PROCESS),
    absent("tcp.proc.srcuid", Unsigned(32), PROCESS),
    absent("tcp.proc.dstuid", Unsigned(32), PROCESS),
    absent("tcp.proc.srcuname", Text, PROCESS),
    absent("tcp.proc.dstuname", Text, PROCESS),
    absent("udp.proc.srccmd", Text, PROCESS),
    absent("udp.proc.dstcmd", Text, PROCESS),
    absent("udp.proc.srcpid", Unsigned(32), PROCESS),
    absent("udp.proc.dstpid", Unsigned(32), PROCESS),
    absent("ip.tos", Unsigned(8), OLD),
    absent("ip.tos.precedence", Unsigned(8), OLD),
    absent("ip.tos.delay", Boolean, OLD),
    absent("ip.tos.throughput", Boolean, OLD),
    absent("ip.tos.reliability", Boolean, OLD),
    absent("ip.tos.cost", Boolean, OLD),
    absent("ip.flags.sf", Boolean, OLD),
    absent("ip.checksum_bad.expert", Label, "checksums are not checked unless asked: never there"),
    absent("ip.checksum_calculated", Unsigned(16), "the same: never there"),
    absent("tcp.checksum_bad.expert", Label, "the same: never there"),
    absent("tcp.checksum_calculated", Unsigned(16), "the same: never there"),
    absent("udp.checksum.bad", Label, "the same: never there"),
    absent("udp.checksum_calculated", Unsigned(16), "the same: never there"),
    absent("frame.md5_hash", Text, "off in Wireshark: never there"),
    absent("frame.ref_time", Label, "set by hand: never there"),
    absent("http.response_in", FrameNumber, LATER),
    absent("http.next_request_in", FrameNumber, LATER),
    absent("http.next_response_in", FrameNumber, LATER),
    absent("tls.reassembled_in", FrameNumber, LATER),
    absent("tls.handshake.reassembled_in", FrameNumber, LATER),
    absent("ntp.response_in", FrameNumber, LATER),
];
