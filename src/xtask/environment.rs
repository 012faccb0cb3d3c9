//! The settings that the tasks take from the environment, read here and nowhere else.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge where settings are read"
)]

use anyhow::{Context, Result};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The folder of the pinned tools: `$XDG_CACHE_HOME/tarazu`, else `~/.cache/tarazu`; on Windows
/// `%LOCALAPPDATA%\tarazu`. It lies outside the clone, so that a second clone finds them.
pub(crate) fn tool_folder() -> Result<PathBuf> {
    if let Some(folder) = set("XDG_CACHE_HOME").filter(|folder| Path::new(folder).is_absolute()) {
        return Ok(PathBuf::from(folder).join("tarazu"));
    }
    let folder = if cfg!(windows) {
        set("LOCALAPPDATA").map(PathBuf::from)
    } else {
        set("HOME").map(|home| PathBuf::from(home).join(".cache"))
    };
    Ok(folder
        .context("neither XDG_CACHE_HOME nor a home folder is set")?
        .join("tarazu"))
}

/// The search path for programs with `folders` before everything else.
pub(crate) fn path_with(folders: &[&Path]) -> Result<OsString> {
    let present = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(
        folders
            .iter()
            .map(|folder| folder.to_path_buf())
            .chain(std::env::split_paths(&present)),
    )
    .context("a tool's folder cannot stand in PATH")
}

/// The browser that `CHROMIUM` names.
pub(crate) fn chromium() -> Option<PathBuf> {
    set("CHROMIUM").map(PathBuf::from)
}

/// Whether a program of this name stands in PATH.
pub(crate) fn finds(program: &str) -> bool {
    folder_of(program).is_some()
}

/// The folder of PATH in which a program of this name stands.
pub(crate) fn folder_of(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).find(|folder| folder.join(program).is_file())
}

/// Where the system keeps what is not to last.
pub(crate) fn temporary() -> PathBuf {
    std::env::temp_dir()
}

fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
