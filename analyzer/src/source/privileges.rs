//! What this process may do, and giving it up once a device is open.

use caps::{CapSet, Capability};

/// True when the calling thread may open devices for capture (capability CAP_NET_RAW).
pub fn may_capture() -> bool {
    caps::has_cap(None, CapSet::Effective, Capability::CAP_NET_RAW).unwrap_or(false)
}

/// What to do when it may not, with the commands.
pub fn how_to_gain() -> String {
    let program = std::env::current_exe()
        .map_or_else(|_| String::from("PATH"), |path| path.display().to_string());
    format!(
        "capturing needs the capability CAP_NET_RAW, which this process lacks; grant it with \
         `sudo setcap cap_net_raw+ep {program}`, or run it as root"
    )
}

/// Gives up all capabilities of the calling thread, for good: what follows reads bytes from
/// strangers. Devices and files that are open stay open; root keeps its user id but none of
/// its powers.
///
/// # Errors
/// What the system said, as text; capabilities that could be dropped are dropped.
pub fn drop_all() -> Result<(), String> {
    // Without CAP_SETPCAP the bounding set cannot be changed; then it does not matter, as
    // nothing is executed.
    let _ = caps::clear(None, CapSet::Bounding);
    let _ = caps::clear(None, CapSet::Ambient);
    [CapSet::Inheritable, CapSet::Effective, CapSet::Permitted]
        .into_iter()
        .map(|set| {
            caps::clear(None, set).map_err(|cause| format!("cannot drop capabilities: {cause}"))
        })
        .fold(Ok(()), Result::and)
}
