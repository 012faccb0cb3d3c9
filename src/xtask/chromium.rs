//! The browser of the stories: the one that is named, the one that is installed, else Playwright's, else Debian's.

use crate::{apt, environment, node, program, report::say};
use anyhow::{Result, bail};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

const INSTALLED: [&str; 2] = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

/// The browser to start, or none where Playwright is to start its own.
pub(crate) fn set_up() -> Result<Option<PathBuf>> {
    if let Some(named) = environment::chromium() {
        if !named.is_file() {
            bail!("CHROMIUM names {}, which is no file", named.display());
        }
        return Ok(Some(named));
    }
    if let Some(found) = find() {
        return Ok(Some(found));
    }
    if playwright_has_one() {
        return Ok(None);
    }
    say("set-up: playwright install chromium");
    if program::run(node::playwright().args(["install", "chromium"])).is_ok()
        && playwright_has_one()
    {
        return Ok(None);
    }
    if apt::possible() {
        say("set-up: Playwright could not bring its browser; Debian's takes its place");
        apt::install(&["chromium"])?;
        if let Some(found) = find() {
            return Ok(Some(found));
        }
    }
    bail!("there is no Chromium: install one and name it in the variable CHROMIUM")
}

fn find() -> Option<PathBuf> {
    INSTALLED
        .iter()
        .map(Path::new)
        .find(|path| path.is_file())
        .map(Path::to_path_buf)
}

fn playwright_has_one() -> bool {
    let ask = "const { chromium } = require('@playwright/test');\
               process.stdout.write(chromium.executablePath());";
    program::read(
        Command::new("node")
            .current_dir(crate::folders::end2end())
            .args(["--input-type=commonjs", "--eval", ask]),
    )
    .is_ok_and(|path| Path::new(path.trim()).is_file())
}
