//! A synonym, other case, or blanks around a value: it is read as meant, and said so.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::{Value, trim},
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SynonymUsed {
    columns: Vec<String>,
    /// The list's values, by column and entry.
    #[serde(skip)]
    entries: Vec<Vec<String>>,
}

impl Control for SynonymUsed {
    const META: Meta = Meta {
        code: "REF02",
        name: "synonym-used",
        summary: "A value is written otherwise than its list has it, or with blanks around it.",
        dimension: Dimension::Reference,
        severity: Severity::Warning,
        category: Some(Category::DataFormatError),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[
            (
                "synonym",
                "`{value}` in `{column}` is read as `{read}`; write it so",
            ),
            (
                "blanks",
                "`{value}` in `{column}` has blanks around it; it is read without them",
            ),
            (
                "kept-blanks",
                "`{value}` in `{column}` has blanks around it, which are a part of it; take them out",
            ),
        ],
    };
    const PAGE: &'static str = include_str!("synonym_used.md");

    fn compile(mut self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(Self::META.code, &self.columns, contract)?;
        let list = |name: &String| contract.list(name);
        let values = contract.columns.iter().map(|it| {
            let entries = it
                .list
                .as_ref()
                .and_then(list)
                .map(|it| it.entries.as_slice());
            entries
                .unwrap_or_default()
                .iter()
                .map(|it| it.value.clone())
                .collect()
        });
        self.entries = values.collect();
        Ok(Check::Cells {
            columns,
            check: Box::new(self),
        })
    }
}

impl SynonymUsed {
    fn has_list(&self, column: usize) -> bool {
        self.entries.get(column).is_some_and(|it| !it.is_empty())
    }
}

impl CellCheck for SynonymUsed {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        match cell.value {
            Value::Listed { exact, .. } => Outcome::pass_if(exact),
            Value::Whole(_) | Value::Amount { .. } | Value::Number { .. } | Value::Day(_) => {
                let trimmed = trim(cell.text).len() == cell.text.len();
                if trimmed {
                    Outcome::Passed
                } else {
                    Outcome::Failed(1)
                }
            }
            // A name or key stays as it is, blanks and all: it is another one than without them.
            Value::Text if !self.has_list(cell.column) => {
                if trim(cell.text) == cell.text {
                    Outcome::Passed
                } else {
                    Outcome::Failed(2)
                }
            }
            _ => Outcome::Skipped,
        }
    }

    fn sweep(&self, class: Class, column: usize, _today: i32) -> Option<Sweep> {
        Sweep::by_class(self, class, column)
    }

    fn values(&self, cell: &Cell<'_>) -> Vec<(&'static str, String)> {
        let Value::Listed { entry, .. } = cell.value else {
            return Vec::new();
        };
        let entries = self
            .entries
            .get(cell.column)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let read = usize::try_from(entry).ok().and_then(|it| entries.get(it));
        vec![("read", read.cloned().unwrap_or_default())]
    }
}
