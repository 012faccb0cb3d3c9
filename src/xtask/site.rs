//! The scripts and WASM that the pages load: Trunk builds them, the pages' own is cut into parts,
//! wasm-opt shrinks them, Brotli packs them.

mod parts;

use crate::{folders, node, program, report::say, setup::Builders};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

/// For size as it is sent: a function that would be inlined at its one call packs better apart, unless it is small. The
/// stack begins at the far end of the memory, so that nothing lies in the first bytes.
const SMALL: &[&str] = &[
    "-Oz",
    "--one-caller-inline-max-function-size=30",
    "--low-memory-unused",
];
/// What judges files is built for speed. All else is the pages' own, or opens workbooks when one comes.
const FAST: (&str, &[&str]) = ("worker_bg.wasm", &["-O3"]);

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
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        !name.ends_with(".html") && !name.starts_with(parts::PROGRAM)
    });
    ensure!(!files.is_empty(), "Trunk left nothing");
    collect(&parts::make(&builders.tools)?, &mut files)?;
    files.sort();
    let mut products = Vec::new();
    let mut inputs = Vec::new();
    for file in files {
        let from = [folders::trunk_output(), folders::parts()];
        let name = from.iter().find_map(|it| file.strip_prefix(it).ok());
        let product = site.join(name.context("a file from elsewhere")?);
        if let Some(parent) = product.parent() {
            fs::create_dir_all(parent)?;
        }
        let is_wasm = product.extension().is_some_and(|it| it == "wasm");
        let wasm = format!(
            "{}_bg.wasm",
            product.file_stem().unwrap_or_default().display()
        );
        if is_wasm {
            // Those of Trunk were made with their scripts.
            if file.starts_with(folders::parts()) {
                inputs.extend(optimise(&file, &product, false)?.0);
            }
        } else {
            let script =
                fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            let of_trunk = file.starts_with(folders::trunk_output());
            let program = file.with_file_name(&wasm);
            let script = if of_trunk && program.is_file() {
                let (kept, names) = optimise(&program, &product.with_file_name(wasm), true)?;
                inputs.extend(kept);
                names.shortened(&String::from_utf8(script)?).into_bytes()
            } else {
                script
            };
            write_if_changed(&script, &product)?;
        }
        products.push(product);
    }
    pack(&products)?;
    remove_others(&site, &products)?;
    remove_others(&inputs_folder(), &inputs)?;
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

/// The names by which a program's WASM and its script know each other's functions, and the short ones in their place.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Names {
    /// Module, name and short name. There is one module.
    imports: Vec<(String, String, String)>,
    exports: Vec<(String, String)>,
}

impl Names {
    /// The script with the short names: it says `name: function…` of what it gives, and `wasm.name` of what it takes.
    fn shortened(&self, script: &str) -> String {
        let given = self.imports.iter();
        let given: BTreeMap<&str, &str> = given.map(|(_, it, short)| (&**it, &**short)).collect();
        let taken = self.exports.iter();
        let taken: BTreeMap<&str, &str> = taken.map(|(it, short)| (&**it, &**short)).collect();
        let is_in_word = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '$';
        let mut short = String::with_capacity(script.len());
        let mut before = "";
        for piece in script.split_inclusive(|it| !is_in_word(it)) {
            let word = piece.trim_end_matches(|it| !is_in_word(it));
            let name = match piece.strip_prefix(word) {
                _ if before == "wasm." => taken.get(word),
                Some(":") => given.get(word),
                _ => None,
            };
            short.push_str(name.unwrap_or(&word));
            short.push_str(piece.strip_prefix(word).unwrap_or_default());
            before = piece;
        }
        match self.imports.first() {
            Some((module, ..)) => short.replace(&format!("\"{module}\""), "\"a\""),
            None => short,
        }
    }
}

fn inputs_folder() -> PathBuf {
    folders::target().join("site-input")
}

/// Optimises a WASM file. wasm-opt takes a minute for what has not changed: its last input is kept and compared. Returns
/// that, and the names that were shortened, where `short` asks for it.
fn optimise(file: &Path, product: &Path, short: bool) -> Result<([PathBuf; 2], Names)> {
    let name = product.file_name().unwrap_or_default().to_string_lossy();
    let options = if name == FAST.0 { FAST.1 } else { SMALL };
    let input = inputs_folder().join(format!("{name}{}", options.concat()));
    let kept = [input.clone(), input.with_added_extension("names")];
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let is_kept = product.is_file() && fs::read(&input).is_ok_and(|before| before == bytes);
    let names = fs::read_to_string(&kept[1]).ok().filter(|_| is_kept);
    let names = match names {
        Some(names) => names,
        None => {
            let partial = product.with_extension("partial");
            let mut command = node::wasm_opt();
            command.args(options).args(FEATURES);
            if short {
                command.arg("--minify-imports-and-exports-and-modules");
            }
            let names = program::read(command.arg(file).arg("-o").arg(&partial))
                .with_context(|| format!("optimising {name}"))?;
            let names = if short { names } else { "{}".to_owned() };
            fs::rename(&partial, product)?;
            fs::create_dir_all(inputs_folder())?;
            fs::write(&kept[1], &names)
                .and_then(|()| fs::write(&input, bytes))
                .with_context(|| format!("{} cannot be written", input.display()))?;
            names
        }
    };
    let names = serde_json::from_str(&names).with_context(|| format!("the names of {name}"))?;
    Ok((kept, names))
}

/// An unchanged file keeps its time, so that its Brotli form stays good.
fn write_if_changed(bytes: &[u8], to: &Path) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_has_the_short_names_of_what_it_gives_and_takes() {
        let triple =
            |name: &str, short: &str| ("./x_bg.js".to_owned(), name.to_owned(), short.to_owned());
        let names = Names {
            imports: vec![triple("__wbg_now_0f", "a"), triple("__wbg_now_0f1", "b")],
            exports: vec![("hydrate".to_owned(), "c".to_owned())],
        };
        let script = "export function hydrate() { wasm.hydrate(); }\n\
                      const import0 = { __wbg_now_0f: function() { return __wbg_now_0f; },\n\
                      __wbg_now_0f1: function() {} };\nreturn { \"./x_bg.js\": import0 };";
        let expected = "export function hydrate() { wasm.c(); }\n\
                        const import0 = { a: function() { return __wbg_now_0f; },\n\
                        b: function() {} };\nreturn { \"a\": import0 };";
        assert_eq!(names.shortened(script), expected);
    }
}
