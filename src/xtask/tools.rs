//! The tools that cargo does not bring, each in a version of its own: the one place where they are pinned, except
//! for the Node packages (Playwright, axe, wasm-opt), which `end2end/package.json` pins.

use crate::{environment, folders, program, report::say};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The last one that compiles with the Rust version of the workspace.
const TRUNK: &str = "0.21.14";

/// The folders of the tools' programs, to be put first in PATH.
pub(crate) struct Tools {
    pub(crate) trunk: PathBuf,
    pub(crate) wasm_bindgen: PathBuf,
}

impl Tools {
    pub(crate) fn set_up() -> Result<Tools> {
        Ok(Tools {
            trunk: installed(
                "trunk",
                "trunk",
                TRUNK,
                &["--locked", "--no-default-features"],
            )?,
            // Not `--locked`: its lock file names a release that was withdrawn.
            wasm_bindgen: installed("wasm-bindgen-cli", "wasm-bindgen", &wasm_bindgen()?, &[])?,
        })
    }

    pub(crate) fn folders(&self) -> [&Path; 2] {
        [&self.trunk, &self.wasm_bindgen]
    }

    pub(crate) fn wasm_bindgen(&self) -> PathBuf {
        self.wasm_bindgen.join(program_file("wasm-bindgen"))
    }

    pub(crate) fn test_runner(&self) -> PathBuf {
        self.wasm_bindgen
            .join(program_file("wasm-bindgen-test-runner"))
    }
}

/// The ordinary cargo, for everything native, started in the clone.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(folders::root());
    command
}

/// Formatter and linter: parts of the compiler's release that a minimal installation leaves out.
pub(crate) fn set_up_components() -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if program::works(cargo().args([subcommand, "--version"])) {
            continue;
        }
        say(&format!("set-up: rustup component add {component}"));
        program::run(Command::new("rustup").args(["component", "add", component]))
            .with_context(|| format!("cargo {subcommand} is missing"))?;
    }
    Ok(())
}

/// The folder that the ordinary cargo builds into; settings of the user may have moved it.
pub(crate) fn native_target() -> Result<PathBuf> {
    let answer = program::read(cargo().args([
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
        "--locked",
    ]))?;
    let answer: serde_json::Value = serde_json::from_str(&answer)?;
    let folder = answer
        .get("target_directory")
        .and_then(serde_json::Value::as_str);
    Ok(PathBuf::from(
        folder.context("cargo metadata names no target folder")?,
    ))
}

/// `name.exe` on Windows.
pub(crate) fn program_file(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// The command-line tool has to be exactly what the programs are linked with.
fn wasm_bindgen() -> Result<String> {
    let lock = fs::read_to_string(folders::root().join("Cargo.lock"))
        .context("Cargo.lock cannot be read")?;
    locked_version(&lock, "wasm-bindgen").context("Cargo.lock does not name wasm-bindgen")
}

/// The version that a `Cargo.lock` states for a package.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.next()?;
    let version = lines.next()?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_owned())
}

/// The folder of the tool's programs, after building it where it is missing. It becomes visible when it is whole.
fn installed(package: &str, tool: &str, version: &str, options: &[&str]) -> Result<PathBuf> {
    let cache = environment::tool_folder()?;
    let folder = cache.join(format!("{tool}-{version}"));
    let programs = folder.join("bin");
    if programs.join(program_file(tool)).is_file() {
        return Ok(programs);
    }
    say(&format!(
        "set-up: building {tool} {version} (some minutes, once on this machine)"
    ));
    let partial = cache.join(format!("{tool}-{version}.{}", std::process::id()));
    let build = partial.join("build");
    program::run(
        cargo()
            .args(["install", package, "--version", version, "--quiet"])
            .args(options)
            .arg("--root")
            .arg(&partial)
            .env("CARGO_TARGET_DIR", &build)
            // The tools only orchestrate: what counts is how soon they are there.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    )?;
    fs::remove_dir_all(&build).with_context(|| format!("{} cannot be removed", build.display()))?;
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("{} cannot be removed", folder.display()))?;
    }
    fs::rename(&partial, &folder)
        .with_context(|| format!("{} cannot be moved", partial.display()))?;
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_version_of_exactly_that_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.3.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(
            locked_version(lock, "wasm-bindgen"),
            Some("0.2.130".to_owned())
        );
        assert_eq!(locked_version(lock, "wasm"), None);
    }
}
