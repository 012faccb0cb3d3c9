//! Which columns tell one row from another.

use super::{
    column::{Evidence, distinct},
    words::{hinted, is_identifying},
};
use crate::contract::{Column, Kind};

/// The columns of a key, or none. `columns` and `found` are the same columns, decided and as they were seen.
pub(super) fn key(
    columns: &[Column],
    found: &[(Column, Evidence)],
    notes: &mut Vec<String>,
) -> Vec<String> {
    let all: Vec<Candidate<'_>> = columns
        .iter()
        .zip(found)
        .filter(|(_, (_, evidence))| evidence.is_filled())
        .map(|(column, (_, evidence))| Candidate {
            column,
            evidence,
            distinct: evidence.distinct(),
        })
        .collect();
    let rows = all.first().map_or(0, |it| it.evidence.hashes.len());
    if rows < 2 {
        return Vec::new();
    }
    let single = all.iter().filter(|it| it.may_be_alone());
    // The first of equals.
    let single = single.rev().max_by_key(|it| (it.is_named(), it.distinct));
    let Some(best) = single else {
        return Vec::new();
    };
    let alone = all
        .iter()
        .filter(|it| it.may_be_alone() && is_nearly(it.distinct, rows));
    let alone = alone.rev().max_by_key(|it| (it.is_named(), it.distinct));
    if let Some(only) = alone {
        if only.distinct < rows {
            notes.push(format!(
                "`{}` was taken for the key, although it repeats in {} rows.",
                only.column.name,
                rows - only.distinct
            ));
        }
        return vec![only.column.name.clone()];
    }
    if !best.is_named() {
        return Vec::new();
    }
    together(best, &all, rows, notes)
}

struct Candidate<'a> {
    column: &'a Column,
    evidence: &'a Evidence,
    distinct: usize,
}

impl Candidate<'_> {
    fn is_named(&self) -> bool {
        is_identifying(&self.column.name)
    }

    /// Numbers that happen to be different are no key.
    fn may_be_alone(&self) -> bool {
        match self.column.kind {
            Kind::Identifier | Kind::Text => true,
            Kind::Whole => self.is_named(),
            Kind::Amount | Kind::Number | Kind::Date => false,
        }
    }

    /// How likely it is what an order has several of: products, then other words, then days. Numbers never: two equal
    /// sales are two sales.
    fn rank(&self) -> Option<u8> {
        let of_goods = ["product", "item", "sku", "article", "sub", "line"];
        match self.column.kind {
            Kind::Whole | Kind::Amount | Kind::Number => None,
            _ if hinted(&self.column.name, &of_goods) => Some(3),
            Kind::Identifier | Kind::Text => Some(2),
            Kind::Date => Some(1),
        }
    }
}

/// Nineteen of twenty rows; the others may be faults.
fn is_nearly(distinct: usize, rows: usize) -> bool {
    distinct * 20 >= rows * 19
}

/// The key with what it repeats with: the fewest columns that nearly tell all rows apart.
fn together(
    best: &Candidate<'_>,
    all: &[Candidate<'_>],
    rows: usize,
    notes: &mut Vec<String>,
) -> Vec<String> {
    let mut key = vec![best.column.name.clone()];
    let mut hashes = best.evidence.hashes.clone();
    while key.len() < 3 {
        let others = all
            .iter()
            .filter(|it| it.rank().is_some() && !key.contains(&it.column.name));
        let others = others.map(|it| {
            let joined = join(&hashes, &it.evidence.hashes);
            (is_nearly(distinct(joined.clone()), rows), it, joined)
        });
        // What tells all apart, then what orders have several of, then the one that tells the most apart.
        let next = others.max_by_key(|(tells, it, joined)| {
            let different = distinct(joined.clone());
            (*tells, it.rank().filter(|_| *tells), different)
        });
        let Some((tells, it, joined)) = next else {
            break;
        };
        key.push(it.column.name.clone());
        hashes = joined;
        if tells {
            notes.push(format!(
                "`{}` repeats with different values of `{}`: together they were taken for the key.",
                best.column.name,
                key.get(1..).unwrap_or_default().join("`, `")
            ));
            return key;
        }
    }
    notes.push(format!(
        "No key was found: `{}` repeats, and so it does together with other columns.",
        best.column.name
    ));
    Vec::new()
}

fn join(a: &[u64], b: &[u64]) -> Vec<u64> {
    let pairs = a.iter().zip(b);
    pairs
        .map(|(a, b)| {
            let bytes = [a.to_le_bytes(), b.to_le_bytes()].concat();
            xxhash_rust::xxh3::xxh3_64(&bytes)
        })
        .collect()
}
