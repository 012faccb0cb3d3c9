//! Region, product, SKU and category of rows: the same in thousands of a run, they stand once, and a row says which.

use crate::{
    db::Tx,
    error::StoreError,
    insert::{Insert, Kind, Value},
};
use hashbrown::{Equivalent, HashMap};
use model::row::LedgerRow;
use std::mem;

const INSERT: Insert<1, 5> = Insert {
    table: "ledger_kinds",
    shared: ["run"],
    columns: [
        ("kind", Kind::Integer),
        ("region", Kind::Text),
        ("product", Kind::Text),
        ("sku", Kind::Text),
        ("category", Kind::Text),
    ],
    tail: "",
};

// The rows that `$which` gives, with its order and limit, and what their kinds say. PostgreSQL cannot always tell how many
// rows a condition lets through, and would rather put all of them in order than read the next ones as they stand: of these
// alone, before kinds are looked for, there is no doubt.
macro_rules! next_rows {
    ($which:literal) => {
        concat!(
            "(SELECT l.run, l.record, l.line, l.row_key, l.day, k.region, k.product, k.sku, k.category, l.quantity, \
             l.unit_price, l.money, l.counts, l.displaced_by_run FROM (SELECT * FROM ledger WHERE ",
            $which,
            ") l LEFT JOIN ledger_kinds k ON k.run = l.run AND k.kind = l.kind)"
        )
    };
}

pub(crate) use next_rows;

/// The kinds of rows of a run that had none before.
#[derive(Default)]
pub(crate) struct Kinds {
    numbers: HashMap<Texts, i64>,
    /// Those that are not written yet.
    new: Vec<(i64, Texts)>,
}

type Texts = [Option<Box<str>>; 4];

#[derive(Hash)]
struct Said<'a>([Option<&'a str>; 4]);

impl Equivalent<Texts> for Said<'_> {
    fn equivalent(&self, texts: &Texts) -> bool {
        self.0 == texts.each_ref().map(Option::as_deref)
    }
}

impl Kinds {
    /// The number of a row's kind within the run.
    pub(crate) fn of(&mut self, row: &LedgerRow) -> i64 {
        let said = [&row.region, &row.product, &row.sku, &row.category].map(|it| it.as_deref());
        if let Some(number) = self.numbers.get(&Said(said)) {
            return *number;
        }
        let texts = said.map(|it| it.map(Box::from));
        // There are fewer than rows.
        let number = i64::try_from(self.numbers.len() + 1).unwrap_or(i64::MAX);
        self.numbers.insert(texts.clone(), number);
        self.new.push((number, texts));
        number
    }

    /// Writes those that were not written before.
    pub(crate) async fn write(&mut self, tx: &mut Tx, run: i64) -> Result<(), StoreError> {
        let new = mem::take(&mut self.new);
        let new: Vec<_> = new.iter().map(values).collect();
        INSERT.run(tx, [Value::Integer(Some(run))], &new).await?;
        Ok(())
    }
}

fn values((number, texts): &(i64, Texts)) -> [Value<'_>; 5] {
    let [region, product, sku, category] = texts.each_ref().map(|it| Value::Text(it.as_deref()));
    [
        Value::Integer(Some(*number)),
        region,
        product,
        sku,
        category,
    ]
}
