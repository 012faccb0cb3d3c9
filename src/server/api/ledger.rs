//! Rows of the ledger, of one run or across all of them, as CSV and as Parquet.

use super::{
    download::{CSV, CsvQuery, named, noted},
    extract::{Asked, InWorkspace, NamedRun, Period},
    openapi::File,
    tables::{self, Gone, PARQUET, Rows},
};
use crate::{
    backend::Pages,
    problem::Problem,
    table::{Cell, Column, Kind},
};
use app::backend::Backend;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, TryStreamExt};
use model::id::{RunId, WorkspaceId};
use serde::Deserialize;
use store::{Counting, RowFilter};
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RowQuery {
    run: Option<RunId>,
    region: Option<String>,
    product: Option<String>,
    category: Option<String>,
}

/// Accepted rows that count, of all runs.
///
/// `from` and `to` are days of the rows.
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

/// Accepted rows that count, of all runs, as Parquet.
///
/// `from` and `to` are days of the rows. Amounts are DECIMAL(38, 2), days DATE.
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
    let rows = pages.server().store.all_rows(workspace, filter);
    Ok(rows.map_ok(cells).map_err(Gone::from).boxed())
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
    ]
}

fn cells(it: Counting) -> Vec<Cell> {
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
    ]
}
