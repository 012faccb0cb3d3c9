//! A required column that no header cell stands for holds the file.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, Header, HeaderCheck, HeaderFault, Meta},
};
use model::control::{Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MissingColumn {}

impl Control for MissingColumn {
    const META: Meta = Meta {
        code: "SCH01",
        name: "missing-column",
        summary: "A column that the contract requires is not in the file.",
        dimension: Dimension::Schema,
        severity: Severity::Error,
        category: None,
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "missing",
            "The column `{column}` is missing; add it, or say which of the columns holds it",
        )],
    };
    const PAGE: &'static str = include_str!("missing_column.md");

    fn compile(self, _contract: &Contract) -> Result<Check, ContractError> {
        Ok(Check::Header(Box::new(self)))
    }
}

impl HeaderCheck for MissingColumn {
    fn judge(&self, header: &Header<'_>, out: &mut Vec<HeaderFault>) {
        if header.not_a_table.is_some() {
            return;
        }
        for (place, column) in header.contract.columns.iter().enumerate() {
            if column.required && !header.cells.iter().any(|it| it.column == Some(place)) {
                out.push(HeaderFault {
                    message: 0,
                    severity: Severity::Error,
                    holds: true,
                    column: None,
                    values: vec![("column", column.name.clone())],
                });
            }
        }
    }
}
