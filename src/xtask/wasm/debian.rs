//! The way for Debian-like machines whose rustup cannot add the target: Debian packages a newer compiler for
//! building its browsers, and that compiler's standard library is built once for the target.

use super::TARGET;
use crate::{apt, environment, folders, program, report::say};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// `rust-web-llvm` has `rust-lld`, which is a link to what `lld-22` brings.
const PACKAGES: [&str; 6] = [
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "rust-web-llvm",
    "rust-web-clippy",
    "lld-22",
];

pub(super) fn possible() -> bool {
    apt::possible()
}

/// Where Debian's compiler lies. It does not disturb rustup's, as long as PATH says which is meant.
pub(super) fn folder() -> &'static Path {
    Path::new("/usr/bin")
}

pub(super) fn compiler() -> PathBuf {
    folder().join("rustc")
}

pub(super) fn compiler_is_there() -> bool {
    compiler().is_file() && folder().join("cargo").is_file()
}

pub(super) fn set_up() -> Result<()> {
    apt::install(&PACKAGES)?;
    let sysroot = program::read(Command::new(compiler()).args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib");
    let work = environment::tool_folder()?.join("wasm-std");
    say("set-up: building the standard library (about a minute)");
    let built = build(&work)?;
    say(&format!(
        "set-up: copying {} files to {}",
        built.len(),
        library.display()
    ));
    program::run(apt::as_root("mkdir").arg("-p").arg(&library))?;
    program::run(apt::as_root("cp").args(&built).arg(&library))?;
    fs::remove_dir_all(&work).with_context(|| format!("{} cannot be removed", work.display()))?;
    // Whatever was compiled against an earlier standard library does not link with this one.
    let stale = folders::wasm_target();
    if stale.exists() {
        fs::remove_dir_all(&stale)
            .with_context(|| format!("{} cannot be removed", stale.display()))?;
    }
    Ok(())
}

/// Builds the standard library beside an empty crate, and returns its files without the crate's own.
fn build(work: &Path) -> Result<Vec<PathBuf>> {
    if work.exists() {
        fs::remove_dir_all(work)?;
    }
    fs::create_dir_all(work.join("src"))
        .with_context(|| format!("{} cannot be made", work.display()))?;
    fs::write(
        work.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n",
    )?;
    fs::write(work.join("src/lib.rs"), "")?;
    program::run(
        Command::new(folder().join("cargo"))
            .current_dir(work)
            .args(["build", "--release", "--target", TARGET])
            .arg("-Zbuild-std=std,panic_abort,test")
            .env("PATH", environment::path_with(&[folder()])?)
            .env("CARGO", folder().join("cargo"))
            .env("CARGO_TARGET_DIR", work.join("target"))
            .env("RUSTC_BOOTSTRAP", "1")
            // Without bitcode in it, no later build could optimise across crates.
            .env("RUSTFLAGS", "-C embed-bitcode=yes")
            .env_remove("RUSTUP_TOOLCHAIN"),
    )?;
    let mut files = Vec::new();
    for entry in fs::read_dir(work.join("target").join(TARGET).join("release/deps"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".rlib") && !name.starts_with("libempty-") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
