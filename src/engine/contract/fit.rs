//! Which of several contracts a file is for, by its header.

use super::Contract;
use crate::{
    day::Moment,
    judge::Plan,
    source::{Source, SourceError},
};
use model::{options::Choice, workbook::Origin};
use std::cmp::Reverse;

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

/// So much of a file is looked at.
const HEAD: u64 = 256 * 1024;

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
        let frame = Plan::new(&Head(source), contract, choice, moment, &mut |_| {})?.frame;
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

/// The beginning of a file.
struct Head<'a>(&'a dyn Source);

impl Source for Head<'_> {
    fn size(&self) -> u64 {
        self.0.size().min(HEAD)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), SourceError> {
        self.0.read_at(offset, into)
    }

    fn origin(&self) -> Option<&Origin> {
        self.0.origin()
    }
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
            let fit = |it| Fit::of(&Memory(text.as_bytes()), it, &Choice::default()).unwrap();
            let fits = all.into_iter().map(|it| (it.name.clone(), fit(it)));
            let better =
                |a: (String, Fit), b: (String, Fit)| if b.1.is_better(&a.1) { b } else { a };
            fits.reduce(better).unwrap()
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
}
