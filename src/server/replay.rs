//! Judging a run's file again, as it was judged then, and comparing with everything that is kept of it.

use crate::{
    clock,
    run::{
        judge::JudgeError,
        stored::{self, CouldNot},
    },
    source::FileSource,
};
use audit::{
    evidence::Measure,
    proof::{self, Judged},
};
use engine::{
    judgement::Judgement,
    source::{Source, SourceError},
    verdict,
};
use futures::{StreamExt, stream::BoxStream};
use model::{
    audit::{Entry, EntryFilter},
    id::{RunId, WorkspaceId},
    proof::{Agrees, Check, Outcome, Replay},
    row::{KeptRow, Text},
    run::{Run, RunStatus},
    verdict::Refused,
};
use store::{Mark, Store, StoreError, StoredRow};
use tokio::runtime::Handle;

/// Entries that are asked for at a time.
const ENTRIES: u32 = 1000;
/// Bytes that are hashed at a time.
const PIECE: usize = 1 << 20;

/// Judges the raw file of a run again under the contract, the choice and the moment that are kept with it, compares,
/// and notes what came of it.
///
/// # Errors
/// When there is no such run, or the log does not take the entry.
pub async fn replay(
    store: &Store,
    workspace: &WorkspaceId,
    id: &RunId,
    actor: &str,
) -> Result<Replay, StoreError> {
    let run = store.run(workspace, id).await?;
    let entries = entries(store, workspace, id).await?;
    let mut checks = proof::kept(&run, &entries);
    let outcome = match again(store, run.clone()).await {
        Ok(compared) => {
            checks.extend(compared);
            Agrees::of(&checks)
        }
        Err(CouldNot::Store(error)) => return Err(error),
        Err(why) => {
            checks.push(Check::new("file", Outcome::NotRun, why.to_string()));
            Agrees::CouldNot
        }
    };
    let failed = checks.iter().filter(|it| it.outcome == Outcome::Failed);
    let failed: Vec<&str> = failed.map(|it| it.name.as_str()).collect();
    let mark = Mark::new(clock::now_text(), actor)
        .with("outcome", outcome.as_str())
        .with("engine", engine::VERSION)
        .with("failed", failed.join(", "));
    store
        .append(workspace, Some(id), "run.replayed", &mark)
        .await?;
    Ok(Replay {
        run: id.clone(),
        outcome,
        engine_then: run.verdict.map(|it| it.receipt.engine),
        engine_now: engine::VERSION.to_owned(),
        checks,
    })
}

/// The entries of a run, oldest first.
async fn entries(
    store: &Store,
    workspace: &WorkspaceId,
    id: &RunId,
) -> Result<Vec<Entry>, StoreError> {
    let (mut all, mut before) = (Vec::new(), None);
    let filter = EntryFilter {
        run: Some(id.clone()),
        ..EntryFilter::default()
    };
    loop {
        let page = store.entries(workspace, &filter, before, ENTRIES).await?;
        all.extend(page.entries.into_iter().map(|it| it.entry));
        before = page.next;
        if before.is_none() {
            all.reverse();
            return Ok(all);
        }
    }
}

async fn again(store: &Store, run: Run) -> Result<Vec<Check>, CouldNot> {
    let (file, terms) = stored::open(store, &run).await?;
    let kept = store.exceptions(&run.summary.workspace, &run.summary.id);
    let runtime = Handle::current();
    stored::aside(move || {
        let sha256 = sha256(&file).map_err(JudgeError::from)?;
        let (source, judgement) = terms.judge(file)?;
        let (rows, refused) = exceptions(&judgement, &source, kept, &runtime)?;
        let mut verdict = judgement.verdict.clone();
        let asked = run.summary.status == RunStatus::Complete;
        if asked {
            verdict::apply_ledger(&mut verdict, &refused, &terms.contract);
        }
        let judged = Judged {
            contract: terms.contract.fingerprint(),
            sha256,
            engine: engine::VERSION.to_owned(),
            verdict,
            refused: asked.then_some(refused.len() as u64),
        };
        let before = run.verdict.as_ref();
        let mut checks = before.map_or_else(Vec::new, |it| proof::compare(&run, it, &judged));
        checks.push(rows);
        Ok(checks)
    })
    .await
}

fn sha256(file: &FileSource) -> Result<String, SourceError> {
    let mut measure = Measure::default();
    let (mut offset, mut piece) = (0, vec![0; PIECE]);
    while offset < file.size() {
        let left = usize::try_from(file.size() - offset).unwrap_or(PIECE);
        let piece = piece.get_mut(..left.min(PIECE)).unwrap_or_default();
        file.read_at(offset, piece)?;
        measure.update(piece);
        offset += piece.len() as u64;
    }
    Ok(measure.sha256())
}

/// Compares the exceptions that are kept with those that the file gives, and gives those that the ledger made.
fn exceptions(
    judgement: &Judgement<'_>,
    source: &FileSource,
    mut stored: BoxStream<'_, Result<StoredRow, StoreError>>,
    runtime: &Handle,
) -> Result<(Check, Vec<Refused>), CouldNot> {
    let mut refused = Vec::new();
    let (mut total, mut unlike) = (0_u64, None);
    let mut next = || -> Result<Option<KeptRow>, StoreError> {
        while let Some(row) = runtime.block_on(stored.next()) {
            let row = row?.row;
            total += 1;
            if !row.findings.iter().any(|it| it.code == "UNQ02") {
                return Ok(Some(row));
            }
            refused.push(Refused {
                money: row.money,
                flagged: row.findings.len() > 1,
            });
        }
        Ok(None)
    };
    'all: for batch in 0..judgement.batches() {
        let rows = judgement.kept(source, batch).map_err(JudgeError::from)?;
        for row in rows.into_iter().filter(KeptRow::is_exception) {
            let kept = next()?;
            // Rows from before keys and what they say were kept have none.
            let has = |part: fn(&KeptRow) -> &Option<Text>| {
                kept.as_ref().is_some_and(|it| part(it).is_some())
            };
            let line = row.line;
            let row = KeptRow {
                key: row.key.filter(|_| has(|it| &it.key)),
                region: row.region.filter(|_| has(|it| &it.region)),
                product: row.product.filter(|_| has(|it| &it.product)),
                product_category: row
                    .product_category
                    .filter(|_| has(|it| &it.product_category)),
                ..row
            };
            if kept.as_ref() != Some(&row) {
                unlike = Some(line);
                break 'all;
            }
        }
    }
    if let Some(more) = next()?
        && unlike.is_none()
    {
        unlike = Some(more.line);
    }
    let check = match unlike {
        Some(line) => Check::new(
            "exceptions",
            Outcome::Failed,
            format!("what is kept of line {line} is not what the file gives"),
        ),
        None => Check::new(
            "exceptions",
            Outcome::Passed,
            format!("all exceptions ({total}) are those that file and ledger give"),
        ),
    };
    Ok((check, refused))
}
