//! A contract that was proposed, as somebody who knows the data wants it.

use super::{super::odcs, held_to_list};
use crate::{
    contract::{Contract, ContractError, ControlUse, Kind},
    value::measure,
};
use model::message::{ColumnRevision, Revision};
use thiserror::Error;

/// Why a proposal cannot be changed so.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RevisionError {
    #[error("Give the contract a name.")]
    NoName,
    #[error("`{text}`, a limit of {column}, is no number.")]
    NoNumber { column: String, text: String },
    #[error("{column}: no number is {minimum} or more and {maximum} or less.")]
    Nothing {
        column: String,
        minimum: String,
        maximum: String,
    },
    #[error("What is added up has to be an amount of money, and {0} is none.")]
    NoAmount(String),
    #[error("That is no contract: {0}.")]
    Contract(#[from] ContractError),
}

/// `drawn_up` is the contract as it was proposed, whatever was changed of it since. What a proposal says and a revision
/// does not speak of stays.
///
/// # Errors
/// Where it would be no contract.
pub fn revise(drawn_up: &Contract, revision: &Revision) -> Result<Contract, RevisionError> {
    let mut contract = drawn_up.clone();
    contract.name = match revision.name.trim() {
        "" => return Err(RevisionError::NoName),
        name => name.to_owned(),
    };
    contract.controls.clear();
    contract.lists.clear();
    let mut key = Vec::new();
    let mut limits = Vec::new();
    for (column, said) in contract.columns.iter_mut().zip(&revision.columns) {
        let title = Some(said.title.trim()).filter(|it| !it.is_empty() && *it != column.name);
        column.title = title.map(str::to_owned);
        column.required = said.required;
        let kind = Kind::ALL.into_iter().find(|it| it.as_str() == said.kind);
        column.kind = kind.unwrap_or(column.kind);
        if column.kind != Kind::Date {
            column.forms.clear();
        }
        if !column.kind.is_number() {
            column.writing.clear();
        }
        let list = column.list.take();
        let list = list.and_then(|it| drawn_up.list(&it));
        if let Some(list) = list.filter(|_| said.listed && column.kind == Kind::Text) {
            column.list = Some(list.name.clone());
            contract.lists.push(list.clone());
            contract.controls.extend(held_to_list(&list.name));
        }
        if said.usual && column.kind.is_number() {
            let of_column = |it: &&ControlUse| it.columns().any(|it| it == column.name);
            let usual = drawn_up.controls.iter().filter(|it| it.code == "DIS01");
            contract.controls.extend(usual.filter(of_column).cloned());
        }
        if said.key {
            key.push(column.name.clone());
        }
        limits.push(match column.kind.is_number() {
            true => bounds(column.title(), said)?,
            false => (None, None),
        });
    }
    contract.key = key;
    let money = revision.money.and_then(|it| contract.columns.get(it));
    if let Some(column) = money.filter(|it| it.kind != Kind::Amount) {
        return Err(RevisionError::NoAmount(column.title().to_owned()));
    }
    contract.money = money.map(|it| it.name.clone());
    limits.resize(contract.columns.len(), (None, None));
    odcs::keep_promises(&mut contract, limits);
    contract.check()?;
    Ok(contract)
}

fn bounds(column: &str, said: &ColumnRevision) -> Result<odcs::Limits, RevisionError> {
    let bound = |text: &str| match text.trim() {
        "" => Ok(None),
        text => match measure::bound("", text) {
            Ok(bound) => Ok(Some((text.to_owned(), bound))),
            Err(_) => Err(RevisionError::NoNumber {
                column: column.to_owned(),
                text: text.to_owned(),
            }),
        },
    };
    let (minimum, maximum) = (bound(&said.minimum)?, bound(&said.maximum)?);
    match (minimum, maximum) {
        (Some((minimum, least)), Some((maximum, most))) if least > most => {
            Err(RevisionError::Nothing {
                column: column.to_owned(),
                minimum,
                maximum,
            })
        }
        (minimum, maximum) => Ok((minimum.map(|it| it.0), maximum.map(|it| it.0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contract::infer::infer, day::Moment, judge, source::Memory};
    use model::options::Choice;

    /// 60 visits, one of them of no guests.
    fn visits() -> String {
        let mut text = String::from("No,Hall,Guests,Fee\n");
        for it in 0..60 {
            let hall = if it % 2 == 0 { "Garden" } else { "Library" };
            text.push_str(&format!("V-{it},{hall},{},{}.50\n", it % 8, 10 + it));
        }
        text
    }

    /// What a page says of a contract that nobody touched.
    fn untouched(contract: &Contract) -> Revision {
        let columns = contract.columns.iter().map(|column| {
            let rule = |code: &str| {
                let mut rules = contract.controls.iter().filter(|it| it.code == code);
                rules.find(|it| it.columns().any(|it| it == column.name))
            };
            let minimum = rule("VAL06").and_then(|it| it.params.get("minimum")?.as_str());
            ColumnRevision {
                title: column.title().to_owned(),
                kind: column.kind.as_str().to_owned(),
                required: column.required,
                key: contract.key.contains(&column.name),
                minimum: minimum.unwrap_or_default().to_owned(),
                maximum: String::new(),
                listed: rule("VAL05").is_some(),
                usual: rule("DIS01").is_some(),
            }
        });
        Revision {
            name: contract.name.clone(),
            money: contract.money.as_deref().and_then(|it| contract.column(it)),
            columns: columns.collect(),
        }
    }

    fn failing(contract: &Contract, text: &str) -> u64 {
        let source = Memory(text.as_bytes());
        let moment = Moment::from_unix(0);
        let judged = judge(&source, contract, &Choice::default(), moment);
        judged.unwrap().verdict.rows.exceptions
    }

    #[test]
    fn what_nobody_touched_is_what_was_proposed() {
        let text = visits();
        let found = infer(&Memory(text.as_bytes()), "visits", &Choice::default()).unwrap();
        let said = untouched(&found.contract);
        assert_eq!(revise(&found.contract, &said), Ok(found.contract.clone()));
        let kinds = found.kinds.iter().map(|it| it.iter().map(|it| it.as_str()));
        let kinds: Vec<String> = kinds.map(|it| it.collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            kinds,
            [
                "identifier text",
                "identifier text",
                "identifier text whole amount number",
                "identifier text amount number"
            ]
        );
    }

    #[test]
    fn each_thing_that_is_said_of_a_column_is_asked_of_the_file() {
        let text = visits();
        let found = infer(&Memory(text.as_bytes()), "visits", &Choice::default()).unwrap();
        assert_eq!(failing(&found.contract, &text), 0);
        let revised = |change: &dyn Fn(&mut Revision)| {
            let mut said = untouched(&found.contract);
            change(&mut said);
            revise(&found.contract, &said).unwrap()
        };
        let least = revised(&|it| it.columns[2].minimum = "1".to_owned());
        assert_eq!(failing(&least, &text), 8);
        let most = revised(&|it| it.columns[2].maximum = "6".to_owned());
        assert_eq!(failing(&most, &text), 7);
        let other = text.replacen("Garden", "Roof", 1);
        assert_eq!(failing(&found.contract, &other), 1);
        let any = revised(&|it| it.columns[1].listed = false);
        assert_eq!((failing(&any, &other), any.lists.len()), (0, 0));
        let blank = text.replacen("V-1,Library", "V-1,", 1);
        assert_eq!(failing(&any, &blank), 1);
        let optional = revised(&|it| it.columns[1].required = false);
        assert_eq!(failing(&optional, &blank), 0);
        let keyed = revised(&|it| {
            it.columns[0].key = false;
            it.columns[1].key = true;
        });
        assert_eq!(failing(&keyed, &text), 58);
        let texts = revised(&|it| {
            it.money = None;
            for column in &mut it.columns {
                column.kind = "text".to_owned();
            }
        });
        assert_eq!(failing(&texts, &text.replace(".50", " or so")), 0);
        let named = revised(&|it| {
            it.name = " halls ".to_owned();
            it.columns[2].title = "People".to_owned();
        });
        assert_eq!(named.name, "halls");
        assert_eq!(named.columns[2].title(), "People");
        assert_eq!(failing(&named, &text), 0);
    }

    #[test]
    fn what_would_be_no_contract_is_told_in_words() {
        let text = visits();
        let found = infer(&Memory(text.as_bytes()), "visits", &Choice::default()).unwrap();
        let says = |change: &dyn Fn(&mut Revision)| {
            let mut said = untouched(&found.contract);
            change(&mut said);
            revise(&found.contract, &said).unwrap_err().to_string()
        };
        assert_eq!(says(&|it| it.name.clear()), "Give the contract a name.");
        assert_eq!(
            says(&|it| it.columns[2].minimum = "few".to_owned()),
            "`few`, a limit of Guests, is no number."
        );
        let crossed = says(&|it| {
            it.columns[2].minimum = "9".to_owned();
            it.columns[2].maximum = "2".to_owned();
        });
        assert_eq!(crossed, "Guests: no number is 9 or more and 2 or less.");
        let wrong = says(&|it| it.columns[3].kind = "text".to_owned());
        assert!(wrong.ends_with("and Fee is none."), "{wrong}");
    }
}
