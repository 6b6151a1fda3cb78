//! A cable of its own for a test: two interfaces, `eth1` and `eth2`, in a network namespace that
//! only the calling thread and what it starts are in. It goes when they are gone.

use std::fs;
use std::process::Command;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::geteuid;

/// Moves the calling thread into a new network namespace with the two interfaces, both up.
/// Threads and processes that it starts from now on are there as well.
///
/// # Errors
/// Why it cannot be done here.
pub fn enter() -> Result<(), String> {
    if !geteuid().is_root() {
        return Err("a network namespace for a thread needs root".into());
    }
    unshare(CloneFlags::CLONE_NEWNET)
        .map_err(|cause| format!("network namespaces are forbidden here: {cause}"))?;
    // Neighbour discovery would be recorded, too.
    let _ = fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
    for command in [
        "link add eth1 address 02:00:00:00:00:01 type veth peer name eth2 address 02:00:00:00:00:02",
        "link set eth1 up",
        "link set eth2 up",
    ] {
        let output = Command::new("ip")
            .args(command.split(' '))
            .output()
            .map_err(|cause| format!("ip (of iproute2): {cause}"))?;
        if !output.status.success() {
            return Err(format!("ip {command}: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    Ok(())
}

/// Frames that an interface of the calling thread's namespace has received.
pub fn received(interface: &str) -> u64 {
    let table = fs::read_to_string("/proc/thread-self/net/dev").expect("the table of interfaces");
    let row = table.lines().find_map(|line| line.trim().strip_prefix(&format!("{interface}:")));
    let packets = row.and_then(|row| row.split_ascii_whitespace().nth(1));
    packets.and_then(|packets| packets.parse().ok()).expect("a row with a number of packets")
}
