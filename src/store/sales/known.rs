//! The cells of a workspace as they were read last. They hold as long as no transaction changed them, which a version says
//! that grows with each change: so what is answered from here is what the database would have said.

use super::{Cell, Numbers, Sums, board, period::Days};
use crate::{
    db::{Tx, row},
    error::StoreError,
    texts::Texts,
};
use model::{id::WorkspaceId, sales::SalesFilter};
use std::{
    array,
    sync::{Arc, Mutex, PoisonError},
};

/// Cells that are remembered at most, of all workspaces together: some 200 MB.
const MOST: usize = 2_000_000;

/// The workspaces that were asked for last, the last one first.
#[derive(Default)]
pub(crate) struct Known(Mutex<Vec<(WorkspaceId, Arc<All>)>>);

/// All cells of a workspace.
pub(super) struct All {
    version: i64,
    pub(super) cells: Cells,
    /// First and last day of each run that is complete and has any.
    pub(super) told: Vec<(String, String)>,
}

/// Cells, with the numbers of their texts.
#[derive(Default)]
pub(super) struct Cells {
    texts: Arc<[Texts; 5]>,
    cells: Vec<(Numbers, Sums)>,
}

impl Known {
    /// All cells that `tx` sees, where they are known; with `read` they are read otherwise.
    pub(super) async fn all(
        &self,
        tx: &mut Tx,
        workspace: &WorkspaceId,
        read: bool,
    ) -> Result<Option<Arc<All>>, StoreError> {
        let version: Option<(i64,)> = row!(
            tx,
            "SELECT version FROM sales_versions WHERE workspace = $1",
            workspace.as_str()
        )?;
        let version = version.map_or(0, |(it,)| it);
        let known = self.last(workspace);
        if known.as_ref().is_some_and(|it| it.version == version) {
            return Ok(known);
        }
        if !read {
            return Ok(None);
        }
        let all = Arc::new(All {
            version,
            cells: super::period::every(tx, workspace).await?,
            told: board::told(tx, workspace, 0).await?,
        });
        // Whoever began later may have seen a later version.
        if known.is_none_or(|it| it.version < version) {
            self.remember(workspace, &all);
        }
        Ok(Some(all))
    }

    fn last(&self, workspace: &WorkspaceId) -> Option<Arc<All>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|(it, _)| it == workspace);
        found.map(|(_, all)| all.clone())
    }

    fn remember(&self, workspace: &WorkspaceId, all: &Arc<All>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(it, _)| it != workspace);
        known.insert(0, (workspace.clone(), all.clone()));
        let mut cells = 0;
        known.retain(|(_, it)| {
            cells += it.cells.cells.len();
            cells <= MOST
        });
    }
}

impl Cells {
    pub(super) fn of(found: impl IntoIterator<Item = (Cell, Sums)>) -> Self {
        let mut texts: [Texts; 5] = Default::default();
        let cells = found.into_iter().map(|(cell, sums)| {
            let mut numbers = Numbers::default();
            for ((number, texts), text) in numbers.iter_mut().zip(&mut texts).zip(&cell) {
                *number = texts.number(text);
            }
            (numbers, sums)
        });
        Self {
            cells: cells.collect(),
            texts: Arc::new(texts),
        }
    }

    /// Those that `filter` lets through, of some days.
    pub(super) fn narrowed(&self, filter: &SalesFilter, (from, to): Days<'_>) -> Self {
        let SalesFilter {
            region,
            product,
            category,
            sku,
            ..
        } = filter;
        let wanted = [region, product, category, &None, sku].map(|it| {
            let it = it.as_deref().unwrap_or_default();
            (!it.is_empty()).then_some(it)
        });
        let lets: [Vec<bool>; 5] = array::from_fn(|part| {
            let texts = self.texts[part].all().iter().map(String::as_str);
            texts
                .map(|it| match wanted[part] {
                    Some(wanted) => it == wanted,
                    None => part != DAY || (from <= it && it <= to),
                })
                .collect()
        });
        let through = |numbers: &Numbers| {
            let mut parts = lets.iter().zip(numbers);
            parts.all(|(lets, number)| lets[place(*number)])
        };
        let cells = self.cells.iter().filter(|(numbers, _)| through(numbers));
        Self {
            texts: self.texts.clone(),
            cells: cells.copied().collect(),
        }
    }

    pub(super) fn total(&self) -> Sums {
        let mut total = Sums::default();
        for (_, sums) in &self.cells {
            total.add(*sums);
        }
        total
    }

    /// What the cells come to by the text in one part of them, where there are any.
    pub(super) fn by(&self, part: usize) -> Vec<(&str, Sums)> {
        let texts = self.texts[part].all();
        let mut sums: Vec<Option<Sums>> = vec![None; texts.len()];
        for (numbers, more) in &self.cells {
            sums[place(numbers[part])]
                .get_or_insert_default()
                .add(*more);
        }
        let all = texts.iter().map(String::as_str).zip(sums);
        all.filter_map(|(text, sums)| Some((text, sums?))).collect()
    }

    /// As [`Self::by`], of two parts.
    pub(super) fn by_both(&self, one: usize, other: usize) -> Vec<(&str, &str, Sums)> {
        let [ones, others] = [one, other].map(|it| self.texts[it].all());
        let mut sums: Vec<Vec<Option<Sums>>> = vec![Vec::new(); ones.len()];
        for (numbers, more) in &self.cells {
            let row = &mut sums[place(numbers[one])];
            let at = place(numbers[other]);
            if row.len() <= at {
                row.resize(at + 1, None);
            }
            row[at].get_or_insert_default().add(*more);
        }
        let rows = ones.iter().zip(sums);
        let all = rows.flat_map(|(one, row)| {
            let row = others.iter().zip(row);
            row.filter_map(move |(other, sums)| Some((one.as_str(), other.as_str(), sums?)))
        });
        all.collect()
    }
}

// Where the parts of a cell stand in it.
pub(super) const REGION: usize = 0;
pub(super) const PRODUCT: usize = 1;
pub(super) const CATEGORY: usize = 2;
pub(super) const DAY: usize = 3;
pub(super) const SKU: usize = 4;

/// There are never more texts than places in memory.
fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_narrowed_and_added_up_as_their_texts_say() {
        let cell = |cell: [&str; 5], rows| {
            let sums = Sums {
                rows,
                units: 2,
                revenue: 300,
            };
            (cell.map(str::to_owned), sums)
        };
        let cells = Cells::of([
            cell(["North", "Tea", "Drinks", "2026-01-01", "T"], 1),
            cell(["North", "Tea", "Drinks", "2026-01-02", ""], 2),
            cell(["", "Chips", "Snacks", "", "C"], 4),
            cell(["South", "Chips", "", "2026-01-02", "C"], 8),
        ]);
        let check = |filter: &SalesFilter, days, expected: &[(&str, i64)]| {
            let some = cells.narrowed(filter, days);
            let by: Vec<_> = some
                .by(PRODUCT)
                .into_iter()
                .map(|(it, sums)| (it, sums.rows))
                .collect();
            assert_eq!(by, expected);
            let total: i64 = expected.iter().map(|(_, rows)| rows).sum();
            assert_eq!(some.total().rows, total);
        };
        let all = SalesFilter::default();
        let forever = ("", "9999-99-99");
        check(&all, forever, &[("Tea", 3), ("Chips", 12)]);
        check(&all, ("0", "2026-01-01"), &[("Tea", 1)]);
        let north = SalesFilter {
            region: Some("North".to_owned()),
            sku: Some(String::new()),
            ..SalesFilter::default()
        };
        check(&north, ("2026-01-02", "2026-01-02"), &[("Tea", 2)]);
        let unknown = SalesFilter {
            product: Some("Beans".to_owned()),
            ..SalesFilter::default()
        };
        check(&unknown, forever, &[]);
        let both = cells.by_both(REGION, SKU);
        let both: Vec<_> = both
            .into_iter()
            .map(|(a, b, sums)| (a, b, sums.rows))
            .collect();
        assert_eq!(
            both,
            [
                ("North", "T", 1),
                ("North", "", 2),
                ("", "C", 4),
                ("South", "C", 8)
            ]
        );
    }
}
