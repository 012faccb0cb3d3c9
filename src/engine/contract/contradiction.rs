//! What a contract says against itself: it can be read, and no file could be judged under it as it was meant. Contracts
//! that are in force already are judged as they are; whoever drafts the next one is told.

use super::{Column, Contract, ControlUse};
use crate::{reading::header::plain, value::measure};
use serde_json::Value;
use thiserror::Error;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Contradiction {
    #[error(
        "no number passes in `{column}`: the most, {most}, is {} the least, {least}",
        if *.exclusive { "not above" } else { "below" }
    )]
    Bounds {
        column: String,
        least: String,
        exclusive: bool,
        most: String,
    },
    #[error("`{column}` has the title `{title}`, and `{other}` has it too")]
    Title {
        column: String,
        other: String,
        title: String,
    },
    #[error("a column of a file that is called `{name}` would be `{column}` and `{other}`")]
    Name {
        column: String,
        other: String,
        name: String,
    },
}

/// Whether a text is a number that can be a least or a most.
pub fn is_bound(text: &str) -> bool {
    measure::bound("", text).is_ok()
}

impl Contract {
    /// All that it says against itself, by column.
    pub fn contradictions(&self) -> Vec<Contradiction> {
        let mut res = Vec::new();
        for (place, column) in self.columns.iter().enumerate() {
            let (before, after) = self.columns.split_at(place);
            let after = after.get(1..).unwrap_or_default();
            res.extend(self.bounds(column));
            let title = column.title().trim().to_lowercase();
            if let Some(other) = before
                .iter()
                .find(|it| it.title().trim().to_lowercase() == title)
            {
                res.push(Contradiction::Title {
                    column: column.name.clone(),
                    other: other.name.clone(),
                    title: column.title().to_owned(),
                });
            }
            for alias in std::iter::once(&column.name).chain(&column.aliases) {
                let name = plain(alias);
                if name.is_empty() {
                    continue;
                }
                let is_called = |it: &&Column| plain(&it.name) == name;
                // Where both list it among others, it is told once, of the later one.
                let lists = |it: &&Column| it.aliases.iter().any(|it| plain(it) == name);
                let is_own = *alias == column.name;
                let mut earlier = before
                    .iter()
                    .filter(|it| is_called(it) || (!is_own && lists(it)));
                let mut later = after.iter().filter(|it| !is_own && is_called(it));
                if let Some(other) = earlier.next().or_else(|| later.next()) {
                    res.push(Contradiction::Name {
                        column: column.name.clone(),
                        other: other.name.clone(),
                        name: alias.clone(),
                    });
                }
            }
        }
        res
    }

    fn bounds(&self, column: &Column) -> Option<Contradiction> {
        let bound = |code: &str, name: &str| {
            let about =
                |it: &&ControlUse| it.code == code && it.columns().any(|it| it == column.name);
            let used = self.controls.iter().find(about)?;
            let text = used.params.get(name)?.as_str()?;
            Some((used, text, measure::bound(code, text).ok()?))
        };
        let (used, least, from) = bound("VAL06", "minimum")?;
        let (_, most, to) = bound("VAL07", "maximum")?;
        let exclusive = used.params.get("exclusive") == Some(&Value::Bool(true));
        (from.saturating_add(i128::from(exclusive)) > to).then(|| Contradiction::Bounds {
            column: column.name.clone(),
            least: least.to_owned(),
            exclusive,
            most: most.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::sales;

    /// What `sales` says against itself where its text says something else.
    fn check(from: &str, to: &str, expected: &[&str]) {
        let text = sales().canonical().replacen(from, to, 1);
        assert_ne!(text, sales().canonical(), "{from}");
        let contract = Contract::from_json(&text).unwrap();
        let told: Vec<String> = contract
            .contradictions()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(told, expected, "{to}");
    }

    #[test]
    fn says_where_a_contract_contradicts_itself() {
        assert_eq!(sales().contradictions(), []);
        let most = |most: &str| {
            format!(r#""controls":[{{"code":"VAL07","column":"quantity","maximum":"{most}"}},"#)
        };
        let controls = r#""controls":["#;
        check(controls, &most("1"), &[]);
        check(
            controls,
            &most("-1"),
            &["no number passes in `quantity`: the most, -1, is not above the least, 0"],
        );
        check(
            controls,
            &most("0"),
            &["no number passes in `quantity`: the most, 0, is not above the least, 0"],
        );
        check(
            controls,
            &most("0")
                .replace("quantity", "revenue")
                .replace("\"0\"", "\"-0.5\""),
            &["no number passes in `revenue`: the most, -0.5, is below the least, 0"],
        );
        let quantity = r#""aliases":["#;
        check(
            quantity,
            r#""aliases":["Unit Price","#,
            &[
                "a column of a file that is called `Unit Price` would be `order_id` and `unit_price`",
            ],
        );
    }
}
