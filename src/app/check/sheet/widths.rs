//! How wide the grid's columns are: as their contents ask for, within bounds, so that more of them are in view.

use super::LINES;
use maud::{Markup, html};
use model::message::RowsInWindow;

/// Pixels of a column at least and at most.
const NARROWEST: i32 = 72;
const WIDEST: i32 = 288;

/// Pixels of a letter, which is none of the narrow ones, and of what stands around a text.
const LETTER: i32 = 8;
const AROUND: i32 = 20;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Widths {
    header: Vec<String>,
    /// Of no row there is nothing that asks for width.
    has_rows: bool,
    columns: Vec<i32>,
}

impl Widths {
    /// Those of before, where they are of the same columns.
    pub(super) fn of(window: &RowsInWindow, before: Option<&Self>) -> Self {
        let same = |it: &&Self| it.has_rows && it.header == window.header;
        if let Some(before) = before.filter(same) {
            return before.clone();
        }
        let rows = || window.rows.iter().filter(|it| !it.raw);
        let width = |(at, name): (usize, &String)| {
            let cells = rows().filter_map(|it| it.cells.get(at));
            let letters = cells
                .chain([name])
                .map(|it| it.trim().chars().count())
                .max();
            let letters = i32::try_from(letters.unwrap_or(0)).unwrap_or(WIDEST);
            (letters.min(WIDEST) * LETTER + AROUND).clamp(NARROWEST, WIDEST)
        };
        Self {
            header: window.header.clone(),
            has_rows: !window.rows.is_empty(),
            columns: window.header.iter().enumerate().map(width).collect(),
        }
    }

    pub(super) fn sum(&self) -> i32 {
        self.columns.iter().sum()
    }

    /// A policy of the page forbids styles in its text; an attribute says the same.
    pub(super) fn columns(&self, scaled: impl Fn(i32) -> i32) -> Markup {
        html! {
            col width=(scaled(LINES));
            @for width in &self.columns { col width=(scaled(*width)); }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::finding::FlaggedRow;

    fn window(header: &[&str], rows: &[&[&str]]) -> RowsInWindow {
        let rows = rows.iter().map(|cells| FlaggedRow {
            record: 1,
            line: 2,
            sheet_row: None,
            cells: cells.iter().map(|it| (*it).to_owned()).collect(),
            raw: false,
            findings: Vec::new(),
            category: None,
            money: None,
            state: None,
        });
        RowsInWindow {
            header: header.iter().map(|it| (*it).to_owned()).collect(),
            rows: rows.collect(),
            ..RowsInWindow::default()
        }
    }

    #[test]
    fn columns_are_as_wide_as_their_contents_ask_for_within_bounds() {
        let long = "x".repeat(400);
        let none = Widths::of(&window(&["id", "product", "note"], &[]), None);
        let first = Widths::of(
            &window(
                &["id", "product", "note"],
                &[&["7", "Mango Pickle 500g", &long]],
            ),
            Some(&none),
        );
        assert_eq!(first.columns, [NARROWEST, 17 * LETTER + AROUND, WIDEST]);
        let further = window(&["id", "product", "note"], &[&["7", &long, "short"]]);
        assert_eq!(Widths::of(&further, Some(&first)), first);
        let other = window(&["id"], &[&["0123456789"]]);
        assert_eq!(
            Widths::of(&other, Some(&first)).columns,
            [10 * LETTER + AROUND]
        );
    }
}
