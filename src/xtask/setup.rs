//! Everything that the tasks need beside cargo, node and a C compiler. What is there is left alone.

use crate::{
    chromium, node, report,
    stopwatch::Stopwatch,
    tools::{self, Tools},
    wasm::Wasm,
};
use anyhow::{Context, Result};
use std::path::PathBuf;

/// What building the site takes.
pub(crate) struct Builders {
    pub(crate) wasm: Wasm,
    pub(crate) tools: Tools,
}

impl Builders {
    pub(crate) fn set_up() -> Result<Builders> {
        Ok(Builders {
            wasm: Wasm::set_up().context("setting up the WASM compiler")?,
            tools: {
                node::set_up().context("setting up the Node packages")?;
                Tools::set_up().context("setting up the tools")?
            },
        })
    }
}

/// What the checks take besides: formatter, linter, and the browser that the stories run in (none where Playwright
/// starts its own).
pub(crate) fn for_tests() -> Result<Option<PathBuf>> {
    tools::set_up_components()?;
    chromium::set_up().context("setting up the browser")
}

/// Installs whatever any task needs.
pub fn run() -> Result<()> {
    let watch = Stopwatch::start();
    let builders = Builders::set_up()?;
    let browser = for_tests()?;
    report::say(&format!(
        "set up in {}: WASM by {}, browser {}",
        report::duration(watch.read()),
        builders.wasm.name(),
        browser.map_or("of Playwright".to_owned(), |path| path
            .display()
            .to_string()),
    ));
    Ok(())
}
