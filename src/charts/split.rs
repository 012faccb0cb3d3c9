//! One whole cut into parts, with a line below for each.

use crate::{
    Amount, Hue,
    canvas::{Head, LETTER, NARROWEST, WIDTH, render},
    glyphs,
    hue::Role,
    mark::{Mark, Words},
};
use plotters::coord::{cartesian::Cartesian2d, types::RangedCoordi32, types::RangedCoordi128};
use plotters_backend::text_anchor::HPos;

/// One part. `text` is what it holds as it is read: `4,376 rows · ₹2,87,86,763.77`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub label: String,
    pub amount: Amount,
    pub text: String,
    pub hue: Hue,
    /// Where a click leads.
    pub href: Option<String>,
}

const BAR: i32 = 20;
const LINES: i32 = 28;
const PITCH: i32 = 28;
const BASELINE: i32 = 19;
const KEY: i32 = 14;
const KEY_ROOM: u32 = 20;

/// The parts side by side as shares of their sum, in the given order; a part of nothing keeps its line.
/// `title` is the chart's accessible name. Without parts, an empty text. Amounts are not below zero.
pub fn split(title: &str, parts: &[Part]) -> String {
    if parts.is_empty() {
        return String::new();
    }
    let whole = parts
        .iter()
        .map(|it| it.amount.units())
        .sum::<i128>()
        .max(1);
    let lines = i32::try_from(parts.len()).unwrap_or(i32::MAX / PITCH - 1);
    let height = LINES + lines * PITCH;
    let names: Vec<String> = parts
        .iter()
        .map(|it| format!("{}: {}", it.label, it.text))
        .collect();
    let head = Head {
        kind: "split",
        is_deep: false,
        title,
        description: &names.join("; "),
        height,
    };
    render(&head, |root| {
        let plane = Cartesian2d::<RangedCoordi128, RangedCoordi32>::new(
            0..whole,
            0..height,
            root.get_pixel_range(),
        );
        let plot = root.apply_coord_spec(plane);
        let mut from = 0;
        let mut y = LINES;
        for (part, name) in parts.iter().zip(&names) {
            let to = from + part.amount.units();
            let room =
                NARROWEST.saturating_sub(glyphs::width(&part.text, LETTER) + LETTER + KEY_ROOM);
            plot.draw(&Mark {
                name,
                href: part.href.as_deref(),
                hue: part.hue,
                reach: [(0, y), (whole, y + PITCH)],
                shape: (to > from).then_some([(from, 0), (to, BAR)]),
                dot: None,
                key: Some((0, y + KEY)),
                words: vec![
                    Words {
                        role: Role::KeyLabel,
                        anchor: HPos::Left,
                        at: (0, y + BASELINE),
                        text: glyphs::cut(&part.label, LETTER, room),
                    },
                    Words {
                        role: Role::Value,
                        anchor: HPos::Right,
                        at: (WIDTH, y + BASELINE),
                        text: part.text.clone(),
                    },
                ],
            })?;
            (from, y) = (to, y + PITCH);
        }
        Ok(())
    })
}
