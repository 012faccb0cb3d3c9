//! What a contract promises in the standard's own words, and the controls that hold it to that.

use super::params;
use crate::{
    contract::{Column, Contract, ControlUse, Kind, yaml},
    value::measure,
};
use model::options::DateForm;
use serde_json::{Map, Value};

/// What the standard's `logicalTypeOptions` say of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) minimum: Option<String>,
    pub(super) exclusive_minimum: Option<String>,
    pub(super) maximum: Option<String>,
    /// For the whole of a value.
    pub(super) pattern: Option<String>,
    pub(super) length: Option<(Option<u64>, Option<u64>)>,
    /// First and last day.
    pub(super) period: Option<(String, String)>,
}

/// A control that a promise brings.
pub(super) struct Promise {
    pub(super) code: &'static str,
    /// None for a promise of the table.
    pub(super) column: Option<String>,
    pub(super) params: Map<String, Value>,
}

impl Promise {
    /// Of the table, or of columns that one rule names together.
    fn plain(code: &'static str, column: Option<&str>) -> Self {
        let column = column.map(str::to_owned);
        let params = Map::new();
        Self {
            code,
            column,
            params,
        }
    }

    /// Whether a rule of the contract keeps it.
    pub(super) fn is_kept_by(&self, used: &ControlUse) -> bool {
        let Some(column) = &self.column else {
            return used.code == self.code;
        };
        used.code == self.code
            && used.columns().any(|it| it == column)
            && same_bounds(&self.params, &used.params)
    }
}

/// Whether two rules of one control for one column ask for the same.
fn same_bounds(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    let number = |it: Option<&Value>| measure::bound("", it?.as_str()?).ok();
    ["minimum", "maximum"]
        .iter()
        .all(|it| number(a.get(*it)) == number(b.get(*it)))
        && ["pattern", "longest", "first", "last"]
            .iter()
            .all(|it| a.get(*it) == b.get(*it))
        && a.get("exclusive").unwrap_or(&false.into())
            == b.get("exclusive").unwrap_or(&false.into())
        && a.get("shortest").unwrap_or(&0.into()) == b.get("shortest").unwrap_or(&0.into())
}

const STRUCTURE: [&str; 7] = [
    "SCH01", "SCH02", "SCH03", "SCH04", "SCH06", "SCH07", "SCH08",
];

/// Everything that the contract promises, in the order in which its rules would stand.
pub(super) fn promises(contract: &Contract, bounds: &[Bounds]) -> Vec<Promise> {
    let mut res: Vec<Promise> = STRUCTURE
        .iter()
        .map(|it| Promise::plain(it, None))
        .collect();
    for (code, applies) in BY_COLUMN {
        let columns = contract.columns.iter().filter(|it| applies(it));
        res.extend(columns.map(|it| Promise::plain(code, Some(&it.name))));
    }
    for (column, bounds) in contract.columns.iter().zip(bounds) {
        res.extend(of_bounds(&column.name, bounds));
    }
    if contract.key.is_empty() {
        res.push(Promise::plain("UNQ03", None));
    } else {
        res.push(Promise::plain("UNQ01", None));
        res.push(Promise::plain("UNQ02", None));
    }
    res
}

/// The codes that a contract does without, though it promises what they are about.
#[derive(Debug, Default)]
pub(super) struct Unchecked {
    pub(super) of_table: Vec<String>,
    /// By the columns' places.
    pub(super) of_columns: Vec<Vec<String>>,
}

impl Unchecked {
    fn has(&self, promise: &Promise, contract: &Contract) -> bool {
        let codes = match &promise.column {
            None => Some(&self.of_table),
            Some(name) => contract.column(name).and_then(|it| self.of_columns.get(it)),
        };
        codes.is_some_and(|it| it.iter().any(|code| code == promise.code))
    }
}

/// Rules for what is promised and kept by no rule of the contract.
pub(super) fn unkept(
    contract: &Contract,
    bounds: &[Bounds],
    unchecked: &Unchecked,
) -> Vec<ControlUse> {
    let mut added: Vec<ControlUse> = Vec::new();
    for promise in promises(contract, bounds) {
        let kept = contract.controls.iter().any(|it| promise.is_kept_by(it));
        if kept || unchecked.has(&promise, contract) {
            continue;
        }
        let mut params = promise.params.clone();
        if let Some(column) = promise.column.filter(|_| promise.params.is_empty()) {
            // Rules for columns alone are one rule for all of them.
            let joint = added.iter_mut().find(|it| it.code == promise.code);
            let columns = joint.and_then(|it| it.params.get_mut("columns")?.as_array_mut());
            if let Some(columns) = columns {
                columns.push(column.into());
                continue;
            }
            params.insert("columns".to_owned(), vec![column].into());
        }
        added.push(ControlUse {
            code: promise.code.to_owned(),
            severity: None,
            tolerance: None,
            params,
        });
    }
    added
}

type Applies = fn(&Column) -> bool;

const BY_COLUMN: [(&str, Applies); 7] = [
    ("CMP01", |it| it.required),
    ("VAL01", |it| it.kind == Kind::Whole),
    ("VAL02", |it| it.kind == Kind::Amount),
    ("VAL10", |it| it.kind == Kind::Amount),
    ("VAL11", |it| it.kind == Kind::Number),
    ("VAL03", |it| it.kind == Kind::Date),
    ("VAL04", |it| {
        let clashes = |form: &DateForm| it.forms.iter().any(|other| form.clashes(*other));
        it.kind == Kind::Date && it.forms.iter().any(clashes)
    }),
];

fn of_bounds(column: &str, bounds: &Bounds) -> Vec<Promise> {
    let mut res = Vec::new();
    let mut add = |code, named: Map<String, Value>| {
        let mut params = params([("column", column.into())]);
        params.extend(named);
        res.push(Promise {
            code,
            column: Some(column.to_owned()),
            params,
        });
    };
    let text = |it: &String| Value::String(it.clone());
    if let Some(least) = &bounds.minimum {
        add("VAL06", params([("minimum", text(least))]));
    }
    if let Some(least) = &bounds.exclusive_minimum {
        let exclusive = ("exclusive", true.into());
        add("VAL06", params([("minimum", text(least)), exclusive]));
    }
    if let Some(most) = &bounds.maximum {
        add("VAL07", params([("maximum", text(most))]));
    }
    if let Some(pattern) = &bounds.pattern {
        let pattern = text(pattern);
        add(
            "VAL08",
            params([("example", pattern.clone()), ("pattern", pattern)]),
        );
    }
    if let Some((shortest, longest)) = bounds.length {
        let mut named = Map::new();
        named.extend(shortest.map(|it| ("shortest".to_owned(), it.into())));
        named.extend(longest.map(|it| ("longest".to_owned(), it.into())));
        add("VAL09", named);
    }
    if let Some((first, last)) = &bounds.period {
        add(
            "TIM02",
            params([("first", text(first)), ("last", text(last))]),
        );
    }
    res
}

/// What a column's rules say in words that the standard has for its type: of several of one kind the first.
pub(super) fn bounds_of(contract: &Contract, column: &Column) -> Bounds {
    let mut res = Bounds::default();
    let is_number = matches!(column.kind, Kind::Whole | Kind::Amount | Kind::Number);
    let is_text = matches!(column.kind, Kind::Identifier | Kind::Text);
    for used in &contract.controls {
        let text = |name| used.params.get(name).and_then(Value::as_str);
        let number = |name| {
            let number = text(name).filter(|it| yaml::is_number(it));
            number.map(str::to_owned)
        };
        if text("column") != Some(&column.name) {
            continue;
        }
        match used.code.as_str() {
            "VAL06" if is_number && used.params.get("exclusive") == Some(&true.into()) => {
                res.exclusive_minimum = res.exclusive_minimum.or_else(|| number("minimum"));
            }
            "VAL06" if is_number => res.minimum = res.minimum.or_else(|| number("minimum")),
            "VAL07" if is_number => res.maximum = res.maximum.or_else(|| number("maximum")),
            "VAL08" if is_text => {
                let found = text("pattern").filter(|it| whole(&anchored(it)) == **it);
                res.pattern = res.pattern.or_else(|| found.map(str::to_owned));
            }
            "VAL09" if is_text => {
                let length = |name| used.params.get(name).and_then(Value::as_u64);
                let found = (length("shortest").filter(|it| *it > 0), length("longest"));
                let says = found.0.is_some() || found.1.is_some();
                res.length = res.length.or(says.then_some(found));
            }
            "TIM02" if column.kind == Kind::Date => {
                let both = text("first").zip(text("last"));
                let both = both.map(|(first, last)| (first.to_owned(), last.to_owned()));
                res.period = res.period.or(both);
            }
            _ => {}
        }
    }
    res
}

/// A pattern for the whole of a value, as the standard has it: found anywhere unless it says otherwise.
pub(super) fn anchored(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// The other way round.
pub(super) fn whole(pattern: &str) -> String {
    let inner = pattern
        .strip_prefix('^')
        .and_then(|it| it.strip_suffix('$'))
        .filter(|it| !it.ends_with('\\'));
    let Some(inner) = inner else {
        return format!("[\\s\\S]*(?:{pattern})[\\s\\S]*");
    };
    match inner
        .strip_prefix("(?:")
        .and_then(|it| it.strip_suffix(')'))
    {
        Some(group) if closes_last(group) => group.to_owned(),
        _ if !inner.contains('|') => inner.to_owned(),
        _ => format!("[\\s\\S]*(?:{pattern})[\\s\\S]*"),
    }
}

/// No parenthesis in it closes one that was opened before it.
fn closes_last(group: &str) -> bool {
    let (mut depth, mut class, mut escaped) = (0i64, false, false);
    for it in group.chars() {
        match it {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' if !class => class = true,
            ']' if class => class = false,
            '(' if !class => depth += 1,
            ')' if !class => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0 && !class && !escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_for_the_whole_value_here_and_for_a_part_there() {
        for pattern in ["[A-Z]{3}", "a|b", "(a|b)+", "\\(x\\)", "[)]", ""] {
            assert_eq!(whole(&anchored(pattern)), pattern);
        }
        assert_eq!(whole("^[0-9]+$"), "[0-9]+");
        assert_eq!(
            whole("^(?:a)|(?:b)$"),
            "[\\s\\S]*(?:^(?:a)|(?:b)$)[\\s\\S]*"
        );
        assert_eq!(whole("@"), "[\\s\\S]*(?:@)[\\s\\S]*");
    }
}
