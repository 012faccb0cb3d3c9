//! Bars that lie, one below the other, each under its label and its value.

use crate::{
    Amount, Hue,
    canvas::{Head, LETTER, STEPS, WIDTH, render},
    glyphs,
    hue::Role,
    mark::{Mark, Words},
};
use model::t;
use plotters::{
    coord::{cartesian::Cartesian2d, types::RangedCoordi32, types::RangedCoordi128},
    element::PathElement,
};
use plotters_backend::{BackendCoord, text_anchor::HPos};

/// One bar. `text` is the value as it is read, with its unit and share: `₹56,26,719.21 · 19.5 %`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    pub label: String,
    pub amount: Amount,
    pub text: String,
    pub hue: Hue,
    /// Where a click leads.
    pub href: Option<String>,
}

const PITCH: i32 = 44;
const BASELINE: i32 = 16;
const TOP: i32 = 24;
const BOTTOM: i32 = 34;
const OVERHANG: i32 = 3;

/// Bars from zero, in the given order; `title` is the chart's accessible name. Without bars, an empty text.
pub fn bars(title: &str, bars: &[Bar]) -> String {
    let amounts = || bars.iter().map(|it| it.amount.units());
    let Some(longest) = bars
        .iter()
        .max_by_key(|it| it.amount.units().unsigned_abs())
    else {
        return String::new();
    };
    let low = amounts().min().unwrap_or_default().min(0);
    let high = amounts().max().unwrap_or_default().max(low + 1).max(0);
    let height = i32::try_from(bars.len()).unwrap_or(i32::MAX / PITCH) * PITCH;
    let description = t!(
        "The longest bar is {name}: {amount}.",
        name = longest.label,
        amount = longest.text
    );
    let head = Head {
        kind: "bars",
        is_deep: false,
        title,
        description: &description,
        height,
    };
    render(&head, |root| {
        let plane = Cartesian2d::<RangedCoordi128, RangedCoordi32>::new(
            low..high,
            0..height,
            root.get_pixel_range(),
        );
        let plot = root.apply_coord_spec(plane);
        for (bar, y) in bars.iter().zip((0..).step_by(step(PITCH))) {
            let name = format!("{}: {}", bar.label, bar.text);
            let mut words = labels(bar, (0, y + BASELINE));
            words.push(Words {
                role: Role::Value,
                anchor: HPos::Right,
                at: (WIDTH, y + BASELINE),
                text: bar.text.clone(),
            });
            let units = bar.amount.units();
            plot.draw(&Mark {
                name: &name,
                href: bar.href.as_deref(),
                hue: bar.hue,
                reach: [(low, y), (high, y + PITCH)],
                shape: (units != 0).then_some([(0, y + TOP), (units, y + BOTTOM)]),
                dot: None,
                key: None,
                words,
            })?;
            let zero = [(0, y + TOP - OVERHANG), (0, y + BOTTOM + OVERHANG)];
            plot.draw(&PathElement::new(zero, Role::Zero))?;
        }
        Ok(())
    })
}

/// The label, or where it is too long for the narrowest chart, as much as fits each step of its width.
fn labels(bar: &Bar, at: BackendCoord) -> Vec<Words> {
    let taken = glyphs::width(&bar.text, LETTER) + LETTER;
    let mut all = Vec::new();
    for (step, pixels) in STEPS.into_iter().enumerate() {
        let text = glyphs::cut(&bar.label, LETTER, pixels.saturating_sub(taken));
        let whole = text == bar.label;
        let role = match step {
            0 if whole => Role::Label,
            step if whole || step == STEPS.len() - 1 => Role::LabelFrom(step),
            step => Role::LabelAt(step),
        };
        all.push(Words {
            role,
            anchor: HPos::Left,
            at,
            text,
        });
        if whole {
            break;
        }
    }
    all
}

fn step(pitch: i32) -> usize {
    usize::try_from(pitch).unwrap_or(1)
}
