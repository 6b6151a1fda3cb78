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
