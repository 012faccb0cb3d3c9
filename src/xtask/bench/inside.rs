//! The engine inside a process that is built for release, on one thread and on all, and beside it the crates that
//! only read records. All of them read the file from disk, as the yardsticks do.

use super::{EVALUATED_AT, file::File};
use crate::{program, report::say, stopwatch::Stopwatch};
use anyhow::{Context, Result, bail, ensure};
use engine::{
    Moment, Source, SourceError,
    contract::{self, Contract},
    judge::{Partial, Plan},
};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{Read, Seek, SeekFrom},
    path::Path,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

/// Seconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Inside {
    pub(super) one_thread: f64,
    pub(super) all_threads: f64,
    /// Records alone, by the crate `csv`.
    pub(super) csv: f64,
    /// Records alone, by the crate `simd-csv`.
    pub(super) simd_csv: f64,
}

/// Measures in a process of its own; `own` is this program, built for release.
pub(super) fn measure(own: &Path, file: &File, times: u32) -> Result<Inside> {
    let answer = program::read(
        Command::new(own)
            .args(["bench", "--times", &times.to_string(), "--inside"])
            .arg(&file.path),
    )?;
    serde_json::from_str(&answer).context("the inner benchmark answered something else")
}

/// Times the engine and the crates on a file, the best of `times`, and prints the seconds as JSON.
///
/// # Errors
/// When the file cannot be read.
pub fn inside(path: &Path, times: u32) -> Result<()> {
    let evaluated_at = Moment::parse(EVALUATED_AT).context("the moment of judging is no time")?;
    let contract = contract::sales();
    let rows = judge(path, contract, evaluated_at, 1)?;
    let engine = |threads| {
        best(times, || {
            let read = judge(path, contract, evaluated_at, threads)?;
            ensure!(read == rows, "{read} and {rows} rows of one file");
            Ok(())
        })
    };
    let crate_alone = |read: fn(&Path) -> Result<u64>| {
        best(times, || {
            let read = read(path)?;
            ensure!(read == rows, "{read} rows, where the engine has {rows}");
            Ok(())
        })
    };
    let inside = Inside {
        one_thread: engine(1)?,
        all_threads: engine(threads())?,
        csv: crate_alone(csv)?,
        simd_csv: crate_alone(simd_csv)?,
    };
    say(&serde_json::to_string(&inside)?);
    Ok(())
}

/// As many as the machine runs at once.
pub(super) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The best seconds of `times`.
fn best(times: u32, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut best = Duration::MAX;
    for _ in 0..times.max(1) {
        let watch = Stopwatch::start();
        work()?;
        best = best.min(watch.read());
    }
    Ok(best.as_secs_f64())
}

/// The whole verdict; returns the rows read.
fn judge(path: &Path, contract: &Contract, evaluated_at: Moment, threads: usize) -> Result<u64> {
    let source = Disk::open(path)?;
    let plan = Plan::new(
        &source,
        contract,
        &Default::default(),
        evaluated_at,
        &mut |_| {},
    )?;
    let next = AtomicUsize::new(0);
    let work = || -> Result<Partial> {
        let source = Disk::open(path)?;
        let mut done = Partial::default();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= plan.pieces() {
                return Ok(done);
            }
            done = done.merge(plan.judge(&source, piece)?);
        }
    };
    let parts = if threads == 1 {
        vec![work()]
    } else {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let joined = threads.into_iter().map(|thread| match thread.join() {
                Ok(part) => part,
                Err(_) => bail!("a thread of the engine panicked"),
            });
            joined.collect()
        })
    };
    let mut whole = Partial::default();
    for part in parts {
        whole = whole.merge(part?);
    }
    Ok(plan.finish(&source, whole)?.verdict.rows.read)
}

fn csv(path: &Path) -> Result<u64> {
    let mut reader = csv::ReaderBuilder::new()
        .buffer_capacity(BUFFER)
        .from_path(path)?;
    let mut record = csv::ByteRecord::new();
    let mut rows = 0;
    while reader.read_byte_record(&mut record)? {
        rows += 1;
    }
    Ok(rows)
}

fn simd_csv(path: &Path) -> Result<u64> {
    let mut reader =
        simd_csv::ZeroCopyReaderBuilder::with_capacity(BUFFER).from_reader(fs::File::open(path)?);
    let mut rows = 0;
    while reader.read_byte_record()?.is_some() {
        rows += 1;
    }
    Ok(rows)
}

/// Both crates are quickest with buffers of about this size.
const BUFFER: usize = 256 * 1024;

/// A file on disk. Each thread opens its own, since the place to read from belongs to the handle.
struct Disk {
    file: fs::File,
    size: u64,
}

impl Disk {
    fn open(path: &Path) -> Result<Disk> {
        let file =
            fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let size = file.metadata()?.len();
        Ok(Disk { file, size })
    }
}

impl Source for Disk {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SourceError> {
        let mut file = &self.file;
        let read = file
            .seek(SeekFrom::Start(offset))
            .and_then(|_| file.read_exact(into));
        read.map_err(|error| SourceError {
            offset,
            reason: error.to_string(),
        })
    }
}
