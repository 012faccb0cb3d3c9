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

/// Where a panic happened, and how it came there.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("it stopped at {place}")]
pub struct Panicked {
    /// `file:line:column`.
    pub place: String,
    pub backtrace: String,
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
    result.map_err(|_| {
        LAST.take().unwrap_or_else(|| Panicked {
            place: "unknown".to_owned(),
            backtrace: String::new(),
        })
    })
}

/// As [`catch`], of work that waits in between.
pub async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut work = pin!(work);
    poll_fn(|context| match catch(|| work.as_mut().poll(context)) {
        Ok(poll) => poll.map(Ok),
        Err(panicked) => Poll::Ready(Err(panicked)),
    })
    .await
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
