//! Which flagged rows a page shows, as its address says it: `?show=all&code=VAL06&after=102&trail=0.51`.

use leptos_router::{location::Url, params::ParamsMap};
use model::t;
use model::{
    control::Category,
    message::{RowFilter, Which},
};
#[cfg(any(not(target_arch = "wasm32"), test))]
use model::{control::Severity, finding::FindingQuery};

/// Rows on one page.
#[cfg(any(not(target_arch = "wasm32"), test))]
pub(crate) const ROWS: u32 = 50;

/// How many pages back an address remembers. Lists go by keyset, so a page only knows where it began.
#[cfg(any(not(target_arch = "wasm32"), test))]
const TRAIL: usize = 20;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Show {
    #[default]
    Exceptions,
    Warnings,
    All,
    /// Before Submit, with those that nothing is wrong with.
    Every,
    /// Before Submit, those in which a cell was corrected.
    Corrected,
}

impl Show {
    const KEYS: [Self; 5] = [
        Self::Exceptions,
        Self::Warnings,
        Self::All,
        Self::Every,
        Self::Corrected,
    ];

    pub(crate) const ALL: [Self; 3] = [Self::Exceptions, Self::Warnings, Self::All];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Exceptions => t!("Exceptions"),
            Self::Warnings => t!("Warnings"),
            Self::All => t!("All"),
            Self::Every => t!("Every row"),
            Self::Corrected => t!("Corrected"),
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Exceptions => "exceptions",
            Self::Warnings => "warnings",
            Self::All => "all",
            Self::Every => "every",
            Self::Corrected => "corrected",
        }
    }
}

/// A filter and a place in the list under it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RowWindow {
    pub(crate) show: Show,
    /// What an address shows that says nothing of it.
    opens: Show,
    pub(crate) code: Option<String>,
    pub(crate) category: Option<Category>,
    /// The file's column, 1-based.
    pub(crate) column: Option<u32>,
    pub(crate) after: u64,
    /// Where the pages before this one began, oldest first.
    trail: Vec<u64>,
    /// How many rows stand before this page; for reading only.
    pub(crate) before: u64,
}

impl RowWindow {
    pub(crate) fn of(query: &ParamsMap) -> Self {
        Self::opening(Show::default(), query)
    }

    /// On a page that opens with these rows where its address says nothing of them.
    pub(crate) fn opening(opens: Show, query: &ParamsMap) -> Self {
        let number = |key| {
            query
                .get_str(key)
                .and_then(|it| it.parse().ok())
                .unwrap_or(0)
        };
        let show = query
            .get_str("show")
            .and_then(|key| Show::KEYS.into_iter().find(|it| it.key() == key));
        let category = query
            .get_str("category")
            .and_then(|key| Category::ALL.into_iter().find(|it| it.as_str() == key));
        let trail = query.get_str("trail").unwrap_or_default().split('.');
        Self {
            show: show.unwrap_or(opens),
            opens,
            code: query.get("code").filter(|it| !it.is_empty()),
            category,
            column: u32::try_from(number("column")).ok().filter(|it| *it > 0),
            after: number("after"),
            trail: trail.filter_map(|it| it.parse().ok()).collect(),
            before: number("before"),
        }
    }

    /// From an address's query, without its question mark.
    #[cfg(any(not(target_arch = "wasm32"), test))]
    pub(crate) fn parse(search: &str) -> Self {
        let mut query = ParamsMap::new();
        for (key, value) in search.split('&').filter_map(|it| it.split_once('=')) {
            query.insert(key.to_owned(), value.to_owned());
        }
        Self::of(&query)
    }

    pub(crate) fn showing(show: Show) -> Self {
        Self {
            show,
            ..Self::default()
        }
    }

    /// The same page, with these rows.
    pub(crate) fn instead(&self, show: Show) -> Self {
        Self {
            show,
            opens: self.opens,
            ..Self::default()
        }
    }

    /// Every row with a finding of this control, whatever its severity.
    pub(crate) fn with_code(code: &str) -> Self {
        Self {
            show: Show::All,
            code: Some(code.to_owned()),
            ..Self::default()
        }
    }

    /// As `with_code`, in one column alone.
    pub(crate) fn in_column(code: &str, column: Option<u32>) -> Self {
        Self {
            column,
            ..Self::with_code(code)
        }
    }

    #[cfg(any(not(target_arch = "wasm32"), test))]
    pub(crate) fn query(&self) -> FindingQuery {
        FindingQuery {
            severity: match self.show {
                Show::Exceptions => Some(Severity::Error),
                Show::Warnings => Some(Severity::Warning),
                _ => None,
            },
            code: self.code.clone(),
            category: self.category,
            column: self.column,
            after: self.after,
            limit: ROWS,
        }
    }

    /// Before Submit.
    pub(crate) fn filter(&self) -> RowFilter {
        RowFilter {
            which: match self.show {
                Show::Exceptions => Which::Exceptions,
                Show::Warnings => Which::Warnings,
                Show::All => Which::Flagged,
                Show::Every => Which::Every,
                Show::Corrected => Which::Corrected,
            },
            code: self.code.clone(),
            category: self.category,
            column: self.column,
        }
    }

    /// The same filter, from its first row.
    #[cfg(any(not(target_arch = "wasm32"), test))]
    pub(crate) fn first(&self) -> Self {
        Self {
            after: 0,
            trail: Vec::new(),
            before: 0,
            ..self.clone()
        }
    }

    /// The page after this one, which shows `shown` rows and ends before `next`.
    #[cfg(any(not(target_arch = "wasm32"), test))]
    pub(crate) fn next(&self, next: u64, shown: u64) -> Self {
        let mut trail = self.trail.clone();
        trail.push(self.after);
        trail.drain(..trail.len().saturating_sub(TRAIL));
        Self {
            after: next,
            trail,
            before: self.before + shown,
            ..self.clone()
        }
    }

    /// The page before this one; None on the first, and where the address no longer remembers.
    #[cfg(any(not(target_arch = "wasm32"), test))]
    pub(crate) fn previous(&self) -> Option<Self> {
        let mut trail = self.trail.clone();
        let after = trail.pop()?;
        Some(Self {
            after,
            trail,
            before: self.before.saturating_sub(u64::from(ROWS)),
            ..self.clone()
        })
    }

    /// As a link below `page`, down to the rows.
    pub(crate) fn href(&self, page: &str) -> String {
        let mut pairs = Vec::new();
        if self.show != self.opens {
            pairs.push(format!("show={}", self.show.key()));
        }
        if let Some(code) = &self.code {
            pairs.push(format!("code={}", Url::escape(code)));
        }
        if let Some(category) = self.category {
            pairs.push(format!("category={}", category.as_str()));
        }
        if let Some(column) = self.column {
            pairs.push(format!("column={column}"));
        }
        if self.after > 0 {
            pairs.push(format!("after={}", self.after));
        }
        if !self.trail.is_empty() {
            let trail: Vec<_> = self.trail.iter().map(u64::to_string).collect();
            pairs.push(format!("trail={}", trail.join(".")));
        }
        if self.before > 0 {
            pairs.push(format!("before={}", self.before));
        }
        let question = if pairs.is_empty() { "" } else { "?" };
        format!("{page}{question}{}#rows", pairs.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(href: &str) -> RowWindow {
        let query = href
            .split_once('?')
            .map_or("", |(_, rest)| rest)
            .trim_end_matches("#rows");
        RowWindow::parse(query)
    }

    #[test]
    fn an_address_says_which_rows_are_shown() {
        let window = RowWindow {
            category: Some(Category::DataFormatError),
            column: Some(3),
            ..RowWindow::with_code("VAL06")
        }
        .next(102, 50);
        assert_eq!(read(&window.href("/runs/x")), window);
        assert_eq!(RowWindow::default().href("/"), "/#rows");
    }

    #[test]
    fn a_page_that_opens_with_warnings_names_the_exceptions() {
        let opening = |search: &str| {
            let mut query = ParamsMap::new();
            for (key, value) in search.split('&').filter_map(|it| it.split_once('=')) {
                query.insert(key.to_owned(), value.to_owned());
            }
            RowWindow::opening(Show::Warnings, &query)
        };
        let warnings = opening("column=4");
        assert_eq!((warnings.show, warnings.column), (Show::Warnings, Some(4)));
        assert_eq!(warnings.href("/"), "/?column=4#rows");
        let exceptions = warnings.instead(Show::Exceptions);
        assert_eq!(exceptions.href("/"), "/?show=exceptions#rows");
        assert_eq!(opening("show=exceptions"), exceptions);
    }

    #[test]
    fn previous_leads_back_the_way_one_came() {
        let first = RowWindow::showing(Show::All);
        let second = first.next(60, 50);
        let third = second.next(130, 50);
        assert_eq!(third.before, 100);
        assert_eq!(third.previous(), Some(second.clone()));
        assert_eq!(second.previous(), Some(first.clone()));
        assert_eq!(first.previous(), None);
        assert_eq!(third.first(), first);
    }

    #[test]
    fn an_address_does_not_grow_with_the_pages() {
        let mut window = RowWindow::default();
        for page in 1..=1_000 {
            window = window.next(page * 50, 50);
        }
        assert_eq!(window.trail.len(), TRAIL);
        assert_eq!(read(&window.href("/")), window);
    }
}
