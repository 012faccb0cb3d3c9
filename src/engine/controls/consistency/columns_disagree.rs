//! A row for which an expression over its columns does not hold.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, Meta, Outcome, RowCells, RowCheck},
    expression::Expression,
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnsDisagree {
    expression: String,
}

impl Control for ColumnsDisagree {
    const META: Meta = Meta {
        code: "CON01",
        name: "columns-disagree",
        summary: "Cells of one row contradict each other.",
        dimension: Dimension::Consistency,
        severity: Severity::Error,
        category: Some(Category::BusinessRuleViolation),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "disagree",
            "`{expression}` does not hold: {cells}; correct the cell that is wrong",
        )],
    };
    const PAGE: &'static str = include_str!("columns_disagree.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let expression = Expression::parse(&self.expression, contract).map_err(|error| {
            ContractError::Params {
                code: Self::META.code.to_owned(),
                reason: error.to_string(),
            }
        })?;
        let names = expression.columns().into_iter();
        let names = names.filter_map(|it| Some((it, contract.columns.get(it)?.name.clone())));
        Ok(Check::Row(Box::new(Compiled {
            columns: names.collect(),
            used: self,
            expression,
        })))
    }
}

struct Compiled {
    used: ColumnsDisagree,
    expression: Expression,
    columns: Vec<(usize, String)>,
}

impl RowCheck for Compiled {
    fn columns(&self) -> Vec<usize> {
        self.columns.iter().map(|(column, _)| *column).collect()
    }

    fn judge(&self, row: &dyn RowCells) -> Outcome {
        self.expression
            .holds(row)
            .map_or(Outcome::Skipped, Outcome::pass_if)
    }

    fn column(&self, _row: &dyn RowCells) -> Option<usize> {
        None
    }

    fn values(&self, row: &dyn RowCells) -> Vec<(&'static str, String)> {
        let cells = self.columns.iter().filter_map(|(column, name)| {
            Some(format!("{name} is {}", row.decode(row.cell(*column)?.text)))
        });
        let cells: Vec<String> = cells.collect();
        vec![
            ("expression", self.used.expression.clone()),
            ("cells", cells.join(", ")),
        ]
    }
}
