//! What `tarazu` writes, read by programs of others: openpyxl, frictionless, validators of JSON Schema and of SARIF,
//! junitparser, duckdb, datacontract-cli and OpenLineage's client. And what tus-js-client sends, taken by `tarazu`.

use super::with_server;
use crate::{
    count::Counts,
    folders, node, program, python,
    server::{self, Profile},
};
use anyhow::{Context, Result};
use std::{fs, path::Path, process::Command};

/// The schema of SARIF as its makers ship it.
const SARIF: &str = "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json";

pub(super) fn run(counts: &mut Counts) -> Result<()> {
    let here = folders::root().join("src/xtask/test");
    let python = python::set_up("foreign", &here.join("requirements.txt"))?;
    let tarazu = server::build(Profile::Dev)?;
    let out = folders::target().join("foreign");
    fs::create_dir_all(&out).with_context(|| format!("{} cannot be made", out.display()))?;
    let script = |name: &str| {
        let mut command = Command::new(&python);
        command
            .arg(here.join(name))
            .arg(&tarazu)
            .current_dir(&out)
            .env("PYTHONUTF8", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    };
    let mut reports = script("foreign.py");
    program::count(reports.arg(folders::end2end().join(SARIF)), counts)?;
    let mut contracts = script("foreign_contracts.py");
    let fixtures = folders::root().join("src/engine/tests/contracts");
    program::count(contracts.arg(fixtures), counts)?;
    sent(&tarazu, &out.join("tus"), counts)?;
    with_server("foreign-tables", |server, data, _| {
        program::count(script("foreign_tables.py").arg(server.url()), counts)?;
        let mut lineage = script("foreign_lineage.py");
        program::count(lineage.arg(server.url()).arg(data), counts)
    })
}

/// What tus-js-client sends, taken by `tarazu`.
fn sent(tarazu: &Path, folder: &Path, counts: &mut Counts) -> Result<()> {
    // What an earlier run left there.
    fs::remove_dir_all(folder).ok();
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut client = node::script(&folders::root().join("src/xtask/test/tus.mjs"));
    client
        .arg(tarazu)
        .arg(folder)
        .arg(folders::end2end().join("package.json"));
    program::count(&mut client, counts)
}
