//! Leaving the host system: the namespaces that hold the whole lab.
//!
//! Three processes make a lab. The command itself stays outside. It starts a warden
//! ([`run`]), which unshares a pid namespace (and, without privileges, a user namespace) and
//! starts the supervisor as its first process. When the supervisor dies, for whatever reason,
//! the kernel kills everything in the pid namespace and removes the lab's network namespaces
//! with the last of them. Each of the two dies with its parent, so that nothing is left when
//! the command itself is killed.

use std::fs;
use std::io;
use std::process::{Command, ExitStatus};

use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::{getegid, geteuid};

use super::error::{Error, Result};

/// Who owns the namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privilege {
    /// Root when we are root and may; otherwise a user namespace.
    Any,
    /// Root only.
    Root,
}

const PARTS: CloneFlags = CloneFlags::CLONE_NEWPID
    .union(CloneFlags::CLONE_NEWNS)
    .union(CloneFlags::CLONE_NEWNET)
    .union(CloneFlags::CLONE_NEWIPC);

/// Makes this (single-threaded) process the warden: unshares, starts `supervisor` as the first
/// process of the new pid namespace, tells `started` its pid and waits for its end.
///
/// # Errors
/// [`Error::Forbidden`] when the system allows no namespaces.
pub fn run(
    privilege: Privilege,
    supervisor: &mut Command,
    started: impl FnOnce(u32) -> io::Result<()>,
) -> Result<ExitStatus> {
    die_with_parent()?;
    leave(privilege)?;
    // A user namespace resets it.
    die_with_parent()?;
    let fail = |cause: io::Error| Error::Supervisor(format!("could not be started: {cause}"));
    let mut child = supervisor.spawn().map_err(fail)?;
    // When nobody listens any more, the supervisor notices by itself.
    let _ = started(child.id());
    child.wait().map_err(fail)
}

/// Asks the kernel to kill this process when its parent dies.
///
/// # Errors
/// When the kernel refuses.
pub fn die_with_parent() -> Result<()> {
    set_pdeathsig(Signal::SIGKILL)
        .map_err(|cause| Error::Supervisor(format!("cannot be tied to its parent: {cause}")))
}

/// Gives the new pid namespace its own /proc, so that `ps` in a host shows the lab only. Where
/// a container forbids it the old one does as well: what the lab reads there is about itself.
pub fn mount_proc() {
    let none: Option<&str> = None;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    if mount(none, "/", none, private, none).is_ok() {
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
        let _ = mount(Some("proc"), "/proc", Some("proc"), flags, none);
    }
}

fn leave(privilege: Privilege) -> Result<()> {
    if geteuid().is_root() {
        match unshare(PARTS) {
            Ok(()) => return Ok(()),
            Err(cause) if privilege == Privilege::Root => return Err(refused("unshare", cause)),
            // Root of a container without CAP_SYS_ADMIN: go on like anybody else.
            Err(_) => {}
        }
    } else if privilege == Privilege::Root {
        return Err(Error::Usage(
            "--as-root needs root: run `sudo generator lab --as-root …`, or leave it out to run rootless".into(),
        ));
    }
    let (user, group) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER | PARTS)
        .map_err(|cause| refused("unshare(CLONE_NEWUSER)", cause))?;
    let write = |file: &'static str, text: String| {
        fs::write(file, text).map_err(|cause| Error::Forbidden {
            call: file,
            cause,
            advice: advice(),
        })
    };
    write("/proc/self/setgroups", "deny".into())?;
    write("/proc/self/uid_map", format!("0 {user} 1"))?;
    write("/proc/self/gid_map", format!("0 {group} 1"))
}

fn refused(call: &'static str, cause: Errno) -> Error {
    Error::Forbidden { call, cause: cause.into(), advice: advice() }
}

/// Names the settings that stand in the way, and the way as root.
fn advice() -> String {
    let root = "Or run it as root: `sudo generator lab --as-root …`.";
    let blocking: Vec<String> = SETTINGS
        .iter()
        .filter(|setting| read_setting(setting.name).is_some_and(|value| value == setting.blocks))
        .map(|setting| {
            format!(
                "{} is {}: allow user namespaces with `sudo sysctl -w {}={}`.",
                setting.name, setting.blocks, setting.name, setting.allows
            )
        })
        .collect();
    if blocking.is_empty() {
        let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        return format!(
            "User namespaces are forbidden here, perhaps by the container's seccomp or security profile, or by {}. {root}",
            names.join(", ")
        );
    }
    format!("{} {root}", blocking.join(" "))
}

/// A kernel setting that may forbid user namespaces.
struct Setting {
    name: &'static str,
    blocks: &'static str,
    allows: &'static str,
}

const SETTINGS: [Setting; 3] = [
    Setting { name: "kernel.unprivileged_userns_clone", blocks: "0", allows: "1" },
    Setting { name: "user.max_user_namespaces", blocks: "0", allows: "10000" },
    Setting { name: "kernel.apparmor_restrict_unprivileged_userns", blocks: "1", allows: "0" },
];

fn read_setting(name: &str) -> Option<String> {
    let path = format!("/proc/sys/{}", name.replace('.', "/"));
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

/// True when this process's root is an ordinary user outside.
pub fn is_rootless() -> bool {
    let all = |map: String| map.split_ascii_whitespace().eq(["0", "0", "4294967295"]);
    !fs::read_to_string("/proc/self/uid_map").is_ok_and(all)
}
