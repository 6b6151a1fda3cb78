//! Filters and the frames that they select. Every line was checked with tshark 4.0.17 on the
//! same frames, except `xor`, which later versions have.

use std::ops::ControlFlow;

use analyzer::filter::Filter;

use crate::small_frames::{examine, frames};

/// Asserts what each filter of a table selects.
fn check(table: &[(&str, &[u64])]) {
    let frames = frames();
    for (text, expected) in table {
        let mut filter = Filter::parse(text).unwrap_or_else(|error| panic!("{error}"));
        let mut selected = Vec::new();
        examine(&frames, |facts| {
            if filter.matches(facts) {
                selected.push(facts.frame.number.0);
            }
            ControlFlow::Continue(())
        });
        assert_eq!(&selected, expected, "{text}");
    }
}

#[test]
fn presence_and_logic() {
    check(&[
        ("tcp", &[1, 2, 3, 4, 7]),
        ("udp", &[5, 8]),
        ("not tcp", &[5, 6, 8]),
        ("arp or ipv6", &[6, 7]),
        ("tcp and ip", &[1, 2, 3, 4]),
        ("ip && !tcp && !icmp", &[5]),
        ("arp || tcp && ipv6", &[6, 7]),
        ("(arp || tcp) && ipv6", &[7]),
        ("ip xor tcp", &[5, 7, 8]),
        ("!!arp", &[6]),
        ("tcp.flags.syn", &[1, 2, 3, 4, 7]),
        ("tcp.options.mss_val", &[1, 2]),
        ("tcp.payload[29]", &[4]),
        ("tcp.payload[30]", &[]),
    ]);
}

#[test]
fn integers_in_every_notation() {
    check(&[
        ("frame.number == 5", &[5]),
        ("frame.number == 0x5", &[5]),
        ("frame.number == 0b101", &[5]),
        ("frame.number == 05", &[5]),
        ("frame.number == '\\x05'", &[5]),
        ("tcp.port == 'P'", &[1, 2, 3, 4]),
        ("frame.number > 7", &[8]),
        ("frame.number ge 7", &[7, 8]),
        ("frame.number lt 2", &[1]),
        ("frame.number <= 2", &[1, 2]),
        ("tcp.flags.syn == 1", &[1, 2, 7]),
        ("tcp.flags.syn == True", &[1, 2, 7]),
        ("tcp.flags.syn == 2", &[1, 2, 7]),
        ("tcp.flags.syn == 1 && tcp.flags.ack == 0", &[1, 7]),
        ("tcp.flags == 0x012", &[2]),
        ("tcp.flags.syn == tcp.flags.ack", &[2]),
        ("tcp.window_size_scalefactor == 128", &[3, 4]),
        ("ip.proto == TCP", &[1, 2, 3, 4]),
        ("eth.type == \"ARP\"", &[6]),
    ]);
}

#[test]
fn several_values_and_quantifiers() {
    check(&[
        ("tcp.port == 80", &[1, 2, 3, 4]),
        ("tcp.port != 80", &[7]),
        ("tcp.port ~= 80", &[1, 2, 3, 4, 7]),
        ("tcp.port !== 80", &[1, 2, 3, 4, 7]),
        ("tcp.port === 80", &[]),
        ("any tcp.port != 80", &[1, 2, 3, 4, 7]),
        ("all tcp.port != 80", &[7]),
        ("all tcp.port > 100", &[7]),
        ("any tcp.port > 45000", &[7]),
        ("all tcp.port in {80, 40000}", &[]),
        ("all tcp.port in {80..40000}", &[1, 2, 3, 4]),
        ("!(tcp.port == 80)", &[5, 6, 7, 8]),
        ("tcp.port != -1", &[1, 2, 3, 4, 7]),
        ("tcp.port > -1", &[]),
        ("tcp.dstport < tcp.srcport < 45000", &[1, 3, 4]),
    ]);
}

#[test]
fn sets_and_ranges() {
    check(&[
        ("frame.number in {1,3..5 , 8}", &[1, 3, 4, 5, 8]),
        ("frame.number in {5..3}", &[]),
        ("frame.number not in {1..7}", &[8]),
        ("tcp.port in {tcp.dstport}", &[1, 2, 3, 4, 7]),
        ("ip.addr in {192.0.2.50..192.0.2.60}", &[5, 8]),
        ("frame.time_relative in {1..2}", &[3, 4, 5]),
    ]);
}

#[test]
fn addresses_and_networks() {
    check(&[
        ("ip.addr == 192.0.2.2", &[1, 2, 3, 4]),
        ("ip.src == 192.0.2.2", &[2]),
        ("ip.addr == 192.0.2.0/24", &[1, 2, 3, 4, 5, 8]),
        ("ip.dst == 192.0.2.48/29", &[5, 8]),
        ("ip.src > 192.0.2.1", &[2, 8]),
        ("ip.src & 0.0.0.3 == 0.0.0.2", &[2]),
        ("ipv6.addr == fe80::/10", &[7]),
        ("ipv6.dst == 2001:db8::2", &[7]),
        ("ipv6.addr == ::1", &[]),
        ("eth.src == 02:42:ac:10:10:65", &[1, 2, 3, 4, 5, 6, 7, 8]),
        ("eth.dst == 02-42-ac-10-10-65", &[]),
        ("arp.dst.proto_ipv4 == 192.0.2.2", &[6]),
    ]);
}

#[test]
fn slices_search_and_patterns() {
    check(&[
        ("tcp.payload[0:3] == 47:45:54", &[4]),
        ("tcp.payload[:3] == \"GET\"", &[4]),
        ("tcp.payload[0-2] == 474554", &[4]),
        ("tcp.payload[-1] == 62", &[4]),
        ("tcp.payload[-4:1] == 'A'", &[4]),
        ("tcp.payload[0,1,2] == \"GET\"", &[4]),
        ("tcp[13] == 2", &[1, 7]),
        ("tcp[13] & 2", &[1, 2, 7]),
        ("eth.src[0:3] == 02:42:ac && arp", &[6]),
        ("ip.src[3] == 35", &[8]),
        ("tcp contains \"HTTP\"", &[4]),
        ("frame contains 0d:0a", &[4]),
        ("tcp.payload contains \"\\x2findex\"", &[4]),
        ("udp.payload contains 02:03", &[5, 8]),
        ("tcp matches \"get\\\\s/\"", &[4]),
        ("tcp.payload matches r\"^\\w{3} \"", &[4]),
        ("tcp matches \"(?-i)get\"", &[]),
        ("tcp.payload > 47:45:54", &[4]),
        ("frame.protocols contains \"arp\"", &[6]),
    ]);
}

#[test]
fn arithmetic_and_functions() {
    check(&[
        ("frame.number + 1 * 2 == 5", &[3]),
        ("{frame.number + 1} * 2 == 8", &[3]),
        ("frame.number & 1 + 2 == 3", &[3, 7]),
        ("frame.number - 3 < 0", &[1, 2]),
        ("-frame.number == -5", &[5]),
        ("frame.number % 2", &[1, 3, 5, 7]),
        ("frame.number / 0 == 1", &[]),
        ("abs(frame.number - 3) < 2", &[2, 3, 4]),
        ("len(tcp.payload) == 30", &[4]),
        ("len(eth) == 14 && arp", &[6]),
        ("count(ip.addr) == 4", &[8]),
        ("max(tcp.port) == 50000", &[7]),
        ("min(tcp.port) == 80", &[1, 2, 3, 4]),
        ("upper(frame.protocols) contains \"ARP\"", &[6]),
        ("string(ip.src) matches \"\\\\.53$\"", &[8]),
        ("frame.time_relative + 1 > 4", &[8]),
    ]);
}

#[test]
fn layers_and_times() {
    check(&[
        ("ip.src#1 == 192.0.2.53", &[8]),
        ("ip.src#2 == 192.0.2.1", &[8]),
        ("ip.src#[-2]", &[8]),
        ("ip#2", &[8]),
        ("ip.ttl#[1-5] == 64", &[1, 2, 3, 4, 5, 8]),
        ("frame.time >= \"2020-01-01 00:00:03\"", &[7, 8]),
        ("frame.time < \"Jan  1, 2020 00:00:00.5\"", &[1]),
        ("frame.time == \"2020-01-01T01:00:00.500+01:00\"", &[2]),
        ("frame.time_epoch == 1577836801", &[3]),
        ("frame.time_relative > 3.25", &[8]),
        ("frame.time_delta == 0", &[1]),
        ("tcp.time_relative == 1.5", &[4]),
    ]);
}

#[test]
fn analysis_fields() {
    check(&[
        ("tcp.stream == 1", &[7]),
        ("tcp.seq == 1", &[3, 4]),
        ("tcp.seq_raw == 1001", &[3, 4]),
        ("tcp.len > 0", &[4]),
        ("tcp.completeness == 7", &[4]),
        ("tcp.analysis.acks_frame == 1", &[2]),
        ("tcp.analysis.initial_rtt", &[3, 4]),
        ("tcp.flags.str contains \"AP\"", &[4]),
        ("tcp.options.wscale.shift >= 7", &[1, 2]),
        ("tcp.option_kind == 2", &[1, 2]),
    ]);
}
