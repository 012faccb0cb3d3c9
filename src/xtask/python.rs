//! Python programs for comparison, each set in an environment of its own beside the other tools. The packages and
//! their versions stand in a `requirements.txt`.

use crate::{environment, program, report::say};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The Python that has these packages, after installing them where they are missing or others.
pub(crate) fn set_up(name: &str, requirements: &Path) -> Result<PathBuf> {
    let wanted = fs::read(requirements)
        .with_context(|| format!("{} cannot be read", requirements.display()))?;
    let folder = environment::tool_folder()?.join(format!("python-{name}"));
    let python = if cfg!(windows) {
        folder.join("Scripts").join("python.exe")
    } else {
        folder.join("bin").join("python")
    };
    let installed = folder.join("installed.txt");
    if python.is_file() && fs::read(&installed).is_ok_and(|present| present == wanted) {
        return Ok(python);
    }
    say(&format!("set-up: Python packages for {name}"));
    let system = if cfg!(windows) { "python" } else { "python3" };
    program::read(
        Command::new(system)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    program::read(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .args(["--disable-pip-version-check", "--requirement"])
            .arg(requirements),
    )?;
    fs::write(&installed, wanted)
        .with_context(|| format!("{} cannot be written", installed.display()))?;
    Ok(python)
}
