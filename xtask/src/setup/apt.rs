//! Debian's packages, where we may install them.

use std::process::Command;

use anyhow::Result;

use crate::command;

/// Whether packages can be installed here: as root, on a system that has apt.
pub(super) fn usable() -> bool {
    let root = command::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    root && command::find("apt-get").is_some()
}

/// Installs packages without asking anything and without what they merely recommend.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    println!("Installing {} with apt.", packages.join(" and "));
    command::output(apt().arg("update"))?;
    command::output(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))?;
    Ok(())
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    // Someone else may be installing just now.
    command.args(["-qq", "-o", "DPkg::Lock::Timeout=300"]).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
