//! Node and its packages: Playwright, axe and wasm-opt, in the versions of `end2end/package-lock.json`.

use crate::{environment, folders, program, report::say};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

pub(crate) fn set_up() -> Result<()> {
    if !program::works(Command::new("node").arg("--version")) {
        bail!("node is missing: install Node 20 or newer, with npm");
    }
    install("end2end", &folders::end2end())
}

/// Packages that one step alone needs, beside the other tools: gives their `node_modules`. `from` has the
/// `package.json` and its lock.
pub(crate) fn packages(name: &str, from: &Path) -> Result<PathBuf> {
    let folder = environment::tool_folder()?.join(format!("node-{name}"));
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for file in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(from.join(file), folder.join(file))
            .with_context(|| format!("{file} of {name} cannot be copied"))?;
    }
    install(name, &folder)?;
    Ok(folder.join("node_modules"))
}

/// Installs what the lock in `folder` names, where that is not there yet.
fn install(name: &str, folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("package-lock.json of {name} cannot be read"))?;
    let installed = folder.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|present| present == lock) {
        return Ok(());
    }
    say(&format!("set-up: npm ci for {name}"));
    program::run(Command::new(NPM).current_dir(folder).args([
        "ci",
        "--ignore-scripts",
        "--loglevel=error",
    ]))?;
    fs::write(&installed, lock)
        .with_context(|| format!("{} cannot be written", installed.display()))
}

pub(crate) fn wasm_opt() -> Command {
    script(&folders::end2end().join("node_modules/binaryen/bin/wasm-opt"))
}

/// Playwright's command line, started beside its configuration.
pub(crate) fn playwright() -> Command {
    let mut command = script(&folders::end2end().join("node_modules/@playwright/test/cli.js"));
    command.current_dir(folders::end2end());
    command
}

/// A script that Node runs: started so, it needs neither a shell nor a file association.
pub(crate) fn script(path: &Path) -> Command {
    let mut command = Command::new("node");
    command.arg(path);
    command
}
