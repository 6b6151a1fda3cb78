//! Whose a run folder is: under sudo, the person's who typed the command, not root's.

use std::fs;
use std::os::unix::fs::lchown;
use std::path::Path;

use super::error::{Error, Result};

/// Gives the folder with all that is in it to the user who called sudo; does nothing when that
/// is not how the program was started.
///
/// # Errors
/// When an owner cannot be changed.
pub fn give_back(folder: &Path) -> Result<()> {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
    if !nix::unistd::geteuid().is_root() {
        return Ok(());
    }
    match (number("SUDO_UID"), number("SUDO_GID")) {
        (Some(user), Some(group)) => give(folder, user, group),
        _ => Ok(()),
    }
}

/// Links are given away themselves, never what they point to.
fn give(path: &Path, user: u32, group: u32) -> Result<()> {
    let failed = |cause| Error::file("change the owner of", path, cause);
    lchown(path, Some(user), Some(group)).map_err(failed)?;
    if !fs::symlink_metadata(path).map_err(failed)?.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(failed)? {
        give(&entry.map_err(failed)?.path(), user, group)?;
    }
    Ok(())
}
