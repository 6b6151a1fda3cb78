//! Any sequence of segments on a few endpoints: the verdicts, and both directions put back in
//! order.

#![no_main]

use analyzer_fuzz::tcp_model::{check_reassembly, check_verdicts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let judged = check_verdicts(data);
    check_reassembly(&judged);
});
