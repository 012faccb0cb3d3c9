//! Whether what a user lays down can be laid down.

use crate::{
    contract::{Contract, Kind},
    reading::encoding,
};
use model::options::Choice;
use thiserror::Error;

/// Why a choice is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChoiceError {
    #[error("`{0}` is no delimiter: it is one ASCII character, and no quote or line break")]
    Delimiter(char),
    #[error("`{0}` is no encoding that can be chosen: utf-8, windows-1252, utf-16le or utf-16be")]
    Encoding(String),
    #[error("the contract has no column `{0}`")]
    Column(String),
    #[error("the column `{0}` is mapped twice")]
    MappedTwice(String),
    #[error("the contract's column `{0}` holds no dates")]
    NoDates(String),
    #[error(
        "line {line}, column {column}: a correction is one line of text, for a cell that lines and columns counted from 1 name"
    )]
    Correction { line: u64, column: u32 },
    #[error("rows are judged outside their file only where exceptions are put right")]
    Apart,
}

/// Holds a choice to the contract that it is made under.
///
/// # Errors
/// When it names what is not there.
pub fn check(choice: &Choice, contract: &Contract) -> Result<(), ChoiceError> {
    if let Some(delimiter) = choice.delimiter
        && (!delimiter.is_ascii() || matches!(delimiter, '"' | '\n' | '\r' | '\0'))
    {
        return Err(ChoiceError::Delimiter(delimiter));
    }
    if let Some(chosen) = &choice.encoding
        && !encoding::CHOICES.contains(&chosen.as_str())
    {
        return Err(ChoiceError::Encoding(chosen.clone()));
    }
    if choice.apart.is_some() {
        return Err(ChoiceError::Apart);
    }
    for it in &choice.corrections {
        if it.column == 0 || it.line == Some(0) || it.text.contains(['\n', '\r', '\0']) {
            return Err(ChoiceError::Correction {
                line: it.line.unwrap_or_default(),
                column: it.column,
            });
        }
    }
    let mut mapped: Vec<&str> = Vec::new();
    for name in choice.columns.values().filter(|it| !it.is_empty()) {
        if contract.column(name).is_none() {
            return Err(ChoiceError::Column(name.clone()));
        }
        if mapped.contains(&name.as_str()) {
            return Err(ChoiceError::MappedTwice(name.clone()));
        }
        mapped.push(name);
    }
    for name in choice.date_forms.keys() {
        let place = contract
            .column(name)
            .ok_or_else(|| ChoiceError::Column(name.clone()))?;
        let column = contract.columns.get(place);
        if column.is_none_or(|it| it.kind != Kind::Date) {
            return Err(ChoiceError::NoDates(name.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::sales;

    #[test]
    fn names_what_is_not_there() {
        let wrong = |text: &str| {
            let choice = serde_json::from_str(text).unwrap();
            check(&choice, sales()).unwrap_err().to_string()
        };
        assert!(wrong(r#"{"delimiter":"₹"}"#).contains("`₹`"));
        assert!(wrong(r#"{"delimiter":"\""}"#).contains("delimiter"));
        assert!(wrong(r#"{"encoding":"latin"}"#).contains("`latin`"));
        assert!(wrong(r#"{"columns":{"1":"nothing"}}"#).contains("`nothing`"));
        assert!(wrong(r#"{"columns":{"1":"sku","Code":"sku"}}"#).contains("twice"));
        assert!(wrong(r#"{"apart":{}}"#).contains("outside their file"));
        assert!(wrong(r#"{"date_forms":{"region":"YYYY-MM-DD"}}"#).contains("no dates"));
        let correction = |line, text: &str| {
            let correction =
                serde_json::json!({"line": line, "column": 2, "was": "", "text": text});
            serde_json::json!({ "corrections": [correction] }).to_string()
        };
        assert!(wrong(&correction(0, "")).contains("line 0, column 2"));
        assert!(wrong(&correction(7, "two\nlines")).contains("line 7, column 2"));
        let right = r#"{"columns":{"1":"sku","2":""},"date_forms":{"order_date":"MM-DD-YYYY"}}"#;
        assert_eq!(
            check(&serde_json::from_str(right).unwrap(), sales()),
            Ok(())
        );
    }
}
