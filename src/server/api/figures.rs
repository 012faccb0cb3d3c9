//! Figures for dashboards: sales beside those of the period before, and quality over runs.

use super::extract::{Asked, InWorkspace, Period};
use crate::{backend::Pages, problem::Problem};
use axum::Json;
use model::{
    id::RunId,
    quality::QualityReport,
    sales::{SalesBy, SalesReport},
};
use serde::Deserialize;
use store::SalesFilter;
use utoipa::IntoParams;

/// Runs of one page.
const USUAL: u32 = 100;
const MOST: u32 = 500;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SalesQuery {
    region: Option<String>,
    category: Option<String>,
    product: Option<String>,
    /// No groups where it is absent.
    by: Option<SalesBy>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QualityQuery {
    /// `next` of the page before.
    before: Option<RunId>,
    /// At most so many runs; 100 where it is absent.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// Rows that count, summed up by group, beside the period before.
///
/// `from` and `to` are days of the rows; with both, as many days right before them are summed up too.
#[utoipa::path(
    get,
    path = "/api/v1/sales",
    operation_id = "get_sales",
    tag = "figures",
    params(InWorkspace, Period, SalesQuery),
    responses((status = 200, description = "The sums", body = SalesReport)),
)]
pub async fn sales(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: Period,
    Asked(query): Asked<SalesQuery>,
) -> Result<Json<SalesReport>, Problem> {
    let filter = SalesFilter {
        region: query.region,
        category: query.category,
        product: query.product,
        from: period.from,
        to: period.to,
    };
    let store = &pages.server().store;
    Ok(Json(store.sales_by(&workspace, &filter, query.by).await?))
}

/// Quality over the runs of files that were judged: by run, by control and by dimension.
///
/// `from` and `to` are the days, in UTC, on which the files came. The sums are those of the runs listed.
#[utoipa::path(
    get,
    path = "/api/v1/quality",
    operation_id = "get_quality",
    tag = "figures",
    params(InWorkspace, Period, QualityQuery),
    responses((status = 200, description = "The figures, and where older runs begin", body = QualityReport)),
)]
pub async fn quality(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: Period,
    Asked(query): Asked<QualityQuery>,
) -> Result<Json<QualityReport>, Problem> {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        let text = format!("`limit` is between 1 and {MOST}.");
        return Err(Problem::invalid(text));
    }
    let day = |it: Option<chrono::NaiveDate>| it.map(|it| it.to_string());
    let (from, to) = (day(period.from), day(period.to));
    let store = &pages.server().store;
    let days = (from.as_deref(), to.as_deref());
    let report = store.quality(&workspace, days, query.before.as_ref(), limit);
    Ok(Json(report.await?))
}
