//! Figures for dashboards: sales beside those of the period before, and quality over runs.

use super::extract::{self, Asked, InWorkspace};
use crate::{backend::Pages, problem::Problem};
use app::{backend::Backend, calendar};
use axum::Json;
use model::{
    id::RunId,
    quality::{ContractPair, NewUnknowns, QualityFilter, QualityReport},
    sales::{Basis, Choices, SalesBy, SalesFilter, SalesReport},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Runs of one page.
const USUAL: u32 = 100;
const MOST: u32 = 500;

/// Which rows are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SoldQuery {
    region: Option<String>,
    category: Option<String>,
    product: Option<String>,
    sku: Option<String>,
    /// The run that brought the rows.
    run: Option<RunId>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SalesQuery {
    /// The days right before, or the same days of last year; `before` where it is absent.
    #[param(inline)]
    against: Option<Against>,
    /// No groups where it is absent.
    by: Option<SalesBy>,
}

/// With what a period is compared.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Against {
    #[default]
    Before,
    YearAgo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QualityQuery {
    /// `next` of the page before.
    before: Option<RunId>,
    /// At most so many runs; 100 where it is absent.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// Of this region's rows alone: the list's word, of runs that were loaded. Controls, dimensions, columns and the score
    /// are those of whole files, and are then absent.
    region: Option<String>,
    /// Of the exceptions that sell it alone, which have no rate either: the list's word, empty for rows that say none of
    /// the list's products.
    product: Option<String>,
    /// In the same way, of the list's category of the product.
    product_category: Option<String>,
    /// Of this one alone.
    run: Option<RunId>,
}

impl SoldQuery {
    fn filter(self, period: &extract::Period) -> SalesFilter {
        SalesFilter {
            region: self.region,
            category: self.category,
            product: self.product,
            sku: self.sku,
            run: self.run,
            from: period.from.map(|it| it.to_string()),
            to: period.to.map(|it| it.to_string()),
        }
    }
}

/// Rows that count, summed up by group, beside the period before.
///
/// `from` and `to` are days of the rows; with both, the days that they are compared with are summed up too.
#[utoipa::path(
    get,
    path = "/api/v1/sales",
    operation_id = "get_sales",
    tag = "figures",
    params(InWorkspace, extract::Period, SoldQuery, SalesQuery),
    responses((status = 200, description = "The sums", body = SalesReport),
        (status = 404, description = "The workspace has no such run")),
)]
pub async fn sales(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: extract::Period,
    Asked(sold): Asked<SoldQuery>,
    Asked(query): Asked<SalesQuery>,
) -> Result<Json<SalesReport>, Problem> {
    let days = calendar::Period::Custom(period.from, period.to);
    let against = match query.against.unwrap_or_default() {
        Against::Before => calendar::Against::Before,
        Against::YearAgo => calendar::Against::YearAgo,
    };
    let compared = pages.calendar().compared(days, against);
    let compared = compared.map(|it| (it.from.to_string(), it.to.to_string()));
    let compared = compared.as_ref().map(|(a, b)| (a.as_str(), b.as_str()));
    let filter = sold.filter(&period);
    let store = &pages.server().store;
    let report = store.sales_by(&workspace, &filter, compared, query.by);
    Ok(Json(report.await?))
}

/// Quality over the runs of files that were judged: by run, by control and by dimension.
///
/// `from` and `to` are the days, in Indian time, on which the files came. The sums are those of the runs listed.
#[utoipa::path(
    get,
    path = "/api/v1/quality",
    operation_id = "get_quality",
    tag = "figures",
    params(InWorkspace, extract::Period, QualityQuery),
    responses((status = 200, description = "The figures, and where older runs begin", body = QualityReport)),
)]
pub async fn quality(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: extract::Period,
    Asked(query): Asked<QualityQuery>,
) -> Result<Json<QualityReport>, Problem> {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        let text = format!("`limit` is between 1 and {MOST}.");
        return Err(Problem::invalid(text));
    }
    let filter = QualityFilter {
        from: period.from.map(|it| it.to_string()),
        to: period.to.map(|it| it.to_string()),
        run: query.run,
        region: query.region,
        product: query.product,
        product_category: query.product_category,
    };
    let store = &pages.server().store;
    let report = store.quality(&workspace, &filter, query.before.as_ref(), limit);
    Ok(Json(report.await?))
}

/// What the rows of a filter rest on: the runs behind them, all that these read, and what of it is not in the ledger.
#[utoipa::path(
    get,
    path = "/api/v1/sales/basis",
    operation_id = "get_sales_basis",
    tag = "figures",
    params(InWorkspace, extract::Period, SoldQuery),
    responses((status = 200, description = "The sums over these runs", body = Basis),
        (status = 404, description = "The workspace has no such run")),
)]
pub async fn basis(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: extract::Period,
    Asked(sold): Asked<SoldQuery>,
) -> Result<Json<Basis>, Problem> {
    let filter = sold.filter(&period);
    Ok(Json(pages.basis(&workspace, &filter).await?))
}

/// What there is to filter rows by: the words that those which count have, and the newest runs.
#[utoipa::path(
    get,
    path = "/api/v1/sales/choices",
    operation_id = "get_sales_choices",
    tag = "figures",
    params(InWorkspace),
    responses((status = 200, description = "The words, by what they are of", body = Choices)),
)]
pub async fn choices(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
) -> Result<Json<Choices>, Problem> {
    Ok(Json(pages.choices(&workspace).await?))
}

#[derive(Serialize, ToSchema)]
pub struct Pairs {
    /// The contract of the newest run first.
    pairs: Vec<ContractPair>,
}

/// The two newest runs of files that count under each contract that has two, to be compared.
///
/// `from` and `to` are the days, of Indian time, on which the files came.
#[utoipa::path(
    get,
    path = "/api/v1/quality/pairs",
    operation_id = "list_contract_pairs",
    tag = "figures",
    params(InWorkspace, extract::Period),
    responses((status = 200, description = "A pair for each contract", body = Pairs)),
)]
pub async fn pairs(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: extract::Period,
) -> Result<Json<Pairs>, Problem> {
    let day = |it: Option<chrono::NaiveDate>| it.map(|it| it.to_string());
    let (from, to) = (day(period.from), day(period.to));
    let days = (from.as_deref(), to.as_deref());
    let pairs = pages.contract_pairs(&workspace, days).await?;
    Ok(Json(Pairs { pairs }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnknownsQuery {
    /// The earlier run.
    before: RunId,
    /// The later one.
    now: RunId,
}

/// Values that lists refuse in one run and not in the one before.
#[utoipa::path(
    get,
    path = "/api/v1/quality/unknowns",
    operation_id = "list_new_unknowns",
    tag = "figures",
    params(InWorkspace, UnknownsQuery),
    responses((status = 200, description = "The values, those of most rows first", body = NewUnknowns),
        (status = 404, description = "The workspace has no such run")),
)]
pub async fn unknowns(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    Asked(query): Asked<UnknownsQuery>,
) -> Result<Json<NewUnknowns>, Problem> {
    let found = pages.new_unknowns(&workspace, &query.before, &query.now);
    Ok(Json(found.await?))
}
