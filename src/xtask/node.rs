//! Node and its packages: Playwright, axe and wasm-opt, in the versions of `end2end/package-lock.json`.

use crate::{folders, program, report::say};
use anyhow::{Context, Result, bail};
use std::{fs, path::Path, process::Command};

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

pub(crate) fn set_up() -> Result<()> {
    if !program::works(Command::new("node").arg("--version")) {
        bail!("node is missing: install Node 20 or newer, with npm");
    }
    let lock = fs::read(folders::end2end().join("package-lock.json"))
        .context("end2end/package-lock.json cannot be read")?;
    let installed = folders::end2end().join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|present| present == lock) {
        return Ok(());
    }
    say("set-up: npm ci in end2end");
    program::run(Command::new(NPM).current_dir(folders::end2end()).args([
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
