//! Revenue over time. A day that lies between the first and the last day of no file is a day of which nobody told: there
//! the line has a hole, and not a zero.

use crate::parts::phrase::phrase;
use crate::{
    calendar::Period,
    filters::{Filters, Step},
    format,
    parts::chart::noted,
    sales::board::View,
};
use charts::{Point, Span, line};
use chrono::NaiveDate;
use maud::{Markup, html};
use model::t;
use model::{money::Money, sales::SalesBoard};

/// More points cannot be told apart, even on a wide page.
const MOST_POINTS: usize = 400;

/// What one point is the sum of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stretch {
    /// Where its day, week or month begins, which may be before the period.
    start: NaiveDate,
    from: NaiveDate,
    to: NaiveDate,
    /// How many days it would have, and of how many there is word.
    days: u64,
    told: u64,
    orders: u64,
    units: i64,
    revenue: Money,
}

impl Stretch {
    fn known(&self) -> bool {
        self.told > 0 || self.orders > 0
    }

    fn whole(&self) -> bool {
        self.known() && self.told >= self.days
    }
}

pub(crate) fn trend(view: &View<'_>, sales: &SalesBoard) -> Markup {
    let Some((first, last)) = ends(view, sales) else {
        return html! {};
    };
    let chosen = view.filters.step.map(span);
    let chosen = chosen.filter(|it| {
        let starts = starts(*it, first, last);
        starts.take(MOST_POINTS + 1).count() <= MOST_POINTS
    });
    let span = chosen.unwrap_or_else(|| Span::of(first, last));
    let stretches = stretches(sales, span, first, last);
    let window = window(span);
    let averages = averages(&stretches, window);
    let title = t!("Revenue per {each}", each = span.each());
    let days = format::locale().days;
    let full = |money: Money| view.numbers.full(money);
    let leads: Vec<_> = stretches
        .iter()
        .map(|it| it.known().then(|| href(view, it, span)))
        .collect();
    let points: Vec<_> = stretches
        .iter()
        .zip(&averages)
        .zip(&leads)
        .map(|((it, average), lead)| Point {
            name: name(it, span),
            text: if it.known() {
                full(it.revenue)
            } else {
                t!("no file tells of it").to_owned()
            },
            amount: it.known().then(|| it.revenue.into()),
            part: it.known() && !it.whole(),
            average: average.map(Into::into),
            tick: span.tick(it.start, stretches.len(), days),
            href: lead.clone(),
        })
        .collect();
    let lines: Vec<_> = stretches
        .iter()
        .zip(&averages)
        .map(|(it, average)| {
            let number = |text: String| if it.known() { text } else { "–".to_owned() };
            vec![
                name(it, span),
                number(view.numbers.count(it.orders.into())),
                number(view.signed(it.units.into())),
                number(full(it.revenue)),
                average.map_or("–".to_owned(), full),
            ]
        })
        .collect();
    let holes = stretches.iter().any(|it| !it.known());
    let begun = stretches.first().map(|it| it.from.to_string());
    let before = begun.map(|begun| {
        let before = sales.days.iter().filter(|it| it.label < begun);
        let orders: u64 = before.map(|it| it.rows).sum();
        (orders, begun)
    });
    let before = before.filter(|(orders, _)| *orders > 0);
    let parts = stretches.iter().any(|it| it.known() && !it.whole());
    let note = html! {
        nav class="steps" aria-label=(t!("One point for each")) {
            @for step in Step::ALL {
                @let to = Filters { step: Some(step), ..view.filters.clone() };
                a href=(to.href(&view.page)) data-noscroll aria-current=[(self::span(step) == span).then_some("true")] {
                    (self::span(step).each())
                }
            }
        }
        p class="legend quiet" {
            @if window > 0 && averages.iter().any(Option::is_some) {
                span class="swatch average" {} (average(span)) " "
            }
            @if parts { (part(span)) " " }
            @if holes { (t!("A hole: no file tells of these days.")) " " }
            @if let Some((orders, begun)) = before {
                (phrase!("{orders} of days before {begun} not drawn.", orders = html! { a href=(earlier(view, &begun)) { (format::counted(orders, t!("order"), t!("orders"))) } }, begun = format::day(&begun)))
            }
        }
    };
    let heads = [
        t!("From"),
        t!("Orders"),
        t!("Units"),
        t!("Revenue"),
        t!("Average"),
    ];
    noted(
        &title,
        note,
        line(&title, &points, None, view.numbers),
        &heads,
        (&lines, &leads),
    )
}

/// The rows of the days before this one.
fn earlier(view: &View<'_>, day: &str) -> String {
    let (from, to) = view.calendar.days(view.filters.period);
    let before = day.parse().ok().and_then(|it: NaiveDate| it.pred_opt());
    view.rows(&Filters {
        period: Period::Custom(from, before.or(to)),
        ..view.filters.clone()
    })
}

/// What the second line is; nothing where no points are averaged.
const fn average(span: Span) -> &'static str {
    match span {
        Span::Day => t!("Average of 7 days."),
        Span::Week => t!("Average of 4 weeks."),
        Span::Month => t!("Average of 3 months."),
        Span::Year => "",
    }
}

/// What a point apart from the line is.
const fn part(span: Span) -> &'static str {
    match span {
        Span::Day => t!("A ring: a part of a day only."),
        Span::Week => t!("A ring: a part of a week only."),
        Span::Month => t!("A ring: a part of a month only."),
        Span::Year => t!("A ring: a part of a year only."),
    }
}

const fn span(step: Step) -> Span {
    match step {
        Step::Day => Span::Day,
        Step::Week => Span::Week,
        Step::Month => Span::Month,
    }
}

/// How many points are averaged: a week, a month, a quarter. `average` says the same.
const fn window(span: Span) -> usize {
    match span {
        Span::Day => 7,
        Span::Week => 4,
        Span::Month => 3,
        Span::Year => 0,
    }
}

/// From the beginning of the period, or the first row, to its end or today, whatever comes first.
fn ends(view: &View<'_>, sales: &SalesBoard) -> Option<(NaiveDate, NaiveDate)> {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let first = day(&sales.days.first()?.label)?;
    let last = day(&sales.days.last()?.label)?;
    let (from, to) = view.calendar.days(view.filters.period);
    let today = view.calendar.today;
    let from = from.unwrap_or(first).min(first);
    let to = to.map_or(last, |it| it.min(today)).max(last);
    Some((from, to))
}

/// The beginnings of all stretches from the first day to the last.
fn starts(span: Span, first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let begun = std::iter::successors(Some(span.start(first)), move |it| span.next(*it));
    begun.take_while(move |it| *it <= last)
}

fn stretches(sales: &SalesBoard, span: Span, first: NaiveDate, last: NaiveDate) -> Vec<Stretch> {
    let told = joined(&sales.told);
    // One misspelt year would make a thousand empty ones: the last stand.
    let starts: Vec<_> = starts(span, first, last).collect();
    let from = starts.len().saturating_sub(MOST_POINTS);
    let mut all: Vec<Stretch> = starts
        .into_iter()
        .skip(from)
        .map(|start| {
            let end = span.next(start).and_then(|it| it.pred_opt());
            let end = end.unwrap_or(start);
            let (from, to) = (start.max(first), end.min(last));
            Stretch {
                start,
                from,
                to,
                days: length(start, end),
                told: told
                    .iter()
                    .map(|(a, b)| length((*a).max(from), (*b).min(to)))
                    .sum(),
                orders: 0,
                units: 0,
                revenue: Money::ZERO,
            }
        })
        .collect();
    for slice in &sales.days {
        let Ok(day) = slice.label.parse::<NaiveDate>() else {
            continue;
        };
        let place = all.binary_search_by_key(&span.start(day), |it| it.start);
        if let Some(it) = place.ok().and_then(|at| all.get_mut(at)) {
            it.orders += slice.rows;
            it.units = it.units.saturating_add(slice.units);
            it.revenue += slice.revenue;
        }
    }
    all
}

/// Days of which there is word, without overlaps, in their order.
fn joined(told: &[(String, String)]) -> Vec<(NaiveDate, NaiveDate)> {
    let days = told.iter();
    let days = days.filter_map(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    let mut days: Vec<(NaiveDate, NaiveDate)> = days.collect();
    days.sort();
    let mut joined: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for (from, to) in days {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// Both included; none where the end is before the beginning.
fn length(from: NaiveDate, to: NaiveDate) -> u64 {
    u64::try_from((to - from).num_days() + 1).unwrap_or(0)
}

/// The mean of so many points up to each; None where one of them is not whole.
fn averages(stretches: &[Stretch], window: usize) -> Vec<Option<Money>> {
    let ends = 1..=stretches.len();
    let means = ends.map(|end| {
        let some = stretches.get(end.checked_sub(window)?..end)?;
        let divisor = i128::try_from(some.len()).ok().filter(|it| *it > 0)?;
        if !some.iter().all(Stretch::whole) {
            return None;
        }
        let sum: Money = some.iter().map(|it| it.revenue).sum();
        Some(Money((2 * sum.0 + divisor).div_euclid(2 * divisor)))
    });
    means.collect()
}

fn name(it: &Stretch, span: Span) -> String {
    let name = span.name(it.start, format::locale().days);
    if !it.known() || it.whole() || span == Span::Day {
        return name;
    }
    t!(
        "{name} ({told} of {days} days)",
        name = name,
        told = it.told,
        days = it.days
    )
}

/// Its rows where it is a day, else the same page of its days.
fn href(view: &View<'_>, it: &Stretch, span: Span) -> String {
    let filters = Filters {
        period: Period::Custom(Some(it.from), Some(it.to)),
        step: None,
        ..view.filters.clone()
    };
    if span == Span::Day {
        view.rows(&filters)
    } else {
        filters.href(&view.page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::sales::Slice;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn board(days: &[(&str, i64)], told: &[(&str, &str)]) -> SalesBoard {
        let slice = |(label, rupees): &(&str, i64)| Slice {
            label: (*label).to_owned(),
            rows: 1,
            units: 1,
            revenue: Money::from_paise(rupees * 100),
        };
        let pair = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        SalesBoard {
            days: days.iter().map(slice).collect(),
            told: told.iter().map(pair).collect(),
            ..SalesBoard::default()
        }
    }

    #[test]
    fn a_day_of_no_file_is_a_hole_and_a_day_without_sales_is_a_zero() {
        let board = board(
            &[("2026-01-01", 5), ("2026-01-03", 7), ("2026-01-06", 1)],
            &[("2026-01-01", "2026-01-03"), ("2026-01-06", "2026-01-06")],
        );
        let all = stretches(&board, Span::Day, day("2026-01-01"), day("2026-01-06"));
        let found: Vec<_> = all
            .iter()
            .map(|it| (it.known(), it.revenue.0 / 100))
            .collect();
        assert_eq!(
            found,
            [
                (true, 5),
                (true, 0),
                (true, 7),
                (false, 0),
                (false, 0),
                (true, 1)
            ]
        );
    }

    #[test]
    fn a_month_says_of_how_many_days_there_is_word() {
        let board = board(
            &[("2026-01-20", 5), ("2026-02-03", 7)],
            &[("2026-01-20", "2026-02-05"), ("2026-02-04", "2026-02-10")],
        );
        let all = stretches(&board, Span::Month, day("2026-01-20"), day("2026-02-28"));
        let names: Vec<_> = all.iter().map(|it| name(it, Span::Month)).collect();
        assert_eq!(
            names,
            ["Jan 2026 (12 of 31 days)", "Feb 2026 (10 of 28 days)"]
        );
        assert!(all.iter().all(|it| !it.whole()));
    }

    #[test]
    fn a_misspelt_year_does_not_push_the_others_out() {
        let board = board(
            &[("0225-01-20", 5), ("2026-02-03", 7)],
            &[("0225-01-20", "2026-02-03")],
        );
        let all = stretches(&board, Span::Year, day("0225-01-20"), day("2026-02-03"));
        assert_eq!(all.len(), MOST_POINTS);
        let last = all.last().unwrap();
        assert_eq!((last.start, last.orders), (day("2026-01-01"), 1));
        assert_eq!(all.iter().map(|it| it.orders).sum::<u64>(), 1);
    }

    #[test]
    fn an_average_needs_whole_points() {
        let board = board(
            &[("2026-01-01", 1), ("2026-01-02", 2), ("2026-01-04", 9)],
            &[("2026-01-01", "2026-01-02"), ("2026-01-04", "2026-01-05")],
        );
        let all = stretches(&board, Span::Day, day("2026-01-01"), day("2026-01-05"));
        let half = |rupees: i64| Some(Money::from_paise(rupees * 50));
        assert_eq!(averages(&all, 2), [None, half(3), None, None, half(9)]);
        assert_eq!(averages(&all, 0), [None; 5]);
    }
}
