//! The audit log's hash chain: canonical bytes, append, verify. Pure, so that a browser can verify an
//! exported log by itself. A chain detects what was changed; it does not prevent it.

mod chain;
mod file;
mod line;
mod verify;

pub mod evidence;
pub mod history;
pub mod proof;
pub mod sample;

pub use chain::{Checkpoint, EntryError, append, body};
pub use file::{FileReport, FileVerifier, LineFault, LineFaultKind};
pub use line::{EVERY, Line, Lines, Link};
pub use verify::{Fault, FaultKind, Report, RunEnd, Verifier, verify};
