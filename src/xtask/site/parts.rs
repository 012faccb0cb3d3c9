//! The pages' program is cut into the part that every page needs and those that come when they are wanted, at the functions
//! that `app` marks with `wasm_split`.

use crate::{folders, program, tools::Tools, wasm::TARGET};
use anyhow::{Context, Result, anyhow};
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
};
use wasm_split_cli_support::{Options, transform};

pub(super) const PROGRAM: &str = "browser";

/// The profile of `Trunk.toml`.
const PROFILE: &str = "wasm";

/// Returns the folder of the parts and of the scripts that load them.
///
/// A page that is open while the server is replaced by a newer one must not get a part that was cut from another program:
/// the names of parts tell of which they are.
pub(super) fn make(tools: &Tools) -> Result<PathBuf> {
    let whole = folders::wasm_target().join(TARGET).join(PROFILE);
    let whole = whole.join(PROGRAM).with_extension("wasm");
    let whole = fs::read(&whole).with_context(|| format!("{} cannot be read", whole.display()))?;
    let folder = folders::parts();
    if folder.exists() {
        fs::remove_dir_all(&folder).context("parts of an earlier time")?;
    }
    let first = folders::target().join("first.wasm");
    let script = format!("./{PROGRAM}.js");
    let loader = format!("./{PROGRAM}_parts.js");
    let mut options = Options::new(&whole);
    options.output_dir = &folder;
    options.main_out_path = &first;
    options.main_module = &script;
    options.link_name = &loader;
    let cut = transform(options).map_err(|error| anyhow!("cutting the program: {error:#}"))?;
    program::run(
        Command::new(tools.wasm_bindgen())
            .args(["--target", "web", "--no-typescript", "--keep-lld-exports"])
            .args(["--out-name", PROGRAM, "--out-dir"])
            .args([&folder, &first]),
    )
    .context("binding the first part")?;
    let loader = folder.join(loader);
    let mut text = fs::read_to_string(&loader).context("the script that loads parts")?;
    let mut version = DefaultHasher::new();
    whole.hash(&mut version);
    let version = version.finish();
    for part in cut.split_modules {
        let name = part.file_stem().unwrap_or_default().to_string_lossy();
        let versioned = format!("{name}-{version:016x}");
        text = text.replace(&format!("./{name}.wasm"), &format!("./{versioned}.wasm"));
        rename(&part, &versioned)?;
    }
    fs::write(&loader, text).context("the script that loads parts")?;
    Ok(folder)
}

fn rename(part: &Path, name: &str) -> Result<()> {
    fs::rename(part, part.with_file_name(name).with_extension("wasm"))
        .with_context(|| format!("{} cannot be renamed", part.display()))
}
