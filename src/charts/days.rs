//! Columns over time.

use crate::{
    Amount, Hue,
    canvas::{Area, Failure, Head, NARROWEST, ROOMY, SMALL_LETTER, WIDTH, render, text_style},
    glyphs,
    hue::Role,
    mark::{Mark, Words},
    period::Span,
    scale::ticks,
};
use chrono::NaiveDate;
use plotters::{
    coord::{cartesian::Cartesian2d, types::RangedCoordi32, types::RangedCoordi128},
    element::PathElement,
};
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

const TOP: i32 = 24;
const PLOT: i32 = 160;
const HEIGHT: i32 = 212;
const BASELINE: i32 = 203;
const TIP_BASELINE: i32 = 13;
const MOST_STEPS: i128 = 4;
/// Tenths of a slot: a column takes eight of them.
const SLOT: i32 = 10;
const GAP: i32 = 1;
/// So that a few days do not become a few walls.
const FEWEST_SLOTS: usize = 7;
/// Pixels of the margin before the columns; `.chart.days` in `style/charts.css` leaves as much.
const GUTTER: u32 = 72;
const TICK_GAP: u32 = 10;

/// What one column of `days` stands for: `day`, `week`, `month` or `year`. None without days.
pub fn column(days: &[Day]) -> Option<&'static str> {
    span(days).map(|(span, ..)| span.each())
}

/// Columns from zero over all days from the first to the last, by day, week, month or year, whichever is the
/// shortest that can still be told apart; days that are not given are empty. `title` is the chart's accessible
/// name. Without days, an empty text.
pub fn days(title: &str, days: &[Day]) -> String {
    let Some((span, columns)) = gathered(days) else {
        return String::new();
    };
    let name = |it: &Column| format!("{}: {}", span.name(it.start), it.amount.full());
    let highest = columns.iter().max_by_key(|it| it.amount.units());
    let description = format!(
        "One column for each {}. The highest is {}.",
        span.each(),
        highest.map(name).unwrap_or_default()
    );
    let head = Head {
        kind: "days",
        title,
        description: &description,
        height: HEIGHT,
    };
    let units = || columns.iter().map(|it| it.amount.units());
    let low = units().min().unwrap_or_default().min(0);
    let high = units().max().unwrap_or_default().max(0);
    let least = columns.first().map_or(1, |it| it.amount.least_step());
    let levels = ticks(low, high, least, MOST_STEPS);
    let (Some(&bottom), Some(&top)) = (levels.first(), levels.last()) else {
        return String::new();
    };
    let slots = i32::try_from(columns.len().max(FEWEST_SLOTS)).unwrap_or(i32::MAX / SLOT);

    render(&head, |root| {
        let area = root.clone().shrink((0, TOP), (WIDTH, PLOT));
        let (across, up) = area.get_pixel_range();
        let plane = Cartesian2d::<RangedCoordi32, RangedCoordi128>::new(
            0..slots * SLOT,
            bottom..top,
            (across, up.end..up.start),
        );
        let plot = area.apply_coord_spec(plane);
        for &level in levels.iter().filter(|it| **it != 0) {
            let line = [(0, level), (slots * SLOT, level)];
            plot.draw(&PathElement::new(line, Role::Grid))?;
        }
        for &level in &levels {
            let (x, y) = plot.map_coordinate(&(0, level));
            let style = text_style(Role::Gutter, HPos::Right);
            let amount = columns.first().map(|it| it.amount.with_units(level));
            root.draw_text(
                &amount.map(Amount::short).unwrap_or_default(),
                &style,
                (x, y + 4),
            )?;
        }
        for (column, slot) in columns.iter().zip(0..) {
            let (left, right) = (slot * SLOT, (slot + 1) * SLOT);
            let units = column.amount.units();
            let name = name(column);
            plot.draw(&Mark {
                name: &name,
                href: None,
                hue: Hue::Accent,
                reach: [(left, bottom), (right, top)],
                shape: (units != 0).then_some([(left + GAP, 0), (right - GAP, units)]),
                key: None,
                words: vec![Words {
                    role: Role::Tip,
                    anchor: HPos::Right,
                    at: (WIDTH, TIP_BASELINE),
                    text: name.clone(),
                }],
            })?;
        }
        plot.draw(&PathElement::new([(0, 0), (slots * SLOT, 0)], Role::Zero))?;
        draw_ticks(root, span, &columns, slots)
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

/// Words below the columns: first those that name a year, then as many as fit where the chart is narrowest, and
/// between them those that fit where it is roomy.
fn draw_ticks(root: &Area<'_>, span: Span, columns: &[Column], slots: i32) -> Result<(), Failure> {
    let words: Vec<(i32, String)> = columns
        .iter()
        .zip(0..)
        .filter_map(|(it, slot)| Some((slot, span.tick(it.start, columns.len())?)))
        .map(|(slot, text)| (WIDTH * slot / slots, text))
        .collect();
    let names_year = |it: &str| it.ends_with(|it: char| it.is_ascii_digit());
    let any = |_: &str| true;
    let none = vec![false; words.len()];
    let years = kept(&words, &none, names_year, NARROWEST - GUTTER);
    let narrow = kept(&words, &years, any, NARROWEST - GUTTER);
    let roomy = kept(&words, &narrow, any, ROOMY - GUTTER);
    for (((x, text), narrow), roomy) in words.iter().zip(narrow).zip(roomy) {
        let role = match (narrow, roomy) {
            (true, _) => Role::Tick,
            (false, true) => Role::RoomyTick,
            (false, false) => continue,
        };
        root.draw_text(text, &text_style(role, HPos::Left), (*x, BASELINE))?;
    }
    Ok(())
}

/// Which words stand, from left to right, of those that may, on `pixels` without touching each other or those that
/// must stand.
fn kept(
    words: &[(i32, String)],
    must: &[bool],
    may: impl Fn(&str) -> bool,
    pixels: u32,
) -> Vec<bool> {
    let place = |x: i32| x.unsigned_abs() * pixels / WIDTH.unsigned_abs();
    let mut free = 0;
    let mut kept = Vec::with_capacity(words.len());
    for (i, ((x, text), &must_stand)) in words.iter().zip(must).enumerate() {
        let end = place(*x) + glyphs::width(text, SMALL_LETTER);
        let later = words.iter().zip(must).skip(i + 1);
        let limit = later
            .filter(|(_, must)| **must)
            .map(|((x, _), _)| place(*x).saturating_sub(TICK_GAP))
            .next()
            .unwrap_or(pixels);
        let stands = must_stand || (may(text) && place(*x) >= free && end <= limit);
        if stands {
            free = end + TICK_GAP;
        }
        kept.push(stands);
    }
    kept
}
