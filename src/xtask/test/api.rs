//! The API against its own document: schemathesis sends what the document allows, and what it does not, to a server
//! whose ledger has something of everything, and holds the answers to it. Of what has a name it asks for what is there, most
//! of the time.

use super::{Machine, with_server};
use crate::{count::Counts, folders, program, python};
use anyhow::{Context, Result};
use std::{fs, process::Command};

/// Of each kind of request; `--long` tries more.
const EXAMPLES: u32 = 25;
const MANY: u32 = 250;

pub(super) fn run(machine: &Machine, counts: &mut Counts) -> Result<()> {
    let here = folders::root().join("src/xtask/test");
    let python = python::set_up("schemathesis", &here.join("schemathesis.txt"))?;
    with_server("api", |server, folder, _| {
        let names = folder.join("names");
        fs::create_dir_all(&names)
            .with_context(|| format!("{} cannot be made", names.display()))?;
        // The files with the names are looked for beside it.
        let config = names.join("schemathesis.toml");
        fs::copy(here.join("schemathesis.toml"), &config)
            .with_context(|| format!("{} cannot be written", config.display()))?;
        let mut seed = Command::new(&python);
        seed.arg(here.join("api_seed.py")).arg(server.url());
        program::run(seed.current_dir(&names).env("PYTHONUTF8", "1"))?;
        let examples = if machine.long { MANY } else { EXAMPLES };
        let mut command = Command::new(python);
        command
            .args(["-m", "schemathesis.cli", "--config-file"])
            .arg(config)
            .arg("run")
            .arg(format!("{}/api/v1/openapi.json", server.url()))
            .arg(format!("--max-examples={examples}"))
            .arg(format!("--seed={}", machine.seed))
            .arg("--continue-on-failure")
            .current_dir(folder)
            .env("PYTHONUTF8", "1");
        let ended = program::run(&mut command);
        counts.add(Counts {
            passed: ended.is_ok().into(),
            failed: ended.is_err().into(),
            ..Counts::default()
        });
        ended
    })
}
