//! A contract's text in either of its forms: a file of the standard, or our own JSON.

use super::{
    Contract, ContractError,
    odcs::{self, Reading},
    yaml::{self, Fault, Mark},
};

/// Reads a contract in the form that the text has.
///
/// # Errors
/// All that is wrong with a file of the standard; of our own JSON the first fault.
pub fn read(text: &str) -> Result<Reading, Vec<Fault>> {
    let ours = text.trim_start_matches('\u{feff}').trim_start();
    if !ours.starts_with('{') || ours.contains("\"apiVersion\"") {
        return odcs::read(text);
    }
    match Contract::from_json(text) {
        Ok(contract) => Ok(Reading {
            contract,
            notes: Vec::new(),
        }),
        Err(ContractError::Form {
            line,
            column,
            reason,
        }) => {
            // serde_json appends the place, which stands in front already.
            let text = reason.split(" at line ").next().unwrap_or_default();
            let text = text.to_owned();
            Err(vec![Fault {
                mark: Mark { line, column },
                text,
            }])
        }
        Err(error) => {
            // JSON is YAML, so that the place of what the error names can be found in it.
            let text = error.to_string();
            let node = yaml::parse(ours).ok();
            let mark = node.and_then(|it| yaml::named(&it, &text));
            Err(vec![Fault {
                mark: mark.unwrap_or(Mark { line: 1, column: 1 }),
                text,
            }])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::sales;

    #[test]
    fn both_forms_are_told_apart() {
        let forms = [
            odcs::write(sales()),
            include_str!("../contracts/sales.json").to_owned(),
        ];
        for text in forms {
            assert_eq!(&read(&text).unwrap().contract, sales());
        }
        let json = r#"{"apiVersion": "v3.1.0", "kind": "DataContract", "name": "t", "version": "1",
            "schema": [{"name": "t", "properties": [{"name": "a"}]}]}"#;
        assert_eq!(read(json).unwrap().contract.columns.len(), 1);
    }

    #[test]
    fn faults_of_our_own_form_have_places_too() {
        let says = |text: &str| read(text).unwrap_err().remove(0).to_string();
        assert!(says("{\n\"name\": 5}").starts_with("line 2, column 9: invalid type"));
        let key = "{\"name\": \"a\", \"version\": \"1\", \"columns\": [],\n \"key\": [\"no\"], \"controls\": []}";
        assert_eq!(
            says(key),
            "line 2, column 10: the key names the column `no`, which the contract does not have"
        );
    }
}
