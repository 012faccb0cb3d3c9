//! Takes a mapping's values out by their keys, and collects everything that is wrong on the way.

use crate::contract::yaml::{Entry, Fault, Mark, Node, Value, is_number};

#[derive(Debug, Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

/// A mapping, and what it is called in a sentence.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) mark: Mark,
    pub(super) entries: &'a [Entry],
}

impl<'a> Fields<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        let entry = self.entries.iter().find(|it| it.key == key)?;
        (!entry.value.is_null()).then_some(&entry.value)
    }

    /// Where a key stands; the mapping itself where it does not.
    pub(super) fn mark_of(&self, key: &str) -> Mark {
        let entry = self.entries.iter().find(|it| it.key == key);
        entry.map_or(self.mark, |it| it.mark)
    }
}

impl Faults {
    pub(super) fn add(&mut self, mark: Mark, text: impl Into<String>) {
        let text = text.into();
        self.0.push(Fault { mark, text });
    }

    fn expected(&mut self, node: &Node, what: &str) {
        self.add(node.mark, format!("{} is no {what}", node.kind()));
    }

    pub(super) fn map<'a>(&mut self, node: &'a Node) -> Option<Fields<'a>> {
        if let Value::Map(entries) = &node.value {
            let mark = node.mark;
            return Some(Fields { mark, entries });
        }
        self.expected(node, "mapping; lines such as `name: sales` are expected");
        None
    }

    pub(super) fn list<'a>(&mut self, node: Option<&'a Node>) -> &'a [Node] {
        match node {
            None => &[],
            Some(Node {
                value: Value::List(items),
                ..
            }) => items,
            Some(node) => {
                self.expected(
                    node,
                    "list; write one item a line behind `- `, or all in brackets",
                );
                &[]
            }
        }
    }

    pub(super) fn maps<'a>(&mut self, node: Option<&'a Node>) -> Vec<Fields<'a>> {
        let items = self.list(node).iter();
        items.filter_map(|it| self.map(it)).collect()
    }

    /// Any scalar as it is written.
    pub(super) fn text(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Value::Scalar { text, .. } if !node.is_null() => Some(text.clone()),
            _ => {
                self.expected(node, "text");
                None
            }
        }
    }

    pub(super) fn text_at(&mut self, fields: Fields<'_>, key: &str) -> Option<String> {
        self.text(fields.get(key)?)
    }

    pub(super) fn texts(&mut self, node: Option<&Node>) -> Vec<String> {
        let items = self.list(node).iter();
        items.filter_map(|it| self.text(it)).collect()
    }

    pub(super) fn flag(&mut self, fields: Fields<'_>, key: &str) -> bool {
        let Some(node) = fields.get(key) else {
            return false;
        };
        match &node.value {
            Value::Scalar { text, plain: true } if text.eq_ignore_ascii_case("true") => true,
            Value::Scalar { text, plain: true } if text.eq_ignore_ascii_case("false") => false,
            _ => {
                self.expected(node, "truth value; write true or false");
                false
            }
        }
    }

    /// A decimal number as it is written.
    pub(super) fn number(&mut self, fields: Fields<'_>, key: &str) -> Option<String> {
        let node = fields.get(key)?;
        match &node.value {
            Value::Scalar { text, .. } if is_number(text) => Some(text.clone()),
            _ => {
                self.expected(node, "number; write digits, such as 12 or -0.5");
                None
            }
        }
    }

    pub(super) fn whole(&mut self, fields: Fields<'_>, key: &str) -> Option<u64> {
        let text = self.number(fields, key)?;
        let whole = text.parse().ok();
        if whole.is_none() {
            let mark = fields.get(key).map_or(fields.mark, |it| it.mark);
            self.add(
                mark,
                format!("`{text}` is no whole number of zero and above"),
            );
        }
        whole
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let text = format!("`{text}` is not known here; write {}", one_of(&words));
            self.add(node.mark, text);
        }
        found.map(|(_, it)| *it)
    }

    /// Says of each key that is none of these.
    pub(super) fn only(&mut self, fields: Fields<'_>, keys: &[&[&str]]) {
        let keys = keys.concat();
        for entry in fields.entries {
            if keys.contains(&entry.key.as_str()) {
                continue;
            }
            self.add(
                entry.mark,
                format!(
                    "`{}` is no word for this place{}",
                    entry.key,
                    nearest(&entry.key, &keys)
                ),
            );
        }
    }

    pub(super) fn need<'a>(
        &mut self,
        fields: Fields<'a>,
        key: &str,
        what: &str,
    ) -> Option<&'a Node> {
        let node = fields.get(key);
        if node.is_none() {
            self.add(fields.mark_of(key), format!("`{key}` is missing: {what}"));
        }
        node
    }
}

pub(super) fn one_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// A word that was probably meant, else all of them where they are few.
pub(super) fn nearest(word: &str, words: &[&str]) -> String {
    let alike =
        |it: &str| strsim::normalized_damerau_levenshtein(&it.to_lowercase(), &word.to_lowercase());
    let best = words.iter().max_by(|a, b| alike(a).total_cmp(&alike(b)));
    match best {
        Some(best) if alike(best) >= 0.6 => format!("; did you mean `{best}`?"),
        _ if words.len() <= 12 => format!("; write {}", one_of(words)),
        _ => String::new(),
    }
}
