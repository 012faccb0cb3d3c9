//! A contract's list as people keep it: as a file and back, and changed entry by entry.
//!
//! The file has a header: `value`, `synonyms`, and a column for each attribute, in any order. A row is an entry; its
//! synonyms stand in one cell with `|` between them; `\|` and `\\` are a `|` and a `\` of a synonym itself.
//! Blanks around a text mean nothing, and neither does an empty cell.

use super::{
    Column, Contract, Kind, List, ListEntry, Thresholds, Waivers, Zone,
    yaml::{Fault, Mark},
};
use crate::{
    day::Moment,
    export::{BOM, Table},
    judge::Plan,
    reading::{
        header::{plain, texts},
        record::Records,
        returned::needs_guard,
    },
    source::{Source, SourceError, read_range},
    workbook,
};
use model::{list::ListEdit, options::Choice};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

const VALUE: &str = "value";
const SYNONYMS: &str = "synonyms";

/// Why a file is no list.
#[derive(Debug, Error)]
pub enum ListError {
    /// By line and column, which are those of the file.
    #[error("the list has {} faults", .0.len())]
    Faults(Vec<Fault>),
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// Why a list cannot be changed so.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditError {
    #[error("there is nothing to add")]
    Nothing,
    #[error("the list has no value `{0}`")]
    NoValue(String),
    #[error("`{0}` is no synonym of `{1}`")]
    NoSynonym(String, String),
    #[error("{0}")]
    Clash(String),
}

/// As a lookup compares texts, see `list::Lookup`.
fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

impl List {
    /// The entry of a text that is its value or one of its synonyms, and whether it is written exactly as the value.
    pub fn find(&self, text: &str) -> Option<(&ListEntry, bool)> {
        let exact = self.entries.iter().find(|it| it.value == text);
        if let Some(entry) = exact {
            return Some((entry, true));
        }
        let text = folded(text);
        let entry = self.entries.iter().find(|it| {
            let mut texts = std::iter::once(&it.value).chain(&it.synonyms);
            texts.any(|it| folded(it) == text)
        });
        entry.map(|it| (it, false))
    }

    /// The names of what it knows besides values and synonyms, in order.
    pub fn attributes(&self) -> BTreeSet<&str> {
        let names = self.entries.iter().flat_map(|it| it.attributes.keys());
        names.map(String::as_str).collect()
    }

    /// What stands for several entries at once, by the place of the later one: case and outer blanks do not tell texts
    /// apart.
    pub fn clashes(&self) -> Vec<(usize, String)> {
        let mut values: BTreeMap<String, usize> = BTreeMap::new();
        let mut res = Vec::new();
        for (place, entry) in self.entries.iter().enumerate() {
            let first = *values.entry(folded(&entry.value)).or_insert(place);
            if first != place {
                let text = format!("the value `{}` stands in the list already", entry.value);
                res.push((place, text));
            }
        }
        let mut synonyms: BTreeMap<String, usize> = BTreeMap::new();
        for (place, entry) in self.entries.iter().enumerate() {
            let name = |it: usize| self.entries.get(it).map_or("", |it| it.value.as_str());
            for synonym in &entry.synonyms {
                let text = folded(synonym);
                let owner = values.get(&text).filter(|it| **it != place);
                if let Some(owner) = owner {
                    let value = name(*owner);
                    let text = format!(
                        "`{synonym}`, a synonym of `{}`, is the value `{value}`",
                        entry.value
                    );
                    res.push((place, text));
                }
                let owner = *synonyms.entry(text).or_insert(place);
                if owner != place {
                    let text = format!("`{synonym}` is a synonym of `{}` already", name(owner));
                    res.push((place, text));
                }
            }
        }
        res
    }

    /// Makes one change.
    ///
    /// # Errors
    /// When it cannot be made, or makes one text stand for several entries; the list is left as it was.
    pub fn edit(&mut self, edit: &ListEdit) -> Result<(), EditError> {
        let mut list = self.clone();
        match edit {
            ListEdit::AddValue { value } => list.entries.push(ListEntry {
                value: filled(value)?,
                synonyms: Vec::new(),
                attributes: BTreeMap::new(),
            }),
            ListEdit::RemoveValue { value } => {
                let before = list.entries.len();
                list.entries.retain(|it| it.value != *value);
                if list.entries.len() == before {
                    return Err(EditError::NoValue(value.clone()));
                }
            }
            ListEdit::AddSynonym { value, synonym } => {
                let synonym = filled(synonym)?;
                list.entry(value)?.synonyms.push(synonym);
            }
            ListEdit::RemoveSynonym { value, synonym } => {
                let entry = list.entry(value)?;
                let before = entry.synonyms.len();
                entry.synonyms.retain(|it| it != synonym);
                if entry.synonyms.len() == before {
                    return Err(EditError::NoSynonym(synonym.clone(), value.clone()));
                }
            }
        }
        // What clashed before is not for this change to mend.
        let before = self.clashes().len();
        let mut clashes = list.clashes();
        match clashes.pop().filter(|_| clashes.len() >= before) {
            Some((_, text)) => Err(EditError::Clash(text)),
            None => {
                *self = list;
                Ok(())
            }
        }
    }

    fn entry(&mut self, value: &str) -> Result<&mut ListEntry, EditError> {
        let entry = self.entries.iter_mut().find(|it| it.value == value);
        entry.ok_or_else(|| EditError::NoValue(value.to_owned()))
    }

    /// As CSV for Excel: UTF-8 with its mark, and no cell that would run as a formula.
    pub fn to_csv(&self) -> Vec<u8> {
        let attributes = self.attributes();
        let mut table = Table::new(b',');
        table.row(
            [VALUE, SYNONYMS]
                .into_iter()
                .chain(attributes.iter().copied()),
        );
        for entry in &self.entries {
            let synonyms: Vec<String> = entry.synonyms.iter().map(|it| escaped(it)).collect();
            let synonyms = synonyms.join("|");
            let own = [entry.value.as_str(), synonyms.as_str()];
            let attributes = attributes.iter();
            let cells = attributes.map(|it| entry.attributes.get(*it).map_or("", String::as_str));
            table.row(own.into_iter().chain(cells));
        }
        [BOM, &table.take()].concat()
    }

    /// Reads a list of this name from CSV in any delimiter and encoding that files are read in, or from a workbook.
    ///
    /// # Errors
    /// All that is wrong with it, by line; or when the source cannot be read.
    pub fn from_file(name: &str, source: &dyn Source) -> Result<Self, ListError> {
        let contract = form();
        let choice = Choice::default();
        let workbook = workbook::open(source, &contract, &choice)?;
        if workbook
            .as_ref()
            .is_some_and(|it| it.origin.refused.is_some())
        {
            let mut faults = Faults::default();
            faults.add(
                1,
                1,
                "this is a workbook that cannot be read: save its sheet as CSV",
            );
            return Err(ListError::Faults(faults.0));
        }
        let source = workbook.as_ref().map_or(source, |it| it);
        let at = Moment::from_unix(0);
        let plan = Plan::new(source, &contract, &choice, at, &mut |_| {})?;
        let source = &plan.form.over(source);
        let frame = &plan.frame;
        let mut faults = Faults::default();
        let columns = columns(&plan.header(), frame.line.max(1), &mut faults);
        if !faults.0.is_empty() {
            return Err(ListError::Faults(faults.0));
        }
        let mut bytes = Vec::new();
        read_range(source, frame.rows_start, source.size(), &mut bytes)?;
        let mut records = Records::new(&bytes, frame.rows_start, plan.dialect());
        let mut fields = Vec::new();
        let mut entries = Vec::new();
        let mut lines = Vec::new();
        while let Some(record) = records.next(&mut fields) {
            let line = frame.lines_above + record.lines_before + 1;
            if let Some(below) = record.unclosed {
                faults.add(line + below, 1, "a quote is opened here and never closed");
            }
            let cells = texts(&bytes, &fields, plan.survey.encoding);
            if cells.iter().all(|it| it.trim().is_empty()) {
                continue;
            }
            entries.push(entry(&cells, &columns, line, &mut faults));
            lines.push(line);
        }
        let list = Self {
            name: name.to_owned(),
            entries,
        };
        for (place, text) in list.clashes() {
            faults.add(lines.get(place).copied().unwrap_or(0), 1, text);
        }
        if list.entries.is_empty() && faults.0.is_empty() {
            faults.add(frame.line + 1, 1, "there is no value below the header");
        }
        faults.0.sort_by_key(|it| it.mark.line);
        match faults.0.is_empty() {
            true => Ok(list),
            false => Err(ListError::Faults(faults.0)),
        }
    }
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, line: u64, column: usize, text: impl Into<String>) {
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        let mark = Mark { line, column };
        let text = text.into();
        self.0.push(Fault { mark, text });
    }
}

/// What a column of the file holds.
enum Holds {
    Value,
    Synonyms,
    Attribute(String),
    /// It has no name.
    Nothing,
}

/// A file of this form has a header and a delimiter that can be told.
fn form() -> Contract {
    let column = |name: &str| Column {
        name: name.to_owned(),
        title: None,
        aliases: Vec::new(),
        kind: Kind::Text,
        required: name == VALUE,
        forms: Vec::new(),
        writing: Vec::new(),
        null_words: Vec::new(),
        list: None,
        role: None,
    };
    Contract {
        name: "list".to_owned(),
        version: "1".to_owned(),
        zone: Zone::default(),
        columns: vec![column(VALUE), column(SYNONYMS)],
        key: Vec::new(),
        money: None,
        total_words: Vec::new(),
        null_words: Vec::new(),
        lists: Vec::new(),
        controls: Vec::new(),
        thresholds: Thresholds::default(),
        waivers: Waivers::default(),
    }
}

fn columns(header: &[String], line: u64, faults: &mut Faults) -> Vec<Holds> {
    let mut seen = BTreeSet::new();
    let mut res = Vec::new();
    for (place, cell) in (1..).zip(header) {
        let name = unguarded(cell).trim();
        let known = plain(name);
        if !name.is_empty() && !seen.insert(known.clone()) {
            faults.add(line, place, format!("the column `{name}` occurs twice"));
        }
        res.push(match known.as_str() {
            _ if name.is_empty() => Holds::Nothing,
            VALUE => Holds::Value,
            SYNONYMS => Holds::Synonyms,
            _ => Holds::Attribute(name.to_owned()),
        });
    }
    if !seen.contains(VALUE) {
        let text = "there is no column `value`: a list has the columns value and synonyms, and one for each attribute";
        faults.add(line, 1, text);
    }
    res
}

fn entry(cells: &[String], columns: &[Holds], line: u64, faults: &mut Faults) -> ListEntry {
    let mut entry = ListEntry {
        value: String::new(),
        synonyms: Vec::new(),
        attributes: BTreeMap::new(),
    };
    for (place, cell) in cells.iter().enumerate() {
        let text = unguarded(cell).trim();
        if text.contains('\u{fffd}') {
            faults.add(line, place + 1, "bytes stand here that are no text");
        }
        match columns.get(place) {
            _ if text.is_empty() => {}
            Some(Holds::Value) => text.clone_into(&mut entry.value),
            Some(Holds::Synonyms) => entry.synonyms = parted(text),
            Some(Holds::Attribute(name)) => {
                entry.attributes.insert(name.clone(), text.to_owned());
            }
            Some(Holds::Nothing) | None => {
                let text = format!("`{text}` stands below no column's name");
                faults.add(line, place + 1, text);
            }
        }
    }
    if entry.value.is_empty() {
        faults.add(line, 1, "the value is empty");
    }
    entry
}

fn filled(text: &str) -> Result<String, EditError> {
    match text.trim() {
        "" => Err(EditError::Nothing),
        text => Ok(text.to_owned()),
    }
}

/// Exports put an apostrophe in front of what a spreadsheet would run.
fn unguarded(cell: &str) -> &str {
    let inner = cell.strip_prefix('\'');
    inner
        .filter(|it| needs_guard(it.as_bytes()))
        .unwrap_or(cell)
}

fn escaped(synonym: &str) -> String {
    synonym.replace('\\', "\\\\").replace('|', "\\|")
}

/// The synonyms of a cell.
fn parted(cell: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = cell.chars();
    while let Some(it) = chars.next() {
        let it = match it {
            '|' => {
                parts.push(String::new());
                continue;
            }
            // In front of anything else it is itself: who writes a list by hand need not know of it.
            '\\' if chars.as_str().starts_with(['|', '\\']) => chars.next().unwrap_or(it),
            it => it,
        };
        if let Some(part) = parts.last_mut() {
            part.push(it);
        }
    }
    let parts = parts.iter().map(|it| it.trim()).filter(|it| !it.is_empty());
    parts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contract::sales, source::Memory};

    fn read(text: &str) -> Result<List, Vec<String>> {
        List::from_file("l", &Memory(text.as_bytes())).map_err(|error| match error {
            ListError::Faults(faults) => faults.iter().map(ToString::to_string).collect(),
            ListError::Source(error) => vec![error.to_string()],
        })
    }

    #[test]
    fn the_shipped_lists_come_back_from_their_files() {
        for list in &sales().lists {
            let again = List::from_file(&list.name, &Memory(&list.to_csv())).unwrap();
            assert_eq!(again, *list);
            assert_eq!(list.clashes(), []);
        }
    }

    #[test]
    fn files_are_read_as_people_save_them() {
        let list =
            read("Synonyms;Value;Group\r\n nort | N|;North ;cold\r\n\r\n;South;\r\n").unwrap();
        let [north, south] = list.entries.as_slice() else {
            unreachable!()
        };
        assert_eq!(
            (north.value.as_str(), north.synonyms.join(",")),
            ("North", "nort,N".into())
        );
        assert_eq!(north.attributes.get("Group").unwrap(), "cold");
        assert_eq!((south.value.as_str(), south.attributes.len()), ("South", 0));
        assert_eq!(read("value\nNorth\n").unwrap().entries.len(), 1);
        let guarded = read("value,synonyms\n'=1,a\\|b|c\\\\|D\\E\\\n'-A1,\n'-1,\n").unwrap();
        let values: Vec<&str> = guarded.entries.iter().map(|it| &*it.value).collect();
        assert_eq!(values, ["=1", "-A1", "'-1"]);
        assert_eq!(guarded.entries[0].synonyms, ["a|b", "c\\", "D\\E\\"]);
    }

    #[test]
    fn a_workbook_that_cannot_be_read_is_told_as_one() {
        let locked = include_bytes!("../tests/workbooks/password.xlsx");
        let error = List::from_file("l", &Memory(locked)).unwrap_err();
        let ListError::Faults(faults) = error else {
            unreachable!()
        };
        let says =
            "line 1, column 1: this is a workbook that cannot be read: save its sheet as CSV";
        assert_eq!(
            faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [says]
        );
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "value,synonyms\nNorth,no\nSouth,north\n,x\nEast,NO\n north,,y\n";
        assert_eq!(
            read(text).unwrap_err(),
            [
                "line 3, column 1: `north`, a synonym of `South`, is the value `North`",
                "line 4, column 1: the value is empty",
                "line 5, column 1: `NO` is a synonym of `North` already",
                "line 6, column 3: `y` stands below no column's name",
                "line 6, column 1: the value `north` stands in the list already",
            ]
        );
        for (text, says) in [
            ("", "line 1, column 1: there is no column `value`"),
            (
                "name,synonyms\na,b\n",
                "line 1, column 1: there is no column `value`",
            ),
            (
                "value,VALUE\na,b\n",
                "line 1, column 2: the column `VALUE` occurs twice",
            ),
            ("value\n", "line 2, column 1: there is no value"),
        ] {
            let found = read(text).unwrap_err().remove(0);
            assert!(found.starts_with(says), "{found}");
        }
    }

    #[test]
    fn a_list_is_changed_entry_by_entry() {
        let mut list = read("value,synonyms\nNorth,no\nSouth,\n").unwrap();
        let (north, south) = (|| "North".to_owned(), || "South".to_owned());
        let mut edit = |it| list.edit(&it).map_err(|it| it.to_string());
        let add = |value, synonym: &str| ListEdit::AddSynonym {
            value,
            synonym: synonym.to_owned(),
        };
        assert_eq!(edit(add(north(), " Nort ")), Ok(()));
        assert_eq!(
            edit(add(south(), "NORT")).unwrap_err(),
            "`NORT` is a synonym of `North` already"
        );
        assert!(
            edit(add(south(), "north"))
                .unwrap_err()
                .contains("is the value `North`")
        );
        assert_eq!(
            edit(add(south(), " ")).unwrap_err(),
            "there is nothing to add"
        );
        assert!(
            edit(add("West".to_owned(), "w"))
                .unwrap_err()
                .contains("no value `West`")
        );
        assert!(
            edit(ListEdit::AddValue {
                value: "south".to_owned()
            })
            .is_err()
        );
        assert_eq!(
            edit(ListEdit::AddValue {
                value: "West".to_owned()
            }),
            Ok(())
        );
        assert_eq!(edit(ListEdit::RemoveValue { value: south() }), Ok(()));
        let synonym = "no".to_owned();
        assert_eq!(
            edit(ListEdit::RemoveSynonym {
                value: north(),
                synonym
            }),
            Ok(())
        );
        assert!(edit(ListEdit::RemoveValue { value: south() }).is_err());
        let csv = String::from_utf8(list.to_csv()).unwrap();
        assert_eq!(csv, "\u{feff}value,synonyms\r\nNorth,Nort\r\nWest,\r\n");
    }
}
