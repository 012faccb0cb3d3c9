//! The copy of the tree in which mutations are made. It is built into a folder of its own, which stays, so that only
//! what a mutation touches is compiled again.

use crate::{folders, program, report::say, tools};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

/// The slowest test takes a tenth of it.
const PATIENCE: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_millis(20);

pub(super) struct Tree {
    root: PathBuf,
    built: PathBuf,
}

pub(super) enum Ended {
    /// So many tests ran.
    Passed(u64),
    Failed,
    TooLate,
    NotBuilt,
}

impl Tree {
    /// Everything that git knows or would take, below `folder`. What is the same already is left alone.
    pub(super) fn copy(folder: &Path) -> Result<Tree> {
        let tree = Tree {
            root: folder.join("tree"),
            built: folder.join("built"),
        };
        let files = program::read(Command::new("git").current_dir(folders::root()).args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ]))?;
        for file in files.split_terminator('\0') {
            let from = folders::root().join(file);
            // What is removed and not yet committed is still in git's list.
            if !from.is_file() {
                continue;
            }
            let to = tree.root.join(file);
            let bytes =
                fs::read(&from).with_context(|| format!("{} cannot be read", from.display()))?;
            if fs::read(&to).is_ok_and(|present| present == bytes) {
                continue;
            }
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&to, bytes).with_context(|| format!("{} cannot be written", to.display()))?;
        }
        Ok(tree)
    }

    pub(super) fn read(&self, file: &str) -> Result<String> {
        let path = self.root.join(file);
        fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))
    }

    pub(super) fn write(&self, file: &str, text: &str) -> Result<()> {
        let path = self.root.join(file);
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
    }

    /// Builds the engine's tests, and runs those whose names contain one of these.
    pub(super) fn test(&self, names: &[&str]) -> Result<Ended> {
        let built = self.cargo(&["--no-run"], &[])?;
        if !built.0.is_some_and(|it| it.success()) {
            say(&built.1);
            return Ok(Ended::NotBuilt);
        }
        let (status, output) = self.cargo(&["--"], names)?;
        Ok(match status {
            Some(status) if status.success() => Ended::Passed(
                output
                    .lines()
                    .map(|it| crate::count::in_line(it).passed)
                    .sum(),
            ),
            Some(_) => Ended::Failed,
            None => Ended::TooLate,
        })
    }

    /// How it ended, None where it was stopped, and what it printed.
    fn cargo(&self, options: &[&str], names: &[&str]) -> Result<(Option<ExitStatus>, String)> {
        let log = self.built.join("output.txt");
        fs::create_dir_all(&self.built)?;
        let file = fs::File::create(&log)?;
        let mut child = tools::cargo()
            .current_dir(&self.root)
            .args([
                "test",
                "--quiet",
                "--package",
                "engine",
                "--lib",
                "--test",
                "it",
            ])
            .args(options)
            .args(names)
            .env("CARGO_TARGET_DIR", &self.built)
            // A smaller input that fails as well is of no interest here.
            .env("PROPTEST_MAX_SHRINK_ITERS", "0")
            .env("PROPTEST_FAILURE_PERSISTENCE", "off")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stderr(file.try_clone()?)
            .stdout(file)
            .spawn()
            .context("cargo cannot be started")?;
        let mut waited = Duration::ZERO;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if waited > PATIENCE && options != ["--no-run"] {
                child.kill().ok();
                child.wait()?;
                break None;
            }
            thread::sleep(PAUSE);
            waited += PAUSE;
        };
        let output = fs::read(&log)?;
        Ok((status, String::from_utf8_lossy(&output).into_owned()))
    }
}
