//! A number far from what its column usually holds, against bounds that stand in the contract.

use crate::{
    contract::{Contract, ContractError},
    control::{Cell, CellCheck, Check, Class, Control, Meta, Outcome, Sweep, columns},
    value::measure,
};
use model::control::{Category, Dimension, Scope, Severity};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outlier {
    column: String,
    lowest: String,
    highest: String,
}

impl Control for Outlier {
    const META: Meta = Meta {
        code: "DIS01",
        name: "outlier",
        summary: "A number is far from what its column usually holds.",
        dimension: Dimension::Distribution,
        severity: Severity::Warning,
        category: Some(Category::DataQualityIssue),
        scope: Scope::File,
        since: "0.1.0",
        messages: &[(
            "outlier",
            "`{value}` in `{column}` is unusual, most lie between {lowest} and {highest}; check it",
        )],
    };
    const PAGE: &'static str = include_str!("outlier.md");

    fn compile(self, contract: &Contract) -> Result<Check, ContractError> {
        let columns = columns(
            Self::META.code,
            std::slice::from_ref(&self.column),
            contract,
        )?;
        let lowest = measure::bound(Self::META.code, &self.lowest)?;
        let highest = measure::bound(Self::META.code, &self.highest)?;
        Ok(Check::Cells {
            columns,
            check: Box::new(Bounds {
                used: self,
                lowest,
                highest,
            }),
        })
    }
}

struct Bounds {
    used: Outlier,
    lowest: i128,
    highest: i128,
}

impl CellCheck for Bounds {
    fn judge(&self, cell: &Cell<'_>) -> Outcome {
        let usual = |it| (self.lowest..=self.highest).contains(&it);
        measure::of(cell.value).map_or(Outcome::Skipped, |it| Outcome::pass_if(usual(it)))
    }

    fn sweep(&self, class: Class, _column: usize, _today: i32) -> Option<Sweep> {
        Sweep::by_range(measure::range(class, self.lowest, self.highest))
    }

    fn values(&self, _cell: &Cell<'_>) -> Vec<(&'static str, String)> {
        vec![
            ("lowest", self.used.lowest.clone()),
            ("highest", self.used.highest.clone()),
        ]
    }
}
