//! The contracts that a page hands over as texts.

use engine::{
    SourceError,
    contract::{
        self, Contract,
        fit::{self, Fit},
    },
};
use model::options::Choice;
use std::cell::RefCell;

/// Where there is no contract to judge under.
pub(crate) const NONE: &str = "a contract cannot be read, or none has what was laid down";

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

/// Of several contracts the one that `fit` says to fit best, as on the server; the shipped one where there are none.
/// None where a text is no contract, or where the choice can be made under none.
pub(crate) fn fitting(
    texts: &[String],
    choice: &Choice,
    fit: impl FnMut(&Contract) -> Result<Fit, SourceError>,
) -> Result<Option<&'static Contract>, SourceError> {
    let all: Option<Vec<&Contract>> = texts.iter().map(|it| read(it)).collect();
    match all.as_deref() {
        None => Ok(None),
        Some([]) => Ok(Some(contract::sales())),
        Some([only]) => Ok(Some(only)),
        Some(several) => Ok(fit::best(several, choice, fit)?.map(|(it, _)| *it)),
    }
}
