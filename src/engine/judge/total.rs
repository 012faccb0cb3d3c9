//! Total rows: those of the file, and those that stand below groups of rows, as Excel's subtotals do.

use super::{
    Plan,
    compiled::FileColumn,
    row::{RowBuffer, is_required},
};
use crate::{
    contract::{Kind, LedgerRole},
    reading::{encoding::Encoding, record},
    value::{
        amount::{self, Writing},
        number, trim, whole,
    },
};

/// The one text of a row of sums.
struct Label<'p> {
    /// Where it stands, when that is a column of the contract.
    column: Option<&'p FileColumn>,
    text: String,
}

impl RowBuffer {
    /// The key blank or a total word, and every other required cell a number or blank.
    pub(super) fn is_total(&self, plan: &Plan<'_>, bytes: &[u8]) -> bool {
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
                // Where the key has several columns, each of them tells a row from a total.
                let in_key = plan.compiled.key.contains(&place);
                if place == key || !(is_required(plan, column) || in_key) {
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

    /// Sums beside one text that ends in a total word: `North Total`. Never a row that could be accepted, since it lacks
    /// what is required, nor one whose text may be the name of its product.
    pub(super) fn is_subtotal(&self, plan: &Plan<'_>, bytes: &[u8]) -> bool {
        if plan.compiled.key.is_empty() || self.is_filled(plan, bytes) {
            return false;
        }
        let Some(label) = self.label(plan, bytes) else {
            return false;
        };
        let words = plan.contract.total_words.iter();
        let groups = words.filter_map(|it| label.text.strip_suffix(it.as_str()));
        let whole_words =
            groups.filter(|it| !it.chars().next_back().is_some_and(char::is_alphanumeric));
        // The longest total word: a grand total is not that of a group called grand.
        let Some(group) = whole_words.min_by_key(|it| it.len()) else {
            return false;
        };
        !label.is_listed(&label.text)
            && (group.is_empty() || !label.may_be_product(plan) || label.is_listed(group))
    }

    /// None where the row has several texts, or no sums. Of the contract's columns those of numbers alone have sums.
    fn label<'p>(&self, plan: &'p Plan<'_>, bytes: &[u8]) -> Option<Label<'p>> {
        let mut scratch = Vec::new();
        let (mut label, mut has_sums) = (None, false);
        let others = Writing {
            decimal_comma: plan.decimal_comma,
            ..Writing::default()
        };
        for (place, field) in self.fields.iter().enumerate() {
            scratch.clear();
            let content = record::content(bytes, *field, &mut scratch);
            let text = trim(content.text(bytes, &scratch));
            if text.is_empty() {
                continue;
            }
            let mut columns = plan.compiled.columns.iter();
            let column = columns.find(|it| it.field == place);
            let writing = match column.map(|it| (it.kind, it.writing)) {
                Some((Kind::Identifier | Kind::Text | Kind::Date, _)) => None,
                Some((_, writing)) => Some(writing),
                None => Some(others),
            };
            // An average of whole numbers is none.
            let is_number =
                |it| number::parse(text, it).is_some() || amount::parse(text, it).is_some();
            if writing.is_some_and(is_number) {
                has_sums = true;
                continue;
            }
            let text = plan.survey.encoding.decode(text).to_lowercase();
            let text = text.trim_end_matches(|it: char| !it.is_alphanumeric());
            let found = Label {
                column,
                text: text.to_owned(),
            };
            if label.replace(found).is_some() {
                return None;
            }
        }
        label.filter(|_| has_sums)
    }
}

impl Label<'_> {
    fn is_listed(&self, text: &str) -> bool {
        let lookup = self.column.and_then(|it| it.lookup.as_ref());
        lookup.is_some_and(|it| it.find(text.as_bytes(), Encoding::Utf8).is_some())
    }

    /// Of an order in several lines the second often has its product alone, and products are called `Dim Sum` too.
    fn may_be_product(&self, plan: &Plan<'_>) -> bool {
        let role = |it: &FileColumn| plan.contract.columns.get(it.column)?.role;
        let columns = &plan.compiled.columns;
        match self.column.and_then(role) {
            Some(role) => matches!(role, LedgerRole::Product | LedgerRole::Sku),
            None => {
                let key = plan.compiled.key.first().and_then(|it| columns.get(*it));
                let in_key = self
                    .column
                    .is_some_and(|it| key.is_some_and(|key| key.column == it.column));
                let mut roles = columns.iter().map(role);
                !in_key && !roles.any(|it| it == Some(LedgerRole::Product))
            }
        }
    }
}
