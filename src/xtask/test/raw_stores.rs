//! Whole runs over S3 and Azure Blob Storage, played on this machine by moto and azurite. No play of Google Cloud
//! Storage was found that takes a file in parts as its XML interface does.

use crate::{
    count::Counts,
    folders, node, program, python,
    server::{self, Profile},
};
use anyhow::{Context, Result};
use std::{fs, process::Command};

pub(super) fn run(counts: &mut Counts) -> Result<()> {
    let here = folders::root().join("src/xtask/test");
    let python = python::set_up("raw-stores", &here.join("raw_stores.txt"))?;
    let packages = node::packages("azurite", &here.join("azurite"))?;
    let tarazu = server::build(Profile::Dev)?;
    let out = folders::target().join("raw-stores");
    fs::create_dir_all(&out).with_context(|| format!("{} cannot be made", out.display()))?;
    let mut command = Command::new(&python);
    command
        .arg(here.join("raw_stores.py"))
        .arg(&tarazu)
        .arg(packages.join("azurite/dist/src/blob/main.js"))
        .current_dir(&out)
        .env("PYTHONUTF8", "1")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    program::count(&mut command, counts)
}
