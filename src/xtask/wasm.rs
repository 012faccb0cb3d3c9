//! The compiler for `wasm32-unknown-unknown`: which one it is, is decided here and nowhere else.

mod debian;

use crate::{environment, folders, program, report::say};
use anyhow::{Context, Result, bail};
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wasm {
    /// The compiler that builds everything else; rustup brought it the target.
    Ordinary,
    /// Debian's own compiler in `/usr/bin`, with a standard library that we built for it.
    Debian,
}

impl Wasm {
    /// The compiler that is there, else one that is set up now.
    pub(crate) fn set_up() -> Result<Wasm> {
        if let Some(wasm) = Wasm::find() {
            return Ok(wasm);
        }
        say(&format!("set-up: rustup target add {TARGET}"));
        let added = program::works(Command::new("rustup").args(["target", "add", TARGET]));
        if let Some(wasm) = Wasm::find().filter(|_| added) {
            return Ok(wasm);
        }
        if !debian::possible() {
            bail!(
                "there is no Rust standard library for {TARGET}; \
                 add it with `rustup target add {TARGET}` when there is a network"
            );
        }
        say("set-up: rustup could not add it; Debian's compiler takes its place");
        debian::set_up()?;
        Wasm::find().context("the standard library was built, and the compiler does not find it")
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Wasm::Ordinary => "the ordinary compiler",
            Wasm::Debian => "Debian's compiler",
        }
    }

    fn find() -> Option<Wasm> {
        if has_target(OsStr::new("rustc")) {
            Some(Wasm::Ordinary)
        } else if debian::compiler_is_there() && has_target(debian::compiler().as_os_str()) {
            Some(Wasm::Debian)
        } else {
            None
        }
    }

    /// A command for `cargo`, or for a program that calls `cargo`, with `tools` first in its search path.
    pub(crate) fn command(self, program: impl AsRef<OsStr>, tools: &[&Path]) -> Result<Command> {
        let mut folders = Vec::new();
        if self == Wasm::Debian {
            folders.push(debian::folder());
        }
        folders.extend_from_slice(tools);
        let mut command = Command::new(self.resolve(program.as_ref()));
        command
            .current_dir(folders::root())
            .env("PATH", environment::path_with(&folders)?)
            .env("CARGO_TARGET_DIR", folders::wasm_target());
        if self == Wasm::Debian {
            // What `cargo run` has set for us, and the other cargo would pass on.
            command
                .env("CARGO", debian::folder().join("cargo"))
                .env_remove("RUSTUP_TOOLCHAIN");
        }
        Ok(command)
    }

    pub(crate) fn cargo(self) -> Result<Command> {
        self.command("cargo", &[])
    }

    fn resolve(self, program: &OsStr) -> PathBuf {
        match self {
            Wasm::Debian if program == "cargo" => debian::folder().join(program),
            _ => PathBuf::from(program),
        }
    }
}

/// Whether this compiler can compile an empty library for the target. Asking the compiler also notices a
/// standard library that another version left.
fn has_target(compiler: &OsStr) -> bool {
    program::works(
        Command::new(compiler)
            .current_dir(folders::root())
            .args(["--target", TARGET, "--crate-type", "rlib"])
            .args(["--crate-name", "probe", "--emit", "metadata", "--out-dir"])
            .arg(folders::target().join("probe"))
            .arg("-"),
    )
}
