//! `cargo xtask fuzz`: each fuzz target of the engine for a bounded time, with the stable compiler. The counters that
//! libFuzzer steers by are LLVM's own and need no nightly; cargo-fuzz finds the same targets where it is installed.

use crate::{folders, program, report::say, tools};
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What cargo-fuzz sets too: a counter for each edge, and what is compared.
const COUNTERS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";

/// Longer inputs teach nothing more, and are slower.
const LONGEST: &str = "-max_len=1024";
const LINES_SHOWN: usize = 40;

/// Runs every target for so many seconds.
///
/// # Errors
/// When a target cannot be built, or finds an input that breaks a law; the input is kept.
pub fn run(seconds: u32) -> Result<()> {
    ensure!(cfg!(unix), "libFuzzer is used on Linux and macOS alone");
    let targets = targets(&folder())?;
    let programs = build()?;
    for target in &targets {
        fuzz(target, &programs.join(target), seconds)?;
    }
    Ok(())
}

fn folder() -> PathBuf {
    folders::root().join("src/engine/fuzz")
}

/// By the names of their files, sorted.
fn targets(folder: &Path) -> Result<Vec<String>> {
    let folder = folder.join("fuzz_targets");
    let mut targets = Vec::new();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?
    {
        let path = entry?.path();
        if let Some(name) = path.file_stem().and_then(|it| it.to_str()) {
            targets.push(name.to_owned());
        }
    }
    targets.sort();
    Ok(targets)
}

/// Builds all targets and returns the folder they are in.
fn build() -> Result<PathBuf> {
    let host = host()?;
    let output = folders::target().join("fuzz");
    // With a target that is named, the flags do not reach the programs that run while building.
    program::run(
        tools::cargo()
            .current_dir(folder())
            .args(["build", "--release", "--bins", "--target", &host])
            .env("CARGO_TARGET_DIR", &output)
            .env("RUSTFLAGS", COUNTERS),
    )?;
    Ok(output.join(host).join("release"))
}

/// The compiler's own target.
fn host() -> Result<String> {
    let version = program::read(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|it| it.strip_prefix("host: "));
    Ok(host.context("rustc does not say its host")?.to_owned())
}

fn fuzz(target: &str, program: &Path, seconds: u32) -> Result<()> {
    let kept = folders::target().join("fuzz");
    let found = kept.join("corpus").join(target);
    let crashes = kept.join("artifacts").join(target);
    for folder in [&found, &crashes] {
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let log = kept.join(format!("{target}.log"));
    let file =
        fs::File::create(&log).with_context(|| format!("{} cannot be written", log.display()))?;
    let mut command = Command::new(program);
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/", crashes.display()))
        .args([LONGEST, "-timeout=10", "-print_final_stats=1"]);
    let words = folder().join(format!("{target}.dict"));
    if words.is_file() {
        command.arg(format!("-dict={}", words.display()));
    }
    // What is found goes into the first folder, and the seeds stay as they are.
    let status = command
        .arg(&found)
        .arg(folder().join("corpus").join(target))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(file)
        .status()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let text = fs::read(&log).with_context(|| format!("{} cannot be read", log.display()))?;
    let text = String::from_utf8_lossy(&text);
    if !status.success() {
        let lines: Vec<&str> = text.lines().collect();
        let last = lines.len().saturating_sub(LINES_SHOWN);
        for line in lines.iter().skip(last) {
            say(line);
        }
        bail!(
            "the fuzz target {target} found something; the input is in {}",
            crashes.display()
        );
    }
    say(&format!("{target}: {}", summary(&text)?));
    Ok(())
}

/// What libFuzzer says at the end: how much was tried, and how far it came.
fn summary(log: &str) -> Result<String> {
    let value = |name: &str| {
        let line = log.lines().rev().find_map(|it| it.strip_prefix(name));
        line.map(str::trim)
    };
    let tried = value("stat::number_of_executed_units:").context("libFuzzer gave no figures")?;
    let new = value("stat::new_units_added:").unwrap_or("0");
    let reached = log.lines().rev().find_map(|line| {
        let (_, rest) = line.split_once(" cov: ")?;
        rest.split(' ').next()
    });
    Ok(format!(
        "{tried} inputs tried, {} edges reached, {new} inputs that reach more kept",
        reached.unwrap_or("0")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_far_libfuzzer_came() {
        let log = "#2\tINITED cov: 10 ft: 11 corp: 1/1b\n#9\tDONE   cov: 1234 ft: 40 corp: 3/9b\n\
                   stat::number_of_executed_units: 9\nstat::new_units_added:          2\n";
        let said = summary(log).unwrap();
        assert_eq!(
            said,
            "9 inputs tried, 1234 edges reached, 2 inputs that reach more kept"
        );
        assert!(summary("nothing").is_err());
    }

    #[test]
    fn every_target_has_a_program_and_seeds() {
        let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
        let targets = targets(&folder()).unwrap();
        assert!(targets.len() > 1);
        for target in targets {
            assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")));
            let seeds = fs::read_dir(folder().join("corpus").join(&target)).unwrap();
            assert!(seeds.count() > 0, "{target}");
        }
    }
}
