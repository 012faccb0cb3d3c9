//! One exception as it is shown.

use super::{
    Exceptions, Origin,
    decide::not_waivable,
    put_right::{cells, last_findings, since_opened},
};
use crate::backend;
use engine::{
    apart::Form,
    render::{self, Place},
};
use model::{
    exception::{ContractColumn, ExceptionView},
    id::{RunId, WorkspaceId},
};
use store::{StoreError, StoredException};

impl Exceptions<'_> {
    /// An exception of a run that has a verdict.
    ///
    /// # Errors
    /// When there is none.
    pub async fn view(
        &self,
        workspace: &WorkspaceId,
        id: &RunId,
        record: u64,
    ) -> Result<ExceptionView, StoreError> {
        let views = self.views(workspace, id, &[record]).await?;
        views.into_iter().next().ok_or(StoreError::NotFound)
    }

    /// Exceptions of a run that has a verdict, in order of record.
    ///
    /// # Errors
    /// When there is no such run.
    pub async fn views(
        &self,
        workspace: &WorkspaceId,
        id: &RunId,
        records: &[u64],
    ) -> Result<Vec<ExceptionView>, StoreError> {
        let run = self.store.run(workspace, id).await?;
        let verdict = run.verdict.clone().ok_or(StoreError::NotFound)?;
        let rows = self.store.exceptions_at(workspace, id, records).await?;
        let contract = self.in_force(workspace, &verdict.contract).await?;
        let origin = Origin {
            form: Form::of(&verdict.options),
            run,
            verdict,
            contract: contract.ok_or(StoreError::NotFound)?,
        };
        Ok(rows.into_iter().map(|row| view(&origin, row)).collect())
    }
}

fn view(origin: &Origin, row: StoredException) -> ExceptionView {
    let options = &origin.verdict.options;
    let own = origin.form.header();
    let cells = cells(&origin.form, options, &row).unwrap_or_default();
    let was_judged = since_opened(&row).any(|it| it.judged.is_some());
    let place = Place {
        record: row.row.record,
        line: row.row.line,
    };
    let all = backend::header(&origin.verdict);
    let header = if was_judged { &own } else { &all };
    let found = last_findings(&row);
    let not_waivable = not_waivable(&origin.contract, found);
    let findings = found.iter().cloned();
    let findings = findings.map(|it| render::finding(it, Some(place), place.line, header, options));
    let findings = findings.collect();
    let columns = origin.contract.columns.iter();
    let columns = columns.map(|it| ContractColumn {
        name: it.name.clone(),
        place: origin
            .form
            .place_of(&it.name)
            .and_then(|it| u32::try_from(it).ok()),
    });
    let columns = columns.collect();
    let found = render::flagged(row.row, options, &all);
    ExceptionView {
        run: origin.run.summary.id.clone(),
        state: row.state,
        version: row.version,
        assignee: row.assignee,
        found,
        header: own,
        cells,
        columns,
        findings,
        not_waivable,
        contract: origin.contract.reference(),
        choice: origin.form.choice(&origin.contract, Vec::new()),
        history: row.history,
    }
}
