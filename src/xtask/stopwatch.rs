//! How long something took: the one file of this member that reads the clock.
#![expect(
    clippy::disallowed_methods,
    reason = "steps and benchmarks are timed; no figure of the product depends on it"
)]

use std::time::{Duration, Instant};

pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    pub(crate) fn read(&self) -> Duration {
        self.0.elapsed()
    }
}
