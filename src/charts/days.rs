//! Columns over time.

use crate::{
    Amount, Hue,
    axis::{HEIGHT, MOST_STEPS, TIP_BASELINE, draw_levels, draw_ticks, is_deep, plot},
    canvas::{Head, WIDTH, render},
    hue::Role,
    mark::{Mark, Words},
    period::Span,
    scale::ticks,
};
use chrono::NaiveDate;
use model::locale::Locale;
use model::t;
use plotters::element::PathElement;
use plotters_backend::text_anchor::HPos;

/// What one calendar day amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    day: NaiveDate,
    amount: Amount,
}

impl Day {
    /// `iso` is `2026-11-23`; None where it is no such day.
    pub fn new(iso: &str, amount: impl Into<Amount>) -> Option<Self> {
        let mut parts = iso.splitn(3, '-');
        let year = parts.next()?.parse().ok()?;
        let month = parts.next()?.parse().ok()?;
        let day = parts.next()?.parse().ok()?;
        Some(Self {
            day: NaiveDate::from_ymd_opt(year, month, day)?,
            amount: amount.into(),
        })
    }
}

struct Column {
    start: NaiveDate,
    amount: Amount,
}

/// Tenths of a slot: a column takes eight of them.
const SLOT: i32 = 10;
const GAP: i32 = 1;
/// So that a few days do not become a few walls.
const FEWEST_SLOTS: usize = 7;

/// What one column of `days` stands for: `day`, `week`, `month` or `year`. None without days.
pub fn column(days: &[Day]) -> Option<&'static str> {
    span(days).map(|(span, ..)| span.each())
}

/// Columns from zero over all days from the first to the last, by day, week, month or year, whichever is the
/// shortest that can still be told apart; days that are not given are empty. `title` is the chart's accessible
/// name; `href` says where the column of the days between two, both included, leads. Without days, an empty text.
pub fn days(
    title: &str,
    days: &[Day],
    locale: Locale,
    href: Option<&dyn Fn(NaiveDate, NaiveDate) -> String>,
) -> String {
    let Some((span, columns)) = gathered(days) else {
        return String::new();
    };
    let Locale { numbers, days } = locale;
    let name = |it: &Column| {
        let name = span.name(it.start, days);
        format!("{name}: {}", it.amount.full(numbers))
    };
    let highest = columns.iter().max_by_key(|it| it.amount.units());
    let description = t!(
        "One column for each {span}. The highest is {column}.",
        span = span.each(),
        column = highest.map(name).unwrap_or_default()
    );
    let units = || columns.iter().map(|it| it.amount.units());
    let low = units().min().unwrap_or_default().min(0);
    let high = units().max().unwrap_or_default().max(0);
    let least = columns.first().map_or(1, |it| it.amount.least_step());
    let levels = ticks(low, high, least, MOST_STEPS);
    let (Some(&bottom), Some(&top)) = (levels.first(), levels.last()) else {
        return String::new();
    };
    let kind = columns.first().map(|it| it.amount);
    let is_deep = kind.is_some_and(|it| is_deep(&levels, it, numbers));
    let head = Head {
        kind: "days",
        is_deep,
        title,
        description: &description,
        height: HEIGHT,
    };
    let slots = i32::try_from(columns.len().max(FEWEST_SLOTS)).unwrap_or(i32::MAX / SLOT);

    render(&head, |root| {
        let across = slots * SLOT;
        let plot = plot(root, across, bottom, top);
        draw_levels(root, &plot, across, &levels, kind, numbers)?;
        for (column, slot) in columns.iter().zip(0..) {
            let (left, right) = (slot * SLOT, (slot + 1) * SLOT);
            let units = column.amount.units();
            let name = name(column);
            let last = span.next(column.start).and_then(|it| it.pred_opt());
            let ends = (column.start, last.unwrap_or(NaiveDate::MAX));
            let href = href.filter(|_| units != 0).map(|href| href(ends.0, ends.1));
            plot.draw(&Mark {
                name: &name,
                href: href.as_deref(),
                hue: Hue::Accent,
                reach: [(left, bottom), (right, top)],
                shape: (units != 0).then_some([(left + GAP, 0), (right - GAP, units)]),
                dot: None,
                key: None,
                words: vec![Words {
                    role: Role::Tip,
                    anchor: HPos::Right,
                    at: (WIDTH, TIP_BASELINE),
                    text: name.clone(),
                }],
            })?;
        }
        plot.draw(&PathElement::new([(0, 0), (across, 0)], Role::Zero))?;
        let words: Vec<(i32, String)> = columns
            .iter()
            .zip(0..)
            .filter_map(|(it, slot)| Some((slot, span.tick(it.start, columns.len(), days)?)))
            .map(|(slot, text)| (WIDTH * slot / slots, text))
            .collect();
        draw_ticks(root, &words, is_deep)
    })
}

/// The length of a column, the first day and the last.
fn span(days: &[Day]) -> Option<(Span, NaiveDate, NaiveDate)> {
    let first = days.iter().map(|it| it.day).min()?;
    let last = days.iter().map(|it| it.day).max()?;
    Some((Span::of(first, last), first, last))
}

/// The columns from the first day to the last, without a hole.
fn gathered(days: &[Day]) -> Option<(Span, Vec<Column>)> {
    let (span, first, last) = span(days)?;
    let zero = days.first()?.amount.with_units(0);
    let end = span.start(last);
    let mut columns = Vec::new();
    let mut start = Some(span.start(first));
    while let Some(day) = start.filter(|it| *it <= end) {
        columns.push(Column {
            start: day,
            amount: zero,
        });
        start = span.next(day);
    }
    for day in days {
        let start = span.start(day.day);
        let place = columns.binary_search_by_key(&start, |it| it.start);
        if let Some(column) = place.ok().and_then(|it| columns.get_mut(it)) {
            let sum = column.amount.units() + day.amount.units();
            column.amount = column.amount.with_units(sum);
        }
    }
    Some((span, columns))
}
