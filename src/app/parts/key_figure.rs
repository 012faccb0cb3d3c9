//! A figure of a dashboard, large, beside what it was before.

use crate::parts::phrase::phrase;
use crate::{
    icons::Icon,
    parts::words::{link, state},
};
use maud::{Markup, html};
use model::money::{Money, Numbers};
use model::t;

pub(crate) struct KeyFigure {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    /// The exact value, where `value` is a short one.
    pub(crate) exact: Option<String>,
    /// Where the rows behind it are.
    pub(crate) href: Option<String>,
    /// None where nothing is compared.
    pub(crate) change: Option<Change>,
    /// Where the rows are that it is compared with.
    pub(crate) before: Option<String>,
}

pub(crate) fn key_figures(figures: &[KeyFigure]) -> Markup {
    html! {
        dl class="key-figures" {
            @for it in figures {
                div {
                    dt { (it.name) }
                    dd {
                        strong class="key" title=[it.exact.as_deref()] {
                            @match &it.href {
                                Some(href) => a href=(href) { (it.value) },
                                None => (it.value),
                            }
                        }
                        @if let Some(change) = &it.change { (change.shown(it.before.as_deref())) }
                    }
                }
            }
        }
    }
}

/// From what was before to what is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    way: Way,
    /// As it is read: `12.3 %`
    by: String,
    /// What was before.
    from: String,
    /// Whether more of it is better.
    more_is_better: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
    Same,
    /// From nothing, which has no share.
    New,
}

impl Change {
    /// `written` is `before` as it is read.
    pub(crate) fn new(now: i128, before: i128, written: String) -> Self {
        let (way, by) = match now - before {
            0 => (Way::Same, String::new()),
            _ if before == 0 => (Way::New, String::new()),
            it => {
                let tenths = tenths(it.unsigned_abs(), before.unsigned_abs());
                let way = if it > 0 { Way::Up } else { Way::Down };
                (way, format!("{}.{} %", tenths / 10, tenths % 10))
            }
        };
        Self {
            way,
            by,
            from: written,
            more_is_better: true,
        }
    }

    /// Of what there had better be less.
    pub(crate) fn of_ills(self) -> Self {
        Self {
            more_is_better: false,
            ..self
        }
    }

    pub(crate) fn of_money(now: Money, before: Money, numbers: Numbers) -> Self {
        Self::new(now.0, before.0, numbers.short(before))
    }

    /// In words alone, for a table.
    pub(crate) fn text(&self) -> String {
        match self.way {
            Way::Up => t!("up {by}", by = self.by),
            Way::Down => t!("down {by}", by = self.by),
            Way::Same => t!("the same").to_owned(),
            Way::New => t!("new").to_owned(),
        }
    }

    /// `before` is where the rows are that it changed from.
    pub(crate) fn shown(&self, before: Option<&str>) -> Markup {
        let text = self.text();
        let (up, down) = if self.more_is_better {
            ("accepted", "exception")
        } else {
            ("exception", "accepted")
        };
        html! {
            span class="change" {
                @match self.way {
                    Way::Up => (state(up, Icon::Up, &text)),
                    Way::Down => (state(down, Icon::Down, &text)),
                    Way::Same | Way::New => span class="state quiet" { (text) },
                }
                @if self.way != Way::Same { " " span class="quiet" { (phrase!("from {from}", from = link(before, &self.from))) } }
            }
        }
    }
}

/// Tenths of a per cent, rounded half up.
fn tenths(part: u128, whole: u128) -> u128 {
    (part.saturating_mul(1_000) + whole / 2) / whole.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_a_word_and_a_share() {
        let check = |now, before, expected: &str| {
            assert_eq!(Change::new(now, before, String::new()).text(), expected);
        };
        check(1_123, 1_000, "up 12.3 %");
        check(500, 1_000, "down 50.0 %");
        check(0, 1_000, "down 100.0 %");
        check(7, 7, "the same");
        check(7, 0, "new");
        check(3_000, 1, "up 299900.0 %");
        check(-50, -100, "up 50.0 %");
    }
}
