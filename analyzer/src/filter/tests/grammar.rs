//! Texts and their normalised form.

use crate::filter::parse;

#[test]
fn texts_print_normalised() {
    let cases = [
        ("tcp or tcp and udp", "tcp || (tcp && udp)"),
        ("not tcp == 1 && udp", "!(tcp == 1) && udp"),
        ("a xor b or c and d", "(a ^^ b) || (c && d)"),
        ("tcp.port in {443 ,80 , 1..5}", "tcp.port in {443, 80, 1 .. 5}"),
        ("tcp.port not in {1}", "!(tcp.port in {1})"),
        ("a & 1 + 2 * 3 == 3", "{a & {1 + {2 * 3}}} == 3"),
        ("a - 1 - 2 == 3", "{{a - 1} - 2} == 3"),
        ("-a == -5", "{-a} == {-5}"),
        ("eth.src[0:3,-1,2-4] == 00:0c:29", "eth.src[0:3,-1,2-4] == 00:0c:29"),
        ("ip.addr#2[0] == 1", "ip.addr#[2][0] == 1"),
        ("ip.addr==10.0.0.0/8", "ip.addr == 10.0.0.0/8"),
        ("ipv6.addr == fe80::/10", "ipv6.addr == fe80::/10"),
        (
            "a contains \"x\\x00\\\"\" and b matches r\"\\d\"",
            "(a contains \"x\\x00\\\"\") && (b matches \"\\\\d\")",
        ),
        ("all tcp.port ~= 443 or any b === 1", "(all tcp.port !== 443) || (any b === 1)"),
        ("1 < a <= 3", "1 < a <= 3"),
        ("len(a) > max(b, 3)", "len(a) > max(b, 3)"),
        ("a == 'x' or .tcp or b == :ff", "(a == 'x') || .tcp || (b == :ff)"),
    ];
    for (text, expected) in cases {
        let expr = parse(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(expr.to_string(), expected, "{text}");
        assert_eq!(parse(expected).expect("printed text parses"), expr, "{text}");
    }
}
