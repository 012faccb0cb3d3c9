//! A column of the contract that two header cells stand for holds the file; other repeated names are told.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, Header, HeaderCheck, HeaderFault, Meta},
};
use model::control::{Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RepeatedColumnName {}

impl Control for RepeatedColumnName {
    const META: Meta = Meta {
        code: "SCH03",
        name: "repeated-column-name",
        summary: "Two columns of the file have the same name.",
        dimension: Dimension::Schema,
        severity: Severity::Error,
        category: None,
        scope: Scope::File,
        since: "0.1.0",
        messages: &[
            (
                "contract-column",
                "The columns {first} and {second} both stand for `{column}`; rename or remove one of them",
            ),
            (
                "extra-column",
                "The column name `{column}` occurs more than once; give each column a name of its own",
            ),
        ],
    };
    const PAGE: &'static str = include_str!("repeated_column_name.md");

    fn compile(self, _contract: &Contract) -> Result<Check, ContractError> {
        Ok(Check::Header(Box::new(self)))
    }
}

impl HeaderCheck for RepeatedColumnName {
    fn judge(&self, header: &Header<'_>, out: &mut Vec<HeaderFault>) {
        for ((column, cell), index) in (1..).zip(header.cells).zip(0..) {
            let earlier = header.cells.iter().take(index);
            if let (Some(place), true) = (cell.column, cell.repeats) {
                let first = (1u32..)
                    .zip(earlier)
                    .find(|(_, it)| it.column == Some(place));
                let name = header.contract.columns.get(place).map(|it| it.name.clone());
                out.push(HeaderFault {
                    message: 0,
                    severity: Severity::Error,
                    holds: true,
                    column: Some(column),
                    values: vec![
                        ("first", first.map_or(0, |(at, _)| at).to_string()),
                        ("second", column.to_string()),
                        ("column", name.unwrap_or_default()),
                    ],
                });
            } else if cell.column.is_none()
                && !cell.text.trim().is_empty()
                && earlier.clone().any(|it| it.text.trim() == cell.text.trim())
            {
                out.push(HeaderFault {
                    message: 1,
                    severity: Severity::Warning,
                    holds: false,
                    column: Some(column),
                    values: vec![("column", cell.text.clone())],
                });
            }
        }
    }
}
