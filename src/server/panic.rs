//! Panics are caught: a run fails, and the audit log says where; a request is answered with a problem. A panic's message
//! may quote a cell, so only place and backtrace are kept.

use std::{
    backtrace::Backtrace,
    cell::{Cell, RefCell},
    future::poll_fn,
    panic::{self, AssertUnwindSafe},
    pin::pin,
    sync::Once,
    task::Poll,
};
use thiserror::Error;
use tracing::Instrument;

/// Where a panic happened, and how it came there.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("it stopped at {place}")]
pub struct Panicked {
    /// `file:line:column`.
    pub place: String,
    pub backtrace: String,
}

impl Panicked {
    fn unknown() -> Self {
        Self {
            place: "unknown".to_owned(),
            backtrace: String::new(),
        }
    }
}

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Panicked>> = const { RefCell::new(None) };
}

/// The end of a longer backtrace is cut: it is the runtime's own frames.
const BACKTRACE_CHARS: usize = 12_000;

/// Runs `work`; a panic in it comes back as an error. Panics of threads that it starts are not its own:
/// they call this themselves.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    install();
    let outer = CATCHING.replace(true);
    // What `work` leaves half done is its own: callers drop it together with the run.
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(outer);
    result.map_err(|_| LAST.take().unwrap_or_else(Panicked::unknown))
}

/// As [`catch`], of a request's work, which waits in between; the log has it even where nobody waits for the answer.
pub async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut work = pin!(work);
    poll_fn(|context| match catch(|| work.as_mut().poll(context)) {
        Ok(poll) => poll.map(Ok),
        Err(panicked) => {
            let Panicked { place, backtrace } = &panicked;
            tracing::error!(place, backtrace, "a request stopped half-way");
            Poll::Ready(Err(panicked))
        }
    })
    .await
}

/// Does `work` in a task of its own, which goes on where nobody waits for it any more.
pub async fn apart<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Panicked> {
    let done = tokio::spawn(caught(work).in_current_span()).await;
    // Its panics are caught in it: it was cut off, since the process stops.
    done.unwrap_or_else(|_| Err(Panicked::unknown()))
}

fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CATCHING.get() {
                before(info);
                return;
            }
            let place = info
                .location()
                .map_or("unknown".to_owned(), ToString::to_string);
            let backtrace = Backtrace::force_capture().to_string();
            let backtrace = backtrace.chars().take(BACKTRACE_CHARS).collect();
            LAST.set(Some(Panicked { place, backtrace }));
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_with_its_place_and_without_its_message() {
        let cell = "a secret cell";
        let caught = catch(|| panic!("{cell}")).unwrap_err();
        assert!(caught.place.contains("panic.rs"), "{}", caught.place);
        assert!(!caught.backtrace.contains(cell));
        assert_eq!(catch(|| 7), Ok(7));
    }
}
