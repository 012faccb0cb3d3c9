//! Keeps what OpenLineage is told of every run, from the first one on, and sends it to a collector where there is one. A
//! task of its own: no run waits for it, and what is not kept or sent yet is found in the store at the next start. With
//! several servers an event may be sent twice, and it is the same one.

use super::{events, told};
use crate::{clock, contracts};
use engine::contract::Contract;
use model::run::Run;
use reqwest::{Client, StatusCode, Url, header::CONTENT_TYPE};
use std::{error::Error, time::Duration};
use store::{LineageEvent, LineageStep, Store, StoreError, Untold};
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
    collector: Option<Collector>,
    first_wait: Duration,
    kept: Way,
    sent: Way,
}

struct Collector {
    client: Client,
    url: Url,
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

/// Keeps what is not kept yet of all runs.
///
/// # Errors
/// When the store does not answer, or takes nothing.
pub async fn keep(store: &Store) -> Result<(), StoreError> {
    Way::new(LineageStep::Kept).keep(store).await
}

impl Sender {
    /// # Errors
    /// When no client can be made.
    pub fn new(
        store: Store,
        url: Option<Url>,
        first_wait: Duration,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            store,
            collector: url.map(Collector::new).transpose()?,
            first_wait,
            kept: Way::new(LineageStep::Kept),
            sent: Way::new(LineageStep::Sent),
        })
    }

    /// Keeps and sends until the server stops. `bell` rings when a run moved.
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
                    tracing::warn!(error, "lineage could not be kept or sent yet");
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

    async fn round(&mut self) -> Result<(), NotSent> {
        self.kept.keep(&self.store).await?;
        match &self.collector {
            Some(collector) => self.sent.send(&self.store, collector).await,
            None => Ok(()),
        }
    }
}

/// How far all runs have come with a step.
struct Way {
    step: LineageStep,
    /// All runs up to this number have ended, and all of them is told.
    done: u64,
}

impl Way {
    const fn new(step: LineageStep) -> Self {
        Self { step, done: 0 }
    }

    async fn keep(&mut self, store: &Store) -> Result<(), StoreError> {
        let mut after = self.done;
        let mut whole = true;
        loop {
            let runs = store.lineage_untold(self.step, after, RUNS).await?;
            let Some(last) = runs.last() else {
                return Ok(());
            };
            let mut said = Vec::new();
            for untold in runs.iter().filter(|it| !it.due.is_empty()) {
                let Some((run, contract)) = judged(store, untold).await? else {
                    continue;
                };
                said.extend(due(untold, &run, contract.as_ref()));
            }
            store.keep_lineage(&said).await?;
            after = last.number;
            whole &= runs.iter().all(|it| !it.going);
            if whole {
                self.done = after;
            }
        }
    }

    /// What the collector refuses is passed over until the next round.
    async fn send(&mut self, store: &Store, collector: &Collector) -> Result<(), NotSent> {
        let mut after = self.done;
        let (mut refused, mut whole) = (None, true);
        loop {
            let runs = store.lineage_untold(self.step, after, RUNS).await?;
            let Some(last) = runs.last() else {
                return refused.map_or(Ok(()), |it| Err(NotSent::Refused(it)));
            };
            for untold in runs.iter().filter(|it| !it.due.is_empty()) {
                match collector.tell(store, untold).await {
                    Err(NotSent::Refused(status)) if status.is_client_error() => {
                        refused = Some(status);
                    }
                    told => told?,
                }
            }
            after = last.number;
            // A run that goes on has more to tell later, and so has one that was refused.
            whole &= refused.is_none() && runs.iter().all(|it| !it.going);
            if whole {
                self.done = after;
            }
        }
    }
}

impl Collector {
    fn new(url: Url) -> Result<Self, reqwest::Error> {
        // The client takes the process's provider. Where there is one already, it stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { client, url })
    }

    async fn tell(&self, store: &Store, untold: &Untold) -> Result<(), NotSent> {
        let Some((run, contract)) = judged(store, untold).await? else {
            return Ok(());
        };
        // A run may have ended since this round kept what there was: nothing is sent that is not kept.
        let said: Vec<_> = due(untold, &run, contract.as_ref()).collect();
        store.keep_lineage(&said).await?;
        let mut told = told(store, &run, contract.as_ref()).await?;
        for event in &untold.due {
            if let Some(body) = told.remove(event) {
                self.post(body).await?;
                let time = clock::now_text();
                store.lineage_sent(untold, *event, &time).await?;
            }
        }
        Ok(())
    }

    async fn post(&self, body: String) -> Result<(), NotSent> {
        let request = self.client.post(self.url.clone());
        let request = request.header(CONTENT_TYPE, "application/json");
        let answer = request.body(body).send().await;
        let status = answer.map_err(NotSent::Unreachable)?.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(NotSent::Refused(status))
        }
    }
}

/// The events of a run that are still to be told, as they would be now.
fn due<'u>(
    untold: &'u Untold,
    run: &Run,
    contract: Option<&Contract>,
) -> impl Iterator<Item = (&'u Untold, LineageEvent, String)> + use<'u> {
    let all = events(run, contract).into_iter();
    let due = all.filter(|(event, _)| untold.due.contains(event));
    due.map(move |(event, body)| (untold, event, body.to_string()))
}

/// The run, and what it was judged under where it has a verdict. None, and a line in the log, where what is stored of it
/// cannot be read: others do not wait for it, and the next start tries again.
async fn judged(
    store: &Store,
    untold: &Untold,
) -> Result<Option<(Run, Option<Contract>)>, StoreError> {
    let run = match store.run(&untold.workspace, &untold.run).await {
        Err(error @ StoreError::Corrupt(_)) => {
            let error: &dyn Error = &error;
            tracing::error!(run = %untold.run, error, "its lineage cannot be told");
            return Ok(None);
        }
        run => run?,
    };
    let contract = match &run.verdict {
        Some(verdict) => {
            let fingerprint = &verdict.contract.fingerprint;
            let text = store.contract(&untold.workspace, fingerprint).await?;
            contracts::of_run(text.as_deref(), fingerprint)
        }
        None => None,
    };
    Ok(Some((run, contract)))
}
