//! What stands around marks over time: levels with their amounts, and words below.

use crate::{
    Amount,
    canvas::{Area, Failure, NARROWEST, ROOMY, SMALL_LETTER, WIDTH, text_style},
    glyphs,
    hue::Role,
};
use model::money::Numbers;
use plotters::{
    coord::{
        cartesian::Cartesian2d,
        types::{RangedCoordi32, RangedCoordi128},
    },
    drawing::DrawingArea,
    element::PathElement,
};
use plotters_backend::text_anchor::HPos;

pub(crate) type Plane = Cartesian2d<RangedCoordi32, RangedCoordi128>;
pub(crate) type Plot<'a> = DrawingArea<crate::canvas::Canvas<'a>, Plane>;

pub(crate) const TOP: i32 = 24;
pub(crate) const PLOT: i32 = 160;
pub(crate) const HEIGHT: i32 = 212;
const BASELINE: i32 = 203;
pub(crate) const TIP_BASELINE: i32 = 13;
pub(crate) const MOST_STEPS: i128 = 4;
/// Pixels of the margin before the marks, and of the one for long amounts; `style/charts.css` leaves as much.
const GUTTER: u32 = 72;
const DEEP_GUTTER: u32 = 112;
const GUTTER_GAP: u32 = 8;
const TICK_GAP: u32 = 10;

/// The place of the marks: `across` units wide, from `bottom` to `top`.
pub(crate) fn plot<'a>(root: &Area<'a>, across: i32, bottom: i128, top: i128) -> Plot<'a> {
    let area = root.clone().shrink((0, TOP), (WIDTH, PLOT));
    let (x, y) = area.get_pixel_range();
    area.apply_coord_spec(Plane::new(0..across, bottom..top, (x, y.end..y.start)))
}

/// Whether the levels' amounts need the deeper margin. `kind` is an amount of the chart's kind.
pub(crate) fn is_deep(levels: &[i128], kind: Amount, numbers: Numbers) -> bool {
    let width = |level: &i128| {
        let amount = kind.with_units(*level).short(numbers);
        glyphs::width(&amount, SMALL_LETTER)
    };
    let widest = levels.iter().map(width).max();
    widest.is_some_and(|it| it + GUTTER_GAP > GUTTER)
}

/// Lines across at all levels but zero, and all of them named in the gutter. `kind` is an amount of the chart's kind.
pub(crate) fn draw_levels(
    root: &Area<'_>,
    plot: &Plot<'_>,
    across: i32,
    levels: &[i128],
    kind: Option<Amount>,
    numbers: Numbers,
) -> Result<(), Failure> {
    for &level in levels.iter().filter(|it| **it != 0) {
        plot.draw(&PathElement::new([(0, level), (across, level)], Role::Grid))?;
    }
    for &level in levels {
        let (x, y) = plot.map_coordinate(&(0, level));
        let style = text_style(Role::Gutter, HPos::Right);
        let amount = kind.map(|it| it.with_units(level).short(numbers));
        root.draw_text(&amount.unwrap_or_default(), &style, (x, y + 4))?;
    }
    Ok(())
}

/// Words below the marks, each at its place across: first those that name a year, then as many as fit where the chart is
/// narrowest, and between them those that fit where it is roomy.
pub(crate) fn draw_ticks(
    root: &Area<'_>,
    words: &[(i32, String)],
    is_deep: bool,
) -> Result<(), Failure> {
    let gutter = if is_deep { DEEP_GUTTER } else { GUTTER };
    let names_year = |it: &str| {
        let mut end = it.chars().rev();
        end.by_ref().take(4).all(|it| it.is_ascii_digit()) && it.len() >= 4
    };
    let any = |_: &str| true;
    let none = vec![false; words.len()];
    let years = kept(words, &none, names_year, NARROWEST - gutter);
    let narrow = kept(words, &years, any, NARROWEST - gutter);
    let roomy = kept(words, &narrow, any, ROOMY - gutter);
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
