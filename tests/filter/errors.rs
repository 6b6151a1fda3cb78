//! Refused filters, as the person at the terminal sees them.

use analyzer::filter::Filter;

fn refusal(text: &str) -> String {
    match Filter::parse(text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn errors_point_at_the_place_and_say_what_to_do() {
    let texts = [
        "tcp.prot == 80",
        "tcp and",
        "tcp.port = 80",
        "tcp.port in {21 22}",
        "tcp.port == 70000",
        "tcp.port == http",
        "(tcp.port == 80",
        "ip.addr == 192.0.2.300",
        "ip.addr == 192.0.2.0/33",
        "eth.src == 00:0c:29",
        "tcp.flags.syn contains 1",
        "tcp.analysis.flags == 1",
        "tcp contains HTTP",
        "tcp contains \"unfinished",
        "tcp contains \"\\q\"",
        "tcp matches \"a(\"",
        "tcp.port[0] == 1",
        "tcp.payload[3:0] == 1",
        "80 == tcp.port",
        "tcp.port == ip.src",
        "len(tcp)",
        "size(tcp) == 1",
        "smb2.cmd == 1",
        "frame.time > \"yesterday\"",
        "ip.src & 1",
        "tcp.port == 80 grüße",
    ];
    let shown: Vec<String> = texts.iter().map(|text| refusal(text)).collect();
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[test]
fn long_and_deep_filters_are_refused_not_run() {
    let deep = format!("{}tcp{}", "(".repeat(5000), ")".repeat(5000));
    assert!(refusal(&deep).contains("nested more than"));
    let signs = format!("frame.number == {}1", "-".repeat(5000));
    assert!(refusal(&signs).contains("nested more than"));
    let sum = format!("frame.number == 1{}", "+1".repeat(1000));
    assert!(refusal(&sum).contains("operators"));
    let long = format!("tcp{}", " && tcp".repeat(5000));
    assert!(refusal(&long).contains("the limit is"));
    let pattern = format!("tcp matches \"{}\"", "(a{1000}){1000}");
    assert!(refusal(&pattern).contains("not a pattern"));
}
