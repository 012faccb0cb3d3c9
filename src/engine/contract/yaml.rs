//! YAML with the place of everything in it: texts, lists and mappings, and nothing that a contract has no use for.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::BTreeMap;

/// Where something begins in a text; both from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub line: usize,
    pub column: usize,
}

/// What is wrong at a place of a contract's text, in plain words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("line {}, column {}: {text}", .mark.line, .mark.column)]
pub struct Fault {
    pub mark: Mark,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) mark: Mark,
    pub(super) value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Scalar {
        text: String,
        /// Not quoted, so that it may be a number, a truth value or nothing.
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) mark: Mark,
    pub(super) value: Node,
}

impl Node {
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if is_null(text))
    }

    /// How a reader would call it.
    pub(super) fn kind(&self) -> String {
        match &self.value {
            _ if self.is_null() => "nothing".to_owned(),
            Value::Scalar { text, .. } => format!("`{text}`"),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping".to_owned(),
        }
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Whether it reads as a decimal number, such as `-12` or `0.5`.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    all(whole) && all(fraction) && (whole == "0" || !whole.starts_with('0'))
}

/// Lists and mappings within one another.
const DEEPEST: usize = 64;
/// Scalars, lists and mappings, with what aliases repeat.
const MOST: usize = 1_000_000;

/// Reads a text that is one document.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut building = Building::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| Fault {
            mark: mark(*error.marker()),
            text: unreadable(error.info()),
        })?;
        building.take(event, span)?;
    }
    building.root.ok_or(Fault {
        mark: Mark { line: 1, column: 1 },
        text: "the text is empty; a contract is expected".to_owned(),
    })
}

fn mark(marker: saphyr_parser::Marker) -> Mark {
    Mark {
        line: marker.line(),
        column: marker.col() + 1,
    }
}

fn unreadable(info: &str) -> String {
    let hint = if info.contains("mapping values are not allowed") {
        "; put a text with a colon in it in quotes"
    } else if info.contains("tab") {
        "; indent with blanks"
    } else {
        ""
    };
    format!("this is no YAML: {info}{hint}")
}

/// What has been opened and not closed.
enum Open {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        /// A key that waits for its value.
        key: Option<(String, Mark)>,
    },
}

#[derive(Default)]
struct Building {
    open: Vec<(Mark, usize, Open)>,
    anchors: BTreeMap<usize, (usize, Node)>,
    nodes: usize,
    documents: usize,
    root: Option<Node>,
}

impl Building {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let mark = mark(span.start);
        let wrong = |text: &str| {
            Err(Fault {
                mark,
                text: text.to_owned(),
            })
        };
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return wrong("a second document begins here; a file holds one contract");
                }
            }
            Event::Alias(anchor) => {
                let Some((size, mut node)) = self.anchors.get(&anchor).cloned() else {
                    return wrong("this refers to something that it is within");
                };
                node.mark = mark;
                self.nodes += size;
                self.add(node)?;
            }
            Event::Scalar(text, style, anchor, tag) => {
                let node = Node {
                    mark,
                    value: Value::Scalar {
                        plain: style == ScalarStyle::Plain
                            && tag.is_none_or(|it| it.suffix != "str"),
                        text: text.into_owned(),
                    },
                };
                self.nodes += 1;
                self.close(anchor, 1, node)?;
            }
            Event::SequenceStart(anchor, _) => self.open(mark, anchor, Open::List(Vec::new()))?,
            Event::MappingStart(anchor, _) => {
                let (entries, key) = (Vec::new(), None);
                self.open(mark, anchor, Open::Map { entries, key })?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some((mark, anchor, open)) = self.open.pop() else {
                    return Ok(());
                };
                let value = match open {
                    Open::List(items) => Value::List(items),
                    Open::Map { entries, .. } => Value::Map(entries),
                };
                let node = Node { mark, value };
                let size = if anchor > 0 { size(&node) } else { 0 };
                self.close(anchor, size, node)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        if self.nodes > MOST {
            return wrong("the text is too large for a contract");
        }
        Ok(())
    }

    fn open(&mut self, mark: Mark, anchor: usize, open: Open) -> Result<(), Fault> {
        if self.open.len() == DEEPEST {
            let text = "this is nested too deep for a contract".to_owned();
            return Err(Fault { mark, text });
        }
        self.nodes += 1;
        self.open.push((mark, anchor, open));
        Ok(())
    }

    fn close(&mut self, anchor: usize, size: usize, node: Node) -> Result<(), Fault> {
        if anchor > 0 {
            self.anchors.insert(anchor, (size, node.clone()));
        }
        self.add(node)
    }

    fn add(&mut self, node: Node) -> Result<(), Fault> {
        let mark = node.mark;
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some((.., Open::List(items))) => items.push(node),
            Some((.., Open::Map { entries, key })) => match key.take() {
                Some((key, mark)) => entries.push(Entry {
                    key,
                    mark,
                    value: node,
                }),
                None => {
                    let Value::Scalar { text, .. } = node.value else {
                        let text = "a word is expected in front of the colon".to_owned();
                        return Err(Fault { mark, text });
                    };
                    if entries.iter().any(|it| it.key == text) {
                        let text = format!("`{text}` is said twice here");
                        return Err(Fault { mark, text });
                    }
                    *key = Some((text, mark));
                }
            },
        }
        Ok(())
    }
}

fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::Scalar { .. } => 0,
        Value::List(items) => items.iter().map(size).sum(),
        Value::Map(entries) => entries.iter().map(|it| size(&it.value)).sum(),
    }
}

/// Where the first thing stands that a sentence names in backticks.
pub(super) fn named(node: &Node, sentence: &str) -> Option<Mark> {
    let mut words = sentence.split('`').skip(1).step_by(2);
    words.find_map(|it| find(node, it))
}

fn find(node: &Node, word: &str) -> Option<Mark> {
    match &node.value {
        Value::Scalar { text, .. } => (text == word).then_some(node.mark),
        Value::List(items) => items.iter().find_map(|it| find(it, word)),
        Value::Map(entries) => entries.iter().find_map(|it| {
            let key = (it.key == word).then_some(it.mark);
            key.or_else(|| find(&it.value, word))
        }),
    }
}

/// What is written. Lists of scalars alone stand on one line.
#[derive(Debug, Clone)]
pub(super) enum Out {
    Text(String),
    /// A number or a truth value.
    Bare(String),
    List(Vec<Out>),
    Map(Vec<(String, Out)>),
}

impl Out {
    pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a String>) -> Self {
        Self::List(texts.into_iter().map(|it| Self::Text(it.clone())).collect())
    }

    pub(super) fn flag(flag: bool) -> Self {
        Self::Bare(flag.to_string())
    }

    fn is_scalar(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Bare(_))
    }
}

impl From<&str> for Out {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&serde_json::Value> for Out {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::String(text) => Self::Text(text.clone()),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(map) => Self::Map(
                map.iter()
                    .map(|(key, value)| (key.clone(), value.into()))
                    .collect(),
            ),
            other => Self::Bare(other.to_string()),
        }
    }
}

/// Writes a mapping as a document.
pub(super) fn write(map: &[(String, Out)]) -> String {
    let mut text = String::new();
    write_map(map, 0, &mut text);
    text
}

fn write_map(map: &[(String, Out)], indent: usize, text: &mut String) {
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            text.push_str(&" ".repeat(indent));
        }
        text.push_str(&scalar(key));
        text.push(':');
        write_value(value, indent, text);
    }
}

/// Behind a colon, to the end of its last line.
fn write_value(value: &Out, indent: usize, text: &mut String) {
    match value {
        Out::Map(map) if !map.is_empty() => {
            text.push('\n');
            text.push_str(&" ".repeat(indent + 2));
            write_map(map, indent + 2, text);
        }
        Out::List(items) if !items.iter().all(Out::is_scalar) => {
            text.push('\n');
            for item in items {
                text.push_str(&" ".repeat(indent + 2));
                text.push('-');
                match item {
                    Out::Map(map) if !map.is_empty() => {
                        text.push(' ');
                        write_map(map, indent + 4, text);
                    }
                    other => write_value(other, indent + 2, text),
                }
            }
        }
        flat => {
            text.push(' ');
            text.push_str(&on_one_line(flat));
            text.push('\n');
        }
    }
}

fn on_one_line(value: &Out) -> String {
    match value {
        Out::Text(text) => scalar(text),
        Out::Bare(text) => text.clone(),
        Out::Map(_) => "{}".to_owned(),
        Out::List(items) => {
            let items: Vec<String> = items.iter().map(on_one_line).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// A text, in quotes where YAML 1.1 or 1.2 could take it for something else.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let sound = |it: char| it.is_alphanumeric() || "_-+./ &()<>%*=".contains(it);
    let bare = text.starts_with(|it: char| it.is_alphabetic())
        && text.chars().all(sound)
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_lowercase().as_str());
    if bare {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for it in text.chars() {
        match it {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            it if it.is_control() || matches!(it, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(it)));
            }
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn places_are_of_lines_and_characters() {
        let node = parse("é: [a, 'b']\nc:\n  - d: 1").unwrap();
        let Value::Map(entries) = node.value else {
            panic!()
        };
        let Value::List(items) = &entries[0].value.value else {
            panic!()
        };
        assert_eq!(items[1].mark, Mark { line: 1, column: 8 });
        let Value::List(items) = &entries[1].value.value else {
            panic!()
        };
        assert_eq!(items[0].mark, Mark { line: 3, column: 5 });
    }

    #[test]
    fn says_where_a_text_is_no_yaml() {
        assert!(wrong("a: b: c").starts_with("line 1, column 5:"));
        assert!(wrong("a: 1\nb: 2\na: 3").starts_with("line 3, column 1: `a` is said twice"));
        assert!(wrong("a: 1\n---\nb: 2").starts_with("line 2, column 1: a second document"));
        assert!(wrong("").contains("empty"));
        assert!(wrong(&"[".repeat(100)).contains("too deep"));
        assert!(wrong("[a]: b").contains("in front of the colon"));
    }

    #[test]
    fn aliases_repeat_what_they_name_but_not_without_end() {
        let node = parse("a: &x [1, 2]\nb: *x").unwrap();
        let Value::Map(entries) = node.value else {
            panic!()
        };
        assert_eq!(entries[0].value.value, entries[1].value.value);
        let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for it in 1..9 {
            let before = format!("*a{}, ", it - 1).repeat(10);
            laughs.push_str(&format!("a{it}: &a{it} [{before}]\n"));
        }
        assert!(wrong(&laughs).contains("too large"));
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let texts = [
            "",
            " a",
            "a ",
            "null",
            "No",
            "12",
            "1.0",
            "+05:30",
            "a: b",
            "#a",
            "a #b",
            "- a",
            "é",
            "\u{85}",
            "\u{2028}",
            "a\nb",
            "\"a\"",
            "it's",
            "[a]",
            "{",
            "~",
            "0x1f",
            "1e5",
            "₹",
            "SKU-MLK-1L",
            "*",
            "&a",
            "!t",
            "%",
            "@",
            "`",
            "|",
            ">",
            "?",
            "\\",
            "\u{0}",
            "😀",
            "Sauces & Ketchup",
            "y",
            "=",
            "<<",
            "2026-01-01",
            "12:30:45",
            "a,b",
            "A=b",
        ];
        let map: Vec<(String, Out)> = texts
            .iter()
            .map(|it| {
                (
                    (*it).to_owned(),
                    Out::List(vec![(*it).into(), Out::Map(vec![])]),
                )
            })
            .collect();
        let Value::Map(entries) = parse(&write(&map)).unwrap().value else {
            panic!()
        };
        assert_eq!(entries.len(), texts.len());
        for (entry, text) in entries.iter().zip(texts) {
            assert_eq!(entry.key, text);
            let Value::List(items) = &entry.value.value else {
                panic!()
            };
            let Value::Scalar { text: found, plain } = &items[0].value else {
                panic!()
            };
            assert_eq!(found, text);
            assert!(!plain || !(is_null(found) || is_number(found)));
        }
    }
}
