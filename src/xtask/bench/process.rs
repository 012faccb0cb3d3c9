//! Whole processes, from start to end: `tarazu check` with its counts and its memory, and the yardsticks.

use super::{EVALUATED_AT, file::File};
use crate::stopwatch::Stopwatch;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// What was counted in a file: `read`, `exceptions`, and the failures of each control by its code.
pub(super) type Counts = BTreeMap<String, u64>;

/// `tarazu check` on a file.
pub(super) struct Checked {
    pub(super) seconds: f64,
    pub(super) counts: Counts,
    /// Bytes at most, where the system tells.
    pub(super) memory: Option<u64>,
}

#[derive(Deserialize)]
struct Verdict {
    rows: Rows,
    controls: Vec<Control>,
}

#[derive(Deserialize)]
struct Rows {
    read: u64,
    exceptions: u64,
}

#[derive(Deserialize)]
struct Control {
    code: String,
    failed: u64,
}

/// The best of `times`.
pub(super) fn check(tarazu: &Path, file: &File, times: u32) -> Result<Checked> {
    let mut command = Command::new(tarazu);
    command
        .args(["check", "--evaluated-at", EVALUATED_AT, "--format", "json"])
        .arg(&file.path);
    let mut seconds = f64::INFINITY;
    let mut last = time(&mut command)?;
    let mut memory = None;
    for time_left in (0..times.max(1)).rev() {
        seconds = seconds.min(last.time.as_secs_f64());
        memory = memory.max(last.memory);
        if time_left > 0 {
            last = time(&mut command)?;
        }
    }
    // The planted faults want it that thresholds are not met (1), and that a file full of them is held (2).
    if !matches!(last.code, Some(0..=2)) {
        bail!("tarazu check ended with {:?}", last.code);
    }
    let verdict: Verdict =
        serde_json::from_str(&last.output).context("tarazu check gave no verdict")?;
    let controls = verdict.controls.into_iter().map(|it| (it.code, it.failed));
    let rows = [
        ("read".to_owned(), verdict.rows.read),
        ("exceptions".to_owned(), verdict.rows.exceptions),
    ];
    Ok(Checked {
        seconds,
        counts: controls.chain(rows).collect(),
        memory,
    })
}

/// A process that has ended.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) output: String,
    pub(super) time: Duration,
    /// Bytes at most, where the system tells.
    pub(super) memory: Option<u64>,
}

/// Runs it, takes what it prints, and stops the time from start to end.
pub(super) fn time(command: &mut Command) -> Result<Ended> {
    let watch = Stopwatch::start();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} cannot be started", command.get_program().display()))?;
    let output = child.stdout.take();
    let answer = thread::spawn(move || output.map(std::io::read_to_string));
    let (code, memory) = wait_watching(&mut child)?;
    let time = watch.read();
    let Ok(Some(output)) = answer.join() else {
        bail!("{} gave no answer", command.get_program().display());
    };
    Ok(Ended {
        code,
        output: output?,
        time,
        memory,
    })
}

/// Waits for the end, and meanwhile reads the most memory that Linux has seen the process use.
fn wait_watching(child: &mut Child) -> Result<(Option<i32>, Option<u64>)> {
    const PAUSE: Duration = Duration::from_millis(2);
    let mut memory = None;
    loop {
        memory = peak(child.id()).or(memory);
        if let Some(status) = child.try_wait().context("the process was lost")? {
            return Ok((status.code(), memory));
        }
        thread::sleep(PAUSE);
    }
}

/// In bytes; none where `/proc` does not tell.
pub(super) fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
