//! Exceptions of the runs that count, added up from the sums that are kept of them: the work does not grow with rows.

use crate::{
    Store,
    db::{Tx, row, rows},
    error::StoreError,
    exception::sums::money,
    exception_list::{assigned, named_are_known, states},
    word::{json, natural},
};
use chrono::{Datelike, Days, Months, NaiveDate};
use model::{
    exception::{
        ExceptionFilter, ExceptionGroup, ExceptionOverview, ExceptionState, ExceptionStep,
        ExceptionSum, Standing, TrendBy, TrendStep,
    },
    finding::FoundBy,
    id::{RunId, WorkspaceId},
};
use sqlx::FromRow;
use std::collections::{BTreeMap, BTreeSet};

/// What loading finds.
const HELD_KEY: &str = "UNQ02";

/// No control's code.
const NONE: &str = "-";

/// How far back spans are looked for, in months: a century, which no file is older than.
const MOST_MONTHS: u32 = 1200;

/// The most steps of a trend that are filled in where no file came.
const MOST_STEPS: usize = 750;

/// The code under which every row is counted once.
const ROW: &str = "";

// $1 is the workspace, $2 the code that is summed up and $3 one that is taken away from it, $4 to $6 the filter.
macro_rules! sums {
    ($label:literal, $from:literal, $codes:literal) => {
        concat!(
            "SELECT label, CAST(coalesce(sum(n * row_count), 0) AS BIGINT) AS row_count, \
             CAST(coalesce(sum(n * unreadable), 0) AS BIGINT) AS unreadable, \
             CAST(coalesce(sum(n * money_high), 0) AS BIGINT) AS money_high, \
             CAST(coalesce(sum(n * money_low), 0) AS BIGINT) AS money_low \
             FROM (SELECT ",
            $label,
            " AS label, CASE WHEN e.code = $3 THEN -1 ELSE 1 END AS n, e.row_count, e.unreadable, e.money_high, \
             e.money_low FROM ",
            $from,
            " AND ",
            $codes,
            " AND ($4 = '' OR e.category = $4) AND ($5 IS NULL OR e.region = $5) \
             AND e.state IN (SELECT value FROM json_each($6))) s GROUP BY label ORDER BY label"
        )
    };
}

// The same of runs, whose numbers $7 lists, and of spans, which it lists too; then of the parts that $9 lists.
macro_rules! all {
    ($label:literal, $codes:literal) => {
        [
            sums!(
                $label,
                "json_each($7) w CROSS JOIN run_exceptions e \
                 WHERE e.workspace = $1 AND e.run = CAST(w.value AS BIGINT)",
                $codes
            ),
            sums!(
                $label,
                "json_each($7) w CROSS JOIN span_exceptions e WHERE e.workspace = $1 AND e.span = w.value",
                $codes
            ),
            sums!(
                $label,
                "json_each($9) p CROSS JOIN json_each($7) w CROSS JOIN run_part_exceptions e \
                 WHERE e.part = CAST(p.value AS BIGINT) AND e.run = CAST(w.value AS BIGINT)",
                $codes
            ),
            sums!(
                $label,
                "json_each($9) p CROSS JOIN json_each($7) w CROSS JOIN span_part_exceptions e \
                 WHERE e.part = CAST(p.value AS BIGINT) AND e.span = w.value",
                $codes
            ),
        ]
    };
}

const BY_STATE: [&str; 4] = all!("e.state", "e.code IN ($2, $3)");
const BY_CATEGORY: [&str; 4] = all!("e.category", "e.code IN ($2, $3)");
const BY_REGION: [&str; 4] = all!("e.region", "e.code IN ($2, $3)");
const BY_SPAN: [&str; 4] = all!("e.span", "e.code IN ($2, $3)");
// Of a whole there are no parts.
const BY_PART: [&str; 4] = all!("CAST(e.part AS TEXT)", "e.code IN ($2, $3)");
// Of the codes that $8 lists, $3 is one that is left out. With each of them SQLite looks up the beginning of a key.
const BY_CODE: [&str; 4] = [
    sums!(
        "e.code",
        "json_each($8) c CROSS JOIN json_each($7) w CROSS JOIN run_exceptions e \
         WHERE e.workspace = $1 AND e.code = c.value AND e.run = CAST(w.value AS BIGINT)",
        "($2 = '' OR e.code = $2) AND e.code <> $3"
    ),
    sums!(
        "e.code",
        "json_each($8) c CROSS JOIN json_each($7) w CROSS JOIN span_exceptions e \
         WHERE e.workspace = $1 AND e.code = c.value AND e.span = w.value",
        "($2 = '' OR e.code = $2) AND e.code <> $3"
    ),
    sums!(
        "e.code",
        "json_each($9) p CROSS JOIN json_each($8) c CROSS JOIN json_each($7) w CROSS JOIN run_part_exceptions e \
         WHERE e.part = CAST(p.value AS BIGINT) AND e.code = c.value AND e.run = CAST(w.value AS BIGINT)",
        "($2 = '' OR e.code = $2) AND e.code <> $3"
    ),
    sums!(
        "e.code",
        "json_each($9) p CROSS JOIN json_each($8) c CROSS JOIN json_each($7) w CROSS JOIN span_part_exceptions e \
         WHERE e.part = CAST(p.value AS BIGINT) AND e.code = c.value AND e.span = w.value",
        "($2 = '' OR e.code = $2) AND e.code <> $3"
    ),
];

// Days ($7 is 10) or months (7) and what is told apart in them, between two spans: of all, and of the parts that $10 lists.
macro_rules! steps {
    ($label:literal, $codes:literal) => {
        [
            sums!(
                $label,
                "span_exceptions e WHERE e.workspace = $1 AND length(e.span) = $7 AND e.span BETWEEN $8 AND $9 \
                 AND e.of_file",
                $codes
            ),
            sums!(
                $label,
                "json_each($10) p CROSS JOIN span_part_exceptions e WHERE e.part = CAST(p.value AS BIGINT) \
                 AND length(e.span) = $7 AND e.span BETWEEN $8 AND $9 AND e.of_file",
                $codes
            ),
        ]
    };
}

const STEPS_BY_CATEGORY: [&str; 2] = steps!("e.span || ' ' || e.category", "e.code IN ($2, $3)");
const STEPS_BY_CODE: [&str; 2] = steps!(
    "e.span || ' ' || e.code",
    "e.code <> '' AND ($2 = '' OR e.code = $2) AND e.code <> $3"
);

// Rows that files have, by the day on which they came, between $2 and $3; $4 is a region.
macro_rules! read {
    ($rows:literal, $from:literal) => {
        concat!(
            "SELECT r.came_on, CAST(sum(",
            $rows,
            ") AS BIGINT) FROM ",
            $from,
            " WHERE r.workspace = $1 AND r.came_on >= $2 AND r.came_on <= $3 AND $4 = $4 AND r.kind = 'file' \
             AND r.status = 'complete' AND NOT EXISTS (SELECT 1 FROM withdrawals w \
             WHERE w.workspace = r.workspace AND w.run = r.number) GROUP BY r.came_on"
        )
    };
}

const READ: &str = read!("r.rows_read", "runs r");
// A day whose files have no such row is told all the same.
const READ_OF_REGION: &str = read!(
    "coalesce(g.accepted + g.exceptions, 0)",
    "runs r LEFT JOIN run_regions g ON g.workspace = r.workspace AND g.run = r.number AND g.region = $4"
);

/// How exceptions are added up besides by what they are.
#[derive(Debug, Clone, Copy)]
pub struct ExceptionView {
    pub by: TrendBy,
    pub step: TrendStep,
    /// Ages are counted from it.
    pub today: NaiveDate,
}

impl Store {
    /// Exceptions under `filter`, added up. With runs in it there are no ages and no trend, and the work grows with these
    /// runs; with an assignee neither, and it grows with the rows that he has. A text is not asked for, and a column with
    /// an assignee alone.
    pub async fn exception_overview(
        &self,
        workspace: &WorkspaceId,
        filter: &ExceptionFilter,
        view: ExceptionView,
    ) -> Result<ExceptionOverview, StoreError> {
        let mut tx = self.db.read().await?;
        let tx = &mut tx;
        if filter.assignee.is_some() {
            return assigned::overview(tx, workspace, filter).await;
        }
        let days = days(filter);
        named_are_known(tx, workspace, filter).await?;
        let scope = match filter.names_runs() {
            true => Scope::Runs(named(tx, workspace, filter).await?),
            false => Scope::Spans(spans(days, view.today)),
        };
        let all_codes = json(&all_codes(tx, workspace).await?)?;
        let base = Narrow {
            workspace,
            codes: codes(filter),
            category: filter.category.map_or("", |it| it.as_str()),
            region: filter.region.as_deref(),
            states: states(filter)?,
            scope: &scope,
            all_codes: &all_codes,
            parts: parts(tx, workspace, filter).await?,
        };
        let any_state = states(&ExceptionFilter::default())?;
        let by_state = Narrow {
            states: any_state.clone(),
            ..base.clone()
        };
        let by_state = by_state.groups(tx, BY_STATE).await?;
        let wanted = |label: &str| {
            filter.states.is_empty() || filter.states.iter().any(|it| it.as_str() == label)
        };
        let total = by_state.iter().filter(|it| wanted(&it.label));
        let total = total.fold(ExceptionSum::default(), |sum, it| added(sum, it.sum));
        let by_category = Narrow {
            category: "",
            ..base.clone()
        };
        let by_region = Narrow {
            region: None,
            ..base.clone()
        };
        let any_code = ExceptionFilter {
            code: None,
            ..filter.clone()
        };
        let by_control = Narrow {
            codes: codes(&any_code),
            ..base.clone()
        };
        let mut overview = ExceptionOverview {
            total,
            by_state,
            by_category: by_category.groups(tx, BY_CATEGORY).await?,
            by_control: by_control.groups(tx, BY_CODE).await?,
            by_region: by_region.groups(tx, BY_REGION).await?,
            by_product_category: by_product(tx, filter, &base, true).await?,
            by_product: by_product(tx, filter, &base, false).await?,
            by_stage: by_stage(tx, filter, &base).await?,
            ..ExceptionOverview::default()
        };
        if let Scope::Spans(_) = scope {
            overview.by_age = by_age(tx, &base, days, view.today).await?;
            let any = Narrow {
                states: any_state,
                ..base
            };
            overview.trend = trend(tx, &any, filter, days, view).await?;
        }
        Ok(overview)
    }

    /// How many exceptions of runs that count are open.
    pub async fn open_exceptions(&self, workspace: &WorkspaceId) -> Result<u64, StoreError> {
        let mut tx = self.db.read().await?;
        let found: Option<(i64,)> = row!(
            &mut tx,
            "SELECT CAST(coalesce(sum(row_count), 0) AS BIGINT) FROM span_exceptions \
             WHERE workspace = $1 AND code = '' AND span = '' AND state IN ('new', 'assigned', 'reopened')",
            workspace.as_str()
        )?;
        natural(found.map_or(0, |(it,)| it))
    }
}

enum Scope {
    Runs(Vec<i64>),
    Spans(Vec<String>),
}

/// The first day and the last, where the filter names them.
type Period = (Option<NaiveDate>, Option<NaiveDate>);

#[derive(Clone)]
struct Narrow<'a> {
    workspace: &'a WorkspaceId,
    /// None where nothing can answer the filter.
    codes: Option<(&'a str, &'a str)>,
    category: &'a str,
    /// Empty for rows that say none.
    region: Option<&'a str>,
    states: String,
    scope: &'a Scope,
    /// That any row of the workspace has, as a list.
    all_codes: &'a str,
    /// A list of numbers; None where all exceptions are wanted.
    parts: Option<String>,
}

impl Narrow<'_> {
    async fn groups(
        &self,
        tx: &mut Tx,
        by: [&'static str; 4],
    ) -> Result<Vec<ExceptionGroup>, StoreError> {
        match self.scope {
            Scope::Runs(numbers) => self.ask(tx, by, json(numbers)?).await,
            Scope::Spans(spans) => self.ask(tx, by, json(spans)?).await,
        }
    }

    async fn ask(
        &self,
        tx: &mut Tx,
        by: [&'static str; 4],
        scope: String,
    ) -> Result<Vec<ExceptionGroup>, StoreError> {
        let Some((summed, taken)) = self.codes else {
            return Ok(Vec::new());
        };
        let [runs, spans, run_parts, span_parts] = by;
        let sql = match (self.scope, &self.parts) {
            (Scope::Runs(_), None) => runs,
            (Scope::Spans(_), None) => spans,
            (Scope::Runs(_), Some(_)) => run_parts,
            (Scope::Spans(_), Some(_)) => span_parts,
        };
        let found: Vec<Columns> = rows!(
            tx,
            sql,
            self.workspace.as_str(),
            summed,
            taken,
            self.category,
            self.region,
            self.states.as_str(),
            scope.as_str(),
            self.all_codes,
            self.parts.as_deref().unwrap_or("[]")
        )?;
        groups(found)
    }
}

pub(crate) fn groups(found: Vec<Columns>) -> Result<Vec<ExceptionGroup>, StoreError> {
    let groups = found.into_iter().map(Columns::group);
    let groups = groups.collect::<Result<Vec<_>, _>>()?;
    Ok(groups.into_iter().filter(|it| it.sum.rows > 0).collect())
}

/// The runs that a filter names.
async fn named(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    filter: &ExceptionFilter,
) -> Result<Vec<i64>, StoreError> {
    let found: Vec<(i64,)> = rows!(
        tx,
        "SELECT number FROM runs WHERE workspace = $1 AND ($2 = '' OR id >= $2) AND ($3 = '' OR id <= $3) \
         AND ($4 = '' OR came_on >= $4) AND ($5 = '' OR came_on <= $5) AND ($6 = '' OR id = $6)",
        workspace.as_str(),
        filter.from_run.as_ref().map_or("", RunId::as_str),
        filter.to_run.as_ref().map_or("", RunId::as_str),
        filter.from.as_deref().unwrap_or_default(),
        filter.to.as_deref().unwrap_or_default(),
        filter.run.as_ref().map_or("", RunId::as_str)
    )?;
    Ok(found.into_iter().map(|(it,)| it).collect())
}

/// The codes that exceptions of a workspace have, one look each.
pub(crate) async fn all_codes(
    tx: &mut Tx,
    workspace: &WorkspaceId,
) -> Result<Vec<String>, StoreError> {
    let found: Vec<(String,)> = rows!(
        tx,
        "WITH RECURSIVE c (code) AS (\
         SELECT min(code) FROM span_exceptions WHERE workspace = $1 AND code > '' UNION ALL \
         SELECT (SELECT min(s.code) FROM span_exceptions s WHERE s.workspace = $1 AND s.code > c.code) FROM c \
         WHERE c.code IS NOT NULL) SELECT code FROM c WHERE code IS NOT NULL",
        workspace.as_str()
    )?;
    Ok(found.into_iter().map(|(it,)| it).collect())
}

/// The parts that a filter names, as a list of their numbers; None where it names none.
pub(crate) async fn parts(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    filter: &ExceptionFilter,
) -> Result<Option<String>, StoreError> {
    if filter.product.is_none() && filter.product_category.is_none() {
        return Ok(None);
    }
    let found = named_parts(tx, workspace, filter, filter.product.is_none()).await?;
    let numbers: Vec<i64> = found.iter().map(|it| it.0).collect();
    Ok(Some(json(&numbers)?))
}

/// Numbers of parts under a filter, with their categories and products: of categories as a whole, or of products.
async fn named_parts(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    filter: &ExceptionFilter,
    of_category: bool,
) -> Result<Vec<(i64, String, String)>, StoreError> {
    Ok(rows!(
        tx,
        "SELECT number, product_category, product FROM exception_parts WHERE workspace = $1 AND of_category = $2 \
         AND ($3 OR product_category = $4) AND ($5 OR product = $6)",
        workspace.as_str(),
        of_category,
        filter.product_category.is_none(),
        filter.product_category.as_deref().unwrap_or_default(),
        filter.product.is_none(),
        filter.product.as_deref().unwrap_or_default()
    )?)
}

/// By category of what the rows sell, or by product: under all of the filter but that one.
async fn by_product(
    tx: &mut Tx,
    filter: &ExceptionFilter,
    base: &Narrow<'_>,
    by_category: bool,
) -> Result<Vec<ExceptionGroup>, StoreError> {
    let mut any = filter.clone();
    *if by_category {
        &mut any.product_category
    } else {
        &mut any.product
    } = None;
    let workspace = base.workspace;
    let named = named_parts(tx, workspace, &any, by_category && filter.product.is_none());
    let named = named.await?;
    let numbers: Vec<i64> = named.iter().map(|it| it.0).collect();
    let narrow = Narrow {
        parts: Some(json(&numbers)?),
        ..base.clone()
    };
    let found = narrow.groups(tx, BY_PART).await?;
    let labels: BTreeMap<String, String> = named
        .into_iter()
        .map(|(number, category, product)| {
            let label = if by_category { category } else { product };
            (number.to_string(), label)
        })
        .collect();
    let mut sums: BTreeMap<String, ExceptionSum> = BTreeMap::new();
    for it in found {
        let label = labels.get(&it.label).cloned().unwrap_or_default();
        let sum = sums.entry(label).or_default();
        *sum = added(*sum, it.sum);
    }
    let groups = sums.into_iter();
    Ok(groups
        .map(|(label, sum)| ExceptionGroup { label, sum })
        .collect())
}

/// Which code is summed up, and which is taken away from it; the empty one is every row's.
fn codes(filter: &ExceptionFilter) -> Option<(&str, &str)> {
    match (filter.stage, filter.code.as_deref()) {
        (None, code) => Some((code.unwrap_or(ROW), NONE)),
        (Some(FoundBy::Load), None | Some(HELD_KEY)) => Some((HELD_KEY, NONE)),
        (Some(FoundBy::Validate), None) => Some((ROW, HELD_KEY)),
        (Some(FoundBy::Load), Some(_)) | (Some(FoundBy::Validate), Some(HELD_KEY)) => None,
        (Some(FoundBy::Validate), Some(code)) => Some((code, NONE)),
    }
}

async fn by_stage(
    tx: &mut Tx,
    filter: &ExceptionFilter,
    base: &Narrow<'_>,
) -> Result<Vec<ExceptionGroup>, StoreError> {
    let mut stages = Vec::new();
    for (stage, label) in [(FoundBy::Validate, "validate"), (FoundBy::Load, "load")] {
        let of_stage = ExceptionFilter {
            stage: Some(stage),
            ..filter.clone()
        };
        let narrow = Narrow {
            codes: codes(&of_stage),
            ..base.clone()
        };
        let sum = narrow.groups(tx, BY_STATE).await?;
        let sum = sum
            .iter()
            .fold(ExceptionSum::default(), |sum, it| added(sum, it.sum));
        if sum.rows > 0 {
            let label = label.to_owned();
            stages.push(ExceptionGroup { label, sum });
        }
    }
    Ok(stages)
}

/// Days since the file came, and what they are called.
const AGES: [(u64, u64, &str); 3] = [(0, 1, "0-1"), (2, 7, "2-7"), (8, 30, "8-30")];

async fn by_age(
    tx: &mut Tx,
    base: &Narrow<'_>,
    (from, to): Period,
    today: NaiveDate,
) -> Result<Vec<ExceptionGroup>, StoreError> {
    let open = ExceptionFilter {
        states: ExceptionState::of(Standing::Open),
        ..ExceptionFilter::default()
    };
    let open = Narrow {
        states: states(&open)?,
        ..base.clone()
    };
    let all = open.groups(tx, BY_STATE).await?;
    let mut older = all
        .iter()
        .fold(ExceptionSum::default(), |sum, it| added(sum, it.sum));
    // What came after today by another clock is as young as can be.
    let last = to.unwrap_or(NaiveDate::MAX).min(next(today));
    let young = std::iter::successors(Some(last), NaiveDate::pred_opt)
        .take_while(|it| from.is_none_or(|from| *it >= from) && (today - *it).num_days() <= 30);
    let young: Vec<String> = young.map(|it| it.to_string()).collect();
    let days = open.ask(tx, BY_SPAN, json(&young)?).await?;
    let mut ages = Vec::new();
    for (least, most, label) in AGES {
        let mut sum = ExceptionSum::default();
        for day in &days {
            let date: NaiveDate = day.label.parse().map_err(StoreError::corrupt)?;
            let age = u64::try_from((today - date).num_days()).unwrap_or(0);
            if (least..=most).contains(&age) {
                sum = added(sum, day.sum);
                older = ExceptionSum {
                    rows: older.rows - day.sum.rows,
                    unreadable_rows: older.unreadable_rows - day.sum.unreadable_rows,
                    money: older.money - day.sum.money,
                };
            }
        }
        let label = label.to_owned();
        ages.push(ExceptionGroup { label, sum });
    }
    let label = "31-".to_owned();
    ages.push(ExceptionGroup { label, sum: older });
    Ok(ages)
}

async fn trend(
    tx: &mut Tx,
    any: &Narrow<'_>,
    filter: &ExceptionFilter,
    (from, to): Period,
    view: ExceptionView,
) -> Result<Vec<ExceptionStep>, StoreError> {
    let Some((summed, taken)) = codes(filter) else {
        return Ok(Vec::new());
    };
    let [all, of_parts] = match view.by {
        TrendBy::Category => STEPS_BY_CATEGORY,
        TrendBy::Control => STEPS_BY_CODE,
    };
    let sql = if any.parts.is_some() { of_parts } else { all };
    // Of a month some days of which are not asked for, the days are added up.
    let whole = view.step == TrendStep::Month && from.is_none() && to.is_none();
    let length: i64 = if whole { 7 } else { 10 };
    let first = from.map_or_else(String::new, |it| it.to_string());
    let last = to.map_or_else(|| "9999".to_owned(), |it| it.to_string());
    let found: Vec<Columns> = rows!(
        tx,
        sql,
        any.workspace.as_str(),
        summed,
        taken,
        any.category,
        any.region,
        any.states.as_str(),
        length,
        first.as_str(),
        last.as_str(),
        any.parts.as_deref().unwrap_or("[]")
    )?;
    let sql = match any.region {
        None => READ,
        Some(_) => READ_OF_REGION,
    };
    let read: Vec<(String, i64)> = rows!(
        tx,
        sql,
        any.workspace.as_str(),
        first.as_str(),
        last.as_str(),
        any.region.unwrap_or_default()
    )?;
    let mut steps: BTreeMap<NaiveDate, (u64, BTreeMap<String, ExceptionSum>)> = BTreeMap::new();
    for (day, rows) in read {
        let day = day.parse().map_err(StoreError::corrupt)?;
        steps.entry(begin(day, view.step)).or_default().0 += natural(rows)?;
    }
    for group in groups(found)? {
        let (span, label) = group.label.split_once(' ').ok_or(StoreError::NotFound)?;
        let day = if whole {
            format!("{span}-01").parse()
        } else {
            span.parse()
        };
        let day = begin(day.map_err(StoreError::corrupt)?, view.step);
        let sums = &mut steps.entry(day).or_default().1;
        let sum = sums.entry(label.to_owned()).or_default();
        *sum = added(*sum, group.sum);
    }
    fill(&mut steps, view.step);
    let steps = steps.into_iter().map(|(day, (rows_read, groups))| {
        let groups = groups.into_iter();
        ExceptionStep {
            label: step_label(day, view.step),
            // Of products it is known which rows count now, not which came.
            rows_read: any.parts.is_none().then_some(rows_read),
            groups: groups
                .map(|(label, sum)| ExceptionGroup { label, sum })
                .collect(),
        }
    });
    Ok(steps.collect())
}

/// Steps in which no file came stand between the others, unless they are too many.
fn fill<T: Default>(steps: &mut BTreeMap<NaiveDate, T>, step: TrendStep) {
    let (Some((&first, _)), Some((&last, _))) = (steps.first_key_value(), steps.last_key_value())
    else {
        return;
    };
    let mut all = Vec::new();
    let mut day = first;
    while day <= last {
        if all.len() == MOST_STEPS {
            return;
        }
        all.push(day);
        day = match step {
            TrendStep::Day => next(day),
            TrendStep::Week => day.checked_add_days(Days::new(7)).unwrap_or(NaiveDate::MAX),
            TrendStep::Month => day
                .checked_add_months(Months::new(1))
                .unwrap_or(NaiveDate::MAX),
        };
    }
    for day in all {
        steps.entry(day).or_default();
    }
}

fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(NaiveDate::MAX)
}

/// The first day of the step that a day is in.
fn begin(day: NaiveDate, step: TrendStep) -> NaiveDate {
    let back = match step {
        TrendStep::Day => 0,
        TrendStep::Week => day.weekday().num_days_from_monday(),
        TrendStep::Month => day.day0(),
    };
    day.checked_sub_days(Days::new(u64::from(back)))
        .unwrap_or(day)
}

fn step_label(first: NaiveDate, step: TrendStep) -> String {
    match step {
        TrendStep::Day => first.to_string(),
        TrendStep::Week => {
            let week = first.iso_week();
            format!("{}-W{:02}", week.year(), week.week())
        }
        TrendStep::Month => format!("{}-{:02}", first.year(), first.month()),
    }
}

fn days(filter: &ExceptionFilter) -> Period {
    let day = |it: &Option<String>| it.as_ref().and_then(|it| it.parse().ok());
    (day(&filter.from), day(&filter.to))
}

/// As few spans as there are that make up the period: all, or whole months and the days at both ends.
fn spans((from, to): Period, today: NaiveDate) -> Vec<String> {
    if from.is_none() && to.is_none() {
        return vec![String::new()];
    }
    // A clock that was ahead may have written tomorrow.
    let to = to.unwrap_or_else(|| next(today));
    let first = to.checked_sub_months(Months::new(MOST_MONTHS));
    let mut day = from.or(first).unwrap_or(to).max(first.unwrap_or(to));
    let mut spans = BTreeSet::new();
    while day <= to {
        let month = day
            .checked_add_months(Months::new(1))
            .filter(|_| day.day() == 1);
        match month {
            Some(month) if month <= next(to) => {
                spans.insert(step_label(day, TrendStep::Month));
                day = month;
            }
            _ => {
                spans.insert(day.to_string());
                day = next(day);
            }
        }
    }
    spans.into_iter().collect()
}

pub(crate) fn added(one: ExceptionSum, other: ExceptionSum) -> ExceptionSum {
    ExceptionSum {
        rows: one.rows + other.rows,
        unreadable_rows: one.unreadable_rows + other.unreadable_rows,
        money: one.money + other.money,
    }
}

#[derive(FromRow)]
pub(crate) struct Columns {
    label: String,
    row_count: i64,
    unreadable: i64,
    money_high: i64,
    money_low: i64,
}

impl Columns {
    fn group(self) -> Result<ExceptionGroup, StoreError> {
        Ok(ExceptionGroup {
            label: self.label,
            sum: ExceptionSum {
                rows: natural(self.row_count)?,
                unreadable_rows: natural(self.unreadable)?,
                money: money(self.money_high, self.money_low),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_is_made_of_whole_months_and_of_days_at_its_ends() {
        let check = |from: &str, to: &str, expected: &[&str]| {
            let period = (from.parse().ok(), to.parse().ok());
            assert_eq!(spans(period, day("2026-03-02")), expected, "{from} {to}");
        };
        check("", "", &[""]);
        check(
            "2026-01-31",
            "2026-03-01",
            &["2026-01-31", "2026-02", "2026-03-01"],
        );
        check("2026-02-01", "2026-02-28", &["2026-02"]);
        check(
            "2026-03-01",
            "",
            &["2026-03-01", "2026-03-02", "2026-03-03"],
        );
        check("2026-03-03", "2026-03-01", &[]);
        assert_eq!(
            spans((None, Some(day("2026-03-31"))), day("2026-03-02")).len(),
            1201
        );
    }

    #[test]
    fn steps_without_files_stand_between_the_others() {
        let mut steps = BTreeMap::from([(day("2026-01-01"), 1), (day("2026-04-01"), 1)]);
        fill(&mut steps, TrendStep::Month);
        assert_eq!(steps.len(), 4);
        let week = begin(day("2027-01-02"), TrendStep::Week);
        assert_eq!(
            (week, step_label(week, TrendStep::Week)),
            (day("2026-12-28"), "2026-W53".to_owned())
        );
    }
}
