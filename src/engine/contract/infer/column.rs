//! What the cells of a column are, most of them.

use super::words::{has_currency, is_identifying, is_moment, is_money};
use crate::{
    contract::{Column, Kind, ListEntry, NumberWriting},
    day,
    value::{
        amount::{self, Writing},
        date::{FormSet, form_set, forms_of},
        number, trim, whole,
    },
};
use model::options::DateForm;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64;

/// What people and programs write where they have nothing to say.
const NULL_WORDS: [&str; 9] = [
    "#N/A", "ERROR", "N/A", "NA", "NULL", "NaN", "UNKNOWN", "nan", "null",
];
/// A list has at most so many entries.
const ENTRIES: usize = 20;
/// The forms that a date is told by; days of a spreadsheet are plain numbers.
const FORMS: [DateForm; 7] = [
    DateForm::Iso,
    DateForm::DayFirst,
    DateForm::MonthFirst,
    DateForm::DayMonthName,
    DateForm::Dotted,
    DateForm::ShortDayFirst,
    DateForm::ShortMonthFirst,
];

/// Of one column, what was seen.
pub(super) struct Evidence {
    filled: u64,
    blank: u64,
    null_words: Vec<String>,
    with_point: Numbers,
    with_comma: Numbers,
    leading_zeros: u64,
    /// Without blanks and with a digit.
    codes: u64,
    /// By the set of forms that read a cell, how many.
    dates: BTreeMap<FormSet, u64>,
    /// With a day or a time in them, whether a form reads them or not.
    moments: u64,
    /// By the value in lower case, how it is written how often; None where there are too many.
    values: Option<BTreeMap<String, BTreeMap<String, u64>>>,
    /// Of each row's cell.
    pub(super) hashes: Vec<u64>,
}

/// What was seen of numbers that are written in one way.
#[derive(Default)]
struct Numbers {
    wholes: u64,
    /// Of money: with at most two decimals, or a currency.
    amounts: u64,
    /// Of amounts, those that are no plain numbers.
    with_currency: u64,
    numbers: u64,
    negative: u64,
    /// With decimals, zeros or not, ...
    with_decimals: u64,
    /// ... and with two of them, as sums of money are written to the cent.
    with_cents: u64,
    /// In millionths.
    measures: Vec<i64>,
}

impl Numbers {
    fn see(&mut self, text: &[u8], writing: Writing) {
        let number = number::parse(text, writing);
        let amount = amount::parse(text, writing).map(|it| it.paise);
        let whole = whole::parse(text, writing.decimal_comma);
        let measure = number.or_else(|| amount?.checked_mul(10_000));
        let decimals = measure.map_or(0, |_| decimals(text, writing));
        for (count, it) in [
            (&mut self.wholes, whole.is_some()),
            (&mut self.amounts, amount.is_some()),
            (
                &mut self.with_currency,
                amount.is_some() && number.is_none(),
            ),
            (&mut self.numbers, number.is_some()),
            (&mut self.negative, measure.is_some_and(|it| it < 0)),
            (&mut self.with_decimals, decimals > 0),
            (&mut self.with_cents, decimals == 2),
        ] {
            *count += u64::from(it);
        }
        self.measures.extend(measure);
    }
}

/// How many stand behind the decimal sign.
fn decimals(text: &[u8], writing: Writing) -> usize {
    let sign = if writing.decimal_comma { b',' } else { b'.' };
    let behind = memchr::memrchr(sign, text).and_then(|at| text.get(at + 1..));
    let digits = behind.unwrap_or_default().iter();
    digits.take_while(|it| it.is_ascii_digit()).count()
}

/// Whether a cell, without outer blanks, is a number, an amount or a day.
pub(super) fn is_value(text: &[u8]) -> bool {
    let writing = Writing::default();
    number::parse(text, writing).is_some()
        || amount::parse(text, writing).is_some()
        || forms_of(text) != 0
}

/// Whether one of the words of a cell is a day written in numbers, or a time.
fn has_moment(text: &[u8]) -> bool {
    let mut words = text.split(|it| matches!(it, b' ' | b'T' | b','));
    words.any(|word| day::is_time(word) || is_day(word))
}

/// A day of any form with three numbers, of which the first or the last is the year.
fn is_day(word: &[u8]) -> bool {
    if word.len() > "2026-02-02".len() || !word.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let numbers = |sign: u8| -> Option<Vec<(usize, u32)>> {
        let parts = word.split(|it| *it == sign);
        let number = |it: &[u8]| std::str::from_utf8(it).ok()?.parse().ok();
        parts.map(|it| Some((it.len(), number(it)?))).collect()
    };
    let mut signs = [b'-', b'/', b'.'].into_iter();
    signs.any(|sign| {
        let numbers = numbers(sign);
        let [(first, one), (second, month), (third, other)] =
            *numbers.as_deref().unwrap_or_default()
        else {
            return false;
        };
        let is_part = |length: usize, it: u32, most: u32| length <= 2 && (1..=most).contains(&it);
        let is_year = |length: usize| matches!(length, 2 | 4);
        let month_between = is_part(second, month, 12);
        is_year(first) && month_between && is_part(third, other, 31)
            || is_year(third) && month_between && is_part(first, one, 31)
            || is_year(third) && is_part(first, one, 12) && is_part(second, month, 31)
    })
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            filled: 0,
            blank: 0,
            null_words: Vec::new(),
            with_point: Numbers::default(),
            with_comma: Numbers::default(),
            leading_zeros: 0,
            codes: 0,
            dates: BTreeMap::new(),
            moments: 0,
            values: Some(BTreeMap::new()),
            hashes: Vec::new(),
        }
    }
}

impl Evidence {
    /// Takes a cell in, as it stands and decoded.
    pub(super) fn see(&mut self, bytes: &[u8], text: &str) {
        let trimmed = trim(bytes);
        self.hashes.push(xxh3_64(trimmed));
        let word = text.trim();
        if NULL_WORDS.contains(&word) {
            if !self.null_words.iter().any(|it| it == word) {
                self.null_words.push(word.to_owned());
            }
            self.blank += 1;
            return;
        }
        if trimmed.is_empty() {
            self.blank += 1;
            return;
        }
        self.filled += 1;
        let count = |it: bool| u64::from(it);
        let writing = |decimal_comma| Writing {
            decimal_comma,
            ..Writing::default()
        };
        self.with_point.see(trimmed, writing(false));
        self.with_comma.see(trimmed, writing(true));
        self.leading_zeros += count(matches!(trimmed, [b'0', b'0'..=b'9', ..]));
        let is_code = trimmed.iter().any(u8::is_ascii_digit) && !trimmed.contains(&b' ');
        self.codes += count(is_code);
        *self.dates.entry(forms_of(trimmed)).or_default() += 1;
        self.moments += count(has_moment(trimmed));
        self.value(word);
    }

    fn value(&mut self, word: &str) {
        let Some(values) = &mut self.values else {
            return;
        };
        let written = values.entry(word.to_lowercase()).or_default();
        *written.entry(word.to_owned()).or_default() += 1;
        let spellings: usize = values.values().map(BTreeMap::len).sum();
        if values.len() > ENTRIES || spellings > 4 * ENTRIES {
            self.values = None;
        }
    }

    /// More numbers can be read with a decimal comma.
    fn has_comma(&self) -> bool {
        let read = |it: &Numbers| it.numbers.max(it.amounts);
        read(&self.with_comma) > read(&self.with_point)
    }

    fn numbers(&self) -> &Numbers {
        match self.has_comma() {
            true => &self.with_comma,
            false => &self.with_point,
        }
    }

    /// Nine of ten filled cells.
    fn is_most(&self, count: u64) -> bool {
        self.filled > 0 && count * 10 >= self.filled * 9
    }

    /// Gives the column its type, and how its cells are written.
    pub(super) fn decide(&self, column: &mut Column, notes: &mut Vec<String>) {
        column.required = self.blank == 0 && self.filled > 0;
        let forms = self.forms();
        let numbers = self.numbers();
        let is_money = is_money(&column.name)
            || has_currency(column.title())
            || self.is_most(numbers.with_currency);
        // `12.00` throughout is no count: the next one may be `12.50`.
        let has_cents = self.is_most(numbers.with_cents);
        column.kind = if !forms.is_empty() {
            if self.either_day_or_month_first() {
                notes.push(format!(
                    "Every date of `{}` can be read day first and month first; day first was taken.",
                    column.name
                ));
            }
            column.forms = forms;
            Kind::Date
        } else if self.is_numeric()
            && (self.leading_zeros > 0 || is_identifying(&column.name) && !has_cents)
        {
            Kind::Identifier
        } else if self.is_most(numbers.amounts) && is_money {
            Kind::Amount
        } else if self.is_most(numbers.wholes) && !has_cents {
            Kind::Whole
        } else if self.is_most(numbers.numbers) {
            Kind::Number
        } else if is_identifying(&column.name) || self.codes == self.filled && self.filled > 0 {
            Kind::Identifier
        } else {
            Kind::Text
        };
        let is_number = matches!(column.kind, Kind::Whole | Kind::Amount | Kind::Number);
        if is_number && self.has_comma() {
            column.writing.push(NumberWriting::DecimalComma);
        }
    }

    fn is_numeric(&self) -> bool {
        let numbers = self.numbers();
        self.is_most(numbers.numbers) || self.is_most(numbers.amounts)
    }

    /// Numbers with decimals, which measure something, whatever it was taken for.
    pub(super) fn is_measure(&self) -> bool {
        self.is_numeric() && self.numbers().with_decimals > 0
    }

    /// Days or times, in any form.
    pub(super) fn is_moment(&self, column: &Column) -> bool {
        column.kind == Kind::Date || self.is_most(self.moments) || is_moment(&column.name)
    }

    /// What nearly all of its cells can be read as; anything is text.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        let numbers = self.numbers();
        let kinds = [
            (Kind::Identifier, true),
            (Kind::Text, true),
            (Kind::Whole, self.is_most(numbers.wholes)),
            (Kind::Amount, self.is_most(numbers.amounts)),
            (Kind::Number, self.is_most(numbers.numbers)),
            (Kind::Date, !self.forms().is_empty()),
        ];
        let kinds = kinds.into_iter();
        kinds.filter(|(_, it)| *it).map(|(it, _)| it).collect()
    }

    fn read_by(&self, forms: &[DateForm]) -> u64 {
        let set = forms.iter().fold(0, |set, it| set | form_set(*it));
        let read = self.dates.iter().filter(|(it, _)| **it & set != 0);
        read.map(|(_, count)| count).sum()
    }

    /// The form that reads the most dates, and further ones that read more than a few others; empty where the cells
    /// are no dates. Never day first and month first together.
    fn forms(&self) -> Vec<DateForm> {
        let mut chosen: Vec<DateForm> = Vec::new();
        loop {
            let clashes = |it: &DateForm| chosen.iter().any(|other| it.clashes(*other));
            let with = |it: DateForm| self.read_by(&[&chosen[..], &[it]].concat());
            let free = FORMS.into_iter().filter(|it| !clashes(it));
            // The first of equals: day first before month first.
            let best = free.rev().max_by_key(|it| with(*it));
            let more = best.map_or(0, |it| with(it) - self.read_by(&chosen));
            match best {
                Some(form) if more > 0 && more * 100 >= self.filled => chosen.push(form),
                _ => break,
            }
        }
        if self.is_most(self.read_by(&chosen)) {
            chosen
        } else {
            Vec::new()
        }
    }

    fn either_day_or_month_first(&self) -> bool {
        let read = |forms| self.read_by(forms);
        let day_first = read(&[DateForm::DayFirst, DateForm::ShortDayFirst]);
        let month_first = read(&[DateForm::MonthFirst, DateForm::ShortMonthFirst]);
        day_first == month_first && self.is_most(day_first)
    }

    pub(super) fn null_words(&self) -> &[String] {
        &self.null_words
    }

    /// The few values of a column of text, each as it is written most often.
    pub(super) fn list(&self, column: &Column) -> Option<Vec<ListEntry>> {
        let values = self.values.as_ref()?;
        let few = values.len() as u64 * 5 <= self.filled && self.filled >= 20;
        if column.kind != Kind::Text || !few {
            return None;
        }
        let most_often = |it: &BTreeMap<String, u64>| {
            let often = it.iter().max_by_key(|(_, count)| **count);
            often.map(|(text, _)| text.clone())
        };
        let values = values.values().filter_map(most_often);
        let entry = |value| ListEntry {
            value,
            synonyms: Vec::new(),
            attributes: BTreeMap::new(),
        };
        Some(values.map(entry).collect())
    }

    /// Zero, where nearly no number is below it.
    pub(super) fn minimum(&self, column: &Column) -> Option<String> {
        let none_below = self.numbers().negative * 50 <= self.filled;
        (column.kind.is_number() && none_below).then(|| "0".to_owned())
    }

    /// Three times the distance of the quartiles beyond them, as Tukey's far fences: beyond these lies what is far
    /// out. None where the numbers are few, or mostly the same.
    pub(super) fn usual(&self, column: &Column) -> Option<(String, String)> {
        if !column.kind.is_number() || self.numbers().measures.len() < 50 {
            return None;
        }
        let mut sorted = self.numbers().measures.clone();
        sorted.sort_unstable();
        let quartile = |it: usize| sorted.get(sorted.len() * it / 4).copied();
        let (first, third) = (i128::from(quartile(1)?), i128::from(quartile(3)?));
        let reach = 3 * (third - first);
        (reach > 0).then(|| (decimal(first - reach), decimal(third + reach)))
    }

    /// How many different values there are.
    pub(super) fn distinct(&self) -> usize {
        distinct(self.hashes.clone())
    }

    pub(super) fn is_filled(&self) -> bool {
        self.blank == 0 && self.filled > 0
    }
}

pub(super) fn distinct(mut hashes: Vec<u64>) -> usize {
    hashes.sort_unstable();
    hashes.dedup();
    hashes.len()
}

/// Of millionths, as it is written.
fn decimal(millionths: i128) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let digits = millionths.unsigned_abs();
    let text = format!("{sign}{}.{:06}", digits / 1_000_000, digits % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
