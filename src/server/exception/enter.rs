//! The run by which rows enter the ledger later: their file, which is durable before anything else, and its verdict.

use super::{ActError, Origin, Who};
use crate::{clock, panic};
use engine::{Moment, verdict};
use model::{
    id::RunId,
    row::{KeptRow, LedgerRow},
    run::{Admission, RunKind},
    verdict::Verdict,
};
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, error::Error};
use store::{Entering as Parts, LocalFile, Mark, NewRun, Store};

/// A row that enters.
pub(super) struct Row {
    pub(super) cells: Vec<String>,
    /// Codes of what is waived.
    pub(super) waived: Vec<String>,
}

pub(super) struct Entering {
    run: NewRun,
    verdict: Verdict,
    rows: Vec<LedgerRow>,
    kept: Vec<KeptRow>,
    waived: Vec<(u64, String)>,
    /// Held until the run is there, or the file is cleared away.
    file: LocalFile,
}

impl Entering {
    /// Writes the rows' file, judges it as anybody can who has it, and puts it among the raw files.
    pub(super) async fn new(
        store: &Store,
        origin: &Origin,
        id: RunId,
        rows: Vec<Row>,
        at: Moment,
        who: &Who,
    ) -> Result<Self, ActError> {
        let contract = &origin.contract;
        let cells = || rows.iter().map(|it| it.cells.as_slice());
        let waived: BTreeSet<&String> = rows.iter().flat_map(|it| &it.waived).collect();
        let waived: Vec<String> = waived.into_iter().cloned().collect();
        let choice = origin.form.choice(contract, waived.clone());
        let judged = panic::catch(|| origin.form.judge(contract, cells(), waived, at));
        let mut judged = judged.map_err(|_| ActError::Unsound("the engine stopped"))??;
        if judged.verdict.rows.accepted != rows.len() as u64 || judged.rows.len() != rows.len() {
            return Err(ActError::Unsound("not every row that passed is accepted"));
        }
        verdict::apply_ledger(&mut judged.verdict, &[], contract);

        let bytes = origin.form.file(cells());
        let digest = blake3::hash(&bytes).to_hex().to_string();
        if judged.verdict.receipt.file_digest != digest {
            return Err(ActError::Unsound("the file judged is not the one kept"));
        }
        let sha256 = Sha256::digest(&bytes);
        let file_bytes = bytes.len() as u64;
        let summary = &origin.run.summary;
        let mut upload = store.raw().begin().await?;
        upload.write(bytes.into()).await?;
        let file = upload.finish(&summary.workspace, &digest).await?;
        let waived = (1..).zip(&rows).filter(|(_, it)| !it.waived.is_empty());
        let waived = waived.map(|(record, it)| (record, it.waived.join(",")));
        let waived = waived.collect();
        let (kept, rows): (Vec<KeptRow>, Vec<LedgerRow>) = judged.rows.into_iter().unzip();
        Ok(Self {
            run: NewRun {
                admission: Admission::Passing,
                replaces: None,
                id,
                workspace: summary.workspace.clone(),
                kind: RunKind::Correction,
                origin: Some(summary.id.clone()),
                file_name: summary.file_name.clone(),
                file_bytes,
                media_type: "text/csv".to_owned(),
                file_digest: digest,
                file_sha256: sha256.iter().map(|it| format!("{it:02x}")).collect(),
                way: who.way,
                note: None,
                choice,
                evaluated_at: judged.verdict.receipt.evaluated_at.clone(),
                clock_replaced: false,
                contract: contract.reference(),
                contract_text: Some(contract.canonical()),
                browser_receipt: None,
            },
            verdict: judged.verdict,
            rows,
            kept: kept
                .into_iter()
                .filter(|it| !it.findings.is_empty())
                .collect(),
            waived,
            file,
        })
    }

    /// Where they do not enter after all, nothing of their file stays, unless a run has the same bytes.
    pub(super) async fn clear_away(&self, store: &Store, mark: &Mark) {
        let (workspace, digest) = (&self.run.workspace, &self.run.file_digest);
        let mark = Mark::new(mark.time.as_str(), mark.actor.as_str())
            .with("reason", "not-entered")
            .with("received_bytes", self.run.file_bytes);
        if let Err(error) = store.refuse_file(workspace, digest, &mark).await {
            let error: &dyn Error = &error;
            tracing::error!(
                %workspace, digest, error, "the file of rows that did not enter stays until the next start"
            );
            self.file.leave_note();
        }
    }

    pub(super) fn id(&self) -> &RunId {
        &self.run.id
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows.len() as u64
    }

    /// Of the run's first entry, and of its last.
    pub(super) fn marks(&self, who: &Who) -> [Mark; 2] {
        let mark = || Mark::new(clock::now_text(), who.actor.as_str());
        let mut begun = mark()
            .with("file_digest", &self.run.file_digest)
            .with("file_bytes", self.run.file_bytes);
        if let Some(origin) = &self.run.origin {
            begun = begun.with("origin", origin);
        }
        let rows = self.verdict.rows;
        // As of any other run.
        let digest = audit::proof::digest(&self.verdict).unwrap_or_default();
        let completed = mark()
            .with("rows_read", rows.read)
            .with("rows_accepted", rows.accepted)
            .with("rows_exceptions", rows.exceptions)
            .with("receipt", &self.verdict.receipt.digest)
            .with("verdict", digest);
        let completed = match &self.verdict.money {
            Some(money) => completed
                .with("money_accepted", money.accepted)
                .with("money_exceptions", money.exceptions),
            None => completed,
        };
        [begun, completed]
    }

    pub(super) fn parts<'p>(&'p self, [begun, completed]: &'p [Mark; 2]) -> Parts<'p> {
        Parts {
            run: &self.run,
            verdict: &self.verdict,
            rows: &self.rows,
            kept: &self.kept,
            waived: &self.waived,
            begun,
            completed,
        }
    }
}
