//! The generated files: the same for the same number of rows, every time.

use crate::{folders, program};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const SEED: &str = "7";
const END: &str = "2026-06-30";

/// Which rows fail.
#[derive(Debug, Clone, Copy)]
pub(super) enum Faults {
    Usual,
    None,
    All,
}

impl Faults {
    fn word(self) -> &'static str {
        match self {
            Faults::Usual => "usual",
            Faults::None => "none",
            Faults::All => "all",
        }
    }
}

pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

impl File {
    /// `rows` rows of the six columns that the contract requires.
    pub(super) fn generate(tarazu: &Path, rows: u32, faults: Faults) -> Result<File> {
        let folder = folders::target().join("bench");
        fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let path = folder.join(format!("sales-{rows}-{}.csv", faults.word()));
        program::read(
            Command::new(tarazu)
                .args(["generate", "--rows", &rows.to_string(), "--seed", SEED])
                .args(["--end", END, "--required-only", "--faults", faults.word()])
                .arg("--out")
                .arg(&path),
        )?;
        let bytes = fs::metadata(&path)?.len();
        Ok(File { path, bytes })
    }
}
