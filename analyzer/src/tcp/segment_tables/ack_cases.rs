//! Acknowledgments: duplicates, unseen data, round trips, bytes in flight.

use super::check;

#[test]
fn duplicates_are_counted_from_the_ack_that_they_repeat() {
    check(
        "0.0 > A seq=101 ack=301 len=10 => -
         0.1 < A seq=301 ack=101        => -
         0.2 < A seq=301 ack=101        => duplicate_ack dup=2#1
         0.3 < A seq=301 ack=101 len=5  => -
         0.4 < A seq=306 ack=101        => duplicate_ack dup=2#2
         0.5 < A seq=306 ack=111        => - dup=- acks=1
         0.6 < A seq=306 ack=111        => duplicate_ack dup=6#1",
    );
}

#[test]
fn a_segment_without_ack_can_be_a_duplicate() {
    check(
        "0.0 < . seq=301 ack=0 => - ack=0
         0.1 < . seq=301 ack=0 => duplicate_ack",
    );
}

#[test]
fn an_ack_beyond_what_was_captured_is_told_once() {
    check(
        "0.0 > A seq=101 ack=301 len=10 => -
         0.1 < A seq=301 ack=151        => ack_lost_segment
         0.2 < A seq=301 ack=201        => -
         0.3 > A seq=201 ack=301 len=10 => lost_segment",
    );
}

#[test]
fn an_ack_into_a_hole_raises_what_may_be_acknowledged() {
    check(
        "0.0 > A seq=101 ack=301 len=10 => -
         0.1 > A seq=151 ack=301 len=10 => lost_segment
         0.2 < A seq=301 ack=161        => ack_lost_segment acks=2
         0.3 > A seq=161 ack=301 len=10 => -
         0.4 < A seq=301 ack=171        => -",
    );
}

#[test]
fn a_resend_with_more_bytes_leaves_the_next_ack_unseen() {
    check(
        "0.0 > A seq=101 ack=301 len=10 => -
         0.5 > A seq=101 ack=301 len=20 => retransmission
         0.6 < A seq=301 ack=121        => ack_lost_segment acks=2",
    );
}

#[test]
fn the_round_trip_is_measured_to_the_oldest_segment_that_ends_there() {
    check(
        "0.0 > A seq=101 ack=301 len=10 => -
         0.5 > A seq=101 ack=301 len=10 => retransmission rto=0.5@1
         0.6 < A seq=301 ack=111        => - acks=1 rtt=0.6
         0.6 > A seq=111 ack=301 len=10 => -
         0.6 < A seq=301 ack=121        => - acks=4 rtt=-
         0.7 > A seq=121 ack=301 len=10 => -
         0.6 < A seq=301 ack=131        => - acks=6 rtt=-0.1",
    );
}

#[test]
fn bytes_in_flight_leave_out_three_sacked_blocks_and_syn_and_fin() {
    check(
        "0.0 > PA seq=1000 ack=1 len=1000 => - flight=1000 pushed=1000
         0.1 < A  seq=1 ack=1000 sack=1100-1110 sack=1200-1220 sack=1300-1330 sack=1400-1440 => -
         0.2 > PA seq=2000 ack=1 len=1 => - flight=941 pushed=1
         0.3 < A  seq=1 ack=1000       => duplicate_ack
         0.4 > FA seq=2001 ack=1 len=9 => - flight=1010 pushed=9",
    );
}

#[test]
fn after_a_hole_nothing_is_in_flight_until_an_ack() {
    check(
        "0.0 > A  seq=101 ack=301 len=10 => - flight=10 pushed=10
         0.1 > PA seq=121 ack=301 len=10 => lost_segment flight=- pushed=-
         0.2 > A  seq=131 ack=301 len=10 => - flight=-
         0.3 < A  seq=301 ack=111        => -
         0.4 > A  seq=141 ack=301 len=10 => - flight=30 pushed=20",
    );
}
