//! Rows of the ledger, of one run or across all of them: a list by keyset, CSV and Parquet.

use super::{
    download::{CSV, CsvQuery, named, noted},
    exception_list::place,
    extract::{Asked, InWorkspace, NamedRun, Period},
    openapi::File,
    tables::{self, Gone, PARQUET, Rows},
};
use crate::{
    backend::Pages,
    corrected,
    problem::Problem,
    table::{Cell, Column, Kind},
};
use app::backend::Backend;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use engine::export::Corrected;
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use model::{
    id::{RunId, WorkspaceId},
    ledger::{self, Direction, RowFilter, RowPage, RowSort, RowState},
};
use serde::Deserialize;
use store::{Counting, Store, StoreError};
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RowQuery {
    run: Option<RunId>,
    /// `Not stated` for rows without one; so for product, category and SKU.
    region: Option<String>,
    product: Option<String>,
    category: Option<String>,
    sku: Option<String>,
    /// What the key of the rows begins with.
    key: Option<String>,
    /// Rows that count, where it is absent.
    #[serde(default)]
    state: RowState,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrderQuery {
    /// By day where it is absent. With `key` rows are in order of their keys, and those that do not count are in order of
    /// arrival; otherwise only the rows of one run can be.
    #[serde(default)]
    sort: RowSort,
    #[serde(default)]
    direction: Direction,
    /// `next` of the page before.
    #[param(pattern = r"^run_[0-9a-f]{32}\.[0-9]{1,18}$")]
    after: Option<String>,
    /// At most so many; 100 where it is absent.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// Rows of one page.
const USUAL: u32 = 100;
const MOST: u32 = 500;

/// Rows of the ledger, of all runs, by keyset.
///
/// `from` and `to` are days of the rows. Each says which run and file it came from, and whether it counts. Of a row that
/// was put right, waived or settled these are of the file that the act made, and `origin` is its place in the file that was
/// handed in.
#[utoipa::path(
    get,
    path = "/api/v1/rows",
    operation_id = "list_rows",
    tag = "rows",
    params(InWorkspace, Period, RowQuery, OrderQuery),
    responses(
        (status = 200, description = "Some of them, their total, and where the next ones begin", body = RowPage),
        (status = 404, description = "The workspace has no such run"),
    ),
)]
pub async fn list(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: Period,
    Asked(query): Asked<RowQuery>,
    Asked(order): Asked<OrderQuery>,
) -> Result<Json<RowPage>, Problem> {
    let limit = order.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        let text = format!("`limit` is between 1 and {MOST}.");
        return Err(Problem::invalid(text));
    }
    let query = ledger::RowQuery {
        filter: query.filter(&period),
        sort: order.sort,
        direction: order.direction,
        after: order.after.as_deref().map(place).transpose()?,
        limit,
    };
    Ok(Json(pages.rows(&workspace, &query).await?))
}

/// Accepted rows, of all runs: those that count, unless it is said otherwise.
///
/// `from` and `to` are days of the rows. `run` and `record` are a row's address; `file_name` and `line` are those of the
/// file that was handed in.
#[utoipa::path(
    get,
    path = "/api/v1/rows.csv",
    operation_id = "get_rows_csv",
    tag = "downloads",
    params(InWorkspace, Period, RowQuery, CsvQuery),
    responses(
        (status = 200, description = "In order of run and record", body = File, content_type = "text/csv"),
        (status = 404, description = "The workspace has no such run"),
    ),
)]
pub async fn rows_csv(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: Period,
    Asked(query): Asked<RowQuery>,
    Asked(csv): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    let mark = csv.mark()?;
    let rows = found(&pages, &workspace, query.filter(&period), "csv").await?;
    let body = tables::csv(columns(), rows, &mark);
    Ok((named("rows.csv", CSV), body).into_response())
}

/// Accepted rows, of all runs, as Parquet: those that count, unless it is said otherwise.
///
/// `from` and `to` are days of the rows. `run` and `record` are a row's address; `file_name` and `line` are those of the
/// file that was handed in. Amounts are DECIMAL(38, 2), days DATE.
#[utoipa::path(
    get,
    path = "/api/v1/rows.parquet",
    operation_id = "get_rows_parquet",
    tag = "downloads",
    params(InWorkspace, Period, RowQuery),
    responses(
        (status = 200, description = "In order of run and record", body = File, content_type = "application/vnd.apache.parquet"),
        (status = 404, description = "The workspace has no such run"),
    ),
)]
pub async fn rows_parquet(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: Period,
    Asked(query): Asked<RowQuery>,
) -> Result<Response, Problem> {
    let rows = found(&pages, &workspace, query.filter(&period), "parquet").await?;
    let body = tables::parquet(columns(), rows);
    Ok((named("rows.parquet", PARQUET), body).into_response())
}

/// The accepted rows of a run that count, typed, as Parquet.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/accepted.parquet",
    operation_id = "get_accepted_parquet",
    tag = "downloads",
    params(InWorkspace, NamedRun),
    responses(
        (status = 200, description = "In order of record", body = File, content_type = "application/vnd.apache.parquet"),
    ),
)]
pub async fn of_run_parquet(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(run): NamedRun,
) -> Result<Response, Problem> {
    let filter = RowFilter {
        run: Some(run),
        ..RowFilter::default()
    };
    let rows = found(&pages, &workspace, filter, "parquet").await?;
    let body = tables::parquet(columns(), rows);
    Ok((named("accepted.parquet", PARQUET), body).into_response())
}

impl RowQuery {
    fn filter(self, period: &Period) -> RowFilter {
        RowFilter {
            run: self.run,
            from: period.from.map(|it| it.to_string()),
            to: period.to.map(|it| it.to_string()),
            region: self.region,
            product: self.product,
            category: self.category,
            sku: self.sku,
            key: self.key.filter(|it| !it.is_empty()),
            state: self.state,
        }
    }
}

async fn found(
    pages: &Pages,
    workspace: &WorkspaceId,
    filter: RowFilter,
    format: &str,
) -> Result<Rows, Problem> {
    if let Some(run) = &filter.run {
        pages.run(workspace, run).await?;
    }
    noted(pages, workspace, filter.run.as_ref(), "accepted", format).await?;
    let reading = Reading {
        all: pages.server().store.all_rows(workspace, filter).boxed(),
        store: pages.server().store.clone(),
        workspace: workspace.clone(),
        corrected: corrected::Reader::new(&pages.server().store, workspace),
        run: None,
    };
    let rows = stream::try_unfold(reading, |mut it| async move {
        let row = it.next().await?;
        Ok::<_, Gone>(row.map(|row| (row, it)))
    });
    Ok(rows.boxed())
}

/// Rows on their way into a table.
struct Reading {
    all: BoxStream<'static, Result<Counting, StoreError>>,
    store: Store,
    workspace: WorkspaceId,
    corrected: corrected::Reader,
    /// Rows come run by run; this is what was corrected before submit in the one at hand.
    run: Option<(RunId, Corrected)>,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Vec<Cell>>, Gone> {
        let Some(it) = self.all.try_next().await? else {
            return Ok(None);
        };
        let (run, corrected) = match self.run.take() {
            Some(known) if known.0 == it.run => known,
            _ => {
                let run = self.store.run(&self.workspace, &it.run).await?;
                (it.run.clone(), self.corrected.of_run(&run).await?)
            }
        };
        let corrected = &self.run.insert((run, corrected)).1;
        Ok(Some(cells(it, corrected)))
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("run", Kind::Text),
        Column::new("file_name", Kind::Text),
        Column::new("record", Kind::Whole),
        Column::new("line", Kind::Whole),
        Column::new("key", Kind::Text),
        Column::new("day", Kind::Day),
        Column::new("region", Kind::Text),
        Column::new("product", Kind::Text),
        Column::new("sku", Kind::Text),
        Column::new("category", Kind::Text),
        Column::new("quantity", Kind::Whole),
        Column::new("unit_price", Kind::Money),
        Column::new("money", Kind::Money),
        Column::new("corrected", Kind::Text),
    ]
}

fn cells(it: Counting, corrected: &Corrected) -> Vec<Cell> {
    let row = it.row;
    vec![
        Cell::Text(it.run.to_string()),
        Cell::Text(it.file_name),
        Cell::natural(row.record),
        Cell::natural(row.line),
        Cell::text(row.key),
        Cell::day(row.day.as_deref()),
        Cell::text(row.region),
        Cell::text(row.product),
        Cell::text(row.sku),
        Cell::text(row.category),
        Cell::whole(row.quantity),
        Cell::money(row.unit_price),
        Cell::money(row.money),
        Cell::Text(corrected.text(row.record)),
    ]
}
