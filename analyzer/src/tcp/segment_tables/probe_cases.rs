//! Probes that carry nothing new, and their answers.

use super::check;

/// A handshake and one byte each way.
fn after_one_byte(rest: &str) {
    let start = "0.0 > S  seq=100                    => -
                 0.1 < SA seq=300 ack=101            => -
                 0.2 > PA seq=101 ack=301 len=1      => -
                 0.3 < PA seq=301 ack=102 len=1      => -
                 0.4 > A  seq=102 ack=302            => -
                 0.5 < A  seq=302 ack=102            => duplicate_ack
                 ";
    check(&format!("{start}{rest}"));
}

#[test]
fn a_keep_alive_and_its_answer() {
    after_one_byte(
        "9.0 > A seq=101 ack=302       => keep_alive
         9.1 < A seq=302 ack=102       => keep_alive_ack
         9.2 > A seq=101 ack=302 len=1 => keep_alive
         9.3 < A seq=302 ack=102       => keep_alive_ack
         9.4 < A seq=302 ack=102       => keep_alive_ack",
    );
}

#[test]
fn the_resend_of_a_lone_byte_looks_like_a_keep_alive() {
    check(
        "0.0 > PA seq=101 ack=301 len=1 => -
         0.5 > PA seq=101 ack=301 len=1 => keep_alive",
    );
}

#[test]
fn a_zero_window_probe_does_not_advance_and_its_answer_is_told() {
    after_one_byte(
        "1.0 < A  seq=302 ack=102 win=0       => zero_window
         2.0 > A  seq=102 ack=302 len=1       => zero_window_probe
         2.1 < A  seq=302 ack=102 win=0       => zero_window,zero_window_probe_ack
         2.2 < A  seq=302 ack=102 win=900     => window_update
         2.3 > PA seq=102 ack=302 len=50      => - next=52",
    );
}

#[test]
fn an_accepted_probe_byte_looks_unseen() {
    after_one_byte(
        "1.0 < A  seq=302 ack=102 win=0       => zero_window
         2.0 > A  seq=102 ack=302 len=1       => zero_window_probe
         2.1 < A  seq=302 ack=103 win=0       => ack_lost_segment,zero_window
         2.3 > PA seq=103 ack=302 len=50      => lost_segment",
    );
}

#[test]
fn data_right_after_a_probe_is_not_old() {
    check(
        "0.0 < A seq=301 ack=101 win=0       => zero_window
         0.1 > A seq=101 ack=301 len=10      => -
         0.2 > A seq=110 ack=301 len=20      => - next=30",
    );
}
