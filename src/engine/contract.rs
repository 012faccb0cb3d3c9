//! What a file must satisfy. The shipped contract is `sales`.

pub mod contradiction;
pub mod diff;
pub mod export;
pub mod fit;
pub mod infer;
pub mod list;
pub mod odcs;
pub mod text;
pub mod tolerance;
pub mod yaml;

use crate::{catalogue, control::Check};
use model::{
    control::Severity, money::Money, options::DateForm, ratio::Ratio, verdict::ContractRef,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::LazyLock};
use thiserror::Error;
use tolerance::Tolerance;

/// A contract, checked: every column, list and control that it names exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    pub name: String,
    pub version: String,
    /// Where calendar days are counted, as an offset from UTC: `+05:30`.
    #[serde(default)]
    pub zone: Zone,
    pub columns: Vec<Column>,
    /// The columns that tell one row from another.
    #[serde(default)]
    pub key: Vec<String>,
    /// The one column whose amounts are added up.
    #[serde(default)]
    pub money: Option<String>,
    /// What stands in the key's place in a total row, in lower case.
    #[serde(default)]
    pub total_words: Vec<String>,
    /// What means that a cell is blank, exactly so written with blanks around it or none: `N/A`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub null_words: Vec<String>,
    #[serde(default)]
    pub lists: Vec<List>,
    pub controls: Vec<ControlUse>,
    #[serde(default)]
    pub thresholds: Thresholds,
    #[serde(default, skip_serializing_if = "Waivers::is_none")]
    pub waivers: Waivers,
}

/// What a person may let a row in in spite of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waivers {
    /// Codes of controls; only of those that leave every cell of the row typed.
    pub controls: Vec<String>,
    /// Rows with more money than this are let in by two persons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_person_above: Option<Money>,
}

impl Waivers {
    /// The controls that may be waived at all: the cells that they refuse are typed.
    pub const POSSIBLE: [&str; 5] = ["VAL06", "VAL07", "TIM01", "TIM02", "CON01"];

    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub name: String,
    /// What people call it.
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub aliases: Vec<String>,
    #[serde(rename = "type")]
    pub kind: Kind,
    #[serde(default)]
    pub required: bool,
    /// The forms of a date column.
    #[serde(default)]
    pub forms: Vec<DateForm>,
    /// How amounts and whole numbers may be written, besides digits with a decimal point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writing: Vec<NumberWriting>,
    /// What means that a cell of it is blank, besides what the contract lists for all columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub null_words: Vec<String>,
    /// The list whose entries this column holds.
    #[serde(default)]
    pub list: Option<String>,
    /// Where its values go in the ledger.
    #[serde(default)]
    pub role: Option<LedgerRole>,
}

impl Column {
    /// In the words of a page.
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Kept as written: leading zeros, blanks and all.
    Identifier,
    Text,
    Whole,
    /// Of money, to the paisa.
    Amount,
    /// With up to six decimals, and no money.
    Number,
    Date,
}

impl Kind {
    pub const ALL: [Self; 6] = [
        Self::Identifier,
        Self::Text,
        Self::Whole,
        Self::Amount,
        Self::Number,
        Self::Date,
    ];

    /// The word of a contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identifier => "identifier",
            Self::Text => "text",
            Self::Whole => "whole",
            Self::Amount => "amount",
            Self::Number => "number",
            Self::Date => "date",
        }
    }

    pub const fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Amount | Self::Number)
    }
}

/// A way to write numbers that a contract has to allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberWriting {
    /// `1.234,56`; only in a file whose delimiter is the semicolon, and then throughout.
    DecimalComma,
    /// `(500)` for -500.
    Parentheses,
    /// `500-` for -500.
    TrailingMinus,
}

/// The ledger's columns that a contract may fill besides key and money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerRole {
    Day,
    Region,
    Product,
    Sku,
    Category,
    Quantity,
    UnitPrice,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    pub name: String,
    pub entries: Vec<ListEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListEntry {
    pub value: String,
    #[serde(default)]
    pub synonyms: Vec<String>,
    /// What else the list knows of it: `sku`, `category`.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

/// A control as the contract uses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlUse {
    pub code: String,
    /// Instead of the control's own.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// How much may fail before the control counts as failed. Lets no row in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Tolerance>,
    #[serde(flatten)]
    pub params: serde_json::Map<String, serde_json::Value>,
}

impl ControlUse {
    /// The columns that its parameters name as the ones that it is about.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let one = self.params.get("column").into_iter();
        let several = self.params.get("columns").and_then(|it| it.as_array());
        let several = several.map(Vec::as_slice).unwrap_or_default();
        one.chain(several).filter_map(|it| it.as_str())
    }
}

/// Goals and bounds, as shares with six decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// The quality score is to be above this.
    pub quality_score: Ratio,
    /// The exception rate is to be below this.
    pub exception_rate: Ratio,
    /// Above this share of exceptions nothing is loaded until someone decides.
    pub hold_above: Ratio,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            quality_score: Ratio::from_millionths(950_000),
            exception_rate: Ratio::from_millionths(50_000),
            hold_above: Ratio::from_millionths(1_000_000),
        }
    }
}

/// Seconds ahead of UTC, written `+05:30`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(i32);

impl Zone {
    pub const fn seconds(self) -> i32 {
        self.0
    }
}

impl TryFrom<String> for Zone {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = "not an offset such as +05:30";
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            _ => return Err(wrong),
        };
        let (hours, minutes) = rest.split_once(':').ok_or(wrong)?;
        let hours: u8 = hours.parse().map_err(|_| wrong)?;
        let minutes: u8 = minutes.parse().map_err(|_| wrong)?;
        if hours > 14 || minutes > 59 {
            return Err(wrong);
        }
        Ok(Self(
            sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60),
        ))
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        let minutes = zone.0.unsigned_abs() / 60;
        format!(
            "{}{:02}:{:02}",
            if zone.0 < 0 { '-' } else { '+' },
            minutes / 60,
            minutes % 60
        )
    }
}

/// Why a contract is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ContractError {
    #[error("the contract cannot be read at line {line}, column {column}: {reason}")]
    Form {
        line: usize,
        column: usize,
        reason: String,
    },
    #[error("{place} names the column `{name}`, which the contract does not have")]
    NoColumn { place: String, name: String },
    #[error("{place} names the list `{name}`, which the contract does not have")]
    NoList { place: String, name: String },
    #[error("no control has the code `{0}`")]
    NoControl(String),
    #[error("the parameters of {code} cannot be read: {reason}")]
    Params { code: String, reason: String },
    #[error("money names the column `{0}`, which does not hold amounts")]
    NoAmount(String),
    #[error("the column `{0}` occurs twice")]
    RepeatedColumn(String),
    #[error(
        "{code} is no more than a warning for `{column}`, which is the money: a row whose amount cannot be read would \
         count, with no amount. Make it an error"
    )]
    UnreadableMoney { code: String, column: String },
    #[error("{0} cannot be waived; {list} can", list = Waivers::POSSIBLE.join(", "))]
    NotWaivable(String),
}

impl Contract {
    /// Reads and checks a contract in its JSON form.
    ///
    /// # Errors
    /// When it is no such form, or names a column, list or control that is not there.
    pub fn from_json(text: &str) -> Result<Self, ContractError> {
        let contract: Self = serde_json::from_str(text).map_err(|error| ContractError::Form {
            line: error.line(),
            column: error.column(),
            reason: error.to_string(),
        })?;
        contract.check()?;
        Ok(contract)
    }

    fn check(&self) -> Result<(), ContractError> {
        for (i, column) in self.columns.iter().enumerate() {
            if self.columns.iter().take(i).any(|it| it.name == column.name) {
                return Err(ContractError::RepeatedColumn(column.name.clone()));
            }
            if let Some(name) = &column.list
                && self.list(name).is_none()
            {
                return Err(ContractError::NoList {
                    place: column.name.clone(),
                    name: name.clone(),
                });
            }
        }
        for (place, name) in self
            .key
            .iter()
            .map(|it| ("the key", it))
            .chain(self.money.iter().map(|it| ("money", it)))
        {
            self.column(name).ok_or_else(|| ContractError::NoColumn {
                place: place.to_owned(),
                name: name.clone(),
            })?;
        }
        let money = self.money.as_ref().and_then(|it| self.column(it));
        if let Some(column) = money.and_then(|it| self.columns.get(it))
            && column.kind != Kind::Amount
        {
            return Err(ContractError::NoAmount(column.name.clone()));
        }
        for used in &self.controls {
            catalogue::compile(used, self)?;
        }
        for code in &self.waivers.controls {
            if !Waivers::POSSIBLE.contains(&code.as_str()) {
                return Err(ContractError::NotWaivable(code.clone()));
            }
        }
        Ok(())
    }

    /// What is asked besides of a contract that comes in. Those that are kept may say otherwise, and are read all the same.
    ///
    /// # Errors
    /// When rows would count whose money cannot be read.
    pub fn check_incoming(&self) -> Result<(), ContractError> {
        let money = self.money.as_ref().and_then(|it| self.column(it));
        for used in self.controls.iter().filter(|it| it.code == "VAL02") {
            let (meta, check) = catalogue::compile(used, self)?;
            if let Check::Cells { columns, .. } = check
                && let Some(column) = money.filter(|it| columns.contains(it))
                && let Some(column) = self.columns.get(column)
                && used.severity.unwrap_or(meta.severity) == Severity::Warning
            {
                return Err(ContractError::UnreadableMoney {
                    code: used.code.clone(),
                    column: column.name.clone(),
                });
            }
        }
        Ok(())
    }

    /// The place of a column among the contract's.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|it| it.name == name)
    }

    pub fn list(&self, name: &str) -> Option<&List> {
        self.lists.iter().find(|it| it.name == name)
    }

    /// The same with another list in the place of the one of its name, and then with the next number at the end of its
    /// version.
    #[must_use]
    pub fn with_list(&self, list: List) -> Self {
        let mut res = self.clone();
        let place = res.lists.iter_mut().find(|it| it.name == list.name);
        let Some(place) = place.filter(|it| **it != list) else {
            return res;
        };
        *place = list;
        let start = res.version.trim_end_matches(|it: char| it.is_ascii_digit());
        let last = res.version.get(start.len()..).unwrap_or_default();
        if let Some(next) = last.parse::<u64>().ok().and_then(|it| it.checked_add(1)) {
            res.version = format!("{start}{next}");
        }
        res
    }

    /// Each product of the product column's list with its SKU there, which is the one that its rows have in the ledger.
    pub fn skus(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut columns = self.columns.iter();
        let product = columns.find(|it| it.role == Some(LedgerRole::Product));
        let list = product.and_then(|it| self.list(it.list.as_deref()?));
        let entries = list.map(|it| it.entries.as_slice()).unwrap_or_default();
        entries.iter().filter_map(|it| {
            let sku = it.attributes.get("sku")?;
            Some((it.value.as_str(), sku.as_str()))
        })
    }

    /// The contract's RFC 8785 form, which reads back as the same contract.
    pub fn canonical(&self) -> String {
        // A contract holds strings, whole numbers and lists of them, all of which have a canonical form.
        serde_json_canonicalizer::to_string(self).unwrap_or_default()
    }

    /// SHA-256 of the canonical form, lowercase hexadecimal.
    pub fn fingerprint(&self) -> String {
        Sha256::digest(self.canonical())
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect()
    }

    pub fn reference(&self) -> ContractRef {
        ContractRef {
            name: self.name.clone(),
            version: self.version.clone(),
            fingerprint: self.fingerprint(),
        }
    }
}

/// The shipped contract for sales files.
pub fn sales() -> &'static Contract {
    static SALES: LazyLock<Contract> = LazyLock::new(|| {
        #[expect(
            clippy::expect_used,
            reason = "the embedded contract is read by a test"
        )]
        Contract::from_json(include_str!("contracts/sales.json"))
            .expect("the shipped contract is whole")
    });
    &SALES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_contract_is_whole_and_its_fingerprint_is_of_its_content() {
        let contract = sales();
        assert_eq!(contract.list("products").unwrap().entries.len(), 16);
        let again = Contract::from_json(&serde_json::to_string(contract).unwrap()).unwrap();
        assert_eq!(again.fingerprint(), contract.fingerprint());
        let other = Contract {
            version: "0".into(),
            ..again
        };
        assert_ne!(other.fingerprint(), contract.fingerprint());
        assert_eq!(contract.zone.seconds(), 19_800);
    }

    #[test]
    fn says_what_is_wrong_with_a_contract() {
        let wrong = |text: &str| Contract::from_json(text).unwrap_err().to_string();
        let head = r#"{"name":"a","version":"1","columns":[{"name":"id","type":"identifier"}]"#;
        assert!(wrong("{\n 1").contains("line 2, column 2"));
        assert!(wrong(&format!("{head},\"key\":[\"no\"],\"controls\":[]}}")).contains("`no`"));
        assert!(
            wrong(&format!("{head},\"controls\":[{{\"code\":\"XXX99\"}}]}}")).contains("XXX99")
        );
        let unknown = format!("{head},\"controls\":[{{\"code\":\"CMP01\",\"colums\":[\"id\"]}}]}}");
        assert!(wrong(&unknown).contains("CMP01"));
        let waived = format!("{head},\"controls\":[],\"waivers\":{{\"controls\":[\"CMP01\"]}}}}");
        assert!(wrong(&waived).contains("CMP01 cannot be waived"));
    }
}
