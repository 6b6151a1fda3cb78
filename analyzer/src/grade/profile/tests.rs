use super::{Profile, READY, ready};

fn course() -> Profile {
    Profile::parse(ready("course").unwrap_or_default(), "course").unwrap_or_default()
}

#[test]
fn ready_profiles_are_sound() {
    for name in READY {
        let text = ready(name).unwrap_or_default();
        let profile = Profile::parse(text, name).map_err(|error| error.to_string());
        assert!(profile.is_ok_and(|profile| !profile.hosts.is_empty()), "{name}");
    }
    assert!(course().ignores(6666) && !course().ignores(10_000));
    assert_eq!(course().host("Mesin-2").map(|host| host.name.as_str()), Some("mesin2"));
}

#[test]
fn a_sentence_names_one_machine_or_none() {
    let profile = course();
    let named = |text: &str| profile.named_in(text).map(|(host, _)| host.name.clone());
    assert_eq!(named("Mesin1 adalah server").as_deref(), Some("mesin1"));
    assert_eq!(named("the server runs on machine 3.").as_deref(), Some("mesin3"));
    assert_eq!(named("mesin10 adalah server"), None);
    assert_eq!(named("mesin1 dan mesin2"), None);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let table = [
        ("version = 2", ":1:11: version 2 is not known; write 1"),
        ("version = 1\n[[host]]\nname = \"a1\"\naddresses = [\"x\"]", ":4:14: \"x\" is no IP"),
        ("version = 1\n[[host]]\nname = \"\"\naddresses = []", ":3:8: a name needs two"),
        ("version = 1\nhosts = 3", ":2:1: unknown field `hosts`"),
        ("version = 1\n[ignore]\nports = [70000]", ":3:10: invalid value"),
    ];
    for (text, expected) in table {
        let error = Profile::parse(text, "p").map(|_| ()).map_err(|error| error.to_string());
        let error = error.err().unwrap_or_default();
        assert!(error.starts_with(&format!("p{expected}")), "{text}: {error}");
    }
}
