//! Rows in the order of an index, of which those are taken that the filter lets through: by key, and as they came.

use super::{
    page::{END, Found, Place, Reader, days, rank, words},
    standing::{Standing, standing},
};
use crate::{
    db::{beginning, row, rows},
    entry::run_id,
    error::StoreError,
    word::natural,
};
use model::{
    id::RunId,
    ledger::{RowSort, RowState},
    sales::label,
};

/// Rows that are looked at together.
const STEP: i64 = 500;

/// Steps for one page.
const STEPS: u32 = 4;

// Rows of a scope in the order of an index.
macro_rules! of_scope {
    ($which:literal, $beyond:literal, $order:literal) => {
        standing!(
            "",
            concat!(
                "l.scope = $1 AND ",
                $which,
                " AND ",
                $beyond,
                " ORDER BY ",
                $order,
                " LIMIT $2"
            )
        )
    };
}

// As the index of the keys of rows that count has them; those of others have runs and records too.
macro_rules! of_key {
    (counting, $beyond:literal, up) => {
        of_scope!("l.counts", $beyond, "l.key_index")
    };
    (counting, $beyond:literal, down) => {
        of_scope!("l.counts", $beyond, "l.key_index DESC")
    };
    (left, $beyond:literal, up) => {
        of_scope!("NOT l.counts", $beyond, "l.key_index, l.run, l.record")
    };
    (left, $beyond:literal, down) => {
        of_scope!(
            "NOT l.counts",
            $beyond,
            "l.key_index DESC, l.run DESC, l.record DESC"
        )
    };
}

impl Reader<'_> {
    /// Where a page is not full when so many rows were looked at, the next one goes on from there.
    pub(super) async fn walk(
        &mut self,
        sort: RowSort,
        mut behind: Option<Place>,
        limit: usize,
    ) -> Result<Found, StoreError> {
        let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let step = if self.leaves_out(sort) {
            STEP.max(most)
        } else {
            most
        };
        let scopes: Vec<(i64,)> = rows!(
            &mut self.tx,
            "SELECT number FROM ledger_scopes WHERE workspace = $1",
            self.workspace
        )?;
        let mut found = Vec::new();
        for _ in 0..STEPS {
            let seen = match sort {
                RowSort::Key => self.keys(&scopes, behind.as_ref(), step).await?,
                _ => self.arrivals(&scopes, behind.as_ref(), step).await?,
            };
            let all = i64::try_from(seen.len()).unwrap_or(i64::MAX) < step;
            behind = seen.last().map(|it| it.place(&self.tx));
            found.extend(seen.into_iter().filter(|it| self.lets(it)));
            if all || found.len() > limit {
                return self.page(found, limit).await;
            }
        }
        let next = match behind {
            Some(place) => Some((self.id(place.run).await?, natural(place.record)?)),
            None => None,
        };
        let (rows, _) = self.page(found, limit).await?;
        Ok((rows, next))
    }

    /// Whether rows that stand in the order may be none of the filter's.
    fn leaves_out(&self, sort: RowSort) -> bool {
        let filter = self.filter;
        let narrow = [
            &filter.from,
            &filter.to,
            &filter.region,
            &filter.product,
            &filter.category,
            &filter.sku,
        ];
        narrow.into_iter().any(Option::is_some)
            || filter.run.is_some() != (sort == RowSort::Arrival)
            || filter.state != RowState::Counting
            || filter
                .key
                .as_deref()
                .is_some_and(|it| beginning(it) < it.len())
    }

    fn lets(&self, row: &Standing) -> bool {
        let filter = self.filter;
        let ((from, to), (low, high)) = (days(filter), self.runs());
        let texts = [row.region(), row.product(), row.category(), row.sku()];
        let mut texts = words(filter).into_iter().zip(texts);
        row.state() == filter.state
            && (low..=high).contains(&row.number)
            && (from..=to).contains(&row.day())
            && texts.all(|((any, wish), text)| any || wish == label(text))
            && row
                .key()
                .starts_with(filter.key.as_deref().unwrap_or_default())
    }

    /// The next rows of all scopes, of each of which as many were read as are wanted.
    fn merged(&self, sort: RowSort, rows: Vec<Standing>, limit: i64) -> Vec<Standing> {
        let mut rows: Vec<(_, Standing)> = rows
            .into_iter()
            .map(|it| (rank(sort, &it.place(&self.tx)), it))
            .collect();
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        if !self.is_up() {
            rows.reverse();
        }
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        rows.into_iter().map(|(_, it)| it).collect()
    }

    /// By key; rows without one come before all.
    async fn keys(
        &mut self,
        scopes: &[(i64,)],
        behind: Option<&Place>,
        limit: i64,
    ) -> Result<Vec<Standing>, StoreError> {
        let keyed = behind.is_some_and(|it| it.key.is_some());
        if self.filter.key.is_some() || !self.counts() {
            return self.keyed(scopes, behind, limit).await;
        }
        let mut found = Vec::new();
        if self.is_up() {
            if !keyed {
                found = self.keyless(scopes, behind, limit).await?;
            }
            let left = limit - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if left > 0 {
                let behind = behind.filter(|it| it.key.is_some());
                found.extend(self.keyed(scopes, behind, left).await?);
            }
        } else {
            if keyed || behind.is_none() {
                found = self.keyed(scopes, behind, limit).await?;
            }
            let left = limit - i64::try_from(found.len()).unwrap_or(i64::MAX);
            if left > 0 {
                let behind = behind.filter(|it| it.key.is_none());
                found.extend(self.keyless(scopes, behind, left).await?);
            }
        }
        Ok(found)
    }

    async fn keyed(
        &mut self,
        scopes: &[(i64,)],
        behind: Option<&Place>,
        limit: i64,
    ) -> Result<Vec<Standing>, StoreError> {
        let begin = self.filter.key.as_deref().unwrap_or_default();
        let begin = begin.get(..beginning(begin)).unwrap_or_default();
        let end = format!("{begin}{END}");
        // Before the first row, or behind the last one, of those that begin so.
        let none = if self.is_up() { begin } else { &end };
        let (key, run, record) = match behind {
            Some(it) => (it.key.as_deref().unwrap_or_default(), it.run, it.record),
            None if self.is_up() => (none, -1, -1),
            None => (none, i64::MAX, i64::MAX),
        };
        let sql = match (self.counts(), self.is_up()) {
            (true, true) => of_key!(
                counting,
                "(l.key_index, l.run, l.record) > ($3, $4, $5) AND l.key_index <= $6 AND $7 <= $6",
                up
            ),
            (true, false) => of_key!(
                counting,
                "(l.key_index, l.run, l.record) < ($3, $4, $5) AND l.key_index >= $7 AND $7 <= $6",
                down
            ),
            (false, true) => of_key!(
                left,
                "(l.key_index, l.run, l.record) > ($3, $4, $5) AND l.key_index <= $6 AND $7 <= $6",
                up
            ),
            (false, false) => of_key!(
                left,
                "(l.key_index, l.run, l.record) < ($3, $4, $5) AND l.key_index >= $7 AND $7 <= $6",
                down
            ),
        };
        let mut found = Vec::new();
        for (scope,) in scopes {
            let more: Vec<Standing> = rows!(
                &mut self.tx,
                sql,
                scope,
                limit,
                key,
                run,
                record,
                end.as_str(),
                begin
            )?;
            found.extend(more);
        }
        Ok(self.merged(RowSort::Key, found, limit))
    }

    async fn keyless(
        &mut self,
        scopes: &[(i64,)],
        behind: Option<&Place>,
        limit: i64,
    ) -> Result<Vec<Standing>, StoreError> {
        let (sql, begin) = if self.is_up() {
            (
                of_scope!(
                    "l.counts AND l.row_key IS NULL",
                    "(l.run, l.record) > ($3, $4)",
                    "l.run, l.record"
                ),
                (-1, -1),
            )
        } else {
            (
                of_scope!(
                    "l.counts AND l.row_key IS NULL",
                    "(l.run, l.record) < ($3, $4)",
                    "l.run DESC, l.record DESC"
                ),
                (i64::MAX, i64::MAX),
            )
        };
        let (run, record) = behind.map_or(begin, |it| (it.run, it.record));
        let mut found = Vec::new();
        for (scope,) in scopes {
            let more: Vec<Standing> = rows!(&mut self.tx, sql, scope, limit, run, record)?;
            found.extend(more);
        }
        Ok(self.merged(RowSort::Arrival, found, limit))
    }

    /// Rows as they came: of one run, or those that do not count.
    async fn arrivals(
        &mut self,
        scopes: &[(i64,)],
        behind: Option<&Place>,
        limit: i64,
    ) -> Result<Vec<Standing>, StoreError> {
        let (low, high) = self.runs();
        let begin = if self.is_up() {
            (low, -1)
        } else {
            (high, i64::MAX)
        };
        let (run, record) = behind.map_or(begin, |it| (it.run, it.record));
        if self.counts() {
            let sql = if self.is_up() {
                standing!(
                    "",
                    "l.run = $1 AND l.counts AND (l.run, l.record) > ($3, $4) ORDER BY l.record LIMIT $2"
                )
            } else {
                standing!(
                    "",
                    "l.run = $1 AND l.counts AND (l.run, l.record) < ($3, $4) ORDER BY l.record DESC LIMIT $2"
                )
            };
            return Ok(rows!(&mut self.tx, sql, low, limit, run, record)?);
        }
        let sql = if self.is_up() {
            of_scope!(
                "NOT l.counts AND l.run BETWEEN $5 AND $6",
                "(l.run, l.record) > ($3, $4)",
                "l.run, l.record"
            )
        } else {
            of_scope!(
                "NOT l.counts AND l.run BETWEEN $5 AND $6",
                "(l.run, l.record) < ($3, $4)",
                "l.run DESC, l.record DESC"
            )
        };
        let mut found = Vec::new();
        for (scope,) in scopes {
            let more: Vec<Standing> =
                rows!(&mut self.tx, sql, scope, limit, run, record, low, high)?;
            found.extend(more);
        }
        Ok(self.merged(RowSort::Arrival, found, limit))
    }

    fn counts(&self) -> bool {
        self.filter.state == RowState::Counting
    }

    async fn id(&mut self, run: i64) -> Result<RunId, StoreError> {
        let found: Option<(String,)> =
            row!(&mut self.tx, "SELECT id FROM runs WHERE number = $1", run)?;
        run_id(found.ok_or(StoreError::NotFound)?.0)
    }
}
