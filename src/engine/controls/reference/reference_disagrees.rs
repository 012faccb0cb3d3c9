//! What the file says of a listed value is not what the list says of it.

use crate::{
    contract::{Contract, ContractError},
    control::{Check, Control, Meta, Outcome, RowCells, RowCheck, columns},
    value::{Value, trim},
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReferenceDisagrees {
    column: String,
    /// Columns of the file, and the list's attribute that each has to equal.
    attributes: BTreeMap<String, String>,
}

impl Control for ReferenceDisagrees {
    const META: Meta = Meta {
        code: "REF03",
        name: "reference-disagrees",
        summary: "The file says something else of a value than the list that it is in.",
        dimension: Dimension::Reference,
        severity: Severity::Warning,
        category: Some(Category::BusinessRuleViolation),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "disagrees",
            "`{column}` is `{value}`, but the list has `{listed}` for `{reference}`; correct the one that is wrong",
        )],
    };
    const PAGE: &'static str = include_str!("reference_disagrees.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let reference = columns(
            Self::META.code,
            std::slice::from_ref(&self.column),
            contract,
        )?;
        let names: Vec<String> = self.attributes.keys().cloned().collect();
        let others = columns(Self::META.code, &names, contract)?;
        let list = reference
            .iter()
            .find_map(|it| contract.columns.get(*it)?.list.as_ref());
        let list = list
            .and_then(|it| contract.list(it))
            .ok_or_else(|| ContractError::NoList {
                place: Self::META.code.to_owned(),
                name: self.column.clone(),
            })?;
        let attributes = self
            .attributes
            .values()
            .zip(others)
            .map(|(attribute, column)| {
                let of = |it: &crate::contract::ListEntry| it.attributes.get(attribute).cloned();
                Attribute {
                    column,
                    listed: list.entries.iter().map(of).collect(),
                }
            });
        Ok(Check::Row(Box::new(Compiled {
            reference: reference.first().copied().unwrap_or_default(),
            attributes: attributes.collect(),
        })))
    }
}

struct Compiled {
    reference: usize,
    attributes: Vec<Attribute>,
}

struct Attribute {
    column: usize,
    /// By entry; None where the list does not say.
    listed: Vec<Option<String>>,
}

impl Compiled {
    /// Which attributes can be compared in this row, and whether they agree.
    fn compared<'a>(
        &'a self,
        row: &'a dyn RowCells,
    ) -> impl Iterator<Item = (&'a Attribute, &'a str, bool)> {
        let entry = match row.cell(self.reference).map(|it| it.value) {
            Some(Value::Listed { entry, .. }) => usize::try_from(entry).ok(),
            _ => None,
        };
        self.attributes.iter().filter_map(move |it| {
            let listed = it.listed.get(entry?)?.as_deref()?;
            let text = trim(row.cell(it.column)?.text);
            (!text.is_empty()).then(|| (it, listed, text.eq_ignore_ascii_case(listed.as_bytes())))
        })
    }

    fn first_disagreement<'a>(&'a self, row: &'a dyn RowCells) -> Option<(&'a Attribute, &'a str)> {
        self.compared(row)
            .find(|(_, _, agrees)| !agrees)
            .map(|(it, listed, _)| (it, listed))
    }
}

impl RowCheck for Compiled {
    fn columns(&self) -> Vec<usize> {
        vec![self.reference]
    }

    fn any_of(&self) -> Vec<usize> {
        self.attributes.iter().map(|it| it.column).collect()
    }

    fn judge(&self, row: &dyn RowCells) -> Outcome {
        let mut outcome = Outcome::Skipped;
        for (_, _, agrees) in self.compared(row) {
            if !agrees {
                return Outcome::Failed(0);
            }
            outcome = Outcome::Passed;
        }
        outcome
    }

    fn column(&self, row: &dyn RowCells) -> Option<usize> {
        self.first_disagreement(row).map(|(it, _)| it.column)
    }

    fn values(&self, row: &dyn RowCells) -> Vec<(&'static str, String)> {
        let text = |column| {
            row.cell(column)
                .map(|it| row.decode(it.text))
                .unwrap_or_default()
        };
        let Some((it, listed)) = self.first_disagreement(row) else {
            return Vec::new();
        };
        vec![
            ("value", text(it.column)),
            ("listed", listed.to_owned()),
            ("reference", text(self.reference)),
        ]
    }
}
