//! Proposes a contract for a file that has none, from the file itself. A proposal is for people to look over: what
//! most cells are is taken for what all of them are to be.

mod column;
mod key;
mod revise;
mod words;

pub use revise::revise;

use super::{Column, Contract, ControlUse, Kind, List, Thresholds, Waivers, Zone, odcs};
use crate::{
    day::Moment,
    judge::{
        Plan,
        row::{Found, RowBuffer},
    },
    reading::{
        header::plain,
        record::{Dialect, Records},
        returned::is_ours,
        survey::BOM,
    },
    source::{Source, SourceError, read_range},
    value::trim,
};
use column::Evidence;
use model::options::Choice;
use serde_json::{Map, Value};
use words::{hinted, snake};

/// A contract for a file, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inferred {
    pub contract: Contract,
    /// Rows that were looked at.
    pub rows: u64,
    /// The file has no more than these.
    pub is_whole: bool,
    /// What each of the contract's columns may hold as well as what was decided, by nearly all of its cells.
    pub kinds: Vec<Vec<Kind>>,
    /// What somebody who knows the data should look at, in sentences.
    pub notes: Vec<String>,
}

/// So many rows are looked at.
const ROWS: u64 = 200_000;
/// The header is looked for among so many first records.
const FIRST_RECORDS: usize = 30;
const FIRST_BYTES: u64 = 64 * 1024;

/// Proposes a contract of this name. Of `choice`, what says how the file is read holds; there are no columns yet
/// to map.
///
/// # Errors
/// When the source cannot be read.
pub fn infer(source: &dyn Source, name: &str, choice: &Choice) -> Result<Inferred, SourceError> {
    let mut choice = Choice {
        columns: Default::default(),
        date_forms: Default::default(),
        ..choice.clone()
    };
    let empty = bare(name, Vec::new());
    if choice.header_line.is_none() {
        let plan = surveyed(source, &empty, &choice)?;
        choice.header_line = header_line(&plan, source)?;
    }
    let mut notes = Vec::new();
    let header = surveyed(source, &empty, &choice)?.header();
    let texts = bare(name, columns(&header, &mut notes));
    let plan = surveyed(source, &texts, &choice)?;
    let columns = plan.compiled.columns.iter();
    let columns = columns.filter_map(|it| texts.columns.get(it.column));
    let mut found: Vec<(Column, Evidence)> = columns
        .map(|it| (it.clone(), Evidence::default()))
        .collect();
    let (rows, is_whole) = look(&plan, source, &mut found)?;
    let kinds = found.iter().map(|(_, it)| it.kinds()).collect();
    let contract = drawn_up(texts, found, &mut notes);
    Ok(Inferred {
        contract,
        rows,
        is_whole,
        kinds,
        notes,
    })
}

fn surveyed<'c>(
    source: &dyn Source,
    contract: &'c Contract,
    choice: &Choice,
) -> Result<Plan<'c>, SourceError> {
    Plan::new(source, contract, choice, Moment::from_unix(0), &mut |_| {})
}

fn bare(name: &str, columns: Vec<Column>) -> Contract {
    Contract {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        zone: Zone::default(),
        columns,
        key: Vec::new(),
        money: None,
        total_words: Vec::new(),
        null_words: Vec::new(),
        lists: Vec::new(),
        controls: Vec::new(),
        thresholds: Thresholds::default(),
        waivers: Waivers::default(),
    }
}

/// The first record that is as wide as most of them are: above it stand titles. Where that one holds values, and what
/// stands right above it says a word for most of the columns, that is a header in which some have no name.
fn header_line(plan: &Plan<'_>, source: &dyn Source) -> Result<Option<u64>, SourceError> {
    let source = &plan.form.over(source);
    let start = if plan.survey.bom { BOM.len() as u64 } else { 0 };
    let mut head = Vec::new();
    read_range(
        source,
        start,
        source.size().min(start + FIRST_BYTES),
        &mut head,
    )?;
    let dialect = Dialect {
        unclosed: None,
        ..plan.dialect()
    };
    let mut records = Records::new(&head, start, dialect);
    let mut fields = Vec::new();
    let mut first = Vec::new();
    while let Some(record) = records
        .next(&mut fields)
        .filter(|_| first.len() < FIRST_RECORDS)
    {
        let cells = fields.iter().filter_map(|it| head.get(it.start..it.end));
        let filled: Vec<&[u8]> = cells.map(trim).filter(|it| !it.is_empty()).collect();
        first.push(First {
            line: record.lines_before + 1,
            width: filled.len(),
            is_words: !filled.into_iter().any(column::is_value),
        });
    }
    let as_wide = |width: usize| first.iter().filter(|it| it.width == width).count();
    let usual = first.iter().map(|it| it.width).filter(|it| *it > 1);
    // Of widths that are equally frequent, the larger one.
    let Some(usual) = usual.max_by_key(|it| (as_wide(*it), *it)) else {
        return Ok(None);
    };
    let full = first.iter().position(|it| it.width >= usual);
    let (above, at) = first.split_at(full.unwrap_or(first.len()));
    let lacks_names = |it: &&First| it.is_words && it.width * 2 > usual;
    let above = above.last().filter(lacks_names);
    let header = match at.first() {
        Some(it) if !it.is_words => above.or(Some(it)),
        it => it,
    };
    Ok(header.map(|it| it.line))
}

/// One of the first records.
struct First {
    line: u64,
    /// Cells that are not blank.
    width: usize,
    /// None of them is a number, an amount or a day.
    is_words: bool,
}

/// The header's cells as columns of text. A contract knows columns by their names alone, and would hold a file in which
/// two cells stand for one of them.
fn columns(header: &[String], notes: &mut Vec<String>) -> Vec<Column> {
    let mut res: Vec<Column> = Vec::new();
    let names: Vec<String> = header.iter().map(|it| plain(it)).collect();
    for ((place, cell), name) in (1..).zip(header).zip(&names) {
        let title = cell.trim();
        if title.is_empty() {
            notes.push(format!("Column {place} has no name, and is left out."));
            continue;
        }
        if is_ours(title) {
            notes.push(format!(
                "Column {place}, `{title}`, is one that exports have besides the file's own, and is left out."
            ));
            continue;
        }
        if name.is_empty() {
            notes.push(format!(
                "Column {place}, `{title}`, has no letter or digit in its name, and is left out."
            ));
            continue;
        }
        let mut same = (1..).zip(&names).filter(|(_, it)| *it == name);
        if let Some((other, _)) = same.find(|(it, _)| *it != place) {
            let (one, two) = (place.min(other), place.max(other));
            notes.push(format!(
                "Column {place}, `{title}`, is left out: the columns {one} and {two} have the same name. Rename one of them in the file to have both."
            ));
            continue;
        }
        let name = snake(title);
        res.push(Column {
            title: (name != title).then(|| title.to_owned()),
            name,
            aliases: Vec::new(),
            kind: Kind::Text,
            required: false,
            forms: Vec::new(),
            writing: Vec::new(),
            null_words: Vec::new(),
            list: None,
            role: None,
        });
    }
    res
}

/// Looks at the cells of sound rows. Gives the rows, and whether these are all.
fn look(
    plan: &Plan<'_>,
    source: &dyn Source,
    found: &mut [(Column, Evidence)],
) -> Result<(u64, bool), SourceError> {
    let source = &plan.form.over(source);
    let mut rows = 0;
    let mut bytes = Vec::new();
    for (from, to) in (0..plan.pieces()).filter_map(|it| plan.range(it)) {
        read_range(source, from, to, &mut bytes)?;
        let mut records = Records::new(&bytes, from, plan.dialect());
        let mut row = RowBuffer::new(plan, from);
        while let Some(record) = records.next(&mut row.fields) {
            if row.take(plan, &bytes, &record) != Found::Row || row.shape.is_some() {
                continue;
            }
            if rows == ROWS {
                return Ok((rows, false));
            }
            rows += 1;
            for (place, (_, evidence)) in found.iter_mut().enumerate() {
                let text = row.text(row.bytes(&bytes), place);
                evidence.see(text, &plan.survey.encoding.decode(text));
            }
        }
    }
    Ok((rows, true))
}

/// Decides what the columns are, and what holds them to it.
fn drawn_up(
    mut contract: Contract,
    found: Vec<(Column, Evidence)>,
    notes: &mut Vec<String>,
) -> Contract {
    let mut columns = Vec::new();
    let mut limits = Vec::new();
    let mut rules: Vec<ControlUse> = Vec::new();
    for (mut column, evidence) in found.iter().map(|(column, it)| (column.clone(), it)) {
        evidence.decide(&mut column, notes);
        let words = evidence.null_words();
        for word in words {
            if !contract.null_words.contains(word) {
                contract.null_words.push(word.clone());
            }
        }
        if let Some(entries) = evidence.list(&column) {
            let name = column.name.clone();
            column.list = Some(name.clone());
            rules.extend(held_to_list(&name));
            contract.lists.push(List { name, entries });
        }
        if let Some((lowest, highest)) = evidence.usual(&column) {
            let bounds = [
                ("column", column.name.clone().into()),
                ("lowest", lowest.into()),
                ("highest", highest.into()),
            ];
            rules.push(rule("DIS01", bounds));
        }
        limits.push((evidence.minimum(&column), None));
        columns.push(column);
    }
    contract.null_words.sort();
    contract.key = key::key(&columns, &found, notes);
    contract.money = money(&columns);
    contract.columns = columns;
    contract.controls = rules;
    odcs::keep_promises(&mut contract, limits);
    contract
}

/// A column whose list has its name holds nothing else.
fn held_to_list(name: &str) -> [ControlUse; 2] {
    [
        rule("VAL05", [("column", name.into())]),
        rule("REF02", [("columns", vec![name].into())]),
    ]
}

fn rule<const N: usize>(code: &str, params: [(&str, Value); N]) -> ControlUse {
    let params = params.into_iter();
    ControlUse {
        code: code.to_owned(),
        severity: None,
        tolerance: None,
        params: Map::from_iter(params.map(|(name, value)| (name.to_owned(), value))),
    }
}

/// The amounts that are the worth of a row: those of a whole order, and not of one piece.
fn money(columns: &[Column]) -> Option<String> {
    let amounts = || columns.iter().filter(|it| it.kind == Kind::Amount);
    let of_a_piece = |it: &&Column| hinted(&it.name, &["unit", "per", "discount", "tax"]);
    let named = ["revenue", "sales", "amount", "turnover", "spent", "total"]
        .iter()
        .find_map(|word| {
            let mut amounts = amounts().filter(|it| !of_a_piece(it));
            amounts.find(|it| hinted(&it.name, &[word]))
        });
    let only = match amounts()
        .filter(|it| !of_a_piece(it))
        .collect::<Vec<_>>()
        .as_slice()
    {
        [only] => Some(*only),
        _ => None,
    };
    named.or(only).map(|it| it.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{judge, sample::Sample, source::Memory};
    use model::options::DateForm;

    fn inferred(text: &str) -> Inferred {
        infer(&Memory(text.as_bytes()), "t", &Choice::default()).unwrap()
    }

    fn kinds(contract: &Contract) -> Vec<(&str, Kind)> {
        let columns = contract.columns.iter();
        columns.map(|it| (it.name.as_str(), it.kind)).collect()
    }

    #[test]
    fn a_sales_file_gets_a_contract_much_like_the_shipped_one() {
        let mut bytes = Vec::new();
        let sample = Sample::new(2000, 7, 20_486);
        sample.write(&mut |it| bytes.extend_from_slice(it), &mut |_| {});
        let found = infer(&Memory(&bytes), "sales", &Choice::default()).unwrap();
        let contract = &found.contract;
        assert_eq!(
            kinds(contract),
            [
                ("order_id", Kind::Identifier),
                ("order_date", Kind::Date),
                ("region", Kind::Text),
                ("product", Kind::Text),
                ("sku", Kind::Identifier),
                ("category", Kind::Text),
                ("quantity", Kind::Whole),
                ("revenue", Kind::Amount),
            ]
        );
        assert_eq!(contract.key, ["order_id"]);
        assert_eq!(contract.money.as_deref(), Some("revenue"));
        assert_eq!((found.rows, found.is_whole), (2000, true));
        assert_eq!(contract.check(), Ok(()));
    }

    #[test]
    fn an_order_that_repeats_with_different_products_has_a_key_of_both() {
        let mut text = String::from("Order ID,Product,Price,Note\n");
        for (order, product) in (0..30).flat_map(|it| [(it, "Chair"), (it, "Lamp"), (it, "Desk")]) {
            text.push_str(&format!("O-{order},{product},{}.5,\n", order % 7 + 3));
        }
        let found = inferred(&text);
        assert_eq!(found.contract.key, ["order_id", "product"]);
        let says = "`order_id` repeats with different values of `product`";
        assert!(
            found.notes.iter().any(|it| it.starts_with(says)),
            "{:?}",
            found.notes
        );
        // What it proposes, the sample meets; and it comes back from its file as it is.
        let moment = Moment::from_unix(0);
        let verdict = judge(
            &Memory(text.as_bytes()),
            &found.contract,
            &Choice::default(),
            moment,
        );
        assert_eq!(verdict.unwrap().verdict.rows.exceptions, 0);
        let again = odcs::read(&odcs::write(&found.contract)).unwrap();
        assert_eq!(again.contract, found.contract);
    }

    #[test]
    fn cells_are_what_most_of_them_are() {
        let mut text = String::from("Visits\n\nCode;When;Where;Share;Fee;Memo;Seat;seat\n");
        for it in 0..60 {
            let place = ["Hall", " hall", "Bar", "HALL"][usize::from(it % 11 == 0) * (it % 4)];
            let when = if it == 7 { "soon" } else { "13/02/2026" };
            let fee = if it == 9 { "N/A" } else { "₹ 1.200,50" };
            text.push_str(&format!("00{it};{when};{place};0,{it}1;{fee};;1;2\n"));
        }
        let found = inferred(&text);
        let contract = &found.contract;
        assert_eq!(
            kinds(contract),
            [
                ("code", Kind::Identifier),
                ("when", Kind::Date),
                ("where", Kind::Text),
                ("share", Kind::Number),
                ("fee", Kind::Amount),
                ("memo", Kind::Text),
            ]
        );
        let column = |name: &str| {
            contract
                .columns
                .get(contract.column(name).unwrap())
                .unwrap()
        };
        assert_eq!(column("when").forms, [DateForm::DayFirst]);
        assert!(column("code").required && !column("fee").required && !column("memo").required);
        assert_eq!(contract.null_words, ["N/A"]);
        let values = contract.list("where").unwrap().entries.iter();
        assert_eq!(
            values.map(|it| it.value.as_str()).collect::<Vec<_>>(),
            ["Bar", "Hall"]
        );
        for left_out in ["Column 7, `Seat`, is left out", "Column 8, `seat`, is"] {
            assert!(found.notes.iter().any(|it| it.starts_with(left_out)));
        }
    }

    #[test]
    fn two_decimals_throughout_are_no_whole_numbers() {
        let mut text = String::from("Gross Salary (₹),Taxable Value,Invoice Value,Rate,Guests\n");
        for it in 0..40 {
            let salary = if it == 7 { "n/a" } else { "\"8,14,380.00\"" };
            text.push_str(&format!("{salary},89{it}.00,99{it}.00,12.0,{it}\n"));
        }
        assert_eq!(
            kinds(&inferred(&text).contract),
            [
                ("gross_salary", Kind::Amount),
                ("taxable_value", Kind::Number),
                ("invoice_value", Kind::Number),
                ("rate", Kind::Whole),
                ("guests", Kind::Whole),
            ]
        );
    }

    #[test]
    fn any_bytes_are_looked_at_without_a_fall() {
        for text in ["", "\n\n", "a", "a,a\n", "\"", "\0\0", "a,b\n1", ",,\n,,\n"] {
            assert!(inferred(text).contract.key.is_empty());
        }
    }
}
