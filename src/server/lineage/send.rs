//! Tells a collector of OpenLineage of every run, from the first one on. A task of its own: no run waits for it, and
//! what is not sent yet is found in the store at the next start. With several servers an event may come twice, under
//! the same run and time.

use super::events;
use crate::{clock, contracts};
use reqwest::{Client, StatusCode, Url, header::CONTENT_TYPE};
use serde_json::Value;
use std::{error::Error, time::Duration};
use store::{LineageEvent, Store, StoreError, Unsent};
use thiserror::Error;
use tokio::sync::watch;

/// Runs that are looked up at a time.
const RUNS: u32 = 50;
const PATIENCE: Duration = Duration::from_secs(10);
/// A run of another process rings no bell here; it is looked for this often.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How long to wait until sending is tried again, at first and at most.
pub const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(300);

pub struct Sender {
    store: Store,
    client: Client,
    url: Url,
    first_wait: Duration,
    /// All runs up to this number have ended, and all of them was sent.
    done: u64,
}

#[derive(Debug, Error)]
enum NotSent {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the collector cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the collector answered {0}")]
    Refused(StatusCode),
}

impl Sender {
    /// # Errors
    /// When no client can be made.
    pub fn new(store: Store, url: Url, first_wait: Duration) -> Result<Self, reqwest::Error> {
        // The client takes the process's provider. Where there is one already, it stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            store,
            client: Client::builder().timeout(PATIENCE).build()?,
            url,
            first_wait,
            done: 0,
        })
    }

    /// Sends until the server stops. `bell` rings when a run moved.
    pub async fn send(mut self, mut bell: watch::Receiver<()>, mut closing: watch::Receiver<bool>) {
        let mut wait = self.first_wait;
        loop {
            bell.mark_unchanged();
            let failed = self.round().await.err();
            let pause = match &failed {
                None => {
                    wait = self.first_wait;
                    LOOK_EVERY
                }
                Some(error) => {
                    let error: &dyn Error = error;
                    tracing::warn!(error, "lineage could not be sent yet");
                    let pause = wait;
                    wait = (wait * 2).min(LONGEST_WAIT);
                    pause
                }
            };
            tokio::select! {
                Ok(()) = bell.changed(), if failed.is_none() => {}
                () = tokio::time::sleep(pause) => {}
                _ = closing.wait_for(|it| *it) => return,
            }
        }
    }

    /// Sends what is not sent yet. What the collector refuses is passed over until the next round.
    async fn round(&mut self) -> Result<(), NotSent> {
        let mut after = self.done;
        let (mut refused, mut whole) = (None, true);
        loop {
            let unsent = self.store.lineage_unsent(after, RUNS).await?;
            let Some(last) = unsent.last() else {
                return refused.map_or(Ok(()), |it| Err(NotSent::Refused(it)));
            };
            let next = last.number;
            for run in unsent.iter().filter(|it| it.start || it.end) {
                match self.tell(run).await {
                    Err(NotSent::Refused(status)) if status.is_client_error() => {
                        refused = Some(status);
                    }
                    told => told?,
                }
            }
            after = next;
            // A run that goes on has more to tell later, and so has one that was refused.
            whole &= refused.is_none() && unsent.iter().all(|it| it.end);
            if whole {
                self.done = after;
            }
        }
    }

    async fn tell(&self, unsent: &Unsent) -> Result<(), NotSent> {
        let run = self.store.run(&unsent.workspace, &unsent.run).await?;
        let contract = match &run.verdict {
            Some(verdict) => {
                let fingerprint = &verdict.contract.fingerprint;
                let text = self.store.contract(&unsent.workspace, fingerprint).await?;
                contracts::of_run(text.as_deref(), fingerprint)
            }
            None => None,
        };
        let events = events(&run, contract.as_ref());
        for (event, wanted, kind) in [
            (events.first(), unsent.start, LineageEvent::Start),
            (events.get(1), unsent.end, LineageEvent::End),
        ] {
            if let Some(event) = event.filter(|_| wanted) {
                self.post(event).await?;
                let time = clock::now_text();
                self.store.lineage_sent(unsent, kind, &time).await?;
            }
        }
        Ok(())
    }

    async fn post(&self, event: &Value) -> Result<(), NotSent> {
        let request = self.client.post(self.url.clone());
        let request = request.header(CONTENT_TYPE, "application/json");
        let answer = request.body(event.to_string()).send().await;
        let status = answer.map_err(NotSent::Unreachable)?.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(NotSent::Refused(status))
        }
    }
}
