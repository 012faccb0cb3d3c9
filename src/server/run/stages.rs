//! The stages of a run, in order: validate, isolate, transform, load, summarise. Everything up to load is
//! written under a run that nobody sees; then one transaction makes all of it visible. Rows are typed batch by batch while
//! those before them are loaded.

use super::{
    judge::{self, JudgeError},
    pace::Pace,
    refused::whole,
    returned::{self, Elsewhere},
};
use crate::{
    clock, contracts,
    panic::{self, Panicked},
    source::FileSource,
};
use engine::{contract::Contract, day::Moment, judgement::Judgement, source::SourceError, verdict};
use futures::executor;
use model::{
    control::Severity,
    id::RunId,
    money::Money,
    row::LedgerRow,
    run::{Admission, RunStatus, Stage},
    verdict::{Held, Verdict},
};
use std::{
    collections::BTreeSet,
    ops::Range,
    sync::{Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};
use store::{Closing, Keeping, Mark, NewRun, Store, StoreError};
use thiserror::Error;
use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
    task,
    time::timeout,
};

/// Of a thread that ended without saying how, which none does.
const SILENT: &str = "a part of the run did not say how it ended";

/// Rows that go to the store at a time.
const BATCH: usize = 8192;

/// How often a closing that waits says that it is still there, well before its connection is taken for gone.
const STAY: Duration = Duration::from_secs(30);

/// How long to wait until a failed run's end is tried again, where the store could not take it.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// Why a run failed. Its raw file stays in any case.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the raw file cannot be read")]
    Raw(#[from] SourceError),
    #[error("the raw file is gone")]
    RawGone,
    /// The raw file is not what was received, or the rows typed are not those of the verdict.
    #[error("{0}")]
    Unsound(&'static str),
    /// The run that this one was to replace left meanwhile.
    #[error("the run that was to be replaced is gone")]
    PlaceTaken,
    #[error("the run stopped at {}", .0.place)]
    Panicked(Panicked),
}

impl From<JudgeError> for Failure {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Source(error) => Self::Raw(error),
            JudgeError::Panicked(panicked) => Self::Panicked(panicked),
        }
    }
}

/// One run with what it needs.
pub(super) struct Job {
    pub(super) store: Store,
    pub(super) bell: watch::Sender<()>,
    pub(super) run: NewRun,
    pub(super) actor: String,
    /// Something may be left of an earlier try, which a crash cut off.
    pub(super) redone: bool,
    /// The last stage that has begun, or the one in which the run failed. None before the first.
    pub(super) reached: Reached,
}

/// Stages may go on beside each other, on threads of their own.
#[derive(Default)]
pub(super) struct Reached(Mutex<Option<Stage>>);

impl Reached {
    fn set(&self, stage: Stage) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(stage);
    }

    fn get(&self) -> Option<Stage> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job {
    pub(super) fn id(&self) -> &RunId {
        &self.run.id
    }

    /// Does the whole run, on a thread that may block. Tells how it ended.
    pub(super) async fn work(&self) -> Result<RunStatus, Failure> {
        if let Some(status) = self.go(self.redone, false).await? {
            return Ok(status);
        }
        // What was written of it nobody has seen, and is taken back.
        let ended = self.go(true, true).await?;
        ended.ok_or(Failure::Unsound("a run that is held was loaded"))
    }

    /// Goes through the stages, in a run of which something may be left from `before`. None where it was to enter whole and
    /// the ledger refused some of it; that is known then, and is `refused` the next time.
    async fn go(&self, before: bool, refused: bool) -> Result<Option<RunStatus>, Failure> {
        let text = self.run.contract_text.as_deref();
        let contract = contracts::of_run(text, &self.run.contract.fingerprint);
        let contract = &contract.ok_or(Failure::Unsound("the run's contract is gone"))?;
        let (workspace, id) = (&self.run.workspace, &self.run.id);
        if before {
            self.store.restart_run(workspace, id, &self.mark()).await?;
        }

        // How many rows there are is known once they are judged.
        self.begin(Stage::Validate, 0).await?;
        let source = judge::unpack(self.open().await?, contract, &self.run.choice)?;
        let judgement = self.judge(&source, contract)?;
        let rows = judgement.verdict.rows;
        self.end(Stage::Validate, rows.read).await?;

        self.begin(Stage::Isolate, rows.read).await?;
        let keeping = self.store.keeping(workspace, id).await?;
        let mut held = self.hold(&judgement.verdict, refused);
        if held.is_none() && self.run.admission != Admission::Released {
            held = returned::of_no_account((&self.store, &self.run), &judgement, &source).await?;
        }
        if let Some((word, reason)) = held {
            isolate(keeping, &judgement, &source, &Pace::default())?;
            self.end(Stage::Isolate, rows.accepted).await?;
            let mark = self.counted(&judgement.verdict).with("reason", word);
            self.store
                .hold_run(workspace, id, &judgement.verdict, &reason, &mark)
                .await?;
            self.bell.send_replace(());
            return Ok(Some(RunStatus::Held));
        }
        // Rows with findings go to the database while accepted ones are loaded, where two can write.
        let runtime = Handle::current();
        let pace = Pace::new(rows.accepted, judgement.verdict.findings.flagged_rows);
        let (isolating, isolated) = Isolating::new(&pace, &self.reached);
        let entered = thread::scope(|scope| {
            let entering = scope.spawn(|| {
                let enter = self.enter(&judgement, contract, &source, isolating);
                panic::catch(|| runtime.block_on(enter))
            });
            let ended = panic::catch(|| isolate(keeping, &judgement, &source, &pace));
            let ended = ended.unwrap_or_else(|panicked| Err(Failure::Panicked(panicked)));
            // Where nobody asks any more, the run has failed already.
            isolated.send(ended).ok();
            // A panic of the thread was caught in it.
            entering.join().map_or(Err(Failure::Unsound(SILENT)), |it| {
                it.unwrap_or_else(|panicked| Err(Failure::Panicked(panicked)))
            })
        })?;
        let Some(elsewhere) = entered else {
            return Ok(None);
        };
        let mark = self.mark();
        let left_out = returned::leave_out((&self.store, &self.run), elsewhere, &mark).await;
        if let Err(error) = left_out {
            // They stay open, and can be left out by hand.
            tracing::warn!(run = %id, error = &error as &dyn std::error::Error, "exceptions stay open");
        }
        self.bell.send_replace(());
        self.store.learn().await;
        if self.run.replaces.is_some() {
            self.store.learn_of_left().await;
        }
        Ok(Some(RunStatus::Complete))
    }

    /// Brings the accepted rows into the ledger, and gives those that stay exceptions elsewhere. None as in [`Self::go`].
    async fn enter(
        &self,
        judgement: &Judgement<'_>,
        contract: &Contract,
        source: &FileSource,
        mut isolating: Isolating<'_>,
    ) -> Result<Option<Vec<Elsewhere>>, Failure> {
        let (workspace, id) = (&self.run.workspace, &self.run.id);
        let accepted = judgement.verdict.rows.accepted;
        let alone = !self.store.writes_beside();
        if alone {
            isolating.ended().await?;
            self.end(Stage::Isolate, accepted).await?;
        }
        self.begin(Stage::Transform, accepted).await?;
        let first = judgement.accepted(source, 0)?;

        self.begin(Stage::Load, accepted).await?;
        let closing = self.store.close_run(workspace, id).await;
        let mut closing = closing.map_err(|error| match error {
            StoreError::Conflict(_) if self.run.replaces.is_some() => Failure::PlaceTaken,
            other => other.into(),
        })?;
        let (verdict, refused) = load(
            &mut closing,
            judgement,
            contract,
            source,
            first,
            &mut isolating,
        )
        .await?;
        if self.run.admission == Admission::AllOrNone && !refused.is_empty() {
            return Ok(None);
        }
        closing
            .end_stage(Stage::Transform, accepted, &self.mark())
            .await?;
        let elsewhere = returned::settle(
            (&self.store, &self.run),
            &mut closing,
            judgement,
            source,
            &refused,
            &self.mark(),
        )
        .await?;
        let loaded = verdict.rows.accepted;
        closing.end_stage(Stage::Load, loaded, &self.mark()).await?;

        self.tell(Stage::Summarise);
        closing
            .begin_stage(Stage::Summarise, loaded, &self.mark())
            .await?;
        closing.summarise().await?;
        closing
            .end_stage(Stage::Summarise, loaded, &self.mark())
            .await?;
        if !alone {
            isolating.ended_beside(&mut closing).await?;
            closing
                .end_stage(Stage::Isolate, accepted, &self.mark())
                .await?;
        }
        closing.finish(&verdict, &self.counted(&verdict)).await?;
        Ok(Some(elsewhere))
    }

    /// Why nothing of the run is to be loaded, in a word for the log and in words for people; None where it is. Of rows
    /// that the ledger refused it knows after these were tried.
    fn hold(&self, verdict: &Verdict, refused: bool) -> Option<(String, String)> {
        let admission = self.run.admission;
        if let Some(held) = &verdict.held
            && (held.for_structure() || admission != Admission::Released)
        {
            return Some((held.reason.clone(), why_held(verdict, held)));
        }
        let reason = match admission {
            Admission::Passing | Admission::Released => return None,
            Admission::AllOrNone if refused => {
                "Some rows have a key that a row of the ledger holds, and the file was to be loaded as a whole or not at \
                 all. Release the run to load the others, which tells of each, or mend the file and hand it in again."
            }
            Admission::AllOrNone if verdict.rows.exceptions == 0 => return None,
            Admission::AllOrNone => {
                "Some rows are exceptions, and the file was to be loaded as a whole or not at all. Release the run to \
                 load the rows that pass, or mend the file and hand it in again."
            }
            Admission::AfterConfirmation => {
                "The rows are judged, and nothing is loaded until somebody releases the run."
            }
        };
        Some((admission.as_str().to_owned(), reason.to_owned()))
    }

    /// Ends the run as failed. Where the store cannot take that now, it is tried until it can: a run that
    /// neither goes on nor has ended would mislead everybody.
    pub(super) async fn fail(&self, failure: &Failure) {
        tracing::error!(
            run = %self.run.id, error = failure as &dyn std::error::Error, "a run failed"
        );
        let mut mark = self.mark().with("kind", failure.kind());
        if let Some(stage) = self.reached.get() {
            mark = mark.with("stage", stage.as_str());
        }
        if let Some(code) = store::code(failure) {
            mark = mark.with("code", code);
        }
        if let Failure::Panicked(panicked) = failure {
            mark = mark
                .with("place", &panicked.place)
                .with("backtrace", &panicked.backtrace);
        }
        let (workspace, id) = (&self.run.workspace, &self.run.id);
        loop {
            let failed = self.store.fail_run(workspace, id, failure.reason(), &mark);
            match failed.await {
                // A conflict says that it has ended already.
                Ok(_) | Err(StoreError::Conflict(_) | StoreError::NotFound) => return,
                Err(error) => {
                    tracing::error!(
                        run = %id, error = &error as &dyn std::error::Error,
                        "a failed run could not be ended yet"
                    );
                    drop(error);
                    tokio::time::sleep(TRY_AGAIN).await;
                }
            }
        }
    }

    async fn open(&self) -> Result<FileSource, Failure> {
        let raw = self.store.raw();
        let file = FileSource::raw(raw, &self.run.workspace, &self.run.file_digest).await;
        file.map_err(|error| match error {
            StoreError::NotFound => Failure::RawGone,
            other => other.into(),
        })
    }

    fn judge<'c>(
        &self,
        source: &FileSource,
        contract: &'c Contract,
    ) -> Result<Judgement<'c>, Failure> {
        let at = Moment::parse(&self.run.evaluated_at);
        let at = at.ok_or(Failure::Unsound("the run has no moment of judging"))?;
        let judgement = judge::judge(source, contract, &self.run.choice, at)?;
        if judgement.verdict.receipt.file_digest != self.run.file_digest {
            return Err(Failure::Unsound(
                "the raw file is not the one that was received",
            ));
        }
        Ok(judgement)
    }

    async fn begin(&self, stage: Stage, rows_in: u64) -> Result<(), StoreError> {
        self.tell(stage);
        let (workspace, id) = (&self.run.workspace, &self.run.id);
        self.store
            .begin_stage(workspace, id, stage, rows_in, &self.mark())
            .await?;
        self.bell.send_replace(());
        Ok(())
    }

    async fn end(&self, stage: Stage, rows_out: u64) -> Result<(), StoreError> {
        let (workspace, id) = (&self.run.workspace, &self.run.id);
        self.store
            .end_stage(workspace, id, stage, rows_out, &self.mark())
            .await?;
        self.bell.send_replace(());
        Ok(())
    }

    fn tell(&self, stage: Stage) {
        self.reached.set(stage);
        tracing::debug!(run = %self.run.id, stage = stage.as_str(), "a stage begins");
    }

    fn mark(&self) -> Mark {
        Mark::new(clock::now_text(), self.actor.as_str())
    }

    /// With the figures that the last entry of a run states.
    fn counted(&self, verdict: &Verdict) -> Mark {
        // A verdict is made of texts and whole numbers, which always have a canonical form.
        let digest = audit::proof::digest(verdict).unwrap_or_default();
        let mark = self
            .mark()
            .with("rows_read", verdict.rows.read)
            .with("rows_accepted", verdict.rows.accepted)
            .with("rows_exceptions", verdict.rows.exceptions)
            .with("receipt", &verdict.receipt.digest)
            .with("verdict", digest);
        match &verdict.money {
            Some(money) => mark
                .with("money_accepted", money.accepted)
                .with("money_exceptions", money.exceptions),
            None => mark,
        }
    }
}

/// Keeps the rows with findings, whole.
fn isolate(
    mut keeping: Keeping,
    judgement: &Judgement<'_>,
    source: &FileSource,
    pace: &Pace,
) -> Result<(), Failure> {
    let mut kept = 0;
    ahead(
        0..judgement.batches(),
        |batch| judgement.kept(source, batch),
        async |_, rows| {
            for rows in rows?.chunks(BATCH) {
                pace.wait(kept);
                keeping.keep(rows).await?;
                kept += rows.len() as u64;
            }
            Ok(())
        },
    )?;
    Ok(executor::block_on(task::unconstrained(keeping.finish()))?)
}

/// The isolating of a run's rows, as whoever loads the others sees it.
struct Isolating<'p> {
    ended: Option<oneshot::Receiver<Result<(), Failure>>>,
    pace: &'p Pace,
    reached: &'p Reached,
}

impl<'p> Isolating<'p> {
    fn new(pace: &'p Pace, reached: &'p Reached) -> (Self, oneshot::Sender<Result<(), Failure>>) {
        let (send, receive) = oneshot::channel();
        let isolating = Self {
            ended: Some(receive),
            pace,
            reached,
        };
        (isolating, send)
    }

    /// Waits for its end, and tells once what it failed of.
    async fn ended(&mut self) -> Result<(), Failure> {
        self.pace.free();
        let Some(receive) = &mut self.ended else {
            return Ok(());
        };
        let ended = receive.await;
        self.ended = None;
        let ended = ended.unwrap_or(Err(Failure::Unsound(SILENT)));
        // The run fails of this, in whatever other stage it is by now.
        ended.inspect_err(|_| self.reached.set(Stage::Isolate))
    }

    /// As [`Self::ended`], while a closing waits.
    async fn ended_beside(&mut self, closing: &mut Closing) -> Result<(), Failure> {
        loop {
            match timeout(STAY, self.ended()).await {
                Ok(ended) => return ended,
                Err(_) => closing.stay().await?,
            }
        }
    }
}

impl Drop for Isolating<'_> {
    fn drop(&mut self) {
        self.pace.free();
    }
}

/// Hands each batch on as soon as the one before is done with. The next one is made meanwhile, on another thread, so that
/// neither the database waits for rows nor rows for the database.
fn ahead<T: Send>(
    batches: Range<usize>,
    make: impl Fn(usize) -> T + Sync,
    mut take: impl AsyncFnMut(usize, T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    thread::scope(|scope| {
        let (send, receive) = mpsc::sync_channel(1);
        let make = &make;
        scope.spawn(move || {
            // Where nobody takes any more, whoever took has said why.
            batches
                .map(|batch| panic::catch(|| (batch, make(batch))))
                .try_for_each(|it| send.send(it))
        });
        // The runtime asks a task to yield to it after some time, which cannot be done in here.
        executor::block_on(task::unconstrained(async {
            for made in receive {
                let (batch, made) = made.map_err(Failure::Panicked)?;
                take(batch, made).await?;
            }
            Ok(())
        }))
    })
}

/// Loads the accepted rows, keeps those that the ledger refuses, and gives the verdict that holds with them, and the
/// records that were refused.
async fn load(
    closing: &mut Closing,
    judgement: &Judgement<'_>,
    contract: &Contract,
    source: &FileSource,
    first: Vec<LedgerRow>,
    isolating: &mut Isolating<'_>,
) -> Result<(Verdict, BTreeSet<u64>), Failure> {
    let mut changes = Vec::new();
    let mut records = BTreeSet::new();
    let (mut loaded, mut money) = (0, Money::ZERO);
    let mut load = async |batch, rows: Vec<LedgerRow>| {
        isolating.pace.loaded(loaded);
        loaded += rows.len() as u64;
        money += rows.iter().filter_map(|it| it.money).sum();
        let refused = closing.load(&rows).await?;
        if refused.is_empty() {
            return Ok(());
        }
        // Some of them may be among the rows with findings.
        isolating.ended_beside(closing).await?;
        let (whole, mut of_batch) = whole(judgement, contract, source, batch, &refused)?;
        for rows in whole.chunks(BATCH) {
            closing.keep(rows).await?;
        }
        changes.append(&mut of_batch);
        records.extend(refused.iter().map(|it| it.row.record));
        Ok(())
    };
    load(0, first).await?;
    ahead(
        1..judgement.batches(),
        |batch| judgement.accepted(source, batch),
        async |batch, rows| load(batch, rows?).await,
    )?;
    isolating.pace.free();
    let expected = &judgement.verdict;
    let of_verdict = expected.money.as_ref().map(|it| it.accepted);
    if loaded != expected.rows.accepted || money != of_verdict.unwrap_or(Money::ZERO) {
        return Err(Failure::Unsound(
            "the rows typed are not those that the verdict accepted",
        ));
    }
    let mut verdict = judgement.verdict.clone();
    verdict::apply_ledger(&mut verdict, &changes, contract);
    Ok((verdict, records))
}

/// For people, with what to do.
fn why_held(verdict: &Verdict, held: &Held) -> String {
    if !held.for_structure() {
        let rate = verdict
            .exception_rate
            .map_or(String::new(), |it| format!(" ({} %)", it.percent()));
        return format!(
            "Too many rows are exceptions{rate}, so nothing was loaded. The exceptions below say what is wrong: \
             mend the file and hand it in again."
        );
    }
    let errors = verdict
        .file_findings
        .iter()
        .filter(|it| it.data.severity == Severity::Error);
    let texts: Vec<&str> = errors.map(|it| it.text.as_str()).collect();
    format!(
        "The file is not in the form of the contract, so nothing was loaded: {}. Mend the file and hand it in again.",
        if texts.is_empty() {
            held.reason.clone()
        } else {
            texts.join("; ")
        }
    )
}

impl Failure {
    /// For the entry: a closed word, never a foreign text.
    fn kind(&self) -> &'static str {
        match self {
            Self::Store(StoreError::Full(_)) => "disk-full",
            Self::Store(_) => "store-failed",
            Self::Raw(_) => "raw-file-unreadable",
            Self::RawGone => "raw-file-gone",
            Self::Unsound(_) => "unsound",
            Self::PlaceTaken => "place-taken",
            Self::Panicked(_) => "panic",
        }
    }

    /// For people: what happened, what was kept, what to do.
    fn reason(&self) -> &'static str {
        match self {
            Self::Store(StoreError::Full(_)) => {
                "The server's disk is full. The raw file is kept and nothing was loaded. Free some space, then hand \
                 the file in again."
            }
            Self::Store(_) => {
                "The database did not take the run. The raw file is kept and nothing was loaded. Hand the file in \
                 again; if it stays so, tell whoever runs this server."
            }
            Self::Raw(_) => {
                "The raw file cannot be read from the disk. Nothing was loaded. Tell whoever runs this server to look \
                 at the disk, then hand the file in again."
            }
            Self::RawGone => {
                "The raw file is no longer there. Nothing was loaded. Hand the file in again."
            }
            Self::Unsound(_) => {
                "The server's own figures did not agree, so nothing was loaded. The raw file is kept. Tell whoever \
                 runs this server."
            }
            Self::PlaceTaken => {
                "The run whose place this one was to take was withdrawn or replaced meanwhile, so nothing was loaded. \
                 Look at the runs, and hand the file in again if it is still wanted."
            }
            Self::Panicked(_) => {
                "The server stopped in the middle of this run because of a fault of its own. The raw file is kept and \
                 nothing was loaded. Tell whoever runs this server: the audit log says where it stopped."
            }
        }
    }
}
