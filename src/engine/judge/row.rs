//! One record as a row: its cells read once, by type.

use super::{Plan, compiled::FileColumn};
use crate::{
    contract::Kind,
    control::{Cell, RowCells, Shape},
    reading::{
        encoding::Encoding,
        footer,
        header::plain,
        record::{self, Content, Field, Record},
    },
    value::{
        Value, amount,
        date::{self, ALL_FORMS, FormSet, Read},
        number, trim, whole,
    },
};
use model::verdict::LayoutKind;
use xxhash_rust::xxh3::Xxh3;

/// Room for one row at a time, reused over all rows of a piece.
#[derive(Debug, Default)]
pub(crate) struct RowBuffer {
    pub(crate) fields: Vec<Field>,
    /// For each of the contract's columns, the date forms that read all of the cells so far.
    pub(crate) forms: Vec<FormSet>,
    /// Where the piece begins in the file.
    from: u64,
    scratch: Vec<u8>,
    contents: Vec<Content>,
    values: Vec<Value>,
}

/// The row that was taken last, for the controls of rows.
pub(crate) struct Cells<'a> {
    pub(crate) plan: &'a Plan<'a>,
    pub(crate) row: &'a RowBuffer,
    pub(crate) bytes: &'a [u8],
    pub(crate) today: i32,
}

impl RowCells for Cells<'_> {
    fn cell(&self, column: usize) -> Option<Cell<'_>> {
        let columns = &self.plan.compiled.columns;
        let place = (*self.plan.compiled.places.get(column)?)?;
        Some(
            self.row
                .cell(self.bytes, place, columns.get(place)?, self.today),
        )
    }

    fn decode(&self, text: &[u8]) -> String {
        self.plan.survey.encoding.decode(text).into_owned()
    }
}

/// What a record turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Row(Shape),
    Layout(LayoutKind),
}

impl RowBuffer {
    /// For the rows of a piece that begins at `from` in the file.
    pub(crate) fn new(plan: &Plan<'_>, from: u64) -> Self {
        Self {
            forms: vec![ALL_FORMS; plan.compiled.columns.len()],
            from,
            ..Self::default()
        }
    }

    /// Tells a row from layout, and reads the contents of the contract's columns.
    pub(crate) fn take(&mut self, plan: &Plan<'_>, bytes: &[u8], record: &Record) -> Found {
        self.scratch.clear();
        self.contents.clear();
        for column in &plan.compiled.columns {
            let content = match self.fields.get(column.field) {
                Some(field) => record::content(bytes, *field, &mut self.scratch),
                None => Content::default(),
            };
            self.contents.push(content);
        }
        if let Some(kind) = self.layout(plan, bytes, record) {
            return Found::Layout(kind);
        }
        Found::Row(self.shape(plan, bytes, record))
    }

    /// Reads the cells by type. Only for a row whose shape is sound.
    pub(crate) fn read(&mut self, plan: &Plan<'_>, bytes: &[u8], damaged: bool) {
        self.values.clear();
        let columns = plan.compiled.columns.iter().zip(&self.contents);
        for ((column, content), forms) in columns.zip(&mut self.forms) {
            let text = content.text(bytes, &self.scratch);
            let encoding = plan.survey.encoding;
            self.values.push(if damaged && encoding.is_damaged(text) {
                Value::Undecodable
            } else {
                value(column, text, encoding, forms)
            });
        }
    }

    /// The text of the contract's column at this place among the file's.
    pub(crate) fn text<'a>(&'a self, bytes: &'a [u8], place: usize) -> &'a [u8] {
        self.contents
            .get(place)
            .map(|it| it.text(bytes, &self.scratch))
            .unwrap_or_default()
    }

    pub(crate) fn value(&self, place: usize) -> Value {
        self.values.get(place).copied().unwrap_or(Value::Blank)
    }

    /// Text and value of all the contract's columns, in the order of the plan's.
    #[inline]
    pub(crate) fn cells<'a>(
        &'a self,
        bytes: &'a [u8],
    ) -> impl Iterator<Item = (&'a [u8], Value)> + 'a {
        let texts = self.contents.iter().map(|it| it.text(bytes, &self.scratch));
        texts.zip(self.values.iter().copied())
    }

    pub(crate) fn cell<'a>(
        &'a self,
        bytes: &'a [u8],
        place: usize,
        column: &FileColumn,
        today: i32,
    ) -> Cell<'a> {
        Cell {
            text: self.text(bytes, place),
            value: self.value(place),
            column: column.column,
            today,
        }
    }

    /// Of all cells of the record, the contract's and others, however they are quoted.
    pub(crate) fn digest(&self, bytes: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        self.each_cell(bytes, &mut |it| {
            hasher.update(it);
        });
        hasher.finalize()
    }

    /// As `digest`, quicker, and only to be trusted where it differs.
    pub(crate) fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = Xxh3::new();
        self.each_cell(bytes, &mut |it| hasher.update(it));
        hasher.digest()
    }

    /// The length of each cell, and its text.
    fn each_cell(&self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) {
        let mut scratch = Vec::new();
        for field in &self.fields {
            scratch.clear();
            let content = record::content(bytes, *field, &mut scratch);
            let text = content.text(bytes, &scratch);
            take(&(text.len() as u64).to_le_bytes());
            take(text);
        }
    }

    fn layout(&self, plan: &Plan<'_>, bytes: &[u8], record: &Record) -> Option<LayoutKind> {
        let first = self.fields.first()?;
        let may_be_blank = first.start == first.end || self.key_is_blank(plan, bytes);
        if may_be_blank && self.all_blank(bytes) {
            return Some(LayoutKind::Blank);
        }
        if self.repeats_header(plan, bytes, *first) {
            return Some(LayoutKind::RepeatedHeader);
        }
        if self.is_total(plan, bytes) {
            return Some(LayoutKind::Total);
        }
        let below = plan
            .footer
            .is_some_and(|it| self.from + record.start as u64 >= it);
        let footer = below && footer::is_footer(bytes, &self.fields, plan.frame.least);
        footer.then_some(LayoutKind::Footer)
    }

    fn key_is_blank(&self, plan: &Plan<'_>, bytes: &[u8]) -> bool {
        let key = plan.compiled.key.first();
        key.is_some_and(|place| trim(self.text(bytes, *place)).is_empty())
    }

    fn all_blank(&self, bytes: &[u8]) -> bool {
        self.fields.iter().all(|it| {
            let text = bytes.get(it.start..it.end).unwrap_or_default();
            let text = trim(text);
            text.is_empty() || text == b"\"\""
        })
    }

    fn repeats_header(&self, plan: &Plan<'_>, bytes: &[u8], first: Field) -> bool {
        let text = bytes.get(first.start..first.end).unwrap_or_default();
        // Nearly every row differs from the header in the first few characters of its first cell.
        if plan
            .frame
            .plain
            .first()
            .is_none_or(|name| text.is_ascii() && !is_plain(text, name))
        {
            return false;
        }
        let mut scratch = Vec::new();
        let names = plan
            .frame
            .plain
            .iter()
            .map(Some)
            .chain(std::iter::repeat(None));
        self.fields.len() >= plan.frame.least
            && self.fields.iter().zip(names).all(|(field, name)| {
                scratch.clear();
                let content = record::content(bytes, *field, &mut scratch);
                let text = plan
                    .survey
                    .encoding
                    .decode(content.text(bytes, &scratch))
                    .into_owned();
                match name {
                    Some(name) => plain(&text) == *name,
                    None => text.trim().is_empty(),
                }
            })
    }

    /// The key blank or a total word, and every other required cell a number or blank.
    fn is_total(&self, plan: &Plan<'_>, bytes: &[u8]) -> bool {
        let Some((&key, _)) = plan.compiled.key.split_first() else {
            return false;
        };
        let text = trim(self.text(bytes, key));
        if !text.is_empty() {
            // The longest total word is short, and total words begin with a letter.
            if text.len() > 40 || text.first().is_some_and(u8::is_ascii_digit) {
                return false;
            }
            let longest = plan
                .contract
                .total_words
                .iter()
                .any(|it| it.len() == text.len());
            let word = longest && {
                let folded = plan.survey.encoding.decode(text).to_lowercase();
                plan.contract.total_words.contains(&folded)
            };
            if !word {
                return false;
            }
        }
        plan.compiled
            .columns
            .iter()
            .enumerate()
            .all(|(place, column)| {
                let required = plan
                    .contract
                    .columns
                    .get(column.column)
                    .is_some_and(|it| it.required);
                // Where the key has several columns, each of them tells a row from a total.
                let in_key = plan.compiled.key.contains(&place);
                if place == key || !(required || in_key) {
                    return true;
                }
                let text = trim(self.text(bytes, place));
                text.is_empty()
                    || match column.kind {
                        Kind::Whole => whole::parse(text, column.writing.decimal_comma).is_some(),
                        Kind::Amount => amount::parse(text, column.writing).is_some(),
                        Kind::Number => number::parse(text, column.writing).is_some(),
                        _ => false,
                    }
            })
    }

    fn shape(&self, plan: &Plan<'_>, bytes: &[u8], record: &Record) -> Shape {
        let most = plan.frame.cells.len();
        let surplus = self
            .fields
            .get(most..)
            .unwrap_or_default()
            .iter()
            .any(|it| {
                let text = bytes.get(it.start..it.end).unwrap_or_default();
                !text.trim_ascii().is_empty() && text != b"\"\""
            });
        Shape {
            fields: self.fields.len(),
            least: plan.frame.least,
            most,
            surplus,
            unclosed: record.unclosed,
            undecodable: self.undecodable(plan, bytes, record),
        }
    }

    fn undecodable(&self, plan: &Plan<'_>, bytes: &[u8], record: &Record) -> Option<usize> {
        if !plan.survey.nul && plan.survey.encoding != Encoding::DamagedUtf8 {
            return None;
        }
        let encoding = plan.survey.encoding;
        if !encoding.is_damaged(bytes.get(record.start..record.end)?) {
            return None;
        }
        let damaged = self.fields.iter().position(|it| {
            bytes
                .get(it.start..it.end)
                .is_some_and(|text| encoding.is_damaged(text))
        });
        // A character cut by a delimiter is whole in neither field; the record is damaged all the same.
        Some(damaged.unwrap_or(0))
    }
}

/// Whether ASCII `text`, as names are compared, is `name`.
fn is_plain(text: &[u8], name: &str) -> bool {
    let letters = text.iter().filter(|it| it.is_ascii_alphanumeric());
    letters.map(u8::to_ascii_lowercase).eq(name.bytes())
}

fn is_null_word(column: &FileColumn, text: &[u8], encoding: Encoding) -> bool {
    let is = |word: &String| {
        word.as_bytes() == text || !word.is_ascii() && encoding.decode(text) == word.as_str()
    };
    column.null_words.iter().any(is)
}

/// `forms` loses the date forms that do not read this cell.
fn value(column: &FileColumn, text: &[u8], encoding: Encoding, forms: &mut FormSet) -> Value {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Value::Blank;
    }
    if !column.null_words.is_empty() && is_null_word(column, trimmed, encoding) {
        return Value::Blank;
    }
    match column.kind {
        Kind::Identifier => Value::Text,
        Kind::Text => match &column.lookup {
            Some(lookup) => match lookup.find(text, encoding) {
                Some((entry, exact)) => Value::Listed { entry, exact },
                None => Value::Text,
            },
            None => Value::Text,
        },
        Kind::Whole => whole::parse(trimmed, column.writing.decimal_comma)
            .map_or(Value::Unreadable, Value::Whole),
        Kind::Amount => {
            amount::parse(trimmed, column.writing).map_or(Value::Unreadable, |it| Value::Amount {
                paise: it.paise,
                excess: it.excess,
            })
        }
        Kind::Number => number::parse(trimmed, column.writing)
            .map_or(Value::Unreadable, |millionths| Value::Number { millionths }),
        Kind::Date => {
            let read = date::parse(trimmed, &column.forms);
            match read {
                // Nearly every column has one form, which every cell confirms.
                Some(Read::Day(_, form)) if *forms & !date::form_set(form) == 0 => {}
                _ if *forms == 0 => {}
                _ => *forms &= date::forms_of(trimmed),
            }
            match read {
                Some(Read::Day(day, _)) => Value::Day(day),
                Some(Read::Ambiguous) => Value::AmbiguousDay,
                None => Value::Unreadable,
            }
        }
    }
}
