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
    let reading = if !ours.starts_with('{') || ours.contains("\"apiVersion\"") {
        odcs::read(text)?
    } else {
        let contract = Contract::from_json(text).map_err(|error| vec![fault(ours, error)])?;
        Reading {
            contract,
            notes: Vec::new(),
        }
    };
    let incoming = reading.contract.check_incoming();
    incoming.map_err(|error| vec![fault(ours, error)])?;
    Ok(reading)
}

/// Where it can be found in the text.
fn fault(text: &str, error: ContractError) -> Fault {
    match error {
        ContractError::Form {
            line,
            column,
            reason,
        } => Fault {
            mark: Mark { line, column },
            // serde_json appends the place, which stands in front already.
            text: reason
                .split(" at line ")
                .next()
                .unwrap_or_default()
                .to_owned(),
        },
        error => {
            // JSON is YAML, so that the place of what the error names can be found in it.
            let said = error.to_string();
            let node = yaml::parse(text).ok();
            let mark = node.and_then(|it| yaml::named(&it, &said));
            Fault {
                mark: mark.unwrap_or(Mark { line: 1, column: 1 }),
                text: said,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::sales;
    use model::control::Severity;

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

    #[test]
    fn money_that_cannot_be_read_is_never_a_warning() {
        let warns = |columns: &[&str]| {
            let mut contract = sales().clone();
            let mut controls = contract.controls.iter_mut();
            let amounts = controls.find(|it| it.code == "VAL02").unwrap();
            amounts.severity = Some(Severity::Warning);
            amounts.params.insert("columns".into(), columns.into());
            contract
        };
        let of_money = warns(&["unit_price", "revenue"]);
        for text in [of_money.canonical(), odcs::write(&of_money)] {
            let fault = read(&text).unwrap_err().remove(0).to_string();
            let said = "VAL02 is no more than a warning for `revenue`";
            assert!(fault.contains(said), "{fault}");
        }
        // One that is kept already is read, and of another column it may be one.
        assert_eq!(Contract::from_json(&of_money.canonical()), Ok(of_money));
        let of_price = warns(&["unit_price"]);
        assert_eq!(read(&of_price.canonical()).unwrap().contract, of_price);
    }
}
