//! Cells as the values of a spreadsheet, where those are exactly what is written.

use crate::{
    contract::{Column, Kind, NumberWriting},
    value::{
        amount::{self, Writing},
        date::{self, Read},
        number, trim, whole,
    },
};
use model::options::{DateForm, Options};

/// What a spreadsheet keeps of a cell. Numbers are those with at most 15 digits, which it shows as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    Blank,
    Text,
    Whole(f64),
    Amount(f64),
    Number(f64),
    /// Days since the end of 1899.
    Day(f64),
}

/// How the cells of a column are read.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    kind: Kind,
    writing: Writing,
    forms: Vec<DateForm>,
}

impl Typed {
    pub(super) fn new(column: &Column, options: &Options) -> Self {
        let mut forms = match options.date_forms.get(&column.name) {
            Some(form) => vec![*form],
            None => column.forms.clone(),
        };
        if options.workbook.is_some() && !forms.contains(&DateForm::Iso) {
            forms.insert(0, DateForm::Iso);
        }
        Self {
            kind: column.kind,
            writing: Writing {
                decimal_comma: options.decimal_comma,
                parentheses: column.writing.contains(&NumberWriting::Parentheses),
                trailing_minus: column.writing.contains(&NumberWriting::TrailingMinus),
            },
            forms,
        }
    }

    pub(super) fn value(&self, text: &str) -> Value {
        let bytes = text.as_bytes();
        // Blanks around a value are part of what is written.
        if bytes.is_empty() || trim(bytes).len() < bytes.len() {
            return Value::Text;
        }
        let value = match self.kind {
            Kind::Identifier | Kind::Text => None,
            Kind::Whole => whole::parse(bytes, self.writing.decimal_comma)
                .and_then(|it| exact(it, 1.0))
                .map(Value::Whole),
            Kind::Amount => amount::parse(bytes, self.writing)
                .filter(|it| !it.excess)
                .and_then(|it| exact(it.paise, 100.0))
                .map(Value::Amount),
            Kind::Number => number::parse(bytes, self.writing)
                .and_then(|it| exact(it, 1e6))
                .map(Value::Number),
            Kind::Date => self.day(bytes).map(Value::Day),
        };
        value.unwrap_or(Value::Text)
    }

    fn day(&self, text: &[u8]) -> Option<f64> {
        const EPOCH: i32 = 25_569;
        // Before March 1900 spreadsheets count a day that never was.
        const FIRST: i32 = 61;
        let Some(Read::Day(day, form)) = date::parse(text, &self.forms) else {
            return None;
        };
        let has_time = text.len() > "02-Feb-2026".len() || memchr::memchr(b':', text).is_some();
        let has_fraction = form == DateForm::ExcelSerial && memchr::memchr(b'.', text).is_some();
        let serial = day.checked_add(EPOCH)?;
        (!has_time && !has_fraction && serial >= FIRST).then_some(f64::from(serial))
    }
}

/// `parts` of which `unit` make one; None beyond 15 digits.
#[expect(clippy::cast_precision_loss, reason = "15 digits fit")]
fn exact(parts: i64, unit: f64) -> Option<f64> {
    (parts.unsigned_abs() < 1_000_000_000_000_000).then_some(parts as f64 / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(kind: Kind, text: &str) -> Value {
        let typed = Typed {
            kind,
            writing: Writing::default(),
            forms: vec![DateForm::Iso, DateForm::DayFirst, DateForm::DayMonthName],
        };
        typed.value(text)
    }

    #[test]
    fn is_a_number_only_where_nothing_is_lost() {
        for (text, expected) in [
            ("12.50", Value::Amount(12.5)),
            ("₹1,23,456.78", Value::Amount(123_456.78)),
            ("-3", Value::Amount(-3.0)),
            ("9999999999999.99", Value::Amount(9_999_999_999_999.99)),
            ("10000000000000.00", Value::Text),
            ("8092.160000000001", Value::Text),
            (" 5", Value::Text),
            ("ten", Value::Text),
            ("", Value::Text),
        ] {
            assert_eq!(value(Kind::Amount, text), expected, "{text}");
        }
        assert_eq!(value(Kind::Whole, "12"), Value::Whole(12.0));
        assert_eq!(value(Kind::Number, "0.000001"), Value::Number(0.000_001));
        assert_eq!(value(Kind::Identifier, "12"), Value::Text);
    }

    #[test]
    fn is_a_day_only_where_nothing_is_lost() {
        for (text, expected) in [
            ("2026-02-02", Value::Day(46_055.0)),
            ("02/02/2026", Value::Day(46_055.0)),
            ("02-Feb-2026", Value::Day(46_055.0)),
            ("2026-02-02 10:00", Value::Text),
            ("2026-02-02T10:00:00Z", Value::Text),
            ("1899-12-31", Value::Text),
            ("2026-13-02", Value::Text),
        ] {
            assert_eq!(value(Kind::Date, text), expected, "{text}");
        }
    }
}
