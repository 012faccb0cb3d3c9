//! Which of several contracts a file is for, by its header.

use super::Contract;
use crate::{
    beginning::Beginning,
    choice,
    day::Moment,
    judge::Plan,
    source::{Source, SourceError},
};
use model::options::Choice;
use std::{borrow::Borrow, cmp::Reverse};

/// How well a contract fits a file's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// Required columns that the header does not name.
    pub missing: Vec<String>,
    /// Columns of the file that the contract names.
    pub named: usize,
    /// Columns of the file that it does not name.
    pub extra: usize,
}

impl Fit {
    /// Looks at the beginning of a file.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn of(
        source: &dyn Source,
        contract: &Contract,
        choice: &Choice,
    ) -> Result<Self, SourceError> {
        let moment = Moment::from_unix(0);
        let frame = Plan::new(&Beginning(source), contract, choice, moment, &mut |_| {})?.frame;
        let filled = |column: usize| frame.at.get(column).is_some_and(Option::is_some);
        let required = contract.columns.iter().enumerate();
        let missing = required.filter(|(place, it)| it.required && !filled(*place));
        let named = (0..contract.columns.len()).filter(|it| filled(*it)).count();
        let cells = frame.cells.iter().filter(|it| !it.ours).count();
        Ok(Self {
            missing: missing.map(|(_, it)| it.name.clone()).collect(),
            named,
            extra: cells.saturating_sub(named),
        })
    }

    /// All required columns are there.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty()
    }

    /// Fewer required columns are missing, or else more columns are named, or else fewer are left unnamed.
    pub fn is_better(&self, other: &Self) -> bool {
        let rank = |it: &Self| (it.missing.len(), Reverse(it.named), it.extra);
        rank(self) < rank(other)
    }
}

/// The contract that `fit` says to fit a file's header best, among those under which the choice can be made; of equals
/// the earlier one. None where the choice can be made under none.
///
/// # Errors
/// The first one of `fit`.
pub fn best<'c, C: Borrow<Contract>, E>(
    contracts: impl IntoIterator<Item = &'c C>,
    choice: &Choice,
    mut fit: impl FnMut(&Contract) -> Result<Fit, E>,
) -> Result<Option<(&'c C, Fit)>, E> {
    let mut best: Option<(&C, Fit)> = None;
    for contract in contracts {
        if choice::check(choice, contract.borrow()).is_err() {
            continue;
        }
        let fit = fit(contract.borrow())?;
        if best.as_ref().is_none_or(|(_, it)| fit.is_better(it)) {
            best = Some((contract, fit));
        }
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contract::sales, source::Memory};

    fn contract(name: &str, columns: &[&str]) -> Contract {
        let columns: Vec<String> = columns
            .iter()
            .map(|it| format!(r#"{{"name": "{it}", "type": "text", "required": true}}"#))
            .collect();
        let columns = columns.join(",");
        let text = format!(
            r#"{{"name": "{name}", "version": "1", "columns": [{columns}], "controls": []}}"#
        );
        Contract::from_json(&text).unwrap()
    }

    #[test]
    fn the_contract_whose_columns_are_there_and_are_the_most_fits() {
        let stall = contract("stall", &["stall", "day"]);
        let visit = contract("visit", &["stall", "day", "guests"]);
        let all = [sales(), &stall, &visit];
        let best = |text: &str| {
            let choice = Choice::default();
            let fit = |it: &Contract| Fit::of(&Memory(text.as_bytes()), it, &choice);
            let (contract, fit) = best(&all, &choice, fit).unwrap().unwrap();
            (contract.name.clone(), fit)
        };
        let (name, fit) = best("Stall;Day;Guests\n1;2;3\n");
        assert_eq!(
            (name.as_str(), fit.is_whole(), fit.named),
            ("visit", true, 3)
        );
        let (name, fit) = best("day,stall,weather\n1,2,3\n");
        assert_eq!(
            (name.as_str(), fit.is_whole(), fit.extra),
            ("stall", true, 1)
        );
        let (name, _) = best("Order No,Date,Region,Item,Qty,Amount\n");
        assert_eq!(name, "sales");
        let (_, fit) = best("a,b\n1,2\n");
        assert!(!fit.is_whole());
        let (_, fit) = best("");
        assert!(!fit.is_whole());
    }
    #[test]
    fn a_contract_under_which_the_choice_cannot_be_made_fits_nothing() {
        let stall = contract("stall", &["stall", "day"]);
        let visit = contract("visit", &["place", "day"]);
        let all = [&stall, &visit];
        let text = Memory(b"stall,day\n1,2\n");
        let named = |choice: &str| {
            let choice = serde_json::from_str(choice).unwrap();
            let best = best(&all, &choice, |it| Fit::of(&text, it, &choice));
            best.unwrap().map(|(it, _)| it.name.clone())
        };
        assert_eq!(named("{}").as_deref(), Some("stall"));
        assert_eq!(
            named(r#"{"columns":{"stall":"place"}}"#).as_deref(),
            Some("visit")
        );
        assert_eq!(named(r#"{"columns":{"stall":"nothing"}}"#), None);
    }
}
