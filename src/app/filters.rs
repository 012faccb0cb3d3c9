//! What a dashboard shows, as its address says it: `?period=month-to-date&region=North`. Dashboards share it, so that
//! a filter goes along from one to the other.

use crate::{
    calendar::{Against, Calendar, Period, Unit},
    exceptions::address::{Show, WorkAddress},
};
use chrono::NaiveDate;
use leptos_router::{location::Url, params::ParamsMap};
use model::t;
use model::{
    id::{RunId, WorkspaceId},
    sales::SalesFilter,
};

/// Every period that has a name, in the order of the list, with what it is called.
pub(crate) const PERIODS: [(&str, &str, Period); 14] = [
    ("all", t!("All time"), Period::AllTime),
    ("today", t!("Today"), Period::Today),
    ("yesterday", t!("Yesterday"), Period::Yesterday),
    ("last-7-days", t!("Last 7 days"), Period::Days(7)),
    ("last-30-days", t!("Last 30 days"), Period::Days(30)),
    (
        "month-to-date",
        t!("Month to date"),
        Period::ToDate(Unit::Month),
    ),
    ("month", t!("Whole month"), Period::Whole(Unit::Month)),
    ("last-month", t!("Last month"), Period::Last(Unit::Month)),
    (
        "quarter-to-date",
        t!("Quarter to date"),
        Period::ToDate(Unit::Quarter),
    ),
    ("quarter", t!("Whole quarter"), Period::Whole(Unit::Quarter)),
    (
        "last-quarter",
        t!("Last quarter"),
        Period::Last(Unit::Quarter),
    ),
    (
        "year-to-date",
        t!("Financial year to date"),
        Period::ToDate(Unit::Year),
    ),
    (
        "year",
        t!("Whole financial year"),
        Period::Whole(Unit::Year),
    ),
    (
        "last-year",
        t!("Last financial year"),
        Period::Last(Unit::Year),
    ),
];

/// The word for a period whose days stand in `from` and `to`.
pub(crate) const CUSTOM: &str = "custom";

pub(crate) const YEAR_AGO: &str = "year-ago";

/// Of what one point of a trend is the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Day,
    Week,
    Month,
}

impl Step {
    pub(crate) const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filters {
    pub(crate) period: Period,
    pub(crate) against: Against,
    pub(crate) region: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) sku: Option<String>,
    pub(crate) run: Option<RunId>,
    /// None where the length of the period decides.
    pub(crate) step: Option<Step>,
}

impl Filters {
    /// From an address's query, without its question mark. What makes no sense is left out.
    pub(crate) fn parse(search: &str) -> Self {
        let query = query(search);
        let text = |key| query.get(key).filter(|it| !it.is_empty());
        let (from, to) = (day(text("from")), day(text("to")));
        let named = text("period");
        let period = PERIODS
            .into_iter()
            .find(|(key, ..)| named.as_deref() == Some(key));
        let custom = named.as_deref() == Some(CUSTOM) || from.is_some() || to.is_some();
        Self {
            period: match period {
                Some((.., period)) => period,
                None if custom => Period::Custom(from, to),
                None => Period::AllTime,
            },
            against: match text("against").as_deref() {
                Some(YEAR_AGO) => Against::YearAgo,
                _ => Against::Before,
            },
            region: text("region"),
            category: text("category"),
            product: text("product"),
            sku: text("sku"),
            run: text("run").and_then(|it| RunId::try_from(it).ok()),
            step: text("by").and_then(|by| Step::ALL.into_iter().find(|it| it.word() == by)),
        }
    }

    pub(crate) fn period_word(&self) -> &'static str {
        let named = PERIODS.iter().find(|(.., it)| *it == self.period);
        named.map_or(CUSTOM, |(key, ..)| key)
    }

    /// The days alone.
    pub(crate) fn of_days(period: Period, against: Against) -> Self {
        Self {
            period,
            against,
            ..Self::default()
        }
    }

    /// The exceptions that answer these filters, where the period is that in which the files came, whatever became of
    /// them. Their page knows a product by its SKU, too.
    pub(crate) fn exceptions(&self) -> WorkAddress {
        WorkAddress {
            show: Show::All,
            period: self.period,
            region: self.region.clone(),
            product: self.product.clone().or_else(|| self.sku.clone()),
            product_category: self.category.clone(),
            run: self.run.clone(),
            ..WorkAddress::default()
        }
    }

    /// What rows have to say, where the filters ask for something.
    pub(crate) fn said(&self) -> Option<String> {
        let all = [&self.region, &self.category, &self.product, &self.sku];
        let said: Vec<&str> = all.into_iter().filter_map(|it| it.as_deref()).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }

    pub(crate) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if self.period != Period::AllTime {
            pairs.push(("period", self.period_word().to_owned()));
        }
        if let Period::Custom(from, to) = self.period {
            pairs.extend(from.map(|it| ("from", it.to_string())));
            pairs.extend(to.map(|it| ("to", it.to_string())));
        }
        if self.against == Against::YearAgo {
            pairs.push(("against", YEAR_AGO.to_owned()));
        }
        pairs.extend(self.rows());
        pairs.extend(self.step.map(|it| ("by", it.word().to_owned())));
        pairs
    }

    /// The filters that are no days.
    fn rows(&self) -> Vec<(&'static str, String)> {
        let run = self.run.as_ref().map(ToString::to_string);
        let all = [
            ("region", self.region.clone()),
            ("category", self.category.clone()),
            ("product", self.product.clone()),
            ("sku", self.sku.clone()),
            ("run", run),
        ];
        all.into_iter()
            .filter_map(|(key, it)| Some((key, it?)))
            .collect()
    }

    /// As a link to `page`.
    pub(crate) fn href(&self, page: &str) -> String {
        joined(page, &self.pairs())
    }

    /// As a link to what lists the rows themselves, whose days are days.
    pub(crate) fn rows_href(&self, page: &str, calendar: &Calendar) -> String {
        joined(page, &self.row_pairs(calendar))
    }

    /// As a link to a download of the API.
    pub(crate) fn download(
        &self,
        path: &str,
        workspace: &WorkspaceId,
        calendar: &Calendar,
    ) -> String {
        let mut pairs = vec![("workspace", workspace.to_string())];
        pairs.extend(self.row_pairs(calendar));
        joined(path, &pairs)
    }

    fn row_pairs(&self, calendar: &Calendar) -> Vec<(&'static str, String)> {
        let mut pairs = self.rows();
        let (from, to) = calendar.days(self.period);
        pairs.extend(from.map(|it| ("from", it.to_string())));
        pairs.extend(to.map(|it| ("to", it.to_string())));
        pairs
    }

    /// Whether anything is left out.
    pub(crate) fn any(&self) -> bool {
        self.period != Period::AllTime || !self.rows().is_empty()
    }

    /// As the store takes it.
    pub(crate) fn of_sales(&self, calendar: &Calendar) -> SalesFilter {
        let (from, to) = calendar.days(self.period);
        SalesFilter {
            region: self.region.clone(),
            category: self.category.clone(),
            product: self.product.clone(),
            sku: self.sku.clone(),
            run: self.run.clone(),
            from: from.map(|it| it.to_string()),
            to: to.map(|it| it.to_string()),
        }
    }
}

/// The pairs of an address's query, decoded; in a form's query `+` is a space.
pub(crate) fn query(search: &str) -> ParamsMap {
    let mut query = ParamsMap::new();
    let search = search.trim_start_matches('?');
    for (key, value) in search.split('&').filter_map(|it| it.split_once('=')) {
        query.insert(key.to_owned(), value.replace('+', "%20"));
    }
    query
}

fn day(text: Option<String>) -> Option<NaiveDate> {
    let text = text.filter(|it| it.len() == 10 && it.is_char_boundary(4));
    text?.parse().ok()
}

/// A link to `page` with pairs that are encoded here.
pub(crate) fn joined(page: &str, pairs: &[(&'static str, String)]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("{key}={}", escaped(value)))
        .collect();
    let question = if pairs.is_empty() { "" } else { "?" };
    format!("{page}{question}{}", pairs.join("&"))
}

/// Days and names of periods can be read in an address.
fn escaped(value: &str) -> String {
    Url::escape(value).replace("%2D", "-").replace("%5F", "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(filters: &Filters) -> Filters {
        let href = filters.href("/sales");
        Filters::parse(href.split_once('?').map_or("", |(_, query)| query))
    }

    #[test]
    fn an_address_says_what_is_shown() {
        for (.., period) in PERIODS {
            let filters = Filters {
                period,
                ..Filters::default()
            };
            assert_eq!(again(&filters), filters);
        }
        let filters = Filters {
            period: Period::Custom("2026-02-01".parse().ok(), None),
            against: Against::YearAgo,
            region: Some("North".to_owned()),
            category: Some("Sauces & Ketchup".to_owned()),
            product: Some("Ghee 100 % = 1+1".to_owned()),
            sku: Some("SKU/GHE 1L".to_owned()),
            run: Some(RunId::from_u128(7)),
            step: Some(Step::Week),
        };
        assert_eq!(again(&filters), filters);
        assert_eq!(Filters::default().href("/sales"), "/sales");
    }

    #[test]
    fn a_form_without_scripts_sends_empty_fields_and_plus_for_space() {
        let read = Filters::parse(
            "period=all&from=&to=&against=before&region=&category=Sauces+%26+Ketchup&run=",
        );
        let expected = Filters {
            category: Some("Sauces & Ketchup".to_owned()),
            ..Filters::default()
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        let read = Filters::parse("period=never&from=2026-02-30&to=x&run=run_1&by=hour&against=me");
        assert_eq!(read, Filters::default());
        assert!(!read.any());
    }

    #[test]
    fn rows_are_listed_by_their_days() {
        let calendar = Calendar {
            today: "2026-11-25".parse().unwrap(),
            year_begins: 4,
        };
        let filters = Filters {
            period: Period::ToDate(Unit::Month),
            region: Some("North".to_owned()),
            step: Some(Step::Day),
            ..Filters::default()
        };
        assert_eq!(
            filters.rows_href("/rows", &calendar),
            "/rows?region=North&from=2026-11-01&to=2026-11-25"
        );
        assert_eq!(
            filters.download("/api/v1/rows.csv", &WorkspaceId::main(), &calendar),
            "/api/v1/rows.csv?workspace=main&region=North&from=2026-11-01&to=2026-11-25"
        );
    }
}
