//! Whether all that a database holds adds up, asked behind the store's back.

use crate::places::{address, name, server};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::{fs, path::Path};

/// What there must be none of. A run that neither completed nor was held has rows nowhere.
const LAWS: [(&str, &str); 27] = [
    (
        "runs that neither end nor go on",
        "SELECT count(*) FROM runs WHERE status = 'running'",
    ),
    (
        "runs without the one entry of their end",
        "SELECT count(*) FROM runs r WHERE (SELECT count(*) FROM entries e WHERE e.workspace = r.workspace \
         AND e.run = r.id AND e.event IN ('run.completed', 'run.held', 'run.failed')) <> 1 \
         OR (SELECT count(*) FROM entries e WHERE e.workspace = r.workspace AND e.run = r.id \
         AND e.event = CASE r.status WHEN 'complete' THEN 'run.completed' ELSE 'run.' || r.status END) <> 1",
    ),
    (
        "complete runs without all their stages",
        // Rows that enter one by one or with others go through none.
        "SELECT count(*) FROM runs r WHERE status = 'complete' AND (SELECT count(*) FROM stages s \
         WHERE s.workspace = r.workspace AND s.run = r.number AND s.ended_at IS NOT NULL) \
         NOT IN (5, CASE kind WHEN 'correction' THEN 0 ELSE 5 END)",
    ),
    (
        "runs whose rows read are not accepted and exceptions",
        "SELECT count(*) FROM runs WHERE status <> 'failed' AND rows_read <> rows_accepted + rows_exceptions",
    ),
    (
        "runs whose accepted rows are not those in the ledger",
        "SELECT count(*) FROM runs r WHERE CASE status WHEN 'complete' THEN rows_accepted ELSE 0 END <> \
         (SELECT count(*) FROM ledger l WHERE l.run = r.number)",
    ),
    (
        "runs whose accepted money is not that in the ledger",
        "SELECT count(*) FROM runs r WHERE \
         CASE status WHEN 'complete' THEN coalesce(CAST(money_accepted AS BIGINT), 0) ELSE 0 END <> \
         (SELECT coalesce(sum(money), 0) FROM ledger l WHERE l.run = r.number)",
    ),
    (
        "runs whose exceptions are not those kept",
        "SELECT count(*) FROM runs r WHERE CASE status WHEN 'failed' THEN 0 ELSE rows_exceptions END <> \
         (SELECT count(*) FROM kept_rows k WHERE k.workspace = r.workspace AND k.run = r.number \
         AND k.category IS NOT NULL)",
    ),
    (
        "runs whose money in exceptions is not that of the rows kept",
        "SELECT count(*) FROM runs r WHERE status <> 'failed' AND coalesce(CAST(money_exceptions AS BIGINT), 0) <> \
         (SELECT coalesce(sum(money), 0) FROM kept_rows k WHERE k.workspace = r.workspace AND k.run = r.number \
         AND k.category IS NOT NULL)",
    ),
    (
        "runs whose sales are not those of their rows that count",
        "SELECT count(*) FROM runs r WHERE (SELECT coalesce(sum(row_count), 0) FROM run_sales s \
         WHERE s.workspace = r.workspace AND s.run = r.number) <> \
         (SELECT count(*) FROM ledger l WHERE l.run = r.number AND l.counts) \
         OR (SELECT coalesce(sum(CAST(revenue AS BIGINT)), 0) FROM run_sales s \
         WHERE s.workspace = r.workspace AND s.run = r.number) <> \
         (SELECT coalesce(sum(money), 0) FROM ledger l WHERE l.run = r.number AND l.counts)",
    ),
    (
        "sales that are counted under another SKU",
        "SELECT count(*) FROM (SELECT run, sku, sum(row_count), sum(CAST(revenue AS BIGINT)) FROM run_sales \
         GROUP BY run, sku EXCEPT SELECT run, coalesce(sku, ''), count(*), coalesce(sum(money), 0) \
         FROM ledger_rows WHERE counts GROUP BY run, coalesce(sku, '')) AS others",
    ),
    (
        "rows whose region, product, SKU and category are told nowhere",
        "SELECT count(*) FROM ledger l WHERE NOT EXISTS \
         (SELECT 1 FROM ledger_kinds k WHERE k.run = l.run AND k.kind = l.kind)",
    ),
    (
        "sales beyond the bounds of their month, or without any",
        "SELECT count(*) FROM run_sales s WHERE NOT EXISTS (SELECT 1 FROM run_bounds b WHERE b.workspace = s.workspace \
         AND b.run = s.run AND b.region = s.region AND b.product = s.product AND b.category = s.category \
         AND b.sku = s.sku AND b.month = substr(s.day, 1, 7) AND b.lowest <= coalesce(s.lowest, b.lowest) \
         AND b.highest >= coalesce(s.highest, b.highest))",
    ),
    (
        "runs whose first and last day are not those of their sales",
        "SELECT count(*) FROM runs r LEFT JOIN run_days d ON d.workspace = r.workspace AND d.run = r.number \
         WHERE coalesce(d.first_day, '') <> coalesce((SELECT min(s.day) FROM run_sales s \
         WHERE s.workspace = r.workspace AND s.run = r.number AND s.day > ''), '') \
         OR coalesce(d.last_day, '') <> coalesce((SELECT max(s.day) FROM run_sales s \
         WHERE s.workspace = r.workspace AND s.run = r.number), '')",
    ),
    (
        "bounds of runs that have no sales",
        "SELECT count(*) FROM run_bounds b WHERE NOT EXISTS \
         (SELECT 1 FROM run_sales s WHERE s.workspace = b.workspace AND s.run = b.run)",
    ),
    (
        "sales that are not the sum of the ledger",
        "SELECT CASE WHEN (SELECT coalesce(sum(row_count), 0) FROM sales) = (SELECT count(*) FROM ledger WHERE counts) \
         AND (SELECT coalesce(sum(CAST(revenue AS BIGINT)), 0) FROM sales) = \
         (SELECT coalesce(sum(money), 0) FROM ledger WHERE counts) THEN 0 ELSE 1 END",
    ),
    (
        "runs whose exceptions are not those that are counted",
        "SELECT count(*) FROM runs r WHERE CASE WHEN r.status = 'complete' AND NOT EXISTS \
         (SELECT 1 FROM withdrawals w WHERE w.workspace = r.workspace AND w.run = r.number) \
         THEN (SELECT count(*) FROM kept_rows k WHERE k.workspace = r.workspace AND k.run = r.number \
         AND k.category IS NOT NULL) ELSE 0 END <> (SELECT coalesce(sum(e.row_count), 0) FROM run_exceptions e \
         WHERE e.workspace = r.workspace AND e.run = r.number AND e.code = '')",
    ),
    (
        "exceptions counted in another state, category or region than they are in",
        "SELECT count(*) FROM run_exceptions e WHERE e.code = '' AND e.row_count <> \
         (SELECT count(*) FROM kept_rows k WHERE k.workspace = e.workspace AND k.run = e.run \
         AND k.category = e.category AND k.state = e.state AND coalesce(k.region, '') = e.region)",
    ),
    (
        "exceptions of a day or month that are not those of the runs that came in it",
        "SELECT count(*) FROM span_exceptions s WHERE s.code = '' AND s.span <> '' AND s.row_count <> \
         (SELECT coalesce(sum(e.row_count), 0) FROM run_exceptions e JOIN runs r ON r.number = e.run \
         WHERE e.workspace = s.workspace AND e.code = '' AND e.category = s.category AND e.region = s.region \
         AND e.state = s.state AND (r.kind = 'file') = s.of_file \
         AND substr(r.came_on, 1, length(s.span)) = s.span)",
    ),
    (
        "exceptions of days, months and all that are not those of runs",
        "SELECT CASE WHEN 3 * (SELECT coalesce(sum(row_count + 7 * money_low), 0) FROM run_exceptions) = \
         (SELECT coalesce(sum(row_count + 7 * money_low), 0) FROM span_exceptions) THEN 0 ELSE 1 END",
    ),
    (
        "exceptions that stand otherwise than their last change left them",
        "SELECT count(*) FROM exception_changes c JOIN kept_rows k ON k.workspace = c.workspace AND k.run = c.run \
         AND k.record = c.record WHERE k.version < c.version OR (k.version = c.version AND k.state <> c.state)",
    ),
    (
        "columns in which another number of cells or rows fails than the findings say",
        "SELECT count(*) FROM (SELECT workspace, run, column_number, code, count(*) AS failed, \
         count(DISTINCT record) AS row_count FROM findings WHERE severity = 'error' AND column_number IS NOT NULL \
         GROUP BY workspace, run, column_number, code UNION ALL SELECT workspace, run, column_number, '', count(*), \
         count(DISTINCT record) FROM findings WHERE severity = 'error' AND column_number IS NOT NULL \
         GROUP BY workspace, run, column_number) f LEFT JOIN run_columns c ON c.workspace = f.workspace \
         AND c.run = f.run AND c.column_number = f.column_number AND c.code = f.code \
         WHERE coalesce(c.failed, 0) <> f.failed OR coalesce(c.row_count, 0) <> f.row_count",
    ),
    (
        "columns that are counted for a run which goes on no longer",
        "SELECT count(*) FROM kept_columns",
    ),
    (
        "exceptions that entered without a row in the ledger",
        "SELECT count(*) FROM exception_changes c WHERE c.entered_run IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM ledger l WHERE l.run = c.entered_run AND l.record = c.entered_record)",
    ),
    (
        "runs with changes of exceptions, and without an entry that tells of one",
        "SELECT count(*) FROM runs r WHERE EXISTS (SELECT 1 FROM exception_changes c WHERE c.workspace = r.workspace \
         AND c.run = r.number) <> EXISTS (SELECT 1 FROM entries e WHERE e.workspace = r.workspace AND e.run = r.id \
         AND e.event LIKE 'exception.%')",
    ),
    (
        "runs whose withdrawal and its entry are not of one mind",
        "SELECT count(*) FROM runs r WHERE (SELECT count(*) FROM withdrawals w WHERE w.workspace = r.workspace \
         AND w.run = r.number) <> (SELECT count(*) FROM entries e WHERE e.workspace = r.workspace AND e.run = r.id \
         AND e.event = 'run.withdrawn')",
    ),
    (
        "rows of withdrawn runs that count",
        "SELECT count(*) FROM withdrawals w JOIN ledger l ON l.run = w.run WHERE l.counts",
    ),
    (
        "runs that took a place which nobody left, or left it to nobody",
        "SELECT count(*) FROM runs r LEFT JOIN withdrawals w ON w.workspace = r.workspace AND w.run = \
         (SELECT o.number FROM runs o WHERE o.workspace = r.workspace AND o.id = r.replaces) \
         WHERE r.replaces IS NOT NULL AND (r.status = 'complete') <> (coalesce(w.replaced_by, '') = r.id)",
    ),
];

/// Everything in the folder's database adds up, and nothing goes on.
pub(crate) async fn sound(folder: &Path) {
    sound_at(&url(folder)).await;
}

/// As `sound`, of the database at an address.
pub(crate) async fn sound_at(url: &str) {
    for (what, sql) in LAWS {
        assert_eq!(number(url, sql).await, 0, "{what}");
    }
}

/// Of the folder's database.
pub(crate) fn url(folder: &Path) -> String {
    match server() {
        Some(server) => address(&server, &name(folder)),
        None => format!("sqlite://{}", folder.join("tarazu.db").display()),
    }
}

/// The one number that a statement gives. It has to be one of 64 bits on both databases.
pub(crate) async fn number(url: &str, sql: &str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT CAST(({sql}) AS BIGINT)"));
    let asked = if url.starts_with("sqlite") {
        let mut database = SqliteConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut database).await
    } else {
        let mut database = PgConnection::connect(url).await.unwrap();
        let mut tx = database.begin().await.unwrap();
        let asked = sqlx::query_scalar(sql).persistent(false);
        asked.fetch_one(&mut *tx).await
    };
    asked.unwrap()
}

/// The files that are on their way into the raw store.
pub(crate) fn staged(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    list(&folder.join("raw/.staging"), &mut found);
    found
}

fn list(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            list(&entry.path(), found);
        } else {
            found.push(entry.path().display().to_string());
        }
    }
}
