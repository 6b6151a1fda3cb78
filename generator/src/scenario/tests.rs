//! Tables of right and wrong scenarios; of the wrong ones the whole message is checked, with
//! line, column and caret.

use std::time::Duration;

use super::*;

const HEAD: &str = "version = 1\nname = \"t\"\n";
const SERVER: &str =
    "[[process]]\nname = \"s\"\nhost = \"mesin1\"\nserver = { bind = \"0.0.0.0:1\" }\n";

fn message(text: &str) -> String {
    from_text("t.toml", text).expect_err(text).to_string()
}

#[test]
fn every_builtin_is_right_and_bears_its_name() {
    for builtin in builtin::ALL {
        let scenario = from_text(builtin.name, builtin.text).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(scenario.name.as_ref(), builtin.name);
        assert!(!scenario.about.is_empty());
        let hosts: Vec<&str> = scenario.hosts.iter().map(|h| h.name.as_ref().as_str()).collect();
        assert_eq!(hosts, ["mesin1", "mesin2", "mesin3", "gateway"]);
    }
}

#[test]
fn hardware_addresses_follow_the_ipv4_address() {
    let scenario = from_text("t", &format!("{HEAD}{SERVER}")).unwrap();
    let macs: Vec<String> = scenario
        .hosts
        .iter()
        .flat_map(|host| &host.interfaces)
        .map(|interface| interface.mac().to_string())
        .collect();
    assert_eq!(
        macs,
        [
            "02:42:ac:12:00:02",
            "02:42:ac:10:10:65",
            "02:42:ac:12:00:03",
            "02:42:ac:10:10:66",
            "02:42:ac:12:00:04",
            "02:42:ac:10:10:67",
            "02:42:ac:12:00:01",
        ]
    );
}

#[test]
fn recordings_default_to_the_inner_interface_of_every_server() {
    let plain = from_text("t", &format!("{HEAD}{SERVER}")).unwrap();
    assert_eq!(plain.recordings(), [("mesin1".to_owned(), "eth1".to_owned())]);
    let both = "record = [{ host = \"mesin2\", interface = \"eth1\" }, { host = \"mesin1\", interface = \"lo\" }]\n";
    let chosen = from_text("t", &format!("{HEAD}{both}{SERVER}")).unwrap();
    assert_eq!(
        chosen.recordings(),
        [("mesin2".to_owned(), "eth1".to_owned()), ("mesin1".to_owned(), "lo".to_owned())]
    );
}

#[test]
fn values_are_read_as_people_write_them() {
    let sizes = [("67", 67), ("10KiB", 10 << 10), ("3 MiB", 3 << 20), ("1GiB", 1 << 30)];
    for (text, bytes) in sizes {
        assert_eq!(text.parse::<Size>().unwrap(), Size(bytes), "{text}");
    }
    for text in ["", "KiB", "-1", "1 KB", "99999999999GiB", "1.5MiB"] {
        assert!(text.parse::<Size>().is_err(), "{text}");
    }
    assert_eq!("1m 30s".parse::<Span>().unwrap(), Span(Duration::from_secs(90)));
    for text in ["", "5", "1 fortnight", "25h"] {
        assert!(text.parse::<Span>().is_err(), "{text}");
    }
    for text in ["", "02:42", "02:42:ac:10:10:65:00", "03:42:ac:10:10:65", "2:42:ac:10:10:650"] {
        assert!(text.parse::<Mac>().is_err(), "{text}");
    }
    for text in ["1.2.3.4", "1.2.3.4/0", "1.2.3.4/33", "1.2.3/8", "::1/64"] {
        assert!(text.parse::<Address<Ipv4Addr>>().is_err(), "{text}");
    }
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let cases = [
        (
            "version = 1\nname = \"t\"\ncolour = 3\n".to_owned(),
            "t.toml:3:1: unknown field `colour`, expected one of `version`, `name`, `about`, \
             `deadline`, `ipv6`, `record`, `network`, `host`, `file`, `process`\n  | colour = 3\n  | ^^^^^^",
        ),
        (
            "version = 2\nname = \"t\"\n".to_owned(),
            "t.toml:1:11: version 2 is unknown; this program reads version 1\n  | version = 2\n  |           ^",
        ),
        (
            HEAD.to_owned(),
            "t.toml:1:1: nothing runs: add a [[process]] with a server or a client\n  | version = 1\n  | ^",
        ),
        (
            format!("{HEAD}deadline = \"soon\"\n{SERVER}"),
            "t.toml:3:12: `soon` is not a duration such as 500ms or 2s: expected number at 0\n  | deadline = \"soon\"\n  |            ^^^^^^",
        ),
        (
            format!("{HEAD}{}", SERVER.replace("mesin1", "mesin9")),
            "t.toml:5:8: there is no host `mesin9` (there is: gateway, mesin1, mesin2, mesin3)\n  | host = \"mesin9\"\n  |        ^^^^^^^^",
        ),
        (
            format!("{HEAD}{SERVER}{SERVER}"),
            "t.toml:8:8: process `s` is there twice\n  | name = \"s\"\n  |        ^^^",
        ),
        (
            format!("{HEAD}{SERVER}after = [\"s\"]\n"),
            "t.toml:4:8: process `s` waits for itself in a circle\n  | name = \"s\"\n  |        ^^^",
        ),
        (
            format!("{HEAD}{SERVER}barrier = \"b\"\n"),
            "t.toml:7:11: only clients wait at a barrier\n  | barrier = \"b\"\n  |           ^^^",
        ),
        (
            format!("{HEAD}{}", SERVER.replace("0.0.0.0:1", "everywhere")),
            "t.toml:6:19: `everywhere` is not an address with a port such as 0.0.0.0:10000\n  | server = { bind = \"everywhere\" }\n  |                   ^^^^^^^^^^^^",
        ),
        (
            format!("{HEAD}{SERVER}[[file]]\nname = \"../x\"\ntext = \"\"\n"),
            "t.toml:8:8: `../x` is not a plain file name (letters, digits, `.`, `-`, `_`; no folders)\n  | name = \"../x\"\n  |        ^^^^^^",
        ),
        (
            format!("{HEAD}{SERVER}[[file]]\nname = \"x\"\n"),
            "t.toml:8:8: file `x` needs either `text` or `size`\n  | name = \"x\"\n  |        ^^^",
        ),
        (
            format!("{HEAD}record = [{{ host = \"mesin1\", interface = \"eth7\" }}]\n{SERVER}"),
            "t.toml:3:42: host `mesin1` has no interface `eth7`\n  | record = [{ host = \"mesin1\", interface = \"eth7\" }]\n  |                                          ^^^^^^",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(message(&text), expected, "\n{text}");
    }
}

#[test]
fn more_mistakes_are_told_in_words() {
    let host = |rest: &str| {
        format!(
            "{HEAD}[[network]]\nname = \"n\"\n[[host]]\nname = \"mesin1\"\ninterfaces = [{rest}]\n{SERVER}"
        )
    };
    let eth = "{ name = \"eth1\", network = \"n\", address = \"10.0.0.1/24\" }";
    let cases = [
        (host(&eth.replace("\"n\"", "\"m\"")), "there is no network `m` (there is: n)"),
        (host(&eth.replace("/24", "")), "is not an address with its prefix length"),
        (host(&eth.replace("eth1", "lo")), "every host has `lo` already"),
        (host(&eth.replace("eth1", "ethernet1")), "is not a name here"),
        (
            host(&format!("{eth}, {}", eth.replace("eth1", "eth2"))),
            "another interface has this address",
        ),
        (host(&eth.replace(" }", ", address6 = \"fd00::1/64\" }")), "say `ipv6 = true`"),
        (host(&eth.replace(" }", ", mac = \"01:00:00:00:00:00\" }")), "is not a hardware address"),
        (
            format!("{HEAD}{SERVER}client = {{ to = \"10.0.0.1:1\" }}\n"),
            "needs either `server` or `client`",
        ),
        (format!("{HEAD}{}", SERVER.replace("bind", "port")), "unknown field `port`"),
        (
            format!(
                "{HEAD}[[process]]\nname = \"c\"\nhost = \"mesin1\"\nclient = {{ to = \"10.0.0.1:1\", file = \"x\" }}\n"
            ),
            "there is no file `x` (there is: none)",
        ),
        (
            format!(
                "{HEAD}[[process]]\nname = \"c\"\nhost = \"mesin1\"\nclient = {{ to = \"mesin1:1\" }}\n"
            ),
            "the lab has no name server",
        ),
        (
            format!("{HEAD}{SERVER}[[file]]\nname = \"x\"\nsize = \"5GiB\"\n"),
            "the most is 4294967296",
        ),
        (
            format!("{HEAD}{SERVER}[[file]]\nname = \"x\"\nsize = true\n"),
            "expected a number of bytes or a size",
        ),
        (format!("{HEAD}{}", SERVER.repeat(65)), "65 entries of `process`; the most is 64"),
        ("version = 1\nname = \"t\"\n[[process]\n".to_owned(), "t.toml:3:"),
        ("\u{0}\u{1}".to_owned(), "\n  | \u{fffd}\u{fffd}\n"),
        (String::new(), "missing field `version`"),
    ];
    for (text, expected) in cases {
        let message = message(&text);
        assert!(message.contains(expected), "{message}\nshould say: {expected}\n{text}");
    }
}

#[test]
fn a_client_does_not_wait_for_a_mate_behind_its_barrier() {
    let client = |name: &str, after: &str| {
        format!(
            "[[process]]\nname = \"{name}\"\nhost = \"mesin2\"\nbarrier = \"b\"\nafter = [{after}]\n\
             client = {{ to = \"172.16.16.101:1\", message = \"x\" }}\n"
        )
    };
    let text = format!("{HEAD}{}{}", client("a", ""), client("b", "\"a\""));
    assert!(message(&text).contains("`a` waits behind the same barrier: neither could start"));
}
