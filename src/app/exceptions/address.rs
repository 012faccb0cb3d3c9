//! What the list of exceptions shows, as its address says it: `?show=all&code=VAL06&sort=money&after=run_….17`.

use crate::{
    calendar::{Against, Calendar, Period},
    filters::{Filters, query},
};
use leptos_router::location::Url;
use model::t;
use model::{
    control::Category,
    exception::{
        ExceptionFilter, ExceptionOrder, ExceptionState, Replacement, RowPlace, Standing, TrendBy,
        TrendStep,
    },
    finding::FoundBy,
    id::RunId,
};

/// Rows on one page.
pub(crate) const ROWS: u32 = 50;

/// In an address, for what rows do not say.
pub(crate) const UNKNOWN: &str = "-";

/// Characters of a text that is looked for.
pub(crate) const LONGEST: usize = 200;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Show {
    #[default]
    Open,
    Entered,
    Rejected,
    All,
    /// Open or left out.
    Uncounted,
    /// Entered, by hand or elsewhere put right.
    Mended,
    /// Entered in spite of what was found.
    Waived,
}

impl Show {
    const ALL: [Self; 7] = [
        Self::Open,
        Self::Entered,
        Self::Rejected,
        Self::All,
        Self::Uncounted,
        Self::Mended,
        Self::Waived,
    ];

    /// What there is to choose from. The others are where figures lead to.
    pub(crate) fn offered(self) -> impl Iterator<Item = Self> {
        let all = Self::ALL.into_iter().enumerate();
        all.filter_map(move |(at, it)| (at < 4 || it == self).then_some(it))
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Open => t!("Open"),
            Self::Entered => t!("In the ledger"),
            Self::Rejected => t!("Left out"),
            Self::All => t!("All"),
            Self::Uncounted => t!("Not counted"),
            Self::Mended => t!("Corrected"),
            Self::Waived => t!("Let in"),
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Entered => "entered",
            Self::Rejected => "rejected",
            Self::All => "all",
            Self::Uncounted => "uncounted",
            Self::Mended => "corrected",
            Self::Waived => "waived",
        }
    }

    /// Empty for all of them.
    pub(crate) fn states(self) -> Vec<ExceptionState> {
        match self {
            Self::Open => ExceptionState::of(Standing::Open),
            Self::Entered => ExceptionState::of(Standing::Entered),
            Self::Rejected => ExceptionState::of(Standing::Rejected),
            Self::All => Vec::new(),
            Self::Uncounted => {
                let mut states = ExceptionState::of(Standing::Open);
                states.extend(ExceptionState::of(Standing::Rejected));
                states
            }
            Self::Mended => vec![ExceptionState::Corrected, ExceptionState::Resolved],
            Self::Waived => vec![ExceptionState::Waived],
        }
    }
}

/// What a trend counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Measure {
    #[default]
    Rows,
    Rate,
    Money,
}

impl Measure {
    pub(crate) const ALL: [Self; 3] = [Self::Rows, Self::Rate, Self::Money];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Rows => t!("Rows"),
            Self::Rate => t!("Rate"),
            Self::Money => t!("Money"),
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Rate => "rate",
            Self::Money => "money",
        }
    }
}

/// A filter, an order and a place in the list under them, and what the page does besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkAddress {
    pub(crate) show: Show,
    pub(crate) category: Option<Category>,
    pub(crate) code: Option<String>,
    /// In which a cell fails.
    pub(crate) column: Option<String>,
    /// The list's words; empty for rows that say none.
    pub(crate) region: Option<String>,
    pub(crate) product: Option<String>,
    pub(crate) product_category: Option<String>,
    pub(crate) stage: Option<FoundBy>,
    pub(crate) assignee: Option<String>,
    pub(crate) run: Option<RunId>,
    /// The oldest and the newest of the files, which came one after the other.
    pub(crate) between: Option<[RunId; 2]>,
    /// In which the files came.
    pub(crate) period: Period,
    pub(crate) against: Against,
    /// What the rows say.
    pub(crate) text: Option<String>,
    pub(crate) sort: ExceptionOrder,
    /// The rows as a grid, to put many right at once.
    pub(crate) grid: bool,
    /// The row after which the page begins.
    pub(crate) after: Option<RowPlace>,
    pub(crate) by: TrendBy,
    /// None where the length of the period decides.
    pub(crate) step: Option<TrendStep>,
    pub(crate) measure: Measure,
    /// The row that is open to be corrected.
    pub(crate) edit: Option<RowPlace>,
    pub(crate) replacement: Option<Replacement>,
}

pub(crate) const ORDERS: [(ExceptionOrder, &str, &str); 4] = [
    (ExceptionOrder::Newest, "newest", t!("Newest first")),
    (ExceptionOrder::Oldest, "oldest", t!("Oldest first")),
    (ExceptionOrder::Money, "money", t!("Most money first")),
    (ExceptionOrder::Category, "category", t!("By category")),
];

pub(crate) const STEPS: [(TrendStep, &str, &str); 3] = [
    (TrendStep::Day, "day", t!("Days")),
    (TrendStep::Week, "week", t!("Weeks")),
    (TrendStep::Month, "month", t!("Months")),
];

pub(crate) const STAGES: [(FoundBy, &str); 2] =
    [(FoundBy::Validate, "validate"), (FoundBy::Load, "load")];

impl WorkAddress {
    /// From an address's query, without its question mark. What makes no sense is left out.
    pub fn parse(search: &str) -> Self {
        let query = query(search);
        let days = Filters::parse(search);
        let text = |key: &str| query.get(key).filter(|it| !it.is_empty());
        let is = |key: &str, word: &str| query.get_str(key) == Some(word);
        let word = |key: &str| text(key).map(|it| if it == UNKNOWN { String::new() } else { it });
        let run = |key: &str| text(key).and_then(|it| RunId::try_from(it).ok());
        let replacement = text("column").map(|column| Replacement {
            column,
            from: text("find").unwrap_or_default(),
            to: text("with").unwrap_or_default(),
        });
        Self {
            show: found(Show::ALL, |it| is("show", it.key())).unwrap_or_default(),
            category: found(Category::ALL, |it| is("category", it.as_str())),
            code: text("code"),
            column: text("fails"),
            region: word("region"),
            product: word("product"),
            product_category: word("product_category"),
            stage: found(STAGES, |it| is("stage", it.1)).map(|it| it.0),
            assignee: text("who"),
            run: run("run"),
            between: run("from_run")
                .zip(run("to_run"))
                .map(|(from, to)| [from, to]),
            period: days.period,
            against: days.against,
            sort: found(ORDERS, |it| is("sort", it.1)).map_or_else(Default::default, |it| it.0),
            text: text("q")
                .map(|it| it.trim().chars().take(LONGEST).collect())
                .filter(|it: &String| !it.is_empty()),
            grid: is("view", "grid"),
            after: text("after").and_then(|it| place(&it)),
            by: if is("by", "control") {
                TrendBy::Control
            } else {
                TrendBy::Category
            },
            step: found(STEPS, |it| is("step", it.1)).map(|it| it.0),
            measure: found(Measure::ALL, |it| is("measure", it.key())).unwrap_or_default(),
            edit: text("edit").and_then(|it| place(&it)),
            replacement,
        }
    }

    /// All of a run, whatever became of them.
    pub(crate) fn of_run(run: RunId) -> Self {
        Self {
            show: Show::All,
            run: Some(run),
            ..Self::default()
        }
    }

    /// Those of a run that are open.
    pub(crate) fn open_of_run(run: RunId) -> Self {
        Self {
            run: Some(run),
            ..Self::default()
        }
    }

    pub(crate) fn showing(self, show: Show) -> Self {
        Self { show, ..self }
    }

    /// Without a place, without anything that is done, in the usual order.
    pub(crate) fn first(&self) -> Self {
        Self {
            after: None,
            edit: None,
            replacement: None,
            ..self.clone()
        }
    }

    pub fn filter(&self, calendar: &Calendar) -> ExceptionFilter {
        let (from, to) = calendar.days(self.period);
        let [from_run, to_run] = self.between.clone().map_or([None, None], |it| it.map(Some));
        ExceptionFilter {
            states: self.show.states(),
            code: self.code.clone(),
            column: self.column.clone(),
            category: self.category,
            region: self.region.clone(),
            product: self.product.clone(),
            product_category: self.product_category.clone(),
            stage: self.stage,
            assignee: self.assignee.clone(),
            run: self.run.clone(),
            from_run,
            to_run,
            from: from.map(|it| it.to_string()),
            to: to.map(|it| it.to_string()),
            text: self.text.clone(),
        }
    }

    pub fn order(&self) -> ExceptionOrder {
        self.sort
    }

    pub fn replacement(&self) -> Option<&Replacement> {
        self.replacement.as_ref()
    }

    /// Whether anything but the standing narrows it.
    pub(crate) fn narrows(&self) -> bool {
        let kept = Self {
            show: self.show,
            sort: self.sort,
            grid: self.grid,
            by: self.by,
            step: self.step,
            measure: self.measure,
            against: self.against,
            ..Self::default()
        };
        self.first() != kept
    }

    /// What stands in the address, in a fixed order.
    pub(crate) fn pairs(&self) -> Vec<(&'static str, String)> {
        let word = |key, word: &str| Some((key, word.to_owned()));
        let text = |key, it: &Option<String>| it.clone().map(|it| (key, it));
        let listed = |key, it: &Option<String>| it.as_deref().map(|it| (key, said(it)));
        let row = |key, it: &Option<RowPlace>| it.as_ref().map(|it| (key, place_text(it)));
        let between = |at: usize| self.between.as_ref()?.get(at).map(ToString::to_string);
        let usual = |is: bool| (!is).then_some(());
        let order = ORDERS.iter().find(|it| it.0 == self.sort);
        let replacement = |take: fn(&Replacement) -> &String| {
            self.replacement.as_ref().map(|it| take(it).clone())
        };
        let all = [
            usual(self.show == Show::default()).and_then(|()| word("show", self.show.key())),
            self.category.and_then(|it| word("category", it.as_str())),
            text("code", &self.code),
            text("fails", &self.column),
            listed("region", &self.region),
            listed("product_category", &self.product_category),
            listed("product", &self.product),
            self.stage.and_then(|it| word("stage", stage_word(it))),
            text("who", &self.assignee),
            text("run", &self.run.as_ref().map(ToString::to_string)),
            text("from_run", &between(0)),
            text("to_run", &between(1)),
            text("q", &self.text),
            usual(self.sort == ExceptionOrder::default())
                .and_then(|()| word("sort", order.map_or("", |it| it.1))),
            self.grid.then(|| ("view", "grid".to_owned())),
            usual(self.by == TrendBy::default()).and_then(|()| word("by", "control")),
            self.step.and_then(|it| word("step", step_word(it))),
            usual(self.measure == Measure::default())
                .and_then(|()| word("measure", self.measure.key())),
            row("after", &self.after),
            row("edit", &self.edit),
            text("column", &replacement(|it| &it.column)),
            text("find", &replacement(|it| &it.from)),
            text("with", &replacement(|it| &it.to)),
        ];
        let days = Filters::of_days(self.period, self.against).pairs();
        days.into_iter().chain(all.into_iter().flatten()).collect()
    }

    /// The query of its address, without a question mark.
    pub fn search(&self) -> String {
        let pairs = self.pairs();
        let pairs = pairs
            .iter()
            .map(|(key, value)| format!("{key}={}", Url::escape(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// As a link below `page`.
    pub fn href(&self, page: &str) -> String {
        let search = self.search();
        let question = if search.is_empty() { "" } else { "?" };
        format!("{page}{question}{search}")
    }

    pub fn after(self, row: Option<RowPlace>) -> Self {
        Self { after: row, ..self }
    }
}

/// What stands in an address for a region, a product or its category.
pub(crate) fn said(label: &str) -> String {
    if label.is_empty() { UNKNOWN } else { label }.to_owned()
}

const fn stage_word(stage: FoundBy) -> &'static str {
    match stage {
        FoundBy::Validate => "validate",
        FoundBy::Load => "load",
    }
}

fn step_word(step: TrendStep) -> &'static str {
    let found = STEPS.iter().find(|it| it.0 == step);
    found.map_or("", |it| it.1)
}

fn found<T: Copy, const N: usize>(all: [T; N], is: impl Fn(&T) -> bool) -> Option<T> {
    all.into_iter().find(is)
}

/// `run_….17`
pub fn place(text: &str) -> Option<RowPlace> {
    let (run, record) = text.split_once('.')?;
    let record: u64 = record.parse().ok()?;
    i64::try_from(record).ok()?;
    Some(RowPlace {
        run: RunId::try_from(run.to_owned()).ok()?,
        record,
    })
}

pub fn place_text(place: &RowPlace) -> String {
    format!("{}.{}", place.run, place.record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_shown() {
        let row = RowPlace {
            run: RunId::from_u128(7),
            record: 12,
        };
        let address = WorkAddress {
            show: Show::All,
            category: Some(Category::DataFormatError),
            code: Some("VAL06".to_owned()),
            column: Some("Unit price".to_owned()),
            region: Some("North & South".to_owned()),
            product: Some("Ghee 100 % = 1+1".to_owned()),
            product_category: Some(String::new()),
            stage: Some(FoundBy::Load),
            assignee: Some("Asha = 1+1".to_owned()),
            run: Some(RunId::from_u128(9)),
            between: Some([RunId::from_u128(8), RunId::from_u128(10)]),
            period: Period::Days(7),
            against: Against::YearAgo,
            text: Some("mill & co".to_owned()),
            sort: ExceptionOrder::Money,
            grid: true,
            after: Some(row.clone()),
            by: TrendBy::Control,
            step: Some(TrendStep::Week),
            measure: Measure::Rate,
            edit: Some(row),
            replacement: Some(Replacement {
                column: "region".to_owned(),
                from: String::new(),
                to: "North".to_owned(),
            }),
        };
        assert_eq!(WorkAddress::parse(&address.search()), address);
        assert_eq!(WorkAddress::default().href("/exceptions"), "/exceptions");
        let days = WorkAddress::parse("from=2026-02-01&to=2026-02-28");
        let calendar = Calendar {
            today: chrono::NaiveDate::from_ymd_opt(2026, 3, 4).unwrap(),
            year_begins: 4,
        };
        let filter = days.filter(&calendar);
        assert_eq!(filter.from.as_deref(), Some("2026-02-01"));
        assert_eq!(filter.to.as_deref(), Some("2026-02-28"));
        assert!(days.narrows() && !WorkAddress::parse("show=all&sort=money").narrows());
        let month = WorkAddress::parse("period=last-month");
        assert_eq!(month.filter(&calendar), filter);
        let read = WorkAddress::parse("?show=never&category=Snacks&from=2026-02-30&run=x&who=a+b");
        let expected = WorkAddress {
            assignee: Some("a b".to_owned()),
            ..WorkAddress::default()
        };
        assert_eq!(read, expected);
        let of_none = WorkAddress {
            region: Some(String::new()),
            ..WorkAddress::default()
        };
        assert_eq!(of_none.search(), "region=%2D");
        assert_eq!(WorkAddress::parse("region=-&product="), of_none);
    }
}
