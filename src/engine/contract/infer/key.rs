//! Which columns tell one row from another.

use super::{
    column::{Evidence, distinct},
    words::{hinted, is_of_rows},
};
use crate::{
    contract::{Column, Kind},
    judgement::advice,
};

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
    // The first of equals.
    let alone = || all.iter().rev().filter(|it| it.may_be_alone());
    let named = alone().filter(|it| it.is_named());
    let Some(best) = named.max_by_key(|it| it.distinct) else {
        let unique = alone().filter(|it| it.distinct == rows);
        let only = unique.max_by_key(|it| it.column.kind == Kind::Identifier);
        return only.map(|it| it.column.name.clone()).into_iter().collect();
    };
    // What merely happens to be unique beside it would hide that it repeats.
    if !is_nearly(best.distinct, rows) {
        return together(best, &all, rows, notes);
    }
    if best.distinct < rows {
        notes.push(format!(
            "`{}` was taken for the key, although it repeats in {}.",
            best.column.name,
            counted(rows - best.distinct)
        ));
    }
    vec![best.column.name.clone()]
}

struct Candidate<'a> {
    column: &'a Column,
    evidence: &'a Evidence,
    distinct: usize,
}

impl Candidate<'_> {
    fn is_named(&self) -> bool {
        is_of_rows(&self.column.name)
    }

    /// Amounts, days and times that happen to be different are no key.
    fn may_be_alone(&self) -> bool {
        if self.evidence.is_measure() || self.evidence.is_moment(self.column) {
            return false;
        }
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
            _ if self.evidence.is_measure() => None,
            _ if self.evidence.is_moment(self.column) => Some(1),
            _ if hinted(&self.column.name, &of_goods) => Some(3),
            Kind::Identifier | Kind::Text | Kind::Date => Some(2),
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
        let others = all.iter().filter(|it| {
            let joins = it.rank().is_some() && !is_nearly(it.distinct, rows);
            joins && !key.contains(&it.column.name)
        });
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
            let although = match rows - distinct(hashes) {
                0 => String::new(),
                repeated => format!(", although it repeats in {}", counted(repeated)),
            };
            notes.push(format!(
                "`{}` repeats with different values of `{}`: together they were taken for the key{although}.",
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

fn counted(rows: usize) -> String {
    advice::counted(rows as u64, "row", "rows")
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

#[cfg(test)]
mod tests {
    use crate::{
        contract::infer::{Inferred, infer},
        source::Memory,
    };
    use model::options::Choice;

    /// Of 100 rows of which each cell is made of the row's number.
    fn inferred(header: &str, row: impl Fn(u32) -> String) -> Inferred {
        let rows = (0..100).map(|it| format!("{}\n", row(it)));
        let text = format!("{header}\n{}", rows.collect::<String>());
        infer(&Memory(text.as_bytes()), "t", &Choice::default()).unwrap()
    }

    #[test]
    fn no_amount_day_or_time_is_a_key() {
        for (header, cell) in [
            ("Invoice Value,Kind", "929{}.04"),
            ("Ref,Kind", "1{}.5"),
            ("When,Kind", "2026/11/01 1:{}:00 PM GMT+5:30"),
            ("Timestamp,Kind", "on {}"),
        ] {
            let found = inferred(header, |it| {
                format!("{},a", cell.replace("{}", &format!("{it:02}")))
            });
            assert!(found.contract.key.is_empty(), "{header}");
        }
        for day in ["{d}.{m}.2026", "{d}/{m}/26", "2026/{m}/{d}", "{m}.{d}.26"] {
            let found = inferred("On,Kind", |it| {
                let day = day.replace("{d}", &format!("{:02}", it % 28 + 1));
                format!("{},a", day.replace("{m}", &format!("{:02}", it / 28 + 1)))
            });
            assert!(found.contract.key.is_empty(), "{day}");
        }
    }

    #[test]
    fn what_is_named_for_it_goes_before_what_happens_to_be_unique() {
        let found = inferred("Timestamp,Respondent,Answer", |it| {
            format!("2026/11/01 {it},R-{it},words of {it}")
        });
        assert_eq!(found.contract.key, ["respondent"]);
        let found = inferred("Phone,Employee No,Pincode", |it| {
            format!("+91 98{it:08},E{},560001", it.max(1))
        });
        assert_eq!(found.contract.key, ["employee_no"]);
        let says = "`employee_no` was taken for the key, although it repeats in 1 row.";
        assert_eq!(found.notes, [says]);
    }

    #[test]
    fn what_is_unique_is_no_key_where_an_identifier_repeats() {
        let found = inferred("Invoice Number,Phone,Invoice Value", |it| {
            format!("I-{},+91 98{it:08},{it}.50", it / 2)
        });
        assert!(found.contract.key.is_empty());
        let says = "No key was found: `invoice_number` repeats, and so it does together";
        assert!(found.notes[0].starts_with(says), "{:?}", found.notes);
    }
}
