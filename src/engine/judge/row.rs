//! One record as a row: its cells read once, by type.

use super::{Plan, compiled::FileColumn};
use crate::{
    contract::Kind,
    control::{Cell, RowCells, Shape},
    reading::{
        encoding::Encoding,
        footer,
        header::plain,
        record::{self, Content, Field, Form, Record},
        returned::{self, RawRecord, Restored, Returned},
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
    /// Of the row that was taken last, where it has to be looked at: None where it is as wide as it should be and
    /// holds no quote that is never closed and no bytes that are no text.
    pub(crate) shape: Option<Shape>,
    /// What the row stands for, in an export of ours.
    pub(crate) restored: Option<Restored>,
    /// The fields of an export of ours that say which exception the row is: its run, and its record there.
    pub(crate) named: Option<[Field; 2]>,
    /// For each of the contract's columns, the date forms that read all of the cells so far.
    pub(crate) forms: Vec<FormSet>,
    /// Where the piece begins in the file.
    from: u64,
    /// The field of each of the plan's columns.
    at: Vec<usize>,
    rewritten: Rewritten,
    values: Vec<Value>,
}

/// Contents of those fields of the plan's columns that do not stand in the file as they are meant.
#[derive(Debug, Default)]
struct Rewritten {
    text: Vec<u8>,
    /// Fields, and where in `text` their contents stand.
    fields: Vec<(usize, Content)>,
}

impl Rewritten {
    fn take(&mut self, bytes: &[u8], fields: &[Field], at: &[usize]) {
        self.text.clear();
        self.fields.clear();
        for place in at {
            if let Some(field) = fields.get(*place)
                && field.form == Form::Escaped
            {
                let content = record::content(bytes, *field, &mut self.text);
                self.fields.push((*place, content));
            }
        }
    }

    /// The content of the field at `place`.
    #[inline]
    fn content<'a>(&'a self, bytes: &'a [u8], fields: &[Field], place: usize) -> &'a [u8] {
        let Some(field) = fields.get(place) else {
            return &[];
        };
        match field.form {
            Form::Plain => bytes.get(field.start..field.end),
            Form::Quoted => bytes.get(field.start + 1..field.end - 1),
            Form::Escaped => {
                let content = self.fields.iter().find(|(it, _)| *it == place);
                content.map(|(_, it)| it.text(bytes, &self.text))
            }
        }
        .unwrap_or_default()
    }
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
    Row,
    Layout(LayoutKind),
}

impl RowBuffer {
    /// For the rows of a piece that begins at `from` in the file.
    pub(crate) fn new(plan: &Plan<'_>, from: u64) -> Self {
        Self {
            forms: vec![ALL_FORMS; plan.compiled.columns.len()],
            from,
            at: plan.compiled.columns.iter().map(|it| it.field).collect(),
            values: vec![Value::Blank; plan.compiled.columns.len()],
            ..Self::default()
        }
    }

    /// Tells a row from layout, and reads the contents of the contract's columns.
    pub(crate) fn take(&mut self, plan: &Plan<'_>, bytes: &[u8], record: &Record) -> Found {
        if let Some(returned) = &plan.frame.returned {
            self.named = returned.named(&self.fields);
            let restored = returned.restore(bytes, record, &mut self.fields);
            returned.hide(&mut self.fields);
            self.restored = Some(restored);
        }
        let is_exception = Returned::is_exception(bytes, self.named);
        let bytes = own(self.restored.as_ref(), bytes);
        if record.has_escapes || self.raw().is_some() {
            self.rewritten.take(bytes, &self.fields, &self.at);
        }
        if self.raw().is_none()
            && plan.choice.apart.is_none()
            && let Some(kind) = self.layout(plan, bytes, record)
            // An exception that lacks nearly everything is no total.
            && !(is_exception && matches!(kind, LayoutKind::Total | LayoutKind::Footer))
        {
            return Found::Layout(kind);
        }
        self.shape = None;
        if !self.is_sound(plan, bytes, record) {
            self.shape = Some(self.shape(plan, bytes, record));
        }
        Found::Row
    }

    /// Reads the cells by type, and hands each to `take` with its column and the column's place among the plan's.
    /// Only for a row whose shape is sound.
    #[inline]
    pub(crate) fn read_each(
        &mut self,
        plan: &Plan<'_>,
        bytes: &[u8],
        mut take: impl FnMut(usize, &FileColumn, &[u8], &Value),
    ) {
        let encoding = plan.survey.encoding;
        let bytes = own(self.restored.as_ref(), bytes);
        let damaged = self.shape.is_some_and(|it| it.undecodable.is_some());
        let marked = self.restored.as_ref().is_some_and(|it| it.damaged);
        let columns = plan.compiled.columns.iter().enumerate();
        for (((place, column), kept), forms) in columns.zip(&mut self.values).zip(&mut self.forms) {
            let text = self.rewritten.content(bytes, &self.fields, column.field);
            // Written in place: a value that is copied whole, soon after its parts were written, waits for them.
            if damaged && (encoding.is_damaged(text) || marked && returned::is_marked(text)) {
                *kept = Value::Undecodable;
            } else {
                read_value(column, text, encoding, forms, kept);
            }
            take(place, column, text, kept);
        }
    }

    /// As `read_each`, for those who ask for cells later.
    pub(crate) fn read(&mut self, plan: &Plan<'_>, bytes: &[u8]) {
        self.read_each(plan, bytes, |_, _, _, _| {});
    }

    /// The text of the contract's column at this place among the file's.
    #[inline]
    pub(crate) fn text<'a>(&'a self, bytes: &'a [u8], place: usize) -> &'a [u8] {
        let bytes = self.bytes(bytes);
        let field = self.at.get(place).copied().unwrap_or(usize::MAX);
        self.rewritten.content(bytes, &self.fields, field)
    }

    pub(crate) fn value(&self, place: usize) -> Value {
        self.values.get(place).copied().unwrap_or(Value::Blank)
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

    /// Where the row's fields stand: in `bytes`, those of its piece, unless it is read from its raw text.
    pub(crate) fn bytes<'a>(&'a self, bytes: &'a [u8]) -> &'a [u8] {
        own(self.restored.as_ref(), bytes)
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
        let bytes = self.bytes(bytes);
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
        let at = self.from + record.start as u64;
        if plan.above.iter().any(|it| it.contains(&at)) && self.is_no_order(plan, bytes) {
            let is_blank = self.all_blank(bytes);
            return Some(if is_blank {
                LayoutKind::Blank
            } else {
                LayoutKind::Title
            });
        }
        let below = plan.footer.is_some_and(|it| at >= it);
        if !below && self.is_ordinary(plan, bytes, *first) {
            return None;
        }
        let may_be_blank = first.start == first.end || self.key_is_blank(plan, bytes);
        if may_be_blank && self.all_blank(bytes) {
            return Some(LayoutKind::Blank);
        }
        if self.repeats_header(plan, bytes, *first) {
            return Some(LayoutKind::RepeatedHeader);
        }
        if self.is_total(plan, bytes) || self.is_subtotal(plan, bytes) {
            return Some(LayoutKind::Total);
        }
        let footer = below && footer::is_footer(bytes, &self.fields, plan.frame.least);
        footer.then_some(LayoutKind::Footer)
    }

    /// By the first byte of its first cell and by the ends of its key: no blank line, no header again, no total row. Nearly
    /// every row is told so.
    #[inline]
    fn is_ordinary(&self, plan: &Plan<'_>, bytes: &[u8], first: Field) -> bool {
        let begins = |text: &[u8], with: &[bool; 256]| {
            text.first()
                .is_some_and(|it| !with.get(usize::from(*it)).is_some_and(|it| *it))
        };
        let gates = &plan.compiled.gates;
        let Some(key) = plan.compiled.key.first() else {
            return begins(
                bytes.get(first.start..first.end).unwrap_or_default(),
                &gates.header,
            );
        };
        begins(
            bytes.get(first.start..first.end).unwrap_or_default(),
            &gates.header,
        ) && {
            let key = self.text(bytes, *key);
            let ends = key
                .last()
                .and_then(|it| gates.total_end.get(usize::from(*it)));
            begins(key, &gates.total) && !ends.is_some_and(|it| *it)
        }
    }

    /// Whether it has all that a row needs.
    pub(super) fn is_filled(&self, plan: &Plan<'_>, bytes: &[u8]) -> bool {
        let mut columns = plan.compiled.columns.iter().enumerate();
        columns.all(|(place, column)| {
            !is_required(plan, column) || !trim(self.text(bytes, place)).is_empty()
        })
    }

    /// A row with its key and its amount is an order, whatever else it lacks.
    fn is_no_order(&self, plan: &Plan<'_>, bytes: &[u8]) -> bool {
        let has = |place: usize| !trim(self.text(bytes, place)).is_empty();
        let mut columns = plan.compiled.columns.iter();
        let money = columns.position(|it| it.is_money);
        let key = plan.compiled.key.first();
        let told = key.is_some_and(|it| has(*it)) && money.is_none_or(has);
        !told && !self.is_filled(plan, bytes)
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

    fn is_sound(&self, plan: &Plan<'_>, bytes: &[u8], record: &Record) -> bool {
        (plan.frame.least..=plan.frame.cells.len()).contains(&self.fields.len())
            && record.unclosed.is_none()
            && self.raw().is_none()
            && self.undecodable(plan, bytes, record).is_none()
    }

    #[cold]
    fn shape(&self, plan: &Plan<'_>, bytes: &[u8], record: &Record) -> Shape {
        let undecodable = self.undecodable(plan, bytes, record);
        if let Some(raw) = self.raw() {
            return Shape {
                fields: raw.fields,
                least: raw.least,
                most: raw.most,
                surplus: raw.surplus,
                unclosed: raw.unclosed,
                undecodable,
            };
        }
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
            undecodable,
        }
    }

    fn undecodable(&self, plan: &Plan<'_>, bytes: &[u8], record: &Record) -> Option<usize> {
        let marked = self.restored.as_ref().is_some_and(|it| it.damaged);
        if !plan.survey.nul && plan.survey.encoding != Encoding::DamagedUtf8 && !marked {
            return None;
        }
        let encoding = plan.survey.encoding;
        if self.restored.is_none() && !encoding.is_damaged(bytes.get(record.start..record.end)?) {
            return None;
        }
        let damaged = self.fields.iter().position(|it| {
            bytes.get(it.start..it.end).is_some_and(|text| {
                encoding.is_damaged(text) || marked && returned::is_marked(text)
            })
        });
        // A character cut by a delimiter is whole in neither field; the record is damaged all the same. Not so where
        // only its own cells count.
        damaged.or_else(|| self.restored.is_none().then_some(0))
    }

    fn raw(&self) -> Option<&RawRecord> {
        self.restored.as_ref()?.raw.as_ref()
    }
}

#[inline]
fn own<'a>(restored: Option<&'a Restored>, bytes: &'a [u8]) -> &'a [u8] {
    restored.map_or(bytes, |it| it.bytes(bytes))
}

pub(super) fn is_required(plan: &Plan<'_>, column: &FileColumn) -> bool {
    let column = plan.contract.columns.get(column.column);
    column.is_some_and(|it| it.required)
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
#[inline]
fn read_value(
    column: &FileColumn,
    text: &[u8],
    encoding: Encoding,
    forms: &mut FormSet,
    into: &mut Value,
) {
    let trimmed = trim(text);
    if trimmed.is_empty()
        || !column.null_words.is_empty() && is_null_word(column, trimmed, encoding)
    {
        *into = Value::Blank;
        return;
    }
    *into = match column.kind {
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
        Kind::Date => read_date(column, trimmed, forms),
    };
}

fn read_date(column: &FileColumn, trimmed: &[u8], forms: &mut FormSet) -> Value {
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
