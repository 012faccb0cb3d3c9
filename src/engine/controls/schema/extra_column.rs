//! A header cell that stands for no column of the contract is told and otherwise left alone.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, Header, HeaderCheck, HeaderFault, Meta},
};
use model::control::{Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExtraColumn {}

impl Control for ExtraColumn {
    const META: Meta = Meta {
        code: "SCH02",
        name: "extra-column",
        summary: "The file has a column that the contract does not know.",
        dimension: Dimension::Schema,
        severity: Severity::Warning,
        category: None,
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "extra",
            "The contract does not know the column `{column}`; it is kept with the row and not judged",
        )],
    };
    const PAGE: &'static str = include_str!("extra_column.md");

    fn compile(self, _contract: &Contract) -> Result<Check, ContractError> {
        Ok(Check::Header(Box::new(self)))
    }
}

impl HeaderCheck for ExtraColumn {
    fn judge(&self, header: &Header<'_>, out: &mut Vec<HeaderFault>) {
        for (column, cell) in (1..).zip(header.cells) {
            if cell.column.is_none() && !cell.ours && !cell.text.trim().is_empty() {
                out.push(HeaderFault {
                    message: 0,
                    severity: Severity::Warning,
                    holds: false,
                    column: Some(column),
                    values: vec![("column", cell.text.clone())],
                });
            }
        }
    }
}
