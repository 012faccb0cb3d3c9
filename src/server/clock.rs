//! The one place where the server asks for the time and draws ids. Everything else takes them as parameters.
#![expect(
    clippy::disallowed_methods,
    reason = "the server's one file that may ask for the time and draw ids"
)]

use chrono::{DateTime, SecondsFormat, Utc};
use model::id::{RunId, UploadId};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Now, by this machine.
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Now as the store and the audit log write it: RFC 3339 in UTC with milliseconds.
pub fn now_text() -> String {
    text(now())
}

/// As `now_text`, of another time.
pub fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A new run's id; ids sort by time of birth.
pub fn run_id() -> RunId {
    RunId::from_u128(Uuid::now_v7().as_u128())
}

/// The id of a file that is to come in piecemeal.
pub fn upload_id() -> UploadId {
    UploadId::from_u128(Uuid::now_v7().as_u128())
}

/// A name for one request, shown to the user where something went wrong and written in the log.
pub fn request_id() -> String {
    format!("req_{}", Uuid::now_v7().simple())
}

/// What the rows of a sample are drawn by.
pub fn seed() -> String {
    Uuid::now_v7().simple().to_string()
}

/// Measures how long something takes, for the log and for the command line.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
