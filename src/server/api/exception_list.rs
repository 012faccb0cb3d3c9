//! Exceptions across runs: a list by keyset, and all that a filter lets through as CSV and as Parquet.

use super::{
    download::{CSV, CsvQuery, named, noted},
    extract::{Asked, InWorkspace, NamedRun, Period},
    openapi::File,
    tables::{self, Gone, PARQUET, Rows},
};
use crate::{
    backend::{self, Pages},
    corrected,
    exception::put_right::PutRight,
    problem::Problem,
    table::{Cell, Column, Kind},
};
use app::backend::Backend;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use engine::export::Corrected;
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use model::{
    control::Category,
    exception::{
        ExceptionFilter, ExceptionList, ExceptionOrder, ExceptionOverview, ExceptionState,
        FoundException, Standing, TrendBy, TrendStep,
    },
    finding::{FlaggedRow, FoundBy},
    id::{RunId, WorkspaceId},
    verdict::Verdict,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{OfRun, StoreError};
use utoipa::IntoParams;

/// Exceptions of one page.
const USUAL: u32 = 100;
const MOST: u32 = 500;

/// Characters of `q`, of which its document tells too.
const LONGEST: usize = 200;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExceptionQuery {
    state: Option<ExceptionState>,
    /// Instead of one state, all that stand alike.
    standing: Option<Standing>,
    /// Of a control that the row fails.
    code: Option<String>,
    /// In which a cell of the row fails, by that control where one is named: the contract's name, or the file's where the
    /// contract has none.
    column: Option<String>,
    /// The row's headline.
    category: Option<Category>,
    /// `load` for keys that another row of the ledger holds, `validate` for all else.
    stage: Option<FoundBy>,
    /// The list's category of the product that the row says, or "Other" for products that the list does not know; empty
    /// for rows that say none.
    product_category: Option<String>,
    /// Who has it.
    assignee: Option<String>,
    /// A part of what the row says, of its key or of its file's name, whatever the case.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Without it, of all runs whose rows count; with it, that run may be held or withdrawn.
    run: Option<RunId>,
    /// The oldest and the newest run, in the order in which they came, where only those between them are wanted.
    from_run: Option<RunId>,
    to_run: Option<RunId>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The list's word for what the row says; empty for rows that say none of the list's regions.
    region: Option<String>,
    /// The list's word for what the row says; empty for rows that say none of the list's products.
    product: Option<String>,
    #[serde(default)]
    sort: ExceptionOrder,
    /// `next` of the page before.
    #[param(pattern = r"^run_[0-9a-f]{32}\.[0-9]{1,18}$")]
    after: Option<String>,
    /// At most so many; 100 where it is absent.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// What the rows themselves must say, in the file's words.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WordsQuery {
    /// Whatever its case; empty for rows that say none of the list's regions.
    region: Option<String>,
    /// Whatever its case; empty for rows that say none of the list's products.
    product: Option<String>,
}

/// Exceptions of all runs, by keyset.
///
/// `from` and `to` are the days, in Indian time, on which the files came.
#[utoipa::path(
    get,
    path = "/api/v1/exceptions",
    operation_id = "list_exceptions",
    tag = "exceptions",
    params(InWorkspace, Period, ExceptionQuery, PageQuery),
    responses(
        (status = 200, description = "Some of them, and where the next ones begin", body = ExceptionList),
        (status = 404, description = "The workspace has no such run"),
    ),
)]
pub async fn list(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: Period,
    Asked(query): Asked<ExceptionQuery>,
    Asked(page): Asked<PageQuery>,
) -> Result<Json<ExceptionList>, Problem> {
    let limit = page.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        let text = format!("`limit` is between 1 and {MOST}.");
        return Err(Problem::invalid(text));
    }
    let after = page.after.as_deref().map(place).transpose()?;
    let filter = ExceptionFilter {
        region: page.region,
        product: page.product,
        ..query.filter(&period)?
    };
    let store = &pages.server().store;
    let found = store.find_exceptions(&workspace, &filter, page.sort, after.as_ref(), limit + 1);
    let found = found.await?;
    let (mut found, stopped) = (found.rows, found.stopped);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next = last.map(|it| (it.run.clone(), it.row.row.record));
    let next = next.or(stopped);
    let next = next.map(|(run, record)| format!("{run}.{record}"));
    let runs: BTreeSet<&RunId> = found.iter().map(|it| &it.run).collect();
    let files = store.verdicts(&workspace, &runs).await?.into_iter();
    let files: BTreeMap<RunId, Judged> = files.map(|(run, it)| (run, Judged::new(it))).collect();
    // Rows are seen of judged runs alone.
    let exceptions = found.into_iter().map(|it| {
        let file = files.get(&it.run).ok_or(StoreError::NotFound)?;
        Ok(file.shown(it))
    });
    let exceptions = exceptions.collect::<Result<_, StoreError>>()?;
    Ok(Json(ExceptionList { exceptions, next }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OverviewQuery {
    /// The list's word for what the row says; empty for rows that say none of the list's regions.
    region: Option<String>,
    /// The list's word for what the row says; empty for rows that say none of the list's products.
    product: Option<String>,
    /// What the trend tells apart.
    #[serde(default)]
    by: TrendBy,
    #[serde(default)]
    step: TrendStep,
}

/// Exceptions of all runs whose rows count, added up, with their ages and their trend.
///
/// `from` and `to` are the days, in Indian time, on which the files came. With `assignee`, as with runs, there are no ages
/// and no trend. `q` is refused, and so is `column` without `assignee`: what they say is not summed up.
#[utoipa::path(
    get,
    path = "/api/v1/exceptions/overview",
    operation_id = "get_exception_overview",
    tag = "exceptions",
    params(InWorkspace, Period, ExceptionQuery, OverviewQuery),
    responses(
        (status = 200, description = "Sums by what they are, by age, and over time", body = ExceptionOverview),
        (status = 400, description = "`q` is asked for, or `column` without `assignee`"),
        (status = 404, description = "The workspace has no such run"),
    ),
)]
pub async fn overview(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: Period,
    Asked(query): Asked<ExceptionQuery>,
    Asked(overview): Asked<OverviewQuery>,
) -> Result<Json<ExceptionOverview>, Problem> {
    let filter = ExceptionFilter {
        region: overview.region,
        product: overview.product,
        ..query.filter(&period)?
    };
    if filter.text.is_some() || (filter.column.is_some() && filter.assignee.is_none()) {
        return Err(Problem::invalid(
            "`q`, and `column` without `assignee`, are not summed up: ask for the list of exceptions with them.",
        ));
    }
    let found = pages.exception_overview(&workspace, &filter, overview.by, overview.step);
    Ok(Json(found.await?))
}

/// Exceptions of all runs.
///
/// `from` and `to` are the days, in Indian time, on which the files came. Cells stand under the names of the contract's
/// columns, and each record as it stands in its file in `tarazu_raw`.
#[utoipa::path(
    get,
    path = "/api/v1/exceptions.csv",
    operation_id = "get_all_exceptions_csv",
    tag = "exceptions",
    params(InWorkspace, Period, ExceptionQuery, WordsQuery, CsvQuery),
    responses(
        (status = 200, description = "In order of run and record", body = File, content_type = "text/csv"),
        (status = 404, description = "The workspace has no such run"),
    ),
)]
pub async fn csv(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: Period,
    Asked(query): Asked<ExceptionQuery>,
    Asked(words): Asked<WordsQuery>,
    Asked(csv): Asked<CsvQuery>,
) -> Result<Response, Problem> {
    let mark = csv.mark()?;
    let table = found(pages, workspace, query.filter(&period)?, words, "csv").await?;
    let body = tables::csv(table.0, table.1, &mark);
    Ok((named("exceptions.csv", CSV), body).into_response())
}

/// Exceptions of all runs, as Parquet.
///
/// As the CSV; amounts are DECIMAL(38, 2).
#[utoipa::path(
    get,
    path = "/api/v1/exceptions.parquet",
    operation_id = "get_all_exceptions_parquet",
    tag = "exceptions",
    params(InWorkspace, Period, ExceptionQuery, WordsQuery),
    responses(
        (status = 200, description = "In order of run and record", body = File, content_type = "application/vnd.apache.parquet"),
        (status = 404, description = "The workspace has no such run"),
    ),
)]
pub async fn parquet(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    period: Period,
    Asked(query): Asked<ExceptionQuery>,
    Asked(words): Asked<WordsQuery>,
) -> Result<Response, Problem> {
    let (columns, rows) = found(pages, workspace, query.filter(&period)?, words, "parquet").await?;
    let body = tables::parquet(columns, rows);
    Ok((named("exceptions.parquet", PARQUET), body).into_response())
}

/// The exceptions of a run, as Parquet.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/exceptions.parquet",
    operation_id = "get_exceptions_parquet",
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
    let filter = ExceptionFilter {
        run: Some(run),
        ..ExceptionFilter::default()
    };
    let words = WordsQuery {
        region: None,
        product: None,
    };
    let (columns, rows) = found(pages, workspace, filter, words, "parquet").await?;
    let body = tables::parquet(columns, rows);
    Ok((named("exceptions.parquet", PARQUET), body).into_response())
}

impl ExceptionQuery {
    fn filter(self, period: &Period) -> Result<ExceptionFilter, Problem> {
        let text = self.q.filter(|it| !it.trim().is_empty());
        if text.as_ref().is_some_and(|it| it.chars().count() > LONGEST) {
            return Err(Problem::invalid(format!(
                "`q` has at most {LONGEST} characters."
            )));
        }
        let states = match (self.state, self.standing) {
            (Some(state), _) => vec![state],
            (None, Some(standing)) => ExceptionState::of(standing),
            (None, None) => Vec::new(),
        };
        Ok(ExceptionFilter {
            states,
            code: self.code,
            column: self.column,
            category: self.category,
            region: None,
            product: None,
            product_category: self.product_category,
            stage: self.stage,
            assignee: self.assignee,
            run: self.run,
            from_run: self.from_run,
            to_run: self.to_run,
            from: period.from.map(|it| it.to_string()),
            to: period.to.map(|it| it.to_string()),
            text,
        })
    }
}

pub(super) fn place(text: &str) -> Result<(RunId, u64), Problem> {
    let parts = text.split_once('.');
    let place = parts.and_then(|(run, record)| {
        let record: u64 = record.parse().ok()?;
        i64::try_from(record).ok()?;
        Some((RunId::try_from(run.to_owned()).ok()?, record))
    });
    place.ok_or_else(|| Problem::invalid("`after` is no page's `next`."))
}

/// A run's verdict, by which its rows are read.
struct Judged {
    verdict: Verdict,
    header: Vec<String>,
    /// These are known to tables alone.
    corrected: Corrected,
    put_right: PutRight,
}

impl Judged {
    fn new(verdict: Verdict) -> Self {
        Self {
            header: backend::header(&verdict),
            verdict,
            corrected: Corrected::default(),
            put_right: PutRight::default(),
        }
    }

    /// With what was corrected, before submit and since.
    async fn with_corrected(
        pages: &Pages,
        workspace: &WorkspaceId,
        reader: &mut corrected::Reader,
        run: &RunId,
    ) -> Result<Self, Gone> {
        let about = pages.server().store.run(workspace, run).await?;
        let put_right = PutRight::of(&pages.server().store, workspace, &about).await?;
        let cells = put_right.cells_with(reader.cells(&about).await?);
        let verdict = about.verdict.ok_or(StoreError::NotFound)?;
        Ok(Self {
            corrected: Corrected::new(&verdict.options, cells),
            put_right,
            ..Self::new(verdict)
        })
    }

    fn shown(&self, it: OfRun) -> FoundException {
        FoundException {
            run: it.run,
            file_name: it.file_name,
            created_at: it.created_at,
            version: it.version,
            assignee: it.assignee,
            header: self.header.clone(),
            row: backend::rendered(it.row, &self.verdict, &self.header),
        }
    }

    /// The cell of a column of the contract; None where the file has no such column, and in a row that is no record.
    fn cell<'r>(&self, row: &'r FlaggedRow, column: &str) -> Option<&'r str> {
        let mut columns = self.verdict.options.columns.iter();
        let place = columns.position(|it| it.column.as_deref() == Some(column))?;
        let cell = row.cells.get(place).filter(|_| !row.raw)?;
        Some(cell.as_str())
    }
}

async fn found(
    pages: Pages,
    workspace: WorkspaceId,
    mut filter: ExceptionFilter,
    mut words: WordsQuery,
    format: &str,
) -> Result<(Vec<Column>, Rows), Problem> {
    // None of the list's words is no word of the file.
    filter.region = words.region.take_if(|it| it.is_empty());
    filter.product = words.product.take_if(|it| it.is_empty());
    for run in filter.named_runs() {
        pages.run(&workspace, run).await?;
    }
    noted(
        &pages,
        &workspace,
        filter.run.as_ref(),
        "exceptions",
        format,
    )
    .await?;
    let contracts = pages.server().runs.contracts(&workspace).await?;
    let own: Vec<String> = contracts
        .first()
        .columns
        .iter()
        .map(|it| it.name.clone())
        .collect();
    let columns = columns(&own);
    let reading = Reading {
        all: pages.server().store.all_exceptions(&workspace, filter),
        corrected: corrected::Reader::new(&pages.server().store, &workspace),
        pages,
        workspace,
        own,
        words,
        file: None,
    };
    let rows = stream::try_unfold(reading, |mut it| async move {
        let row = it.next().await?;
        Ok::<_, Gone>(row.map(|row| (row, it)))
    });
    Ok((columns, rows.boxed()))
}

/// Exceptions on their way into a table.
struct Reading {
    all: BoxStream<'static, Result<OfRun, StoreError>>,
    pages: Pages,
    workspace: WorkspaceId,
    /// The contract's columns.
    own: Vec<String>,
    words: WordsQuery,
    corrected: corrected::Reader,
    /// Rows come run by run.
    file: Option<(RunId, Judged)>,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Vec<Cell>>, Gone> {
        while let Some(it) = self.all.try_next().await? {
            let file = match self.file.take() {
                Some((run, file)) if run == it.run => file,
                _ => {
                    let reader = &mut self.corrected;
                    Judged::with_corrected(&self.pages, &self.workspace, reader, &it.run).await?
                }
            };
            let run = it.run.clone();
            let raw = String::from_utf8_lossy(&it.row.row.raw).into_owned();
            let mut found = file.shown(it);
            // What is asked for is what was found, as in lists and sums.
            let says = |column: &str, word: &Option<String>| {
                let is = |it: &str| it.trim().to_lowercase();
                let word = word.as_deref().map(is);
                word.is_none() || file.cell(&found.row, column).map(is) == word
            };
            let wanted = says("region", &self.words.region) && says("product", &self.words.product);
            file.put_right.apply(&mut found.row);
            let row = wanted.then(|| {
                let cell = |column: &str| file.cell(&found.row, column);
                let own = self.own.iter().map(|it| Cell::text(cell(it)));
                own.chain(said(&found, file.corrected.text(found.row.record), raw))
                    .collect()
            });
            self.file = Some((run, file));
            if row.is_some() {
                return Ok(row);
            }
        }
        Ok(None)
    }
}

fn columns(own: &[String]) -> Vec<Column> {
    let own = own.iter().map(|it| Column::new(it.as_str(), Kind::Text));
    let said = [
        ("tarazu_exception", Kind::Whole),
        ("tarazu_run", Kind::Text),
        ("tarazu_file", Kind::Text),
        ("tarazu_line", Kind::Whole),
        ("tarazu_category", Kind::Text),
        ("tarazu_codes", Kind::Text),
        ("tarazu_reasons", Kind::Text),
        ("tarazu_state", Kind::Text),
        ("tarazu_money", Kind::Money),
        ("tarazu_corrected", Kind::Text),
        ("tarazu_raw", Kind::Text),
    ];
    let said = said.map(|(name, kind)| Column::new(name, kind));
    own.chain(said).collect()
}

/// What is said of a row behind its own cells, in the order of `columns`.
fn said(it: &FoundException, corrected: String, raw: String) -> [Cell; 11] {
    let row = &it.row;
    let joined = |texts: Vec<&str>| Cell::Text(texts.join("; "));
    [
        Cell::natural(row.record),
        Cell::Text(it.run.to_string()),
        Cell::text(Some(it.file_name.as_str())),
        Cell::natural(row.line),
        Cell::text(row.category.map(|it| it.as_str())),
        joined(
            row.findings
                .iter()
                .map(|it| it.data.code.as_str())
                .collect(),
        ),
        joined(row.findings.iter().map(|it| it.text.as_str()).collect()),
        Cell::text(row.state.map(|it| it.as_str())),
        Cell::money(row.money),
        Cell::Text(corrected),
        Cell::Text(raw),
    ]
}
