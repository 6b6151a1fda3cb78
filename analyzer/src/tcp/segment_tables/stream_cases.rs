//! Streams: numbers, roles, relative numbers, completeness, the handshake's RTT.

use super::check;

#[test]
fn a_whole_connection_has_relative_numbers_and_grows_complete() {
    check(
        "0.000 > S  seq=100 ws=7                => - stream=0 seq=0 ack=0 next=1 comp=0 dir=c
         0.010 < SA seq=300 ack=101 ws=7        => - seq=0 ack=1 comp=1 dir=s acks=1 rtt=0.01
         0.030 > A  seq=101 ack=301             => - seq=1 ack=1 win=128000 comp=3 irtt=0.03 acks=2
         0.040 > PA seq=101 ack=301 len=5       => - seq=1 next=6 comp=7 flight=5 pushed=5
         0.041 < A  seq=301 ack=106             => - comp=15 acks=4
         0.050 > FA seq=106 ack=301             => - comp=15 next=7
         0.060 < FA seq=301 ack=107             => - comp=31 acks=6
         0.070 > A  seq=107 ack=302             => - comp=31 seq=7 ack=2",
    );
}

#[test]
fn a_capture_from_the_middle_starts_at_one() {
    check(
        "0.0 < PA seq=5000 ack=9000 len=10  => - stream=0 seq=1 ack=1 comp=0 dir=c
         0.1 > A  seq=9000 ack=5010         => - seq=1 ack=11 comp=0 dir=s win=1000 factor=-1",
    );
}

#[test]
fn a_syn_ack_tells_who_the_client_is_when_its_syn_is_missing() {
    check(
        "0.0 < SA seq=300 ack=101 => - dir=s seq=0 ack=1
         0.1 > A  seq=101 ack=301 => - dir=c seq=1 ack=1",
    );
}

#[test]
fn a_refused_handshake_counts_the_reset_as_an_ack() {
    check(
        "0.0 > S  seq=100         => - comp=0
         0.1 < RA seq=0   ack=101 => - seq=1 ack=1 comp=1
         0.2 > S  seq=900         => reused_ports stream=1 comp=1
         0.3 < RA seq=0   ack=901 => - stream=1",
    );
}

#[test]
fn sequence_numbers_wrap_around() {
    check(
        "0.0 > S  seq=4294967290                       => -
         0.1 < SA seq=4294967294 ack=4294967291        => - ack=1
         0.2 > A  seq=4294967291 ack=4294967295        => - seq=1 ack=1
         0.3 > PA seq=4294967291 ack=4294967295 len=10 => - seq=1 next=11
         0.4 > PA seq=5          ack=4294967295 len=10 => - seq=11 next=21 flight=20
         0.5 < A  seq=4294967295 ack=15                => - ack=21 acks=5",
    );
}

#[test]
fn a_syn_with_another_number_reuses_the_ports_in_a_new_stream() {
    check(
        "0.0 > S  seq=100           => - stream=0
         0.1 < SA seq=300 ack=101   => -
         1.0 > S  seq=700 len=5     => reused_ports stream=1 seq=0 comp=1
         1.1 < SA seq=900 ack=701   => - stream=1 seq=0 comp=1
         1.2 > A  seq=701 ack=901   => - stream=1 comp=3",
    );
}

#[test]
fn a_syn_ack_with_another_number_stays_in_its_stream_and_moves_the_base() {
    check(
        "0.0 > S  seq=100           => -
         0.1 < SA seq=300 ack=101   => -
         9.0 > S  seq=100           => retransmission
         9.1 < SA seq=900 ack=101   => lost_segment,reused_ports seq=0 stream=0
         9.2 > A  seq=101 ack=901   => ack_lost_segment ack=1",
    );
}

#[test]
fn simultaneous_open_has_the_first_syn_as_client() {
    check(
        "0.0 > S  seq=100         => - dir=c
         0.1 < S  seq=300         => - dir=s stream=0
         0.2 > SA seq=100 ack=301 => retransmission dir=c
         0.3 < SA seq=300 ack=101 => retransmission dir=s",
    );
}

#[test]
fn simultaneous_close_is_complete() {
    check(
        "0.0 > S  seq=100         => -
         0.1 < SA seq=300 ack=101 => -
         0.2 > A  seq=101 ack=301 => -
         0.3 > FA seq=101 ack=301 => - comp=7
         0.3 < FA seq=301 ack=101 => - comp=23
         0.4 > A  seq=102 ack=302 => -
         0.4 < A  seq=302 ack=102 => - comp=23",
    );
}

#[test]
fn syn_and_fin_carry_data() {
    check(
        "0.0 > S  seq=100 len=10            => - next=11 comp=0
         0.1 < SA seq=300 ack=111           => tfo_ack comp=9
         0.2 > A  seq=111 ack=301           => -
         0.3 > FA seq=111 ack=301 len=5     => - next=17
         0.4 < A  seq=301 ack=117           => - acks=4",
    );
}

#[test]
fn fast_open_is_told_on_the_syn_and_on_its_answer() {
    check(
        "0.0 > S  seq=100 len=10 tfo=8 => tfo_syn
         0.1 < SA seq=300 ack=101      => tfo_ignored",
    );
    check(
        "0.0 > S  seq=100 len=10 tfo=8 => tfo_syn
         0.1 < SA seq=300 ack=111      => tfo_ack",
    );
    check(
        "0.0 > S  seq=100 tfo=0        => -
         0.1 < SA seq=300 ack=101      => -",
    );
}
