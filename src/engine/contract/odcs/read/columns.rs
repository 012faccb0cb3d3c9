//! A column: its type, what bounds its values, and what of the standard's words for it is not checked.

use super::{
    super::{
        fields::Fields,
        promises::{Bounds, whole},
        rules::Rule,
    },
    ELEMENT, PROPERTY, Property, Reader,
};
use crate::contract::{
    Column, Kind, LedgerRole, NumberWriting,
    yaml::{Node, Value as Yaml},
};
use model::options::DateForm;

impl Reader {
    pub(super) fn property<'a>(&mut self, fields: Fields<'a>) -> Option<Property<'a>> {
        self.faults
            .only(fields, &[&ELEMENT, &PROPERTY, &["quality"]]);
        let name = self.faults.need(fields, "name", "the column's name")?;
        let mark = name.mark;
        let name = self.faults.text(name)?;
        let keys = [
            "type",
            "aliases",
            "forms",
            "writing",
            "nullWords",
            "list",
            "role",
            "unchecked",
        ];
        let ours = self.ours(fields.get("customProperties"), &keys, "a column");
        let get = |key: &str| ours.and_then(|it| it.get(key));
        let kind = self.kind(&name, fields, get("type"));
        let (bounds, form) = self.bounds(fields, kind);
        let forms = match get("forms") {
            Some(node) => self.values(Some(node)),
            None if kind == Kind::Date => vec![form.unwrap_or(DateForm::Iso)],
            None => Vec::new(),
        };
        let list = get("list");
        let key = self.faults.flag(fields, "primaryKey");
        // -1 is how the standard says that there is none.
        let unsaid =
            |it: &Node| matches!(&it.value, Yaml::Scalar { text, .. } if text.as_str() == "-1");
        let position = fields.get("primaryKeyPosition");
        let position = position.filter(|it| key && !unsaid(it)).and_then(|it| {
            let position = self.faults.whole(fields, "primaryKeyPosition")?;
            Some((position, it.mark))
        });
        let unique = self.faults.flag(fields, "unique");
        let column = Column {
            title: self.faults.text_at(fields, "businessName"),
            aliases: self.faults.texts(get("aliases")),
            kind,
            required: self.faults.flag(fields, "required"),
            forms,
            writing: self.values::<NumberWriting>(get("writing")),
            null_words: self.faults.texts(get("nullWords")),
            list: list.and_then(|it| self.faults.text(it)),
            role: get("role").and_then(|it| self.value::<LedgerRole>(it)),
            name: name.clone(),
        };
        Some(Property {
            column,
            mark,
            bounds,
            key: key.then(|| position.unwrap_or((0, fields.mark_of("primaryKey")))),
            unique: unique.then(|| fields.mark_of("unique")),
            unchecked: self.faults.texts(get("unchecked")),
            rules: Rule::all(fields.get("quality"), Some(&name), &mut self.faults),
            list: list.map(|it| it.mark),
        })
    }

    fn kind(&mut self, name: &str, fields: Fields<'_>, ours: Option<&Node>) -> Kind {
        let words = [
            "string",
            "integer",
            "number",
            "date",
            "timestamp",
            "boolean",
            "time",
            "array",
            "object",
        ]
        .map(|it| (it, it));
        let logical = fields.get("logicalType");
        let word = logical.and_then(|it| self.faults.word(it, &words));
        let mark = fields.mark_of("logicalType");
        let usual = match word {
            Some("integer") => Kind::Whole,
            Some("number") => Kind::Number,
            Some("date" | "timestamp") => Kind::Date,
            Some(other @ ("boolean" | "time")) => {
                let text = format!("`{name}` is read as text: {other} is not told apart from it");
                self.notes.add(mark, text);
                Kind::Text
            }
            Some(other @ ("array" | "object")) => {
                let text = format!("a cell of a file holds no {other}; write string");
                self.faults.add(mark, text);
                Kind::Text
            }
            _ => Kind::Text,
        };
        let Some(node) = ours else { return usual };
        let words = [
            ("identifier", Kind::Identifier),
            ("text", Kind::Text),
            ("whole", Kind::Whole),
            ("amount", Kind::Amount),
            ("number", Kind::Number),
            ("date", Kind::Date),
        ];
        let Some(kind) = self.faults.word(node, &words) else {
            return usual;
        };
        if let Some(word) = word
            && usual != logical_kind(kind)
        {
            let text = format!(
                "the type {} is no `{word}` of the standard",
                words.iter().find(|it| it.1 == kind).map_or("", |it| it.0)
            );
            self.faults.add(node.mark, text);
        }
        kind
    }

    /// What `logicalTypeOptions` say, and the form of dates.
    fn bounds(&mut self, fields: Fields<'_>, kind: Kind) -> (Bounds, Option<DateForm>) {
        let mut res = Bounds::default();
        let node = fields.get("logicalTypeOptions");
        let Some(options) = node.and_then(|it| self.faults.map(it)) else {
            return (res, None);
        };
        let mut form = None;
        if fields.get("logicalType").is_none() {
            let text = "`logicalTypeOptions` need a `logicalType` beside them, such as string";
            self.faults.add(options.mark, text);
        }
        let known: &[&str] = match kind {
            Kind::Identifier | Kind::Text => &["minLength", "maxLength", "pattern", "format"],
            Kind::Whole | Kind::Amount | Kind::Number => &[
                "minimum",
                "maximum",
                "exclusiveMinimum",
                "exclusiveMaximum",
                "multipleOf",
                "format",
            ],
            Kind::Date => &[
                "minimum",
                "maximum",
                "exclusiveMinimum",
                "exclusiveMaximum",
                "format",
                "timezone",
                "defaultTimezone",
            ],
        };
        self.faults.only(options, &[known]);
        match kind {
            Kind::Identifier | Kind::Text => {
                let shortest = self.faults.whole(options, "minLength");
                let longest = self.faults.whole(options, "maxLength");
                res.length =
                    (shortest.is_some() || longest.is_some()).then_some((shortest, longest));
                let pattern = self.faults.text_at(options, "pattern");
                res.pattern = pattern.map(|it| whole(&it));
                self.not_checked(options, &["format"]);
            }
            Kind::Whole | Kind::Amount | Kind::Number => {
                res.minimum = self.faults.number(options, "minimum");
                res.exclusive_minimum = self.faults.number(options, "exclusiveMinimum");
                res.maximum = self.faults.number(options, "maximum");
                self.not_checked(options, &["exclusiveMaximum", "multipleOf"]);
            }
            Kind::Date => {
                let first = self.faults.text_at(options, "minimum");
                let last = self.faults.text_at(options, "maximum");
                if first.is_some() != last.is_some() {
                    self.not_checked(options, &["minimum", "maximum"]);
                }
                res.period = first.zip(last);
                self.not_checked(options, &["exclusiveMinimum", "exclusiveMaximum"]);
                form = options.get("format").and_then(|it| self.form(it));
            }
        }
        (res, form)
    }

    fn not_checked(&mut self, options: Fields<'_>, keys: &[&str]) {
        for entry in options.entries {
            if keys.contains(&entry.key.as_str()) {
                let text = format!("`{}` is not checked in this form", entry.key);
                self.notes.add(entry.mark, text);
            }
        }
    }

    /// A pattern of Java's DateTimeFormatter, by the order of its letters.
    fn form(&mut self, node: &Node) -> Option<DateForm> {
        let pattern = self.faults.text(node)?;
        let mut letters: Vec<char> = pattern
            .chars()
            .filter(|it| matches!(it, 'y' | 'u' | 'M' | 'd'))
            .map(|it| if it == 'u' { 'y' } else { it })
            .collect();
        let named = pattern.contains("MMM");
        let short = letters.iter().filter(|it| **it == 'y').count() == 2;
        let dotted = pattern.contains("d.");
        letters.dedup();
        let form = match (String::from_iter(letters).as_str(), named) {
            ("yMd", false) => Some(DateForm::Iso),
            ("dMy", false) if short => Some(DateForm::ShortDayFirst),
            ("Mdy", false) if short => Some(DateForm::ShortMonthFirst),
            ("dMy", false) if dotted => Some(DateForm::Dotted),
            ("dMy", false) => Some(DateForm::DayFirst),
            ("Mdy", false) => Some(DateForm::MonthFirst),
            ("dMy", true) => Some(DateForm::DayMonthName),
            _ => None,
        };
        if form.is_none() {
            let text = format!(
                "dates written `{pattern}` cannot be read; write yyyy-MM-dd, dd-MM-yyyy, MM-dd-yyyy, dd-MMM-yy, dd.MM.yyyy, dd-MM-yy or MM-dd-yy"
            );
            self.faults.add(node.mark, text);
        }
        form
    }
}

/// The kind that the standard's word for a kind is read as.
fn logical_kind(kind: Kind) -> Kind {
    match kind {
        Kind::Identifier => Kind::Text,
        Kind::Amount => Kind::Number,
        other => other,
    }
}
