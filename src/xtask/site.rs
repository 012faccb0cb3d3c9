//! The scripts and WASM that the pages load: Trunk builds them, wasm-opt shrinks them, Brotli packs them.

use crate::{folders, node, program, report::say, setup::Builders};
use anyhow::{Context, Result, ensure};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

/// What each program's WASM is optimised for. `src/browser/index.html` lists the same programs.
const PROGRAMS: [(&str, &str); 3] = [
    // Read by everyone on every page: size.
    ("browser", "-Oz"),
    // Judges files: speed.
    ("worker", "-O3"),
    // Opens workbooks, when one comes: size.
    ("sheets", "-Oz"),
];

/// What rustc takes for granted in every engine; wasm-opt has to be told.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Builds `target/site` and returns it. Steps whose input has not changed are skipped.
pub(crate) fn build(builders: &Builders) -> Result<PathBuf> {
    let _alone = alone()?;
    program::run(
        builders
            .wasm
            .command("trunk", &builders.tools.folders())?
            .args(["build", "--skip-version-check"])
            // Trunk takes only `true` and `false` for it.
            .env_remove("NO_COLOR"),
    )
    .context("building the WASM programs")?;
    let site = folders::site();
    fs::create_dir_all(&site).with_context(|| format!("{} cannot be made", site.display()))?;
    let mut files = Vec::new();
    collect(&folders::trunk_output(), &mut files)?;
    files.retain(|file| file.extension().is_none_or(|ending| ending != "html"));
    files.sort();
    ensure!(!files.is_empty(), "Trunk left nothing");
    let mut products = Vec::new();
    for file in files {
        let name = file.strip_prefix(folders::trunk_output())?;
        let product = site.join(name);
        if let Some(parent) = product.parent() {
            fs::create_dir_all(parent)?;
        }
        match level(name) {
            Some(level) => optimise(&file, &product, level)?,
            None => copy_if_changed(&file, &product)?,
        }
        products.push(product);
    }
    pack(&products)?;
    remove_others(&site, &products)?;
    Ok(site)
}

/// Waits until no other task builds the site: Trunk empties the folder in which another one is at work.
fn alone() -> Result<File> {
    fs::create_dir_all(folders::target())?;
    let path = folders::target().join("site.lock");
    let lock = File::create(&path).with_context(|| format!("{} cannot be made", path.display()))?;
    if lock.try_lock().is_err() {
        say("site: waiting for another task that builds it");
        lock.lock().context("the lock of the site")?;
    }
    Ok(lock)
}

/// How far wasm-opt goes with this file; none for what is no WASM program of ours.
fn level(name: &Path) -> Option<&'static str> {
    let program = name.to_str()?.strip_suffix("_bg.wasm")?;
    PROGRAMS
        .iter()
        .find(|(known, _)| *known == program)
        .map(|(_, level)| *level)
}

/// wasm-opt takes a minute for what has not changed: its last input is kept and compared.
fn optimise(input: &Path, output: &Path, level: &str) -> Result<()> {
    let kept_folder = folders::target().join("site-input");
    let file_name = input.file_name().unwrap_or_default().to_string_lossy();
    let kept = kept_folder.join(format!("{file_name}{level}"));
    let bytes = fs::read(input).with_context(|| format!("{} cannot be read", input.display()))?;
    if output.is_file() && fs::read(&kept).is_ok_and(|before| before == bytes) {
        return Ok(());
    }
    let partial = output.with_extension("partial");
    program::run(
        node::wasm_opt()
            .arg(level)
            .args(FEATURES)
            .arg(input)
            .arg("-o")
            .arg(&partial),
    )
    .with_context(|| format!("optimising {file_name}"))?;
    fs::rename(&partial, output)?;
    fs::create_dir_all(&kept_folder)?;
    fs::write(&kept, bytes).with_context(|| format!("{} cannot be written", kept.display()))
}

/// An unchanged file keeps its time, so that its Brotli form stays good.
fn copy_if_changed(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("{} cannot be read", from.display()))?;
    if fs::read(to).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    fs::write(to, bytes).with_context(|| format!("{} cannot be written", to.display()))
}

fn pack(files: &[PathBuf]) -> Result<()> {
    let script = folders::root().join("src/xtask/compress.mjs");
    let sizes =
        program::read(node::script(&script).args(files)).context("writing the Brotli files")?;
    let mut total = 0;
    for line in sizes.lines() {
        let mut words = line.split(' ');
        let (Some(name), Some(plain), Some(packed)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        total += packed.parse::<u64>()?;
        say(&format!(
            "site: {name:<20} {plain:>9} bytes, {packed:>7} in Brotli"
        ));
    }
    say(&format!("site: {total} bytes in Brotli altogether"));
    Ok(())
}

/// A program that is gone must not stay behind to be served.
fn remove_others(site: &Path, products: &[PathBuf]) -> Result<()> {
    let mut present = Vec::new();
    collect(site, &mut present)?;
    for file in present {
        let plain = if file.extension().is_some_and(|ending| ending == "br") {
            file.with_extension("")
        } else {
            file.clone()
        };
        if !products.contains(&plain) {
            fs::remove_file(&file)
                .with_context(|| format!("{} cannot be removed", file.display()))?;
        }
    }
    Ok(())
}

/// Every file below a folder.
fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), into)?;
        } else {
            into.push(entry.path());
        }
    }
    Ok(())
}
