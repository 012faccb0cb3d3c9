//! Two works on one run, beside each other: rows with findings are isolated, and accepted ones loaded and summed up. They
//! are to end together, or the machine waits for the longer one with half of its strength.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Of what is to be done about the accepted rows, loading is four parts of five.
const LOADING: (u64, u64) = (4, 5);

/// How long the isolating waits at a time without a look at what else holds it up.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far the loading has come, so that the isolating keeps step with it. It holds nobody back before loading has begun, nor
/// after it has ended.
#[derive(Default)]
pub(super) struct Pace {
    /// Rows that are to be loaded, and that are to be isolated.
    accepted: u64,
    flagged: u64,
    loaded: Mutex<Option<u64>>,
    moved: Condvar,
}

impl Pace {
    pub(super) fn new(accepted: u64, flagged: u64) -> Self {
        Self {
            accepted,
            flagged,
            ..Self::default()
        }
    }

    /// So many rows are loaded by now.
    pub(super) fn loaded(&self, rows: u64) {
        self.set(Some(rows));
    }

    /// The isolating need not keep step any more.
    pub(super) fn free(&self) {
        self.set(None);
    }

    fn set(&self, loaded: Option<u64>) {
        *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = loaded;
        self.moved.notify_all();
    }

    /// Blocks the thread that has isolated `isolated` rows as long as it is ahead of the loading, and that goes on.
    pub(super) fn wait(&self, isolated: u64) {
        let (parts, of) = LOADING;
        let share_isolated = u128::from(isolated) * u128::from(self.accepted) * u128::from(of);
        let is_ahead = |loaded: u64| {
            share_isolated > u128::from(loaded) * u128::from(self.flagged) * u128::from(parts)
        };
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(rows) = loaded.filter(|it| is_ahead(*it)) {
            let waited = self.moved.wait_timeout(loaded, PATIENCE);
            loaded = waited.unwrap_or_else(PoisonError::into_inner).0;
            if *loaded == Some(rows) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, thread};

    #[test]
    fn the_isolating_keeps_step_with_the_loading_until_that_has_ended() {
        let pace = Pace::new(1000, 100);
        // Nobody loads yet.
        pace.wait(99);
        pace.loaded(500);
        pace.wait(40);
        thread::scope(|scope| {
            let (send, receive) = mpsc::channel();
            let pace = &pace;
            scope.spawn(move || {
                for isolated in [41, 80] {
                    pace.wait(isolated);
                    send.send(isolated).unwrap();
                }
            });
            assert_eq!(receive.try_recv(), Err(mpsc::TryRecvError::Empty));
            pace.loaded(520);
            assert_eq!(receive.recv(), Ok(41));
            pace.free();
            assert_eq!(receive.recv(), Ok(80));
        });
    }

    #[test]
    fn a_loading_that_stands_still_holds_nobody_up_for_long() {
        let pace = Pace::new(1000, 100);
        pace.loaded(0);
        pace.wait(1);
    }
}
