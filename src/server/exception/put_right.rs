//! Exceptions as they stand, with what was put right in them since they were found.

use crate::{backend, corrected::Cells};
use engine::{
    apart::Form,
    render::{self, Place},
};
use model::{
    exception::{Change, Event},
    finding::{FindingData, FlaggedRow},
    id::WorkspaceId,
    options::Options,
    run::Run,
};
use std::collections::BTreeMap;
use store::{Store, StoreError, StoredException};

/// So many are looked at together.
const AT_ONCE: usize = 500;

/// What was done with an exception from when it was opened again, the latest first. A row that is opened again is as it
/// came: what was put into it before is history.
pub(super) fn since_opened(row: &StoredException) -> impl Iterator<Item = &Change> {
    let opened = |it: &Change| it.event == Event::Reopened;
    let from = row.history.iter().rposition(opened).unwrap_or(0);
    row.history.iter().skip(from).rev()
}

/// What was last found.
pub(super) fn last_findings(row: &StoredException) -> &[FindingData] {
    let judged = since_opened(row).find_map(|it| it.judged.as_ref());
    judged.map_or(&row.row.findings, |it| &it.findings)
}

/// The row's cells as they stand, corrected or not. None where it is no proper record.
pub(super) fn cells(form: &Form, options: &Options, row: &StoredException) -> Option<Vec<String>> {
    corrected(row).or_else(|| as_it_came(form, options, row))
}

/// The row's cells as the run found them. None where it is no proper record.
pub(super) fn as_it_came(
    form: &Form,
    options: &Options,
    row: &StoredException,
) -> Option<Vec<String>> {
    form.cells(&render::flagged(row.row.clone(), options, &[]))
}

fn corrected(row: &StoredException) -> Option<Vec<String>> {
    since_opened(row).find_map(|it| it.cells.clone())
}

/// What was put right in the exceptions of one run.
#[derive(Debug, Default)]
pub struct PutRight {
    header: Vec<String>,
    rows: BTreeMap<u64, (Vec<String>, Vec<FindingData>)>,
    form: Option<(Form, Options)>,
    /// Those whose text is another now.
    cells: Cells,
}

impl PutRight {
    /// Nothing for a run without a verdict.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn of(store: &Store, workspace: &WorkspaceId, run: &Run) -> Result<Self, StoreError> {
        let Some(verdict) = &run.verdict else {
            return Ok(Self::default());
        };
        let (options, id) = (&verdict.options, &run.summary.id);
        let form = Form::of(options);
        let mut res = Self {
            header: backend::header(verdict),
            ..Self::default()
        };
        let records = store.corrected_records(workspace, id).await?;
        for records in records.chunks(AT_ONCE) {
            for row in store.exceptions_at(workspace, id, records).await? {
                let Some(now) = corrected(&row) else {
                    continue;
                };
                let record = row.row.record;
                let found = render::flagged(row.row.clone(), options, &[]);
                let found = form.cells(&found).unwrap_or_default();
                let columns = (0..).zip(&now).filter_map(|(at, cell): (usize, _)| {
                    let is_other = found.get(at) != Some(cell);
                    is_other.then(|| form.column(at)).flatten()
                });
                res.cells.extend(columns.map(|column| (record, column)));
                res.rows.insert(record, (now, last_findings(&row).to_vec()));
            }
        }
        res.form = Some((form, options.clone()));
        Ok(res)
    }

    /// With those that were corrected before submit, each once and in order.
    pub fn cells_with(&self, mut before: Cells) -> Cells {
        before.extend(&self.cells);
        before.sort_unstable();
        before.dedup();
        before
    }

    /// Makes of a row as it was found the one that it is now.
    pub fn apply(&self, row: &mut FlaggedRow) {
        let (Some((form, options)), Some((cells, findings))) =
            (&self.form, self.rows.get(&row.record))
        else {
            return;
        };
        form.lay(row, cells);
        let place = Place {
            record: row.record,
            line: row.line,
        };
        let found = findings.iter().map(|it| {
            // They are of the row by itself, which has the file's own columns alone.
            let own = it
                .column
                .and_then(|it| usize::try_from(it).ok()?.checked_sub(1));
            let data = FindingData {
                column: own.and_then(|it| form.column(it)),
                ..it.clone()
            };
            render::finding(data, Some(place), row.line, &self.header, options)
        });
        row.findings = found.collect();
    }
}
