//! Debian's packages, for what cannot be had in the ordinary way.

use crate::{environment, program, report::say};
use anyhow::Result;
use std::process::Command;

/// Whether there is `apt-get` and the right to use it.
pub(crate) fn possible() -> bool {
    cfg!(target_os = "linux")
        && environment::finds("apt-get")
        && (is_root() || environment::finds("sudo"))
}

/// Installs what is missing of `packages`.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    if packages.iter().all(|package| is_installed(package)) {
        return Ok(());
    }
    say(&format!("set-up: apt-get install {}", packages.join(" ")));
    program::run(as_root("apt-get").args(["update", "--quiet=2"]))?;
    program::run(
        as_root("apt-get")
            .args(["install", "--yes", "--no-install-recommends", "--quiet=2"])
            .args(packages),
    )
}

/// The program with the rights of root: through `sudo` where we are not root ourselves.
pub(crate) fn as_root(program: &str) -> Command {
    let mut command = if is_root() {
        Command::new(program)
    } else {
        let mut command = Command::new("sudo");
        command.arg(program);
        command
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Whether we are root; nobody is on Windows.
pub(crate) fn is_root() -> bool {
    program::read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn is_installed(package: &str) -> bool {
    program::read(Command::new("dpkg-query").args(["--show", "--showformat=${Status}", package]))
        .is_ok_and(|status| status == "install ok installed")
}
