//! The contracts that a page hands over as texts.

use engine::{
    Source, SourceError,
    contract::{self, Contract, fit::Fit},
};
use model::options::Choice;
use std::cell::RefCell;

thread_local! {
    /// What was read so far. A verdict refers to its contract for as long as this program runs, and there are few.
    static READ: RefCell<Vec<(String, &'static Contract)>> = const { RefCell::new(Vec::new()) };
}

/// A contract in its JSON form; None where it is none.
pub(crate) fn read(text: &str) -> Option<&'static Contract> {
    READ.with_borrow_mut(|read| {
        if let Some((_, contract)) = read.iter().find(|(it, _)| it == text) {
            return Some(*contract);
        }
        let contract: &'static Contract = Box::leak(Box::new(Contract::from_json(text).ok()?));
        read.push((text.to_owned(), contract));
        Some(contract)
    })
}

/// Of several contracts the one that fits the file's header best; the shipped one where there are none. None where
/// a text is no contract.
pub(crate) fn fitting(
    source: &dyn Source,
    texts: &[String],
    choice: &Choice,
) -> Result<Option<&'static Contract>, SourceError> {
    let Some(all) = texts.iter().map(|it| read(it)).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let mut best: Option<(Fit, &'static Contract)> = None;
    if let [] | [_] = all.as_slice() {
        return Ok(Some(all.first().copied().unwrap_or_else(contract::sales)));
    }
    for contract in all {
        let fit = Fit::of(source, contract, choice)?;
        if best
            .as_ref()
            .is_none_or(|(before, _)| fit.is_better(before))
        {
            best = Some((fit, contract));
        }
    }
    Ok(best.map(|(_, contract)| contract))
}
