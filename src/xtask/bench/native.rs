//! The engine inside this process, on one thread and on all, and as a whole process of its own.

use super::{EVALUATED_AT, line, megabytes};
use crate::{report::say, stopwatch::Stopwatch};
use anyhow::{Context, Result, bail};
use engine::{
    Moment,
    contract::{self, Contract},
    judge::{Partial, Plan},
    source::Memory,
};
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

/// Times the engine on a file in memory: the best of `times`, on one thread and on all cores.
///
/// # Errors
/// When the file cannot be read.
pub fn inside(file: &Path, times: u32) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let evaluated_at = Moment::parse(EVALUATED_AT).context("the moment of judging is no time")?;
    let contract = contract::sales();
    let size = u64::try_from(bytes.len())?;
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    for threads in [1, cores] {
        let mut best = Duration::MAX;
        let mut rows = 0;
        for _ in 0..times.max(1) {
            let watch = Stopwatch::start();
            rows = judge(&bytes, contract, evaluated_at, threads)?;
            best = best.min(watch.read());
        }
        say(&line(
            &format!("native, {threads} thread(s)"),
            rows,
            size,
            best,
        ));
        if cores == 1 {
            break;
        }
    }
    Ok(())
}

/// The whole verdict; returns the rows read.
fn judge(bytes: &[u8], contract: &Contract, evaluated_at: Moment, threads: usize) -> Result<u64> {
    let source = Memory(bytes);
    let plan = Plan::new(
        &source,
        contract,
        &Default::default(),
        evaluated_at,
        &mut |_| {},
    )?;
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Partial::default();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= plan.pieces() {
                return Ok::<_, engine::SourceError>(done);
            }
            done = done.merge(plan.judge(&source, piece)?);
        }
    };
    let mut whole = Partial::default();
    if threads == 1 {
        whole = work()?;
    } else {
        let parts: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join()).collect()
        });
        for part in parts {
            let Ok(part) = part else {
                bail!("a thread of the engine panicked");
            };
            whole = whole.merge(part?);
        }
    }
    Ok(plan.finish(&source, whole)?.verdict.rows.read)
}

/// Times `tarazu check` from start to end, and says how much memory it took at most.
pub(super) fn whole_process(tarazu: &Path, file: &Path) -> Result<()> {
    let watch = Stopwatch::start();
    let mut child = Command::new(tarazu)
        .args(["check", "--evaluated-at", EVALUATED_AT, "--format", "json"])
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} cannot be started", tarazu.display()))?;
    let output = child.stdout.take();
    let answer = thread::spawn(move || output.map(std::io::read_to_string));
    let (code, memory) = wait_watching(&mut child)?;
    let time = watch.read();
    // 1 says that the thresholds were not met, as the planted faults want it.
    if !matches!(code, Some(0 | 1)) {
        bail!("tarazu check ended with {code:?}");
    }
    let Ok(Some(answer)) = answer.join() else {
        bail!("tarazu check gave no answer");
    };
    let verdict: serde_json::Value = serde_json::from_str(&answer?)?;
    let rows = verdict
        .pointer("/rows/read")
        .and_then(serde_json::Value::as_u64)
        .context("the verdict has no rows")?;
    say(&line(
        "native, `tarazu check`",
        rows,
        fs::metadata(file)?.len(),
        time,
    ));
    match memory {
        Some(bytes) => say(&format!(
            "{:<28}{:>8.1} MB of memory at most",
            "native, `tarazu check`",
            megabytes(bytes)
        )),
        None => say("memory of the process: not measured on this system"),
    }
    Ok(())
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
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
