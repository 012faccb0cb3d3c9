//! From a text to a contract. Everything that is wrong is said at once, each with its place.

mod columns;

use super::{
    OURS, Reading,
    fields::{Faults, Fields, one_of},
    params,
    promises::{Bounds, Unchecked, unkept},
    rules::{Asked, Rule},
};
use crate::contract::{
    Column, Contract, ControlUse, Kind, List, ListEntry, Thresholds, Waivers,
    yaml::{self, Fault, Mark, Node, Value as Yaml},
};
use model::ratio::Ratio;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Reads a contract.
///
/// # Errors
/// All that is wrong with it, in the order of the text.
pub fn read(text: &str) -> Result<Reading, Vec<Fault>> {
    let node = yaml::parse(text).map_err(|it| vec![it])?;
    let mut reader = Reader::default();
    let contract = reader.contract(&node);
    let Reader {
        mut faults, notes, ..
    } = reader;
    let Some(contract) = contract.filter(|_| faults.0.is_empty()) else {
        faults.0.sort();
        faults.0.dedup();
        return Err(faults.0);
    };
    match contract.check() {
        Ok(()) => {
            let mut notes = notes.0;
            notes.sort();
            Ok(Reading { contract, notes })
        }
        Err(error) => Err(vec![Fault {
            mark: node.mark,
            text: error.to_string(),
        }]),
    }
}

const TOP: [&str; 22] = [
    "apiVersion",
    "kind",
    "id",
    "name",
    "version",
    "status",
    "schema",
    "tenant",
    "tags",
    "servers",
    "dataProduct",
    "description",
    "domain",
    "support",
    "price",
    "team",
    "roles",
    "slaDefaultElement",
    "slaProperties",
    "authoritativeDefinitions",
    "customProperties",
    "contractCreatedTs",
];
const ELEMENT: [&str; 9] = [
    "id",
    "name",
    "physicalType",
    "physicalName",
    "description",
    "businessName",
    "authoritativeDefinitions",
    "tags",
    "customProperties",
];
const TABLE: [&str; 5] = [
    "logicalType",
    "dataGranularityDescription",
    "properties",
    "relationships",
    "quality",
];
const PROPERTY: [&str; 16] = [
    "logicalType",
    "logicalTypeOptions",
    "required",
    "unique",
    "primaryKey",
    "primaryKeyPosition",
    "partitioned",
    "partitionKeyPosition",
    "classification",
    "encryptedName",
    "transformSourceObjects",
    "transformLogic",
    "transformDescription",
    "examples",
    "criticalDataElement",
    "relationships",
];

#[derive(Default)]
struct Reader {
    faults: Faults,
    notes: Faults,
}

/// A column and what is said of it besides.
struct Property<'a> {
    column: Column,
    mark: Mark,
    bounds: Bounds,
    /// Its place in the key, which is 0 where it is not said, and where that stands.
    key: Option<(u64, Mark)>,
    unique: Option<Mark>,
    unchecked: Vec<String>,
    rules: Vec<Rule<'a>>,
    /// Where the name of its list stands.
    list: Option<Mark>,
}

impl Reader {
    fn contract(&mut self, node: &Node) -> Option<Contract> {
        let top = self.faults.map(node)?;
        self.faults.only(top, &[&TOP]);
        let what = "such as `apiVersion: v3.1.0`";
        if let Some(node) = self.faults.need(top, "apiVersion", what) {
            let version = self.faults.text(node).unwrap_or_default();
            if !version.starts_with("v3.") {
                let text =
                    format!("the version `{version}` of the standard is not read; write v3.1.0");
                self.faults.add(node.mark, text);
            }
        }
        if let Some(node) = self.faults.need(top, "kind", "write `kind: DataContract`") {
            self.faults.word(node, &[("DataContract", ())]);
        }
        let what = "the contract's version, such as 1.0.0";
        let version = self.faults.need(top, "version", what);
        let version = version.and_then(|it| self.faults.text(it));
        let what = "the contract's name, such as `name: sales`";
        let name = match top.get("name").or_else(|| top.get("id")) {
            Some(node) => self.faults.text(node),
            None => {
                self.faults.need(top, "name", what);
                None
            }
        };
        let what = "one table with its columns as `properties`";
        let schema = self.faults.need(top, "schema", what)?;
        let tables = self.faults.maps(Some(schema));
        let [table] = tables.as_slice() else {
            let count = tables.len();
            let text = format!("a file is one table, but {count} are described; {what}");
            self.faults.add(schema.mark, text);
            return None;
        };
        self.ours(top.get("customProperties"), &[], "the contract itself");
        let mut contract = self.table(*table)?;
        contract.name = name?;
        contract.version = version?;
        Some(contract)
    }

    fn table(&mut self, table: Fields<'_>) -> Option<Contract> {
        self.faults.only(table, &[&ELEMENT, &TABLE]);
        let what = "the table's columns";
        let properties = self.faults.need(table, "properties", what);
        let properties = self.faults.maps(properties).into_iter();
        let mut properties: Vec<Property<'_>> =
            properties.filter_map(|it| self.property(it)).collect();
        let keys = [
            "zone",
            "money",
            "totalWords",
            "nullWords",
            "lists",
            "thresholds",
            "waivers",
            "unchecked",
        ];
        let ours = self.ours(table.get("customProperties"), &keys, "the table");
        let get = |key: &str| ours.and_then(|it| it.get(key));
        let lists = self.lists(get("lists"));
        let zone = get("zone").and_then(|it| self.value(it));
        let thresholds = get("thresholds").map(|it| self.thresholds(it));
        let waivers = get("waivers").map(|it| self.waivers(it));
        let money = get("money").and_then(|it| Some((self.faults.text(it)?, it.mark)));
        self.take_money(&mut properties, money.as_ref());
        self.repeated(&properties);
        let key = self.key(&mut properties);
        let mut contract = Contract {
            name: String::new(),
            version: String::new(),
            zone: zone.unwrap_or_default(),
            columns: properties.iter().map(|it| it.column.clone()).collect(),
            key,
            money: money.map(|(name, _)| name),
            total_words: self.faults.texts(get("totalWords")),
            null_words: self.faults.texts(get("nullWords")),
            lists,
            controls: Vec::new(),
            thresholds: thresholds.unwrap_or_default(),
            waivers: waivers.unwrap_or_default(),
        };
        for property in &properties {
            if let (Some(mark), Some(list)) = (property.list, &property.column.list)
                && contract.list(list).is_none()
            {
                let text = format!("there is no list `{list}` under `lists` of the table");
                self.faults.add(mark, text);
            }
        }
        let unchecked = Unchecked {
            of_table: self.faults.texts(get("unchecked")),
            of_columns: properties.iter().map(|it| it.unchecked.clone()).collect(),
        };
        let table_rules = Rule::all(table.get("quality"), None, &mut self.faults);
        let rules = properties.iter().flat_map(|it| &it.rules);
        let rules: Vec<&Rule<'_>> = rules.chain(&table_rules).collect();
        self.rules(&rules, &mut contract);
        let bounds: Vec<Bounds> = properties.into_iter().map(|it| it.bounds).collect();
        let unkept = unkept(&contract, &bounds, &unchecked);
        contract.controls.extend(unkept);
        Some(contract)
    }

    /// The value of our own custom property, with these keys.
    fn ours<'a>(
        &mut self,
        node: Option<&'a Node>,
        keys: &[&str],
        place: &str,
    ) -> Option<Fields<'a>> {
        let mut found = None;
        for fields in self.faults.maps(node) {
            self.faults
                .only(fields, &[&["id", "property", "value", "description"]]);
            if self.faults.text_at(fields, "property").as_deref() != Some(OURS) {
                continue;
            }
            let value = fields.get("value").and_then(|it| self.faults.map(it));
            let Some(value) = value else { continue };
            if keys.is_empty() {
                let text = format!(
                    "`{OURS}` has no meaning for {place}; put it under the table or a column"
                );
                self.faults.add(fields.mark, text);
            } else {
                self.faults.only(value, &[keys]);
            }
            found = Some(value);
        }
        found
    }

    /// A value that reads its text itself.
    fn value<T: DeserializeOwned>(&mut self, node: &Node) -> Option<T> {
        let text = self.faults.text(node)?;
        match serde_json::from_value(text.clone().into()) {
            Ok(value) => Some(value),
            Err(error) => {
                let text = format!("`{text}` cannot be read here: {error}");
                self.faults.add(node.mark, text);
                None
            }
        }
    }

    fn values<T: DeserializeOwned>(&mut self, node: Option<&Node>) -> Vec<T> {
        let items = self.faults.list(node).iter();
        items.filter_map(|it| self.value(it)).collect()
    }

    fn lists(&mut self, node: Option<&Node>) -> Vec<List> {
        let mut res: Vec<List> = Vec::new();
        for fields in self.faults.maps(node) {
            self.faults.only(fields, &[&["name", "entries"]]);
            let name = self.faults.need(fields, "name", "the list's name");
            let Some(name) = name.and_then(|it| self.faults.text(it)) else {
                continue;
            };
            if res.iter().any(|it| it.name == name) {
                let text = format!("there are two lists `{name}`");
                self.faults.add(fields.mark_of("name"), text);
            }
            let entries = self.faults.need(fields, "entries", "the list's values");
            let entries = self.faults.list(entries).iter();
            let entries = entries.filter_map(|it| self.entry(it)).collect();
            res.push(List { name, entries });
        }
        res
    }

    /// A value alone, or with its synonyms and attributes.
    fn entry(&mut self, node: &Node) -> Option<ListEntry> {
        if let Yaml::Scalar { .. } = node.value {
            return Some(ListEntry {
                value: self.faults.text(node)?,
                synonyms: Vec::new(),
                attributes: BTreeMap::new(),
            });
        }
        let fields = self.faults.map(node)?;
        self.faults
            .only(fields, &[&["value", "synonyms", "attributes"]]);
        let value = self.faults.need(fields, "value", "how it is written")?;
        let attributes = fields.get("attributes").and_then(|it| self.faults.map(it));
        let attributes = attributes.map_or(&[][..], |it| it.entries).iter();
        Some(ListEntry {
            value: self.faults.text(value)?,
            synonyms: self.faults.texts(fields.get("synonyms")),
            attributes: attributes
                .filter_map(|it| Some((it.key.clone(), self.faults.text(&it.value)?)))
                .collect(),
        })
    }

    fn waivers(&mut self, node: &Node) -> Waivers {
        let mut res = Waivers::default();
        let Some(fields) = self.faults.map(node) else {
            return res;
        };
        let keys = ["controls", "secondPersonAbove"];
        self.faults.only(fields, &[&keys]);
        res.controls = self.faults.texts(fields.get("controls"));
        for code in &res.controls {
            if !Waivers::POSSIBLE.contains(&code.as_str()) {
                let can = one_of(&Waivers::POSSIBLE);
                let text = format!("`{code}` cannot be waived; write {can}");
                self.faults.add(fields.mark_of("controls"), text);
            }
        }
        res.second_person_above = fields
            .get("secondPersonAbove")
            .and_then(|it| self.value(it));
        res
    }

    fn thresholds(&mut self, node: &Node) -> Thresholds {
        let mut res = Thresholds::default();
        let Some(fields) = self.faults.map(node) else {
            return res;
        };
        let keys = ["qualityScore", "exceptionRate", "holdAbove"];
        self.faults.only(fields, &[&keys]);
        let places = [
            &mut res.quality_score,
            &mut res.exception_rate,
            &mut res.hold_above,
        ];
        for (key, place) in keys.into_iter().zip(places) {
            let Some(node) = fields.get(key) else {
                continue;
            };
            let text = self.faults.text(node).unwrap_or_default();
            match share(&text) {
                Some(share) => *place = share,
                None => self.faults.add(
                    node.mark,
                    format!("`{text}` is no share from 0 to 1, such as 0.95"),
                ),
            }
        }
        res
    }

    /// The money column holds amounts, whatever the standard's word for its type.
    fn take_money(&mut self, properties: &mut [Property<'_>], money: Option<&(String, Mark)>) {
        let Some((name, mark)) = money else { return };
        match properties.iter_mut().find(|it| it.column.name == *name) {
            None => {
                let text = format!("money names the column `{name}`, which is not there");
                self.faults.add(*mark, text);
            }
            Some(it) if matches!(it.column.kind, Kind::Number | Kind::Amount) => {
                it.column.kind = Kind::Amount;
            }
            Some(_) => {
                let text = format!("money names the column `{name}`, whose type is no number");
                self.faults.add(*mark, text);
            }
        }
    }

    fn repeated(&mut self, properties: &[Property<'_>]) {
        for (place, property) in properties.iter().enumerate() {
            let name = &property.column.name;
            let mut before = properties.iter().take(place);
            if let Some(first) = before.find(|it| it.column.name == *name) {
                let line = first.mark.line;
                let text = format!("there are two columns `{name}`; the first is in line {line}");
                self.faults.add(property.mark, text);
            }
        }
    }

    fn key(&mut self, properties: &mut [Property<'_>]) -> Vec<String> {
        let mut key: Vec<(u64, Mark, String)> = Vec::new();
        for property in properties.iter() {
            let Some((position, mark)) = property.key else {
                continue;
            };
            if position > 0
                && let Some(other) = key.iter().find(|it| it.0 == position)
            {
                let text = format!("`{}` has the place {position} in the key already", other.2);
                self.faults.add(mark, text);
            }
            key.push((position, mark, property.column.name.clone()));
        }
        key.sort_by_key(|it| it.0);
        let uniques: Vec<&Property<'_>> =
            properties.iter().filter(|it| it.unique.is_some()).collect();
        if let (true, [only]) = (key.is_empty(), uniques.as_slice()) {
            return vec![only.column.name.clone()];
        }
        for property in uniques {
            let is_key = matches!(key.as_slice(), [(.., name)] if *name == property.column.name);
            if let (false, Some(mark)) = (is_key, property.unique) {
                let text = format!(
                    "that `{}` is unique is not checked: a file has one key",
                    property.column.name
                );
                self.notes.add(mark, text);
            }
        }
        key.into_iter().map(|(.., name)| name).collect()
    }

    fn rules(&mut self, rules: &[&Rule<'_>], contract: &mut Contract) {
        for rule in rules {
            match rule.read(contract, &mut self.faults, &mut self.notes) {
                Asked::Control(used) => contract.controls.push(used),
                Asked::Values(values) => self.allowed(rule, values, contract),
                Asked::Nothing => {}
            }
        }
    }

    /// A list of the column's own, and the rule that holds it to the list.
    fn allowed(&mut self, rule: &Rule<'_>, values: Vec<String>, contract: &mut Contract) {
        let name = rule.column().unwrap_or_default().to_owned();
        let column = contract.columns.iter_mut().find(|it| it.name == name);
        let Some(column) = column else { return };
        if column.list.is_some() || contract.lists.iter().any(|it| it.name == name) {
            let text = format!("`{name}` has a list already");
            self.faults.add(rule.mark(), text);
            return;
        }
        column.list = Some(name.clone());
        let entry = |value| ListEntry {
            value,
            synonyms: Vec::new(),
            attributes: BTreeMap::new(),
        };
        contract.lists.push(List {
            name: name.clone(),
            entries: values.into_iter().map(entry).collect(),
        });
        contract.controls.push(ControlUse {
            code: "VAL05".to_owned(),
            severity: None,
            tolerance: None,
            params: params([("column", name.into())]),
        });
    }
}

/// With at most six decimals.
fn share(text: &str) -> Option<Ratio> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let share = Ratio::try_from(format!("{whole}.{rest:0<6}")).ok()?;
    (share.millionths() <= 1_000_000).then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::options::DateForm;

    const HEAD: &str = "apiVersion: v3.1.0
kind: DataContract
id: t
version: 1.0.0
status: active
schema:
  - name: visits
    properties:
";

    fn visits(lines: &str) -> String {
        format!("{HEAD}{lines}")
    }

    fn codes(contract: &Contract) -> Vec<String> {
        let rules = contract.controls.iter();
        rules
            .map(|it| {
                let params = serde_json::to_string(&it.params).unwrap();
                format!("{} {params}", it.code)
            })
            .filter(|it| !it.starts_with("SCH"))
            .collect()
    }

    fn faults(text: &str) -> Vec<String> {
        let faults = read(text).unwrap_err();
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_the_standard_promises_is_checked() {
        let text = visits(
            "      - name: id
        logicalType: string
        primaryKey: true
        required: true
        logicalTypeOptions: {minLength: 2, pattern: '^V[0-9]+$'}
      - {name: day, logicalType: date, logicalTypeOptions: {format: dd.MM.yyyy}, required: true}
      - name: guests
        logicalType: integer
        logicalTypeOptions:
          exclusiveMinimum: 0
          maximum: 12
      - name: bill
        logicalType: number
    customProperties:
      - property: tarazu
        value: {money: bill}
",
        );
        let Reading { contract, notes } = read(&text).unwrap();
        assert_eq!(
            codes(&contract),
            [
                r#"CMP01 {"columns":["id","day"]}"#,
                r#"VAL01 {"columns":["guests"]}"#,
                r#"VAL02 {"columns":["bill"]}"#,
                r#"VAL10 {"columns":["bill"]}"#,
                r#"VAL03 {"columns":["day"]}"#,
                r#"VAL08 {"column":"id","example":"V[0-9]+","pattern":"V[0-9]+"}"#,
                r#"VAL09 {"column":"id","shortest":2}"#,
                r#"VAL06 {"column":"guests","exclusive":true,"minimum":"0"}"#,
                r#"VAL07 {"column":"guests","maximum":"12"}"#,
                "UNQ01 {}",
                "UNQ02 {}",
            ]
        );
        let forms = &contract.columns.get(1).unwrap().forms;
        assert_eq!(
            (forms.as_slice(), notes.len()),
            (&[DateForm::Dotted][..], 0)
        );
        assert_eq!((contract.name.as_str(), contract.key.len()), ("t", 1));
    }

    #[test]
    fn rules_are_taken_from_columns_and_tables_and_from_the_library() {
        let text = visits(
            "      - name: id
        quality:
          - {metric: nullValues, mustBeLessOrEqualTo: 5, unit: percent}
          - {type: custom, engine: tarazu, severity: warning, implementation: {control: length-out-of-range, longest: 9}}
      - name: room
        quality:
          - {metric: invalidValues, arguments: {validValues: [Hall, Bar]}, mustBe: 0}
          - {type: sql, query: SELECT 1, mustBe: 1}
      - name: guests
        logicalType: integer
    quality:
      - {metric: rowCount, mustBeGreaterThan: 0}
      - {type: custom, engine: tarazu, implementation: {control: VAL06, column: guests, minimum: 1, tolerance: {rows: 2}}}
      - {type: custom, engine: soda, implementation: x}
      - {type: text, description: All is well}
    customProperties:
      - property: tarazu
        value: {unchecked: [UNQ03]}
",
        );
        let Reading { contract, notes } = read(&text).unwrap();
        assert_eq!(
            codes(&contract),
            [
                r#"CMP01 {"columns":["id"]}"#,
                r#"VAL09 {"column":"id","longest":9}"#,
                r#"VAL05 {"column":"room"}"#,
                r#"VOL01 {"least":1}"#,
                r#"VAL06 {"column":"guests","minimum":"1"}"#,
                r#"VAL01 {"columns":["guests"]}"#,
            ]
        );
        let tolerances: Vec<_> = contract.controls.iter().map(|it| it.tolerance).collect();
        assert_eq!(tolerances.iter().flatten().count(), 2);
        assert_eq!(contract.lists.first().map(|it| it.entries.len()), Some(2));
        let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
        assert_eq!(
            notes,
            [
                "line 16, column 14: this rule is SQL, which is not carried out on files",
                "line 22, column 24: this rule is for the engine `soda`, and is not carried out here",
            ]
        );
    }

    #[test]
    fn everything_that_is_wrong_is_said_with_its_place() {
        let text = "apiVersion: v2.2.2
kind: Contract
version: 1.0.0
status: active
schema:
  - name: visits
    propertys: []
    properties:
      - name: id
        requird: true
        primaryKey: yes please
      - name: guests
        logicalType: int
        logicalTypeOptions: {minLength: 2}
      - name: bill
        logicalType: number
      - name: guests
        logicalType: integer
        logicalTypeOptions: {minimum: many}
        customProperties:
          - property: tarazu
            value: {type: amount, list: rooms, forms: DD}
    quality:
      - {type: custom, engine: tarazu, implementation: {control: VAL99}}
      - type: custom
        engine: tarazu
        implementation:
          control: CMP01
          columns: [guest]
      - {type: custom, engine: tarazu, implementation: {control: VAL06, column: guests, minimum: 0, exclusiv: true}}
      - {type: custom, engine: tarazu, implementation: {control: CON01, expression: bill >}}
    customProperties:
      - property: tarazu
        value: {money: bil, zone: IST, thresholds: {qualityScore: 95}}
";
        assert_eq!(
            faults(text),
            [
                "line 1, column 1: `name` is missing: the contract's name, such as `name: sales`",
                "line 1, column 13: the version `v2.2.2` of the standard is not read; write v3.1.0",
                "line 2, column 7: `Contract` is not known here; write DataContract",
                "line 7, column 5: `propertys` is no word for this place; did you mean `properties`?",
                "line 10, column 9: `requird` is no word for this place; did you mean `required`?",
                "line 11, column 21: `yes please` is no truth value; write true or false",
                "line 13, column 22: `int` is not known here; write string, integer, number, date, timestamp, boolean, time, array or object",
                "line 17, column 15: there are two columns `guests`; the first is in line 12",
                "line 19, column 39: `many` is no number; write digits, such as 12 or -0.5",
                "line 22, column 27: the type amount is no `integer` of the standard",
                "line 22, column 41: there is no list `rooms` under `lists` of the table",
                "line 22, column 55: `DD` is no list; write one item a line behind `- `, or all in brackets",
                "line 24, column 66: no control is called `VAL99`",
                "line 29, column 21: CMP01 names the column `guest`, which the contract does not have",
                "line 30, column 101: the parameters of VAL06 cannot be read: unknown field `exclusiv`, expected one of `column`, `minimum`, `exclusive`",
                "line 31, column 85: the parameters of CON01 cannot be read: line 1, column 7 of the expression: it ends too early",
                "line 34, column 24: money names the column `bil`, which is not there",
                "line 34, column 35: `IST` cannot be read here: not an offset such as +05:30",
                "line 34, column 67: `95` is no share from 0 to 1, such as 0.95",
            ]
        );
        assert_eq!(
            faults("just words"),
            [
                "line 1, column 1: `just words` is no mapping; lines such as `name: sales` are expected"
            ]
        );
        assert_eq!(
            faults("a: [1"),
            [
                "line 2, column 1: this is no YAML: while parsing a flow sequence, expected ',' or ']'"
            ]
        );
    }
}
