//! Downloads of one run's rows: exceptions from the store, accepted rows from the file, as CSV and as workbooks.

use super::{
    contracts,
    download::{CSV, CsvQuery, attachment, broken, failed, noted, verdict},
    extract::{Asked, InWorkspace, NamedRun},
    openapi::File,
    tables::{Gone, ROWS, Receiver, Sender, WAITING, pieces, streamed, write_out},
};
use crate::{
    backend::{self, Pages},
    corrected,
    exception::put_right::PutRight,
    problem::Problem,
    run::judge,
    source::FileSource,
    workbook,
};
use app::backend::Backend;
use axum::{
    body::Body,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use engine::{
    contract::Contract,
    day::Moment,
    export::{self, Columns, Csv, Workbook},
    judgement::Judgement,
};
use futures::{StreamExt, stream};
use model::{
    finding::{FindingQuery, FlaggedRow},
    id::WorkspaceId,
    message::Export,
    run::Run,
};
use std::{
    collections::BTreeSet,
    io::{self, Write},
};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};

/// The exceptions of a run.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/exceptions.csv",
    operation_id = "get_exceptions_csv",
    tag = "downloads",
    params(InWorkspace, NamedRun, CsvQuery),
    responses(
        (status = 200, description = "The rows, with why each was refused", body = File, content_type = "text/csv"),
        (status = 409, description = "The run has no verdict: it is going on, or it failed"),
    ),
)]
pub async fn exceptions_csv(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    let mark = query.mark()?;
    let run = pages.run(&workspace, &id).await?;
    let verdict = verdict(&run)?.clone();
    let header = backend::header(&verdict);
    let (corrected, put_right) = as_they_stand(&pages, &workspace, &run).await?;
    noted(&pages, &workspace, Some(&id), "exceptions", "csv").await?;
    let columns = Columns::new(
        &verdict.options,
        Export::Exceptions,
        Some(id.to_string()),
        corrected,
    );
    let mut csv = Csv::new(columns);
    let first = Bytes::from([mark.as_ref(), &csv.take()].concat());
    let rows = pages
        .server()
        .store
        .exceptions(&workspace, &id)
        .ready_chunks(ROWS);
    let rest = rows.map(move |rows| {
        for row in rows {
            let mut row = backend::rendered(row.map_err(broken)?, &verdict, &header);
            put_right.apply(&mut row);
            csv.row(&row);
        }
        Ok::<_, io::Error>(Bytes::from(csv.take()))
    });
    let body = Body::from_stream(stream::iter([Ok(first)]).chain(rest));
    Ok((attachment(&run, "exceptions.csv", CSV), body).into_response())
}

/// The exceptions of a run as a workbook.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/exceptions.xlsx",
    operation_id = "get_exceptions_workbook",
    tag = "downloads",
    params(InWorkspace, NamedRun),
    responses(
        (status = 200, description = "The rows, failing cells marked and noted", body = File, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 409, description = "The run has no verdict: it is going on, or it failed"),
    ),
)]
pub async fn exceptions_workbook(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Response, Problem> {
    let run = pages.run(&workspace, &id).await?;
    let verdict = verdict(&run)?.clone();
    let header = backend::header(&verdict);
    let contract = contracts::of_run(&pages, &workspace, &run).await?;
    let (corrected, put_right) = as_they_stand(&pages, &workspace, &run).await?;
    let mut rows = pages.server().store.exceptions(&workspace, &id);
    let at = Moment::parse(&run.evaluated_at).ok_or_else(Problem::internal)?;
    noted(&pages, &workspace, Some(&id), "exceptions", "xlsx").await?;
    let (send, receive) = mpsc::channel(WAITING);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let what = Export::Exceptions;
        let write = || {
            let (options, run) = (&verdict.options, Some(id.to_string()));
            let columns = Columns::new(options, what, run, corrected);
            let mut workbook = workbook::workbook(columns, &contract, options, what, at)?;
            while let Some(row) = runtime.block_on(rows.next()) {
                let mut row = backend::rendered(row?, &verdict, &header);
                put_right.apply(&mut row);
                workbook.row(&row)?;
            }
            finish(workbook, &send)
        };
        write_out(write, &send);
    });
    let headers = attachment(&run, "exceptions.xlsx", workbook::MEDIA_TYPE);
    Ok((headers, streamed(Bytes::new(), receive)).into_response())
}

/// The accepted rows of a run.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/accepted.csv",
    operation_id = "get_accepted_csv",
    tag = "downloads",
    params(InWorkspace, NamedRun, CsvQuery),
    responses(
        (status = 200, description = "The rows as they stand in the file", body = File, content_type = "text/csv"),
        (status = 409, description = "The run has no verdict, or the file was judged by another version"),
    ),
)]
pub async fn accepted_csv(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
    Asked(query): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    let mark = query.mark()?;
    let run = pages.run(&workspace, &id).await?;
    let rows = accepted(&pages, &workspace, &run, |again| {
        let options = &again.judgement.verdict.options;
        let columns = Columns::new(options, Export::Accepted, None, again.corrected());
        let mut csv = Csv::new(columns);
        again.each(&mut |row| {
            csv.row(row);
            csv.take_much().map_or(Ok(()), |it| again.send(it))
        })?;
        again.send(csv.take())
    });
    let body = streamed(mark, rows.await?);
    noted(&pages, &workspace, Some(&id), "accepted", "csv").await?;
    Ok((attachment(&run, "accepted.csv", CSV), body).into_response())
}

/// The accepted rows of a run as a workbook.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/accepted.xlsx",
    operation_id = "get_accepted_workbook",
    tag = "downloads",
    params(InWorkspace, NamedRun),
    responses(
        (status = 200, description = "The rows, as values", body = File, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 409, description = "The run has no verdict, or the file was judged by another version"),
    ),
)]
pub async fn accepted_workbook(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Response, Problem> {
    let run = pages.run(&workspace, &id).await?;
    let rows = accepted(&pages, &workspace, &run, |again| {
        let options = &again.judgement.verdict.options;
        let what = Export::Accepted;
        let columns = Columns::new(options, what, None, again.corrected());
        let mut workbook = workbook::workbook(columns, again.contract, options, what, again.at)?;
        again.each(&mut |row| Ok(workbook.row(row)?))?;
        finish(workbook, again.send)
    });
    let body = streamed(Bytes::new(), rows.await?);
    noted(&pages, &workspace, Some(&id), "accepted", "xlsx").await?;
    let headers = attachment(&run, "accepted.xlsx", workbook::MEDIA_TYPE);
    Ok((headers, body).into_response())
}

/// A file that is judged once more for its accepted rows.
struct Again<'a> {
    judgement: &'a Judgement<'a>,
    source: &'a FileSource,
    contract: &'a Contract,
    at: Moment,
    /// Records that the ledger refused.
    refused: &'a BTreeSet<u64>,
    /// What was corrected before submit in rows that were exceptions of other runs.
    inherited: &'a [(u64, u32)],
    send: &'a Sender,
}

impl Again<'_> {
    fn corrected(&self) -> Vec<(u64, u32)> {
        let mut cells = self.judgement.corrected_cells();
        cells.extend(self.inherited);
        cells.sort_unstable();
        cells
    }

    fn each(&self, take: &mut dyn FnMut(&FlaggedRow) -> Result<(), Gone>) -> Result<(), Gone> {
        export::rows(self.judgement, self.source, Export::Accepted, &mut |row| {
            if self.refused.contains(&row.record) {
                return Ok(());
            }
            take(&row)
        })
    }

    fn send(&self, piece: Vec<u8>) -> Result<(), Gone> {
        let sent = self.send.blocking_send(Ok(Bytes::from(piece)));
        sent.map_err(|_| Gone::Reader)
    }
}

/// What `write` makes of the accepted rows. The file is judged again, which gives the same rows: their text stands in
/// the raw file alone.
async fn accepted(
    pages: &Pages,
    workspace: &WorkspaceId,
    run: &Run,
    write: fn(&Again<'_>) -> Result<(), Gone>,
) -> Result<Receiver, Problem> {
    let findings = verdict(run)?.receipt.findings_digest.clone();
    let refused = refused(pages, run).await?;
    let mut reader = corrected::Reader::new(&pages.server().store, workspace);
    let inherited = reader.inherited(run).await;
    let inherited = inherited.map_err(|error| failed(&error))?;
    let raw = pages.server().store.raw();
    let file = FileSource::raw(raw, workspace, &run.summary.file_digest).await?;
    let choice = run.choice.clone();
    let at = Moment::parse(&run.evaluated_at).ok_or_else(Problem::internal)?;
    let contract = contracts::of_run(pages, workspace, run).await?;
    let (judged, told) = oneshot::channel();
    let (send, receive) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let again = judge::unpack(file, &contract, &choice).and_then(|source| {
            let judgement = judge::judge(&source, &contract, &choice, at)?;
            Ok((source, judgement))
        });
        let (source, judgement) = match again {
            Ok(again) => again,
            Err(error) => {
                let _ = judged.send(Err(error));
                return;
            }
        };
        // Who is told something else than was expected drops `receive`, so that nothing is written then.
        let _ = judged.send(Ok(judgement.verdict.receipt.findings_digest.clone()));
        let again = Again {
            judgement: &judgement,
            source: &source,
            contract: &contract,
            at,
            refused: &refused,
            inherited: &inherited,
            send: &send,
        };
        write_out(|| write(&again), &send);
    });
    let judged = told.await.map_err(|error| failed(&error))?;
    if judged.map_err(|error| failed(&error))? != findings {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "judged-by-another-version",
            "The accepted rows of this run cannot be drawn up again",
            "The file was judged by another version of the engine or of the contract, and this one says something \
             else of it. The ledger holds the rows as they were accepted; the raw file can be downloaded.",
        ));
    }
    Ok(receive)
}

/// The bytes of a workbook, in pieces.
fn finish(workbook: Workbook, send: &Sender) -> Result<(), Gone> {
    let mut pieces = pieces(send);
    workbook.finish(&mut pieces)?;
    pieces.flush().map_err(|_| Gone::Reader)
}

/// What was corrected in exceptions before submit and since, and how they stand by that.
async fn as_they_stand(
    pages: &Pages,
    workspace: &WorkspaceId,
    run: &Run,
) -> Result<(Vec<(u64, u32)>, PutRight), Problem> {
    let before = corrected(pages, workspace, run).await?;
    let put_right = PutRight::of(&pages.server().store, workspace, run).await?;
    Ok((put_right.cells_with(before), put_right))
}

async fn corrected(
    pages: &Pages,
    workspace: &WorkspaceId,
    run: &Run,
) -> Result<Vec<(u64, u32)>, Problem> {
    let mut reader = corrected::Reader::new(&pages.server().store, workspace);
    let found = reader.cells(run).await;
    found.map_err(|error| failed(&error))
}

/// The records that the server alone made exceptions.
async fn refused(pages: &Pages, run: &Run) -> Result<BTreeSet<u64>, Problem> {
    let mut records = BTreeSet::new();
    let mut after = (run.found_by_server > 0).then_some(0);
    while let Some(from) = after {
        let query = FindingQuery {
            code: Some("UNQ02".to_owned()),
            after: from,
            ..FindingQuery::default()
        };
        let (workspace, id) = (&run.summary.workspace, &run.summary.id);
        let page = pages.server().store.flagged(workspace, id, &query).await?;
        records.extend(page.rows.iter().map(|it| it.row.record));
        after = page.next;
    }
    Ok(records)
}
