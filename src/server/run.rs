//! Runs: how one begins, who does it, and what becomes of those that a crash cut off.

pub mod difference;
pub mod instant;
pub mod judge;

mod pace;
pub(crate) mod refused;
mod returned;
mod stages;
pub mod stored;

use crate::{
    clock,
    contracts::Contracts,
    panic,
    shelf::Shelf,
    upload::{self, Cut, Details, Received, UploadError},
};
use bytes::Bytes;
use engine::contract::Contract;
use futures::{Stream, future::poll_immediate};
use model::{
    id::{RunId, WorkspaceId},
    run::{Admission, Run, RunKind, RunStatus, RunSummary},
    verdict::Held,
};
use stages::{Failure, Job, Reached};
use std::{
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::{Begun, Claimed, LocalFile, Mark, NewRun, Store, StoreError};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
};

/// How often to look for runs that no bell of this process tells of: those that another process took in.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What became of a file that was handed in.
#[derive(Debug)]
pub enum Submitted {
    /// Its run waits, or goes on in the background; [`Runs::ended`] tells how it ends.
    Begun(Box<Run>),
    /// The workspace judged these bytes under this contract already.
    Earlier(Box<RunSummary>),
}

/// What came of the wish to let a held run in.
#[derive(Debug)]
pub enum Release {
    /// The run that takes its place.
    Begun(Box<Run>),
    /// It is not held, or its file has not the form of the contract.
    NotHeld,
    /// The run that was let in before it, in the place that it was to take.
    PlaceTaken(Box<RunSummary>),
}

/// Begins runs and does them, a bounded number at a time. All processes with one store share the runs that wait.
/// Clones share it.
#[derive(Clone)]
pub struct Runs(Arc<Work>);

struct Work {
    store: Store,
    shelf: Shelf,
    /// How many runs of this process go on at the same time; further ones wait for whoever has a place.
    places: Arc<Semaphore>,
    at_once: u16,
    /// The runs that go on here.
    doing: Arc<Mutex<Vec<RunId>>>,
    /// Rings whenever any run moved.
    bell: watch::Sender<()>,
    max_upload: u64,
}

impl Runs {
    pub fn new(store: Store, shelf: impl Into<Shelf>, at_once: u16, max_upload: u64) -> Self {
        Self(Arc::new(Work {
            store,
            shelf: shelf.into(),
            places: Arc::new(Semaphore::new(at_once.max(1).into())),
            at_once: at_once.max(1),
            doing: Arc::default(),
            bell: watch::Sender::new(()),
            max_upload,
        }))
    }

    /// What files of a workspace are judged under now.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn contracts(&self, workspace: &WorkspaceId) -> Result<Contracts, StoreError> {
        self.0.shelf.in_force(&self.0.store, workspace).await
    }

    pub fn shelf(&self) -> &Shelf {
        &self.0.shelf
    }

    /// Rings whenever any run of this process moved.
    pub fn bell(&self) -> watch::Receiver<()> {
        self.0.bell.subscribe()
    }

    /// Rings the bell, after a run that was done elsewhere.
    pub fn ring(&self) {
        self.0.bell.send_replace(());
    }

    /// The most bytes that a file may have.
    pub fn max_upload(&self) -> u64 {
        self.0.max_upload
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
        if let Some(id) = &details.replaces {
            self.replaceable(&details.workspace, id).await?;
        }
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
        upload::receive(&self.0.store, details, body, expected, self.0.max_upload).await
    }

    /// Begins the run of a file that was taken, unless it was judged already.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin(&self, details: Details, file: Received) -> Result<Submitted, UploadError> {
        self.begin_as(clock::run_id(), details, file).await
    }

    /// As `begin`, under an id that was drawn before. Where no run begins, nothing of the file stays, unless the same
    /// bytes are those of a run or of an upload.
    ///
    /// # Errors
    /// As of `begin`.
    pub async fn begin_as(
        &self,
        id: RunId,
        details: Details,
        file: Received,
    ) -> Result<Submitted, UploadError> {
        let (workspace, actor) = (details.workspace.clone(), details.actor.clone());
        let kept = file.clone();
        // Apart from the many futures that wait for this one, which would grow by it.
        let begun = Box::pin(self.try_to_begin(id, details, file)).await;
        if let Err(error) = &begun {
            self.refuse_received((&workspace, &actor), &kept, error.reason())
                .await;
        }
        begun
    }

    /// Clears away a file that has just come whole, and of which no run begins. What cannot be cleared away now is logged, and
    /// cleared away after the next start.
    pub async fn refuse_received(&self, who: (&WorkspaceId, &str), file: &Received, reason: &str) {
        if !self.refuse(who, (&file.blake3, file.bytes), reason).await {
            file.local.leave_note();
        }
    }

    /// As [`Self::refuse_received`], of a file that nobody holds any more. False where it may stay.
    pub async fn refuse(
        &self,
        (workspace, actor): (&WorkspaceId, &str),
        (digest, bytes): (&str, u64),
        reason: &str,
    ) -> bool {
        let mark = Mark::new(clock::now_text(), actor)
            .with("reason", reason)
            .with("received_bytes", bytes);
        let refused = self.0.store.refuse_file(workspace, digest, &mark).await;
        if let Err(error) = &refused {
            let error: &dyn Error = error;
            tracing::error!(%workspace, digest, error, "a file of which no run begins may stay");
        }
        refused.is_ok()
    }

    /// Clears away the files that had come whole when the process that took them in ended, before a run of them began.
    ///
    /// # Errors
    /// When the store fails; what is left is cleared away the next time.
    pub async fn refuse_left_behind(&self) -> Result<(), StoreError> {
        let mark = Mark::new(clock::now_text(), "system").with("reason", "server-ended");
        self.0.store.refuse_left_behind(&mark).await
    }

    async fn try_to_begin(
        &self,
        id: RunId,
        details: Details,
        file: Received,
    ) -> Result<Submitted, UploadError> {
        if let Some(replaced) = &details.replaces {
            self.replaceable(&details.workspace, replaced).await?;
        }
        let again = details.again || details.replaces.is_some();
        let contract = match &details.contract {
            Some(contract) => Arc::clone(contract),
            None => self.fitting(&details, &file).await?,
        };
        let mark = Mark::new(clock::now_text(), details.actor)
            .with("file_digest", &file.blake3)
            .with("file_bytes", file.bytes);
        // Named in the log, so that none can be put in its place.
        let mark = match &details.browser_receipt {
            Some(receipt) => mark.with("browser_receipt", &receipt.digest),
            None => mark,
        };
        let run = NewRun {
            id,
            workspace: details.workspace,
            kind: RunKind::File,
            origin: None,
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
            admission: details.admission,
            replaces: details.replaces,
        };
        let begun = match self.0.store.begin_file_run(&run, again, &mark).await {
            Err(StoreError::NotFound) => return Err(UploadError::Gone),
            begun => begun?,
        };
        match begun {
            Begun::Earlier(earlier) => Ok(Submitted::Earlier(earlier)),
            Begun::New => {
                // Read before anything moves: what is told at first is a run without a verdict.
                let begun = self.0.store.run(&run.workspace, &run.id).await;
                self.0.bell.send_replace(());
                self.hold(file.local, run);
                Ok(Submitted::Begun(Box::new(begun?)))
            }
        }
    }

    async fn replaceable(&self, workspace: &WorkspaceId, id: &RunId) -> Result<(), UploadError> {
        let run = match self.0.store.run(workspace, id).await {
            Err(StoreError::NotFound) => return Err(UploadError::NotReplaceable),
            found => found?,
        };
        let has_ended = matches!(run.summary.status, RunStatus::Complete | RunStatus::Held);
        let is_file = run.summary.kind == RunKind::File;
        if has_ended && is_file && run.summary.withdrawn.is_none() {
            Ok(())
        } else {
            Err(UploadError::NotReplaceable)
        }
    }

    /// Lets the rows of a run that was held into the ledger, by a run of the same file in the same way that takes its
    /// place.
    ///
    /// # Errors
    /// When the store does not take the run.
    pub async fn release(
        &self,
        workspace: &WorkspaceId,
        id: &RunId,
        actor: &str,
        reason: &str,
    ) -> Result<Release, StoreError> {
        let held = self.0.store.run(workspace, id).await?;
        let (summary, Some(verdict)) = (held.summary, held.verdict) else {
            return Ok(Release::NotHeld);
        };
        let in_form = !verdict.held.as_ref().is_some_and(Held::for_structure);
        if summary.status != RunStatus::Held || summary.withdrawn.is_some() || !in_form {
            return Ok(Release::NotHeld);
        }
        if let Some(by) = self.0.store.place_taken(workspace, id).await? {
            let by = self.0.store.run(workspace, &by).await?;
            return Ok(Release::PlaceTaken(Box::new(by.summary)));
        }
        let text = self
            .0
            .store
            .contract(workspace, &verdict.contract.fingerprint)
            .await?;
        let run = NewRun {
            id: clock::run_id(),
            workspace: workspace.clone(),
            kind: summary.kind,
            origin: summary.origin,
            file_name: summary.file_name,
            file_bytes: summary.file_bytes,
            media_type: held.media_type,
            file_digest: summary.file_digest,
            file_sha256: held.file_sha256,
            way: summary.way,
            note: Some(reason.to_owned()),
            choice: held.choice,
            evaluated_at: held.evaluated_at,
            clock_replaced: held.clock_replaced,
            contract: verdict.contract,
            contract_text: text,
            browser_receipt: held.browser_receipt,
            admission: Admission::Released,
            replaces: Some(id.clone()),
        };
        let mark = Mark::new(clock::now_text(), actor)
            .with("file_digest", &run.file_digest)
            .with("file_bytes", run.file_bytes)
            .with("releases", id)
            .with("reason_digest", reason_digest(reason));
        self.0.store.begin_run(&run, true, &mark).await?;
        let begun = self.0.store.run(workspace, &run.id).await?;
        self.0.bell.send_replace(());
        Ok(Release::Begun(Box::new(begun)))
    }

    /// Keeps the copy of a file that has just come in until its run is done, so that it is not fetched again.
    fn hold(&self, file: LocalFile, run: NewRun) {
        if file.is_copy() {
            let runs = self.clone();
            tokio::spawn(async move {
                let _held = file;
                let _ = runs.ended(&run.workspace, &run.id).await;
            });
        }
    }

    /// The contract that the browser judged the file under, or else the one that fits its header.
    async fn fitting(
        &self,
        details: &Details,
        file: &Received,
    ) -> Result<Arc<Contract>, StoreError> {
        let contracts = self.contracts(&details.workspace).await?;
        let shown = details.browser_receipt.as_ref().map(|it| &it.contract);
        if let Some(contract) = shown.and_then(|it| contracts.called(it)) {
            return Ok(Arc::clone(contract));
        }
        let local = file.local.clone();
        let first = Arc::clone(contracts.first());
        let choice = details.choice.clone();
        let found = tokio::task::spawn_blocking(move || {
            Some(contracts.fitting(local.path(), &choice).ok()?.contract)
        });
        // A file that cannot be read fails its run, with an entry that says so, under whichever contract.
        let found = found.await.ok().flatten();
        Ok(found.unwrap_or(first))
    }

    /// Does, from now on, the runs that wait, oldest first, and those that a process which is gone left behind. It
    /// goes on until the last clone of this is dropped.
    pub fn work(&self) {
        let work = Arc::downgrade(&self.0);
        let mut bell = self.bell();
        let mut orphans = tokio::time::interval(self.0.store.heartbeat());
        tokio::spawn(async move {
            loop {
                let due = poll_immediate(orphans.tick()).await.is_some();
                let Some(work) = work.upgrade() else {
                    return;
                };
                if let Err(error) = work.take_up(due).await {
                    let error: &dyn Error = &error;
                    tracing::error!(
                        error,
                        "the runs that wait cannot be looked up; they go on waiting"
                    );
                }
                drop(work);
                tokio::select! {
                    rung = bell.changed() => if rung.is_err() { return },
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
        });
    }

    /// Waits until the run has ended, whichever process does it.
    ///
    /// # Errors
    /// When the store cannot say how the run stands.
    pub async fn ended(&self, workspace: &WorkspaceId, id: &RunId) -> Result<Run, StoreError> {
        let mut bell = self.bell();
        loop {
            bell.mark_unchanged();
            let run = self.0.store.run(workspace, id).await?;
            if run.summary.status != RunStatus::Running {
                return Ok(run);
            }
            // A bell that is gone rings no more: then the clock alone says when to look.
            let _ = tokio::time::timeout(LOOK_EVERY, bell.changed()).await;
        }
    }

    /// Takes up no more runs, and waits until those of this process have ended.
    pub async fn finish(&self) {
        let all = self.0.places.acquire_many(self.0.at_once.into()).await;
        if let Ok(all) = all {
            all.forget();
        }
    }
}

impl Work {
    async fn take_up(&self, look_for_orphans: bool) -> Result<(), StoreError> {
        if look_for_orphans {
            let doing = listed(&self.doing).clone();
            self.store.release_orphans(&doing).await?;
        }
        while let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            let doing = listed(&self.doing).clone();
            let Some(claimed) = self.store.claim(&doing).await? else {
                break;
            };
            let Claimed { run, actor, redone } = claimed;
            if redone {
                tracing::warn!(run = %run.id, "a run was cut off and is done again");
            }
            let job = Arc::new(Job {
                store: self.store.clone(),
                bell: self.bell.clone(),
                run,
                actor: if redone { "system".to_owned() } else { actor },
                redone,
                reached: Reached::default(),
            });
            let doing = Arc::clone(&self.doing);
            listed(&doing).push(job.id().clone());
            let (handle, working) = (Handle::current(), Arc::clone(&job));
            let work = move || handle.block_on(working.work());
            tokio::spawn(async move {
                if let Some(failure) = done(job.id(), work).await {
                    job.fail(&failure).await;
                }
                listed(&doing).retain(|it| it != job.id());
                drop(place);
                job.bell.send_replace(());
            });
        }
        Ok(())
    }
}

/// What an entry says of a reason that somebody wrote: its BLAKE3, since entries never change, and people's words may
/// name people.
pub(crate) fn reason_digest(reason: &str) -> String {
    blake3::hash(reason.as_bytes()).to_hex().to_string()
}

fn listed(doing: &Mutex<Vec<RunId>>) -> MutexGuard<'_, Vec<RunId>> {
    doing.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does the work of a run, and gives what it failed of.
async fn done(
    id: &RunId,
    work: impl FnOnce() -> Result<RunStatus, Failure> + Send + 'static,
) -> Option<Failure> {
    let watch = clock::Stopwatch::start();
    let ended = tokio::task::spawn_blocking(|| panic::catch(work)).await;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::instant::judged_at;
    use futures::{TryStreamExt, stream};
    use model::{
        options::Choice,
        run::{Stage, Way},
    };

    #[tokio::test(flavor = "multi_thread")]
    async fn a_run_whose_work_panics_fails_with_an_entry_and_the_next_one_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let runs = Runs::new(store.clone(), Contracts::shipped(), 1, 1 << 20);
        let main = WorkspaceId::main();
        let submit = async |name: &str| {
            let details = Details {
                workspace: main.clone(),
                file_name: name.to_owned(),
                media_type: "text/csv".to_owned(),
                way: Way::Api,
                actor: "asha".to_owned(),
                note: None,
                again: false,
                admission: Admission::Passing,
                replaces: None,
                judged_at: judged_at(None, clock::now()).unwrap(),
                choice: Choice::default(),
                contract: None,
                browser_receipt: None,
            };
            let head = "order_id,order_date,region,product,quantity,revenue";
            let file = format!("{head}\n{name},2026-01-15,North,Milk 1L,2,240.50\n");
            let body = stream::iter([Ok(Bytes::from(file))]);
            match runs.submit(details, body, None).await.unwrap() {
                Submitted::Begun(run) => run.summary.id,
                Submitted::Earlier(_) => panic!("{name} was there"),
            }
        };
        let id = submit("a.csv").await;
        let claimed = store.claim(&[]).await.unwrap().unwrap();
        let job = Job {
            store: store.clone(),
            bell: runs.0.bell.clone(),
            run: claimed.run,
            actor: claimed.actor,
            redone: false,
            reached: Reached::default(),
        };
        let mark = Mark::new(clock::now_text(), "asha");
        let begun = store.begin_stage(&main, &id, Stage::Validate, 0, &mark);
        begun.await.unwrap();
        let failure = done(&id, || panic!("a secret cell")).await.unwrap();
        job.fail(&failure).await;

        let run = store.run(&main, &id).await.unwrap();
        assert_eq!(run.summary.status, RunStatus::Failed);
        let reason = run.summary.reason.unwrap();
        assert!(reason.contains("a fault of its own"), "{reason}");
        let log: Vec<_> = store.log(&main).try_collect().await.unwrap();
        let last = &log.last().unwrap().entry;
        assert_eq!(
            (last.event.as_str(), &*last.details["kind"]),
            ("run.failed", "panic")
        );
        assert!(last.details["place"].contains("run.rs"), "{last:?}");
        let frames = &last.details["backtrace"];
        assert!(frames.contains("a_run_whose_work_panics"), "{frames}");
        assert!(!format!("{last:?}").contains("secret"), "{last:?}");

        runs.work();
        let next = submit("b.csv").await;
        let next = runs.ended(&main, &next).await.unwrap();
        assert_eq!(next.summary.status, RunStatus::Complete);
        let report = store.verify(&main, None).await.unwrap();
        assert_eq!(report.fault, None);
    }
}
