//! Four answers at a glance, each a link to the page that says more. On the server only.

use crate::parts::phrase::phrase;
use crate::{
    backend::{Backend, BackendError},
    calendar::{Calendar, Period, Unit},
    exceptions::address::{Show, WorkAddress},
    filters::Filters,
    format,
    parts::{chart::share, filter_bar::span, key_figure::Change, words::stated},
    place::{Page, Place},
};
use maud::{Markup, html};
use model::t;
use model::{
    ledger::NOT_STATED,
    money::{Money, Numbers},
    ratio::Ratio,
    sales::{Basis, SalesBoard, SalesFilter, SalesGroup},
};

/// The first of these in which there are rows.
const PERIODS: [(&str, Period); 3] = [
    (t!("Sales this month"), Period::ToDate(Unit::Month)),
    (t!("Sales last month"), Period::Last(Unit::Month)),
    (t!("Sales of all time"), Period::AllTime),
];

struct Glance<'a> {
    place: &'a Place,
    numbers: Numbers,
    calendar: Calendar,
    title: &'static str,
    filters: Filters,
    /// The days of the period, in words.
    days: Option<String>,
    sales: SalesBoard,
}

/// # Errors
/// Where the backend has none.
pub(crate) async fn page(backend: &dyn Backend, place: &Place) -> Result<Markup, BackendError> {
    let basis = backend
        .basis(&place.workspace, &SalesFilter::default())
        .await?;
    if basis.runs == 0 && basis.held == 0 {
        return Ok(html! {
            p class="first-visit" {
                (t!("Tarazu reads a sales file, says which rows are wrong and why, and counts those that are right. \
                 Try it with a file of yours, or with the sample."))
            }
        });
    }
    let calendar = backend.calendar();
    let mut glance = Glance {
        place,
        numbers: format::numbers(),
        calendar,
        title: t!("Sales"),
        filters: Filters::default(),
        days: None,
        sales: SalesBoard::default(),
    };
    for (title, period) in PERIODS {
        glance.title = title;
        glance.filters.period = period;
        let days = calendar
            .span(period)
            .map(|it| (it.from.to_string(), it.to.to_string()));
        glance.days = days.map(|(from, to)| span(&from, &to));
        let compared = calendar.compared(period, glance.filters.against);
        let compared = compared.map(|it| (it.from.to_string(), it.to.to_string()));
        let compared = compared.as_ref().map(|(a, b)| (a.as_str(), b.as_str()));
        let filter = glance.filters.of_sales(&calendar);
        glance.sales = backend.sales(&place.workspace, &filter, compared).await?;
        if glance.sales.now.sum.rows > 0 {
            break;
        }
    }
    Ok(html! {
        section class="home" aria-label=(t!("At a glance")) {
            (glance.sold())
            (glance.drivers())
            (glance.left_out(&basis))
            (glance.waiting(&basis))
        }
    })
}

impl Glance<'_> {
    fn narrowed(&self, narrow: impl FnOnce(&mut Filters)) -> String {
        let mut filters = self.filters.clone();
        narrow(&mut filters);
        filters.href(&self.place.href(Page::Sales))
    }

    /// Rows can be asked for that state no region, and sums cannot.
    fn of_region(&self, label: &str) -> String {
        let filters = Filters {
            region: Some(label.to_owned()),
            ..self.filters.clone()
        };
        match label {
            NOT_STATED => filters.rows_href(&self.place.rows(), &self.calendar),
            _ => filters.href(&self.place.href(Page::Sales)),
        }
    }

    fn sold(&self) -> Markup {
        let revenue = self.sales.now.sum.revenue;
        let change = self
            .sales
            .before
            .as_ref()
            .map(|before| Change::of_money(revenue, before.sum.revenue, self.numbers));
        html! {
            div class="glance" {
                h2 { (self.title) }
                p class="key" title=(self.numbers.full(revenue)) {
                    a href=(self.narrowed(|_| {})) { (self.numbers.short(revenue)) }
                }
                @if let Some(change) = change { (change.shown(self.before().as_deref())) }
                @if let Some(days) = &self.days { p class="quiet" { (days) } }
                ul {
                    @for it in self.sales.by_region.iter().filter(|it| it.sum.rows > 0) {
                        li {
                            a href=(self.of_region(&it.label)) { (stated(&it.label)) }
                            span class="tabular" { (self.numbers.short(it.sum.revenue)) }
                        }
                    }
                }
            }
        }
    }

    /// Where the sales are that these are compared with.
    fn before(&self) -> Option<String> {
        let (period, against) = (self.filters.period, self.filters.against);
        let span = self.calendar.compared(period, against)?;
        Some(self.narrowed(|it| it.period = Period::Custom(Some(span.from), Some(span.to))))
    }

    /// The largest category, and the products that moved most.
    fn drivers(&self) -> Markup {
        let whole = self.sales.now.sum.revenue;
        let first = self
            .sales
            .by_category
            .iter()
            .find(|it| it.label != NOT_STATED);
        let products = || {
            self.sales
                .by_product
                .iter()
                .filter(|it| it.label != NOT_STATED)
        };
        let moved = |it: &&SalesGroup| {
            it.before
                .map_or(0, |then| it.sum.revenue.0 - then.revenue.0)
        };
        let up = products().max_by_key(moved).filter(|it| moved(it) > 0);
        let down = products().min_by_key(moved).filter(|it| moved(it) < 0);
        let best = products().next().filter(|_| up.is_none() && down.is_none());
        html! {
            div class="glance" {
                h2 { (t!("What drives them")) }
                @if let Some(it) = first {
                    p class="key" {
                        a href=(self.narrowed(|filters| filters.category = Some(it.label.clone()))) { (it.label) }
                    }
                    p class="quiet" {
                        @match share(it.sum.revenue, whole) {
                            Some(share) => { (phrase!("{share} of revenue, the most of all categories", share = format::percent(share))) },
                            None => (t!("the most of all categories")),
                        }
                    }
                }
                ul {
                    @for (word, it) in [(t!("Rose most"), up), (t!("Fell most"), down), (t!("Sold most"), best)] {
                        @if let Some(it) = it {
                            li {
                                span {
                                    (word) ": "
                                    a href=(self.narrowed(|filters| filters.product = Some(it.label.clone()))) {
                                        (it.label)
                                    }
                                }
                                span class="tabular" { (self.movement(it)) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn movement(&self, it: &SalesGroup) -> String {
        match it.before {
            None => self.numbers.short(it.sum.revenue),
            Some(then) => {
                let by = it.sum.revenue - then.revenue;
                let sign = if by > Money::ZERO { "+" } else { "" };
                format!("{sign}{}", self.numbers.short(by))
            }
        }
    }

    fn left_out(&self, basis: &Basis) -> Markup {
        let rows = Ratio::of(basis.rows_left, basis.rows_read);
        let money = share(basis.money_left, basis.money_read);
        let left = WorkAddress::default().showing(Show::Uncounted);
        let left = left.href(&self.place.exceptions());
        html! {
            div class="glance" {
                h2 { (t!("How much is not counted")) }
                p class="key" {
                    a href=(left) {
                        (phrase!("{percent} of rows", percent = rows.map_or("–".to_owned(), format::percent)))
                    }
                }
                p class="quiet" {
                    (phrase!("{rows_left} of {rows_read} rows that were read are exceptions", rows_left = self.numbers.count(basis.rows_left.into()), rows_read = self.numbers.count(basis.rows_read.into())))
                }
                ul {
                    li {
                        a href={ (left) "&sort=money" } { (t!("Their money")) }
                        span class="tabular" {
                            (self.numbers.short(basis.money_left))
                            @if let Some(money) = money { ", " (format::percent(money)) }
                        }
                    }
                    @if basis.held > 0 {
                        li {
                            a href=(self.place.href(Page::Runs)) {
                                (format::counted(basis.held, t!("run is held"), t!("runs are held")))
                            }
                        }
                    }
                }
            }
        }
    }

    fn waiting(&self, basis: &Basis) -> Markup {
        html! {
            div class="glance" {
                h2 { (t!("Waiting for someone")) }
                p class="key" {
                    a href={ (self.place.exceptions()) "?sort=money" } {
                        (format::counted(basis.open_rows, t!("exception"), t!("exceptions")))
                    }
                }
                p class="quiet" {
                    @if basis.open_rows == 0 { (t!("Nothing is open.")) } @else {
                        (phrase!("open, worth {open_money}; most of it in", open_money = self.numbers.short(basis.open_money)))
                    }
                }
                ul {
                    @for it in &basis.worst {
                        li {
                            a href={ (self.place.exceptions()) "?run=" (it.run) "&sort=money" } { (it.file_name) }
                            span class="tabular" { (self.numbers.short(it.money)) }
                        }
                    }
                }
            }
        }
    }
}
