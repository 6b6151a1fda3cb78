//! Windows: scaling, zero, update, full.

use super::check;

#[test]
fn a_scale_counts_from_the_segment_after_its_syn() {
    check(
        "0.0 > S  seq=100 ws=2  win=500         => - win=500 factor=-
         0.1 < SA seq=300 ack=101 ws=15 win=600 => - win=600 factor=-
         0.2 > A  seq=101 ack=301 win=500       => - win=2000 factor=4
         0.3 < A  seq=301 ack=101 win=1         => window_update win=16384 factor=16384",
    );
}

#[test]
fn without_the_option_on_either_side_nobody_scales() {
    check(
        "0.0 > S  seq=100 ws=2         => -
         0.1 < SA seq=300 ack=101      => -
         0.2 < SA seq=300 ack=101 ws=6 => retransmission
         0.3 > A  seq=101 ack=301      => - win=1000 factor=-2
         0.4 < A  seq=301 ack=101      => duplicate_ack win=1000 factor=-2",
    );
    check(
        "0.0 > S  seq=100              => -
         0.1 < SA seq=300 ack=101 ws=4 => -
         0.2 < A  seq=301 ack=101      => duplicate_ack win=1000 factor=-2",
    );
}

#[test]
fn only_the_captured_half_of_a_handshake_scales() {
    check(
        "0.0 > S seq=100 ws=3              => -
         0.1 > A seq=101 ack=301           => - win=8000 factor=8
         0.2 < A seq=301 ack=101           => - win=1000 factor=-1",
    );
}

#[test]
fn an_unscaled_handshake_window_makes_the_next_ack_an_update_or_a_duplicate() {
    check(
        "0.0 > S  seq=100                   => -
         0.1 < SA seq=300 ack=101 win=2000  => -
         0.2 > A  seq=101 ack=301           => -
         0.3 < A  seq=301 ack=101 win=1000  => window_update
         0.4 < A  seq=301 ack=101 win=1000  => duplicate_ack dup=2#1",
    );
}

#[test]
fn a_segment_that_fills_the_scaled_window_is_window_full() {
    check(
        "0.0 > S  seq=100 ws=0                    => -
         0.1 < SA seq=300 ack=101 ws=2 win=100    => -
         0.2 > A  seq=101 ack=301 len=100         => window_full
         0.3 < A  seq=301 ack=201 win=100         => -
         0.4 > A  seq=201 ack=301 len=400         => window_full
         0.9 > A  seq=201 ack=301 len=400         => retransmission,window_full
         1.0 > FA seq=601 ack=301                 => -",
    );
}

#[test]
fn a_window_of_unknown_scale_is_never_full() {
    check(
        "0.0 < A seq=301 ack=101 win=100         => -
         0.1 > A seq=101 ack=301 len=100         => -",
    );
}

#[test]
fn zero_windows_are_told_unless_the_segment_is_control() {
    check(
        "0.0 > S  seq=100 win=0                  => -
         0.1 < SA seq=300 ack=101 win=0          => -
         0.2 < A  seq=301 ack=101 win=0          => zero_window
         0.3 < A  seq=301 ack=101 win=0 len=5    => zero_window
         0.4 < RA seq=306 ack=101 win=0          => -",
    );
}
