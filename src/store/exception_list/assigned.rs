//! The exceptions that somebody has, added up row by row: nobody has very many, and the sums that are kept do not know who
//! has one.

use super::{runs, stage_word, states};
use crate::{
    db::{Tx, rows},
    error::StoreError,
    exception_sums::{Columns, added, groups},
    word::json,
};
use model::{
    exception::{ExceptionFilter, ExceptionGroup, ExceptionOverview, ExceptionSum},
    id::WorkspaceId,
};

// Takes the values of `answers` and `of_these_runs` in the same places.
macro_rules! sums_by {
    ($label:literal, $from:literal) => {
        concat!(
            "SELECT ",
            $label,
            " AS label, count(*) AS row_count, \
             CAST(sum(CASE WHEN k.money IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS unreadable, \
             CAST(coalesce(sum(k.money / 1000000000), 0) AS BIGINT) AS money_high, \
             CAST(coalesce(sum(k.money % 1000000000), 0) AS BIGINT) AS money_low FROM ",
            $from,
            " AND ",
            answers!(),
            " AND ",
            of_these_runs!(),
            " GROUP BY 1 ORDER BY 1"
        )
    };
    ($label:literal) => {
        sums_by!($label, "kept_rows k WHERE k.assignee = $6")
    };
}

const BY_STATE: &str = sums_by!("k.state");
const BY_CATEGORY: &str = sums_by!("k.category");
const BY_REGION: &str = sums_by!("coalesce(k.region, '')");
const BY_PRODUCT_CATEGORY: &str = sums_by!("coalesce(k.product_category, '')");
const BY_PRODUCT: &str = sums_by!("coalesce(k.product, '')");
const BY_STAGE: &str = sums_by!(
    "CASE WHEN EXISTS (SELECT 1 FROM findings u WHERE u.workspace = k.workspace AND u.run = k.run \
     AND u.code = 'UNQ02' AND u.record = k.record) THEN 'load' ELSE 'validate' END"
);
// With each of its run's codes a row's findings are looked up by the beginning of their key, one by one: joined with them,
// PostgreSQL looks through all of a run's for each row.
const BY_CONTROL: &str = sums_by!(
    "t.code",
    "kept_rows k CROSS JOIN kept_totals t WHERE k.assignee = $6 AND t.workspace = k.workspace AND t.run = k.run \
     AND t.severity = 'error' AND t.code <> '' AND t.category = '' \
     AND (SELECT 1 FROM findings h WHERE h.workspace = k.workspace AND h.run = k.run AND h.code = t.code \
     AND h.record = k.record AND h.severity = 'error' LIMIT 1) = 1"
);

/// As [`crate::Store::exception_overview`] of a filter that names who has them, without ages and a trend.
pub(crate) async fn overview(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    filter: &ExceptionFilter,
) -> Result<ExceptionOverview, StoreError> {
    let any_row = ExceptionFilter {
        run: filter.run.clone(),
        from_run: filter.from_run.clone(),
        to_run: filter.to_run.clone(),
        from: filter.from.clone(),
        to: filter.to.clone(),
        ..ExceptionFilter::default()
    };
    let runs = runs(tx, workspace, &any_row).await?;
    let runs: Vec<i64> = runs.iter().map(|it| it.number).collect();
    let runs = json(&runs)?;
    let by_state = sums(tx, workspace, filter, &runs, BY_STATE).await?;
    let mut all = async |sql, widen: fn(&mut ExceptionFilter)| {
        let mut filter = filter.clone();
        widen(&mut filter);
        sums(tx, workspace, &filter, &runs, sql).await
    };
    let total = by_state.iter();
    let mut by_stage = all(BY_STAGE, |it| it.stage = None).await?;
    // What the file alone shows comes first.
    by_stage.reverse();
    Ok(ExceptionOverview {
        total: total.fold(ExceptionSum::default(), |sum, it| added(sum, it.sum)),
        by_state: all(BY_STATE, |it| it.states.clear()).await?,
        by_category: all(BY_CATEGORY, |it| it.category = None).await?,
        by_control: all(BY_CONTROL, |it| it.code = None).await?,
        by_region: all(BY_REGION, |it| it.region = None).await?,
        by_product_category: all(BY_PRODUCT_CATEGORY, |it| it.product_category = None).await?,
        by_product: all(BY_PRODUCT, |it| it.product = None).await?,
        by_stage,
        ..ExceptionOverview::default()
    })
}

async fn sums(
    tx: &mut Tx,
    workspace: &WorkspaceId,
    filter: &ExceptionFilter,
    runs: &str,
    sql: &'static str,
) -> Result<Vec<ExceptionGroup>, StoreError> {
    let found: Vec<Columns> = rows!(
        tx,
        sql,
        workspace.as_str(),
        filter.category.map_or("", |it| it.as_str()),
        filter.region.as_deref(),
        states(filter)?,
        stage_word(filter.stage),
        filter.assignee.as_deref().unwrap_or_default(),
        filter.code.as_deref().unwrap_or_default(),
        filter.product.is_none(),
        filter.product.as_deref().unwrap_or_default(),
        filter.product_category.is_none(),
        filter.product_category.as_deref().unwrap_or_default(),
        filter.column.as_deref().unwrap_or_default(),
        runs
    )?;
    groups(found)
}
