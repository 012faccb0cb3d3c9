//! A table whose cells are the darker the more they hold.

use crate::{
    Amount, Hue,
    canvas::{Head, LETTER, NARROWEST, WIDTH, render, text_style},
    glyphs,
    hue::Role,
    mark::{Mark, Words},
};
use model::t;
use plotters::coord::{cartesian::Cartesian2d, types::RangedCoordi32};
use plotters_backend::text_anchor::HPos;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeatRow {
    pub label: String,
    /// As many as there are columns.
    pub cells: Vec<HeatCell>,
}

/// `text` is the amount as it is read, `short` what fits the cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeatCell {
    pub amount: Amount,
    pub text: String,
    pub short: String,
    /// Where a click leads.
    pub href: Option<String>,
}

const HEAD: i32 = 20;
const HEAD_BASELINE: i32 = 14;
const PITCH: i32 = 52;
const BASELINE: i32 = 16;
const CELL_TOP: i32 = 22;
const CELL_BOTTOM: i32 = 48;
const CELL_BASELINE: i32 = 39;
/// One line says the scale, the other what the pointer or the focus is on.
const FOOT: i32 = 40;
const TIP_GAP: i32 = 5;
/// Units between two cells.
const GAP: i32 = 60;
const SHADES: i128 = 5;

/// Shades go from nothing to the largest cell, in even steps; `title` is the chart's accessible name, and `largest` the
/// largest amount as it is read. Without cells, an empty text.
pub fn heat(title: &str, columns: &[String], rows: &[HeatRow], largest: &str) -> String {
    let cells = || rows.iter().flat_map(|it| &it.cells);
    let (Some(most), Ok(across), Ok(down)) = (
        cells().map(|it| it.amount.units()).max(),
        i32::try_from(columns.len()),
        i32::try_from(rows.len()),
    ) else {
        return String::new();
    };
    if across == 0 {
        return String::new();
    }
    let height = HEAD + down.saturating_mul(PITCH) + FOOT;
    let scale = t!(
        "The stronger the colour, the more: up to {largest}.",
        largest = largest
    );
    let head = Head {
        kind: "heat",
        is_deep: false,
        title,
        description: &scale,
        height,
    };
    let room = NARROWEST / across.unsigned_abs();
    render(&head, |root| {
        let plane = Cartesian2d::<RangedCoordi32, RangedCoordi32>::new(
            0..WIDTH,
            0..height,
            root.get_pixel_range(),
        );
        let plot = root.apply_coord_spec(plane);
        let edge = |at: i32| WIDTH / across * at;
        for (column, at) in columns.iter().zip(0..) {
            let text = glyphs::cut(column, LETTER, room);
            let style = text_style(Role::Label, HPos::Left);
            root.draw_text(&text, &style, (edge(at), HEAD_BASELINE))?;
        }
        for (row, line) in rows.iter().zip(0..) {
            let y = HEAD + line * PITCH;
            let style = text_style(Role::Tick, HPos::Left);
            let label = glyphs::cut(&row.label, LETTER, NARROWEST);
            root.draw_text(&label, &style, (0, y + BASELINE))?;
            for ((cell, column), at) in row.cells.iter().zip(columns).zip(0..) {
                let shade = shade(cell.amount.units(), most);
                let (left, right) = (edge(at), edge(at + 1) - GAP);
                let dark = matches!(shade, Hue::Heat3 | Hue::Heat4 | Hue::Heat5);
                let name = format!("{}, {column}: {}", row.label, cell.text);
                plot.draw(&Mark {
                    name: &name,
                    href: cell.href.as_deref(),
                    hue: shade,
                    reach: [(left, y + CELL_TOP), (right, y + CELL_BOTTOM)],
                    shape: Some([(left, y + CELL_TOP), (right, y + CELL_BOTTOM)]),
                    dot: None,
                    key: None,
                    words: vec![
                        Words {
                            role: if dark { Role::OnDark } else { Role::OnLight },
                            anchor: HPos::Center,
                            at: (left + (right - left) / 2, y + CELL_BASELINE),
                            text: cell.short.clone(),
                        },
                        Words {
                            role: Role::Tip,
                            anchor: HPos::Left,
                            at: (0, height - TIP_GAP),
                            text: name.clone(),
                        },
                    ],
                })?;
            }
        }
        let style = text_style(Role::Tick, HPos::Left);
        root.draw_text(&scale, &style, (0, height - FOOT + BASELINE))
    })
}

/// What is there is never shown as nothing.
fn shade(units: i128, most: i128) -> Hue {
    if units <= 0 || most <= 0 {
        return Hue::Heat0;
    }
    match (units.saturating_mul(SHADES) + most - 1) / most {
        ..=1 => Hue::Heat1,
        2 => Hue::Heat2,
        3 => Hue::Heat3,
        4 => Hue::Heat4,
        _ => Hue::Heat5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_go_up_in_even_steps_from_zero() {
        for (units, hue) in [
            (-5, Hue::Heat0),
            (0, Hue::Heat0),
            (1, Hue::Heat1),
            (20, Hue::Heat1),
            (21, Hue::Heat2),
            (60, Hue::Heat3),
            (80, Hue::Heat4),
            (100, Hue::Heat5),
        ] {
            assert_eq!(shade(units, 100), hue, "{units}");
        }
        assert_eq!(shade(0, 0), Hue::Heat0);
    }
}
