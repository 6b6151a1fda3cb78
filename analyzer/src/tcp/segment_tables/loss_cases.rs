//! Holes and old data: lost segments, retransmissions of all kinds, out of order.

use super::check;

/// A handshake whose RTT is 10 ms, and one segment each way.
fn after_handshake(rest: &str) {
    let handshake = "0.000 > S  seq=100         => -
                     0.005 < SA seq=300 ack=101 => -
                     0.010 > A  seq=101 ack=301 win=2000 => -
                     ";
    check(&format!("{handshake}{rest}"));
}

#[test]
fn data_after_a_hole_reports_the_hole_once() {
    after_handshake(
        "0.1 > A seq=111 ack=301 len=10 win=2000 => lost_segment flight=-
         0.2 > A seq=121 ack=301 len=10 win=2000 => - flight=-
         0.3 < A seq=301 ack=131                 => ack_lost_segment",
    );
}

#[test]
fn a_resend_after_the_round_trip_is_a_retransmission() {
    after_handshake(
        "0.1 > A seq=101 ack=301 len=10 win=2000 => -
         0.2 > A seq=111 ack=301 len=10 win=2000 => -
         0.4 > A seq=101 ack=301 len=10 win=2000 => retransmission rto=0.3@4",
    );
}

#[test]
fn old_data_soon_after_progress_is_out_of_order() {
    after_handshake(
        "0.100 > A seq=101 ack=301 len=10 win=2000 => -
         0.200 > A seq=111 ack=301 len=10 win=2000 => -
         0.209 > A seq=101 ack=301 len=10 win=2000 => out_of_order
         0.210 > A seq=101 ack=301 len=10 win=2000 => retransmission rto=0.11@4",
    );
}

#[test]
fn a_resend_of_exactly_the_last_segment_is_never_out_of_order() {
    after_handshake(
        "0.100 > A seq=101 ack=301 len=10 win=2000 => -
         0.101 > A seq=101 ack=301 len=10 win=2000 => retransmission rto=0.001@4",
    );
}

#[test]
fn data_that_the_peer_has_acknowledged_is_a_spurious_retransmission() {
    after_handshake(
        "0.100 > A  seq=101 ack=301 len=10 win=2000 => -
         0.101 < A  seq=301 ack=111                 => -
         0.102 > A  seq=101 ack=301 len=10 win=2000 => retransmission,spurious_retransmission rto=-
         0.103 > FA seq=111 ack=301        win=2000 => -
         0.110 < A  seq=301 ack=112                 => -
         0.500 > FA seq=111 ack=301        win=2000 => retransmission",
    );
}

#[test]
fn three_duplicates_and_less_than_twenty_milliseconds_make_it_fast() {
    let hole = "0.100 > A seq=101 ack=301 len=10 win=2000 => -
                0.101 > A seq=121 ack=301 len=10 win=2000 => lost_segment
                0.102 < A seq=301 ack=111 win=1000        => -
                0.103 < A seq=301 ack=111 win=1000        => duplicate_ack
                0.104 < A seq=301 ack=111 win=1000        => duplicate_ack dup=6#2
                ";
    after_handshake(&format!(
        "{hole}0.123999 > A seq=111 ack=301 len=10 win=2000 => fast_retransmission,retransmission"
    ));
    after_handshake(&format!("{hole}0.124 > A seq=111 ack=301 len=10 win=2000 => retransmission"));
}

#[test]
fn a_clock_that_goes_back_never_makes_it_out_of_order() {
    after_handshake(
        "0.100 > A seq=101 ack=301 len=10 win=2000 => -
         0.200 > A seq=111 ack=301 len=10 win=2000 => -
         0.199 > A seq=101 ack=301 len=10 win=2000 => retransmission rto=0.099@4",
    );
}

#[test]
fn without_a_round_trip_three_milliseconds_count() {
    let start = "0.100 > A seq=101 ack=301 len=10 => -
                 0.200 > A seq=121 ack=301 len=10 => lost_segment
                 ";
    check(&format!("{start}0.202999 > A seq=111 ack=301 len=10 => out_of_order"));
    check(&format!("{start}0.203 > A seq=111 ack=301 len=10 => retransmission rto=0.103@1"));
}

#[test]
fn syn_and_fin_are_resent_like_data() {
    check(
        "0.0 > S  seq=100         => -
         1.0 > S  seq=100         => retransmission stream=0 rto=1@1
         1.1 < SA seq=300 ack=101 => -
         1.5 < SA seq=300 ack=101 => retransmission
         1.6 > A  seq=101 ack=301 => -
         1.7 > FA seq=101 ack=301 => -
         2.0 > FA seq=101 ack=301 => retransmission rto=0.3@6",
    );
}

#[test]
fn a_stray_reset_beyond_the_data_is_forgotten_with_the_next_syn() {
    check(
        "0.0 > S  seq=100         => -
         0.1 > R  seq=1000        => -
         0.5 > S  seq=100         => retransmission
         0.6 < SA seq=5 ack=101   => -
         0.7 > A  seq=101 ack=6 len=3 => - next=4",
    );
}
