//! The pages' program is cut into the part that every page needs and those that come when they are wanted, at the functions
//! that `app` marks with `wasm_split`.

use crate::{folders, program, tools::Tools, wasm::TARGET};
use anyhow::{Context, Result, anyhow, ensure};
use blake3::Hasher;
use std::{fs, path::PathBuf, process::Command};
use wasm_split_cli_support::{Options, transform};

pub(super) const PROGRAM: &str = "browser";

/// The profile of `Trunk.toml`.
const PROFILE: &str = "wasm";

/// Returns the folder of the parts and of the scripts that load them.
///
/// A page that is open while the server is replaced by a newer one must not get a part of another program: the names of
/// parts tell of which they are.
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
    let mut version = Hasher::new();
    for part in [&first].into_iter().chain(&cut.split_modules) {
        version
            .update(&fs::read(part).with_context(|| format!("{} cannot be read", part.display()))?);
    }
    let version = version.finalize().to_hex();
    for part in cut.split_modules {
        let name = part.file_stem().unwrap_or_default().display().to_string();
        let versioned = format!("{name}-{}.wasm", &version[..16]);
        let renamed = text.replace(&format!("./{name}.wasm"), &format!("./{versioned}"));
        ensure!(
            renamed != text,
            "the script that loads parts does not name {name}"
        );
        text = renamed;
        fs::rename(&part, part.with_file_name(versioned))
            .with_context(|| format!("{} cannot be renamed", part.display()))?;
    }
    fs::write(&loader, text).context("the script that loads parts")?;
    Ok(folder)
}
