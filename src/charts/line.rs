//! A line over time or over runs, with its moving average and a limit. Where there is no amount the line has a hole.

use crate::{
    Amount, Hue,
    axis::{HEIGHT, MOST_STEPS, Plot, TIP_BASELINE, draw_levels, draw_ticks, is_deep, plot},
    canvas::{Failure, Head, WIDTH, render, text_style},
    hue::Role,
    mark::{Mark, Words},
    scale::ticks,
};
use model::money::Numbers;
use model::t;
use plotters::element::PathElement;
use plotters_backend::text_anchor::HPos;

/// One point. `name` is what it stands for and `text` what is true of it: `Week of 23 Nov 2026`, `₹28,76,763.77`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub name: String,
    pub text: String,
    /// None is a hole.
    pub amount: Option<Amount>,
    /// It is of a part only, so that it stands beside the line and not in it.
    pub part: bool,
    pub average: Option<Amount>,
    /// A word below it, where there is room.
    pub tick: Option<String>,
    /// Where a click leads.
    pub href: Option<String>,
}

/// A line across that the others are measured by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    pub amount: Amount,
    /// What it says, with its amount: `Goal: below 5 %`.
    pub text: String,
}

/// Units of a point's place: it stands in the middle.
const SLOT: i32 = 10;

/// Points from zero, evenly spread in the given order; `title` is the chart's accessible name. Without points, an empty
/// text.
pub fn line(title: &str, points: &[Point], limit: Option<&Limit>, numbers: Numbers) -> String {
    let amounts = || points.iter().filter_map(|it| it.amount);
    let all = || {
        let averages = points.iter().filter_map(|it| it.average);
        amounts().chain(averages).chain(limit.map(|it| it.amount))
    };
    let (Some(kind), Ok(count)) = (all().next(), i32::try_from(points.len())) else {
        return String::new();
    };
    let highest = points
        .iter()
        .filter(|it| it.amount.is_some())
        .max_by_key(|it| it.amount.map(Amount::units));
    let description = highest.map_or_else(
        || t!("There is no point.").to_owned(),
        |it| {
            t!(
                "{count} points. The highest is {name}: {amount}.",
                count = count,
                name = it.name,
                amount = it.text
            )
        },
    );
    let low = all().map(Amount::units).min().unwrap_or_default().min(0);
    let high = all().map(Amount::units).max().unwrap_or_default().max(0);
    let levels = ticks(low, high, kind.least_step(), MOST_STEPS);
    let (Some(&bottom), Some(&top)) = (levels.first(), levels.last()) else {
        return String::new();
    };
    let is_deep = is_deep(&levels, kind, numbers);
    let head = Head {
        kind: "line-chart",
        is_deep,
        title,
        description: &description,
        height: HEIGHT,
    };
    let across = count.saturating_mul(SLOT);
    render(&head, |root| {
        let plot = plot(root, across, bottom, top);
        draw_levels(root, &plot, across, &levels, Some(kind), numbers)?;
        plot.draw(&PathElement::new([(0, 0), (across, 0)], Role::Zero))?;
        draw_line(&plot, points, Role::Line, |it| {
            it.amount.filter(|_| !it.part)
        })?;
        draw_line(&plot, points, Role::Average, |it| it.average)?;
        if let Some(limit) = limit {
            let level = limit.amount.units();
            plot.draw(&PathElement::new(
                [(0, level), (across, level)],
                Role::Limit,
            ))?;
            // Above all points, with dashes as its line has them.
            let style = text_style(Role::LimitLabel, HPos::Left);
            root.draw_text(&format!("- - {}", limit.text), &style, (0, TIP_BASELINE))?;
        }
        for (at, point) in points.iter().enumerate() {
            let left = place(at) - SLOT / 2;
            let alone = [at.checked_sub(1), at.checked_add(1)]
                .into_iter()
                .flatten()
                .all(|it| {
                    points
                        .get(it)
                        .is_none_or(|it| it.amount.is_none() || it.part)
                });
            let role = match (point.part, alone) {
                (true, _) => Role::PartDot,
                (false, true) => Role::LoneDot,
                (false, false) => Role::Dot,
            };
            let name = format!("{}: {}", point.name, point.text);
            plot.draw(&Mark {
                name: &name,
                href: point.href.as_deref(),
                hue: Hue::Accent,
                reach: [(left, bottom), (left + SLOT, top)],
                shape: None,
                dot: point.amount.map(|it| (role, (place(at), it.units()))),
                key: None,
                words: vec![Words {
                    role: Role::Tip,
                    anchor: HPos::Right,
                    at: (WIDTH, TIP_BASELINE),
                    text: name.clone(),
                }],
            })?;
        }
        let words: Vec<_> = points
            .iter()
            .zip(0..)
            .filter_map(|(it, slot)| Some((WIDTH * slot / count, it.tick.clone()?)))
            .collect();
        draw_ticks(root, &words, is_deep)
    })
}

fn place(at: usize) -> i32 {
    i32::try_from(at).unwrap_or(i32::MAX / SLOT - 1) * SLOT + SLOT / 2
}

/// The stretches without a hole.
fn draw_line(
    plot: &Plot<'_>,
    points: &[Point],
    role: Role,
    amount: fn(&Point) -> Option<Amount>,
) -> Result<(), Failure> {
    let mut stretch: Vec<(i32, i128)> = Vec::new();
    for (at, point) in points.iter().enumerate() {
        match amount(point) {
            Some(amount) => stretch.push((place(at), amount.units())),
            None => draw_stretch(plot, std::mem::take(&mut stretch), role)?,
        }
    }
    draw_stretch(plot, stretch, role)
}

fn draw_stretch(plot: &Plot<'_>, stretch: Vec<(i32, i128)>, role: Role) -> Result<(), Failure> {
    if stretch.len() > 1 {
        plot.draw(&PathElement::new(stretch, role))?;
    }
    Ok(())
}
