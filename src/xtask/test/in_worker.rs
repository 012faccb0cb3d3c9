//! The engine's tests in a Web Worker of Chromium: what a person's browser runs, where Node is only alike. Every page
//! of a control is executed there too, and the receipts of the generated files are compared with the native ones.

use super::{Machine, receipts_file};
use crate::{count::Counts, folders, node, program, server, wasm::TARGET};
use anyhow::{Context, Result};
use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
};

pub(super) fn run(machine: &Machine, counts: &mut Counts) -> Result<()> {
    let address = server::free_address()?;
    let serving = Serving::start(machine, &address)?;
    let mut command = node::script(&folders::root().join("src/xtask/test/in_worker.mjs"));
    command
        .arg(format!("http://{address}/"))
        .arg(receipts_file())
        .arg(folders::end2end().join("package.json"))
        .env_remove("CHROMIUM");
    if let Some(browser) = &machine.browser {
        command.env("CHROMIUM", browser);
    }
    let result = program::count(&mut command, counts);
    drop(serving);
    result
}

/// The test runner, which gives the tests to whatever browser asks, until it is stopped.
struct Serving(Child);

impl Serving {
    fn start(machine: &Machine, address: &str) -> Result<Serving> {
        let tests = build(machine)?;
        let child = Command::new(machine.builders.tools.test_runner())
            .arg(&tests)
            .current_dir(folders::root())
            .env("NO_HEADLESS", "1")
            .env("WASM_BINDGEN_USE_DEDICATED_WORKER", "1")
            .env("WASM_BINDGEN_TEST_ADDRESS", address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("the runner of the tests in WASM cannot be started")?;
        Ok(Serving(child))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Builds the engine's tests and returns their program.
fn build(machine: &Machine) -> Result<PathBuf> {
    let answer = program::read(machine.builders.wasm.cargo()?.args([
        "test",
        "--no-run",
        "--quiet",
        "--target",
        TARGET,
        "--package",
        "engine",
        "--test",
        "it",
        "--message-format",
        "json",
    ]))?;
    let program = answer.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    });
    program.context("cargo names no program of the engine's tests")
}
