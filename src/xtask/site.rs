//! The scripts and WASM that the pages load: Trunk builds them, wasm-opt shrinks them, Brotli packs them.

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
const FAST: &[&str] = &["-O3"];

/// What each program's WASM is optimised for. `src/browser/index.html` lists the same programs.
const PROGRAMS: [(&str, &[&str]); 3] = [
    // Read by everyone on every page.
    ("browser", SMALL),
    // Judges files.
    ("worker", FAST),
    // Opens workbooks, when one comes.
    ("sheets", SMALL),
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
        let program = PROGRAMS.into_iter().find(|(program, _)| {
            name == Path::new(&format!("{program}.js"))
                || name == Path::new(&format!("{program}_bg.wasm"))
        });
        match program {
            Some((program, options)) if name.extension().is_some_and(|it| it == "js") => {
                let names = optimise(program, options, &site)?;
                let script = fs::read_to_string(&file)
                    .with_context(|| format!("{} cannot be read", file.display()))?;
                write_if_changed(names.shortened(&script).as_bytes(), &product)?;
            }
            // Made with its script.
            Some(_) => {}
            None => {
                let bytes = fs::read(&file)
                    .with_context(|| format!("{} cannot be read", file.display()))?;
                write_if_changed(&bytes, &product)?;
            }
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

/// The names by which a program's WASM and its script know each other's functions, and the short ones in their place.
#[derive(Deserialize)]
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

/// Optimises a program. wasm-opt takes a minute for what has not changed: its last input is kept and compared.
fn optimise(program: &str, options: &[&str], site: &Path) -> Result<Names> {
    let file_name = format!("{program}_bg.wasm");
    let input = folders::trunk_output().join(&file_name);
    let output = site.join(&file_name);
    let folder = folders::target().join("site-input");
    let kept = folder.join(format!("{file_name}{}", options.concat()));
    let kept_names = folder.join(format!("{file_name}{}.names", options.concat()));
    let bytes = fs::read(&input).with_context(|| format!("{} cannot be read", input.display()))?;
    let is_kept = output.is_file() && fs::read(&kept).is_ok_and(|before| before == bytes);
    let names = fs::read_to_string(&kept_names).ok().filter(|_| is_kept);
    let names = match names {
        Some(names) => names,
        None => {
            let partial = output.with_extension("partial");
            let names = program::read(
                node::wasm_opt()
                    .args(options)
                    .arg("--minify-imports-and-exports-and-modules")
                    .args(FEATURES)
                    .arg(&input)
                    .arg("-o")
                    .arg(&partial),
            )
            .with_context(|| format!("optimising {file_name}"))?;
            fs::rename(&partial, &output)?;
            fs::create_dir_all(&folder)?;
            fs::write(&kept_names, &names)
                .and_then(|()| fs::write(&kept, bytes))
                .with_context(|| format!("{} cannot be written", kept.display()))?;
            names
        }
    };
    serde_json::from_str(&names).with_context(|| format!("the names of {file_name}"))
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
