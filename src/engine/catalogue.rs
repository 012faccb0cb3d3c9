//! Every control, sorted by code. The one list that engine, pages, documents and tests read.

use crate::{
    contract::{Contract, ContractError, ControlUse},
    control::{Check, Control, Meta},
    controls::{
        completeness::blank_required_value::BlankRequiredValue,
        consistency::columns_disagree::ColumnsDisagree,
        consistency::control_total_mismatch::ControlTotalMismatch, distribution::outlier::Outlier,
        reference::reference_disagrees::ReferenceDisagrees, reference::synonym_used::SynonymUsed,
        reference::unknown_reference::UnknownReference, schema::extra_column::ExtraColumn,
        schema::missing_column::MissingColumn, schema::not_a_table::NotATable,
        schema::ragged_row::RaggedRow, schema::repeated_column_name::RepeatedColumnName,
        schema::unclosed_quote::UnclosedQuote, schema::undecodable_text::UndecodableText,
        timeliness::date_in_the_future::DateInTheFuture,
        timeliness::outside_the_period::OutsideThePeriod,
        uniqueness::key_already_in_ledger::KeyAlreadyInLedger,
        uniqueness::repeated_key::RepeatedKey, uniqueness::repeated_row::RepeatedRow,
        validity::above_maximum::AboveMaximum, validity::ambiguous_date::AmbiguousDate,
        validity::below_minimum::BelowMinimum, validity::excess_precision::ExcessPrecision,
        validity::length_out_of_range::LengthOutOfRange, validity::not_a_number::NotANumber,
        validity::not_a_whole_number::NotAWholeNumber, validity::not_an_amount::NotAnAmount,
        validity::pattern_mismatch::PatternMismatch, validity::unreadable_date::UnreadableDate,
        validity::value_not_allowed::ValueNotAllowed,
        volume::row_count_out_of_range::RowCountOutOfRange,
    },
};
use model::control::ControlPage;

/// A control as the catalogue has it.
#[derive(Clone, Copy)]
pub struct Entry {
    pub meta: Meta,
    compile: fn(&ControlUse, &Contract) -> Result<Check, ContractError>,
}

/// Entries and pages. A program that shows no page is spared their text.
const LIST: &[(Entry, &str)] = &[
    listed::<BlankRequiredValue>(),   // CMP01
    listed::<ColumnsDisagree>(),      // CON01
    listed::<ControlTotalMismatch>(), // CON02
    listed::<Outlier>(),              // DIS01
    listed::<UnknownReference>(),     // REF01
    listed::<SynonymUsed>(),          // REF02
    listed::<ReferenceDisagrees>(),   // REF03
    listed::<MissingColumn>(),        // SCH01
    listed::<ExtraColumn>(),          // SCH02
    listed::<RepeatedColumnName>(),   // SCH03
    listed::<RaggedRow>(),            // SCH04
    listed::<UnclosedQuote>(),        // SCH06
    listed::<UndecodableText>(),      // SCH07
    listed::<NotATable>(),            // SCH08
    listed::<DateInTheFuture>(),      // TIM01
    listed::<OutsideThePeriod>(),     // TIM02
    listed::<RepeatedKey>(),          // UNQ01
    listed::<KeyAlreadyInLedger>(),   // UNQ02
    listed::<RepeatedRow>(),          // UNQ03
    listed::<NotAWholeNumber>(),      // VAL01
    listed::<NotAnAmount>(),          // VAL02
    listed::<UnreadableDate>(),       // VAL03
    listed::<AmbiguousDate>(),        // VAL04
    listed::<ValueNotAllowed>(),      // VAL05
    listed::<BelowMinimum>(),         // VAL06
    listed::<AboveMaximum>(),         // VAL07
    listed::<PatternMismatch>(),      // VAL08
    listed::<LengthOutOfRange>(),     // VAL09
    listed::<ExcessPrecision>(),      // VAL10
    listed::<NotANumber>(),           // VAL11
    listed::<RowCountOutOfRange>(),   // VOL01
];

const fn listed<C: Control>() -> (Entry, &'static str) {
    let entry = Entry {
        meta: C::META,
        compile: read_and_compile::<C>,
    };
    (entry, C::PAGE)
}

pub static CATALOGUE: [Entry; LIST.len()] = {
    let mut entries = [LIST[0].0; LIST.len()];
    let mut place = 0;
    while place < LIST.len() {
        entries[place] = LIST[place].0;
        place += 1;
    }
    entries
};

static PAGES: [&str; LIST.len()] = {
    let mut pages = [""; LIST.len()];
    let mut place = 0;
    while place < LIST.len() {
        pages[place] = LIST[place].1;
        place += 1;
    }
    pages
};

fn read_and_compile<C: Control>(
    used: &ControlUse,
    contract: &Contract,
) -> Result<Check, ContractError> {
    let params = serde_json::Value::Object(used.params.clone());
    let control: C = serde_json::from_value(params).map_err(|error| ContractError::Params {
        code: used.code.clone(),
        reason: error.to_string(),
    })?;
    control.compile(contract)
}

pub fn by_code(code: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|it| it.meta.code == code)
}

pub(crate) fn compile(
    used: &ControlUse,
    contract: &Contract,
) -> Result<(Meta, Check), ContractError> {
    let entry = by_code(&used.code).ok_or_else(|| ContractError::NoControl(used.code.clone()))?;
    let check = (entry.compile)(used, contract)?;
    let of_rows = !matches!(check, Check::Header(_) | Check::File(_) | Check::Ledger);
    if used.tolerance.is_some() && !of_rows {
        return Err(ContractError::Params {
            code: used.code.clone(),
            reason: "a tolerance is for controls that judge the file's rows".to_owned(),
        });
    }
    Ok((entry.meta, check))
}

/// The catalogue for people to read.
pub fn pages() -> Vec<ControlPage> {
    CATALOGUE
        .iter()
        .zip(PAGES)
        .map(|(Entry { meta, .. }, page)| ControlPage {
            code: meta.code.to_owned(),
            name: meta.name.to_owned(),
            category: meta.category,
            severity: meta.severity,
            scope: meta.scope,
            dimension: meta.dimension,
            summary: meta.summary.to_owned(),
            doc: page.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        control::{Cell, CellCheck, Class},
        value::Value,
    };

    /// The contract of a control's page, with its parameters.
    fn contract(doc: &str) -> Contract {
        let (_, rest) = doc.split_once("```json\n{").unwrap();
        let (fragment, _) = rest.split_once("\n```").unwrap();
        Contract::from_json(&format!(
            "{{\"name\": \"t\", \"version\": \"1\", {fragment}"
        ))
        .unwrap()
    }

    /// The numbers at the ends of what is swept and some between.
    fn numbers(from: i64, to: i64, value: impl Fn(i64) -> Value) -> impl Iterator<Item = Value> {
        let days = i64::from(i32::MIN)..=i64::from(i32::MAX);
        let is_day = matches!(value(0), Value::Day(_));
        let (from, to) = match is_day {
            true => (from.max(*days.start()), to.min(*days.end())),
            false => (from, to),
        };
        let near = [
            from,
            from.saturating_add(1),
            -1,
            0,
            1,
            to.saturating_sub(1),
            to,
        ];
        let near = near.into_iter().filter(move |it| (from..=to).contains(it));
        near.map(value)
    }

    /// How many cells were compared.
    fn compare(code: &str, check: &dyn CellCheck, column: usize, today: i32) -> usize {
        let mut compared = 0;
        for class in Class::ALL {
            let Some(swept) = check.sweep(class, column, today) else {
                continue;
            };
            for value in numbers(swept.from, swept.to, |it| class.value(it)) {
                for text in [b"".as_slice(), b"x", b"12"] {
                    let cell = Cell {
                        text,
                        value,
                        column,
                        today,
                    };
                    assert_eq!(check.judge(&cell), swept.outcome, "{code}: {value:?}");
                    compared += 1;
                }
            }
        }
        compared
    }

    #[test]
    fn what_a_control_says_of_many_cells_it_says_of_each() {
        let mut compared = 0;
        for (entry, page) in CATALOGUE.iter().zip(PAGES) {
            let contract = contract(page);
            let uses = contract.controls.iter();
            for used in uses.filter(|it| it.code == entry.meta.code) {
                if let (meta, Check::Cells { columns, check }) = compile(used, &contract).unwrap() {
                    for (column, today) in
                        columns.into_iter().zip([20_000, 0, -1].into_iter().cycle())
                    {
                        compared += compare(meta.code, check.as_ref(), column, today);
                    }
                }
            }
        }
        assert!(compared > 500, "only {compared} cells");
    }
}
