//! Runs: how one begins, who does it, and what becomes of those that a crash cut off.

pub mod instant;
pub mod judge;

mod refused;
mod stages;

use crate::{
    clock,
    contracts::Contracts,
    panic,
    upload::{self, Cut, Details, Received, UploadError},
};
use bytes::Bytes;
use engine::contract::Contract;
use futures::Stream;
use model::run::{Run, RunKind, RunSummary};
use stages::{Failure, Job};
use std::sync::Arc;
use store::{Begun, LocalFile, Mark, NewRun, Store, StoreError};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
    task::JoinHandle,
};

/// What became of a file that was handed in.
#[derive(Debug)]
pub enum Submitted {
    /// Its run goes on in the background; `done` ends with it.
    Begun { run: Box<Run>, done: JoinHandle<()> },
    /// The workspace judged these bytes under this contract already.
    Earlier(Box<RunSummary>),
}

/// Begins runs and does them, a bounded number at a time. Clones share it.
#[derive(Clone)]
pub struct Runs {
    store: Store,
    contracts: Contracts,
    /// Runs beyond the bound wait here, in order.
    places: Arc<Semaphore>,
    /// Rings whenever any run moved.
    bell: watch::Sender<()>,
    max_upload: u64,
}

impl Runs {
    pub fn new(store: Store, contracts: Contracts, at_once: u16, max_upload: u64) -> Self {
        Self {
            store,
            contracts,
            places: Arc::new(Semaphore::new(at_once.max(1).into())),
            bell: watch::Sender::new(()),
            max_upload,
        }
    }

    /// What files are judged under.
    pub fn contracts(&self) -> &Contracts {
        &self.contracts
    }

    /// Rings whenever any run of this process moved.
    pub fn bell(&self) -> watch::Receiver<()> {
        self.bell.subscribe()
    }

    /// The most bytes that a file may have.
    pub fn max_upload(&self) -> u64 {
        self.max_upload
    }

    /// Takes a file and begins its run, unless it was judged already.
    ///
    /// # Errors
    /// When the file was not taken; nothing of it is kept then.
    pub async fn submit(
        &self,
        details: Details,
        body: impl Stream<Item = Result<Bytes, Cut>> + Send,
        expected: Option<u64>,
    ) -> Result<Submitted, UploadError> {
        let received = self.receive(&details, body, expected).await?;
        self.begin(details, received).await
    }

    /// Takes a file, of which no run is begun yet.
    ///
    /// # Errors
    /// As of `submit`.
    pub async fn receive(
        &self,
        details: &Details,
        body: impl Stream<Item = Result<Bytes, Cut>> + Send,
        expected: Option<u64>,
    ) -> Result<Received, UploadError> {
        upload::receive(&self.store, details, body, expected, self.max_upload).await
    }

    /// Begins the run of a file that was taken, unless it was judged already.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin(&self, details: Details, file: Received) -> Result<Submitted, UploadError> {
        let again = details.again;
        let contract = match &details.contract {
            Some(contract) => Arc::clone(contract),
            None => self.fitting(&details, &file).await,
        };
        let mark = Mark::new(clock::now_text(), details.actor)
            .with("file_digest", &file.blake3)
            .with("file_bytes", file.bytes);
        let run = NewRun {
            id: clock::run_id(),
            workspace: details.workspace,
            kind: RunKind::File,
            file_name: details.file_name,
            file_bytes: file.bytes,
            media_type: details.media_type,
            file_digest: file.blake3,
            file_sha256: file.sha256,
            way: details.way,
            note: details.note,
            choice: details.choice,
            evaluated_at: details.judged_at.text,
            clock_replaced: details.judged_at.replaced,
            contract: contract.reference(),
            contract_text: Some(contract.canonical()),
            browser_receipt: details.browser_receipt,
        };
        match self.store.begin_run(&run, again, &mark).await? {
            Begun::Earlier(earlier) => Ok(Submitted::Earlier(earlier)),
            Begun::New => {
                // Read before anything moves: what is told at first is a run without a verdict.
                let begun = self.store.run(&run.workspace, &run.id).await;
                let done = self.start(run, mark.actor, Some(file.local));
                let run = Box::new(begun?);
                Ok(Submitted::Begun { run, done })
            }
        }
    }

    /// The contract that the browser judged the file under, or else the one that fits its header.
    async fn fitting(&self, details: &Details, file: &Received) -> Arc<Contract> {
        let shown = details.browser_receipt.as_ref().map(|it| &it.contract);
        if let Some(contract) = shown.and_then(|it| self.contracts.called(it)) {
            return Arc::clone(contract);
        }
        let local = file.local.clone();
        let contracts = self.contracts.clone();
        let choice = details.choice.clone();
        let found = tokio::task::spawn_blocking(move || {
            Some(contracts.fitting(local.path(), &choice).ok()?.contract)
        });
        // A file that cannot be read fails its run, with an entry that says so, under whichever contract.
        let found = found.await.ok().flatten();
        found.unwrap_or_else(|| Arc::clone(self.contracts.first()))
    }

    /// Does again what a crash cut off: each such run is finished from its raw file, or fails with an entry.
    /// Gives one handle per run.
    ///
    /// # Errors
    /// When the store cannot say which runs these are.
    pub async fn recover(&self) -> Result<Vec<JoinHandle<()>>, StoreError> {
        let cut_off = self.store.interrupted().await?;
        let again = cut_off.into_iter().map(|run| {
            tracing::warn!(run = %run.id, "a run was cut off and is done again");
            self.start(run, "system".to_owned(), None)
        });
        Ok(again.collect())
    }

    /// A file that has just come in is at hand; without one, the run is done again.
    fn start(&self, run: NewRun, actor: String, at_hand: Option<LocalFile>) -> JoinHandle<()> {
        let places = Arc::clone(&self.places);
        let job = Arc::new(Job {
            store: self.store.clone(),
            bell: self.bell.clone(),
            run,
            actor,
            redone: at_hand.is_none(),
        });
        tokio::spawn(async move {
            let _held = at_hand;
            let Some(failure) = done(places, Arc::clone(&job)).await else {
                return;
            };
            job.fail(&failure).await;
            job.bell.send_replace(());
        })
    }
}

/// Does a run when there is a place for it, and gives what it failed of.
async fn done(places: Arc<Semaphore>, job: Arc<Job>) -> Option<Failure> {
    // The places are never closed; were they, the run would wait for the next start.
    let _place = places.acquire_owned().await.ok()?;
    let watch = clock::Stopwatch::start();
    let id = job.id().clone();
    let handle = Handle::current();
    let work = move || panic::catch(|| handle.block_on(job.work()));
    let ended = tokio::task::spawn_blocking(work).await;
    let milliseconds = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
    match ended {
        Ok(Ok(Ok(status))) => {
            tracing::info!(run = %id, status = status.as_str(), milliseconds, "a run has ended");
            None
        }
        Ok(Ok(Err(failure))) => Some(failure),
        Ok(Err(panicked)) => Some(Failure::Panicked(panicked)),
        // The process stops before the work began: it is done at the next start.
        Err(_) => None,
    }
}
