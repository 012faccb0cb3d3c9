//! Columns that are cut into parts, over time or over runs.

use crate::{
    Hue, Part,
    axis::{HEIGHT, MOST_STEPS, TIP_BASELINE, draw_levels, draw_ticks, is_deep, plot},
    canvas::{Head, LETTER, NARROWEST, WIDTH, render, text_style},
    glyphs,
    hue::Role,
    mark::{Mark, Words},
    scale::ticks,
};
use model::money::Numbers;
use model::t;
use plotters::element::{Circle, PathElement};
use plotters_backend::text_anchor::HPos;

/// One column. Its parts stand one on the other, the first at the bottom; the same label has the same hue in all columns.
/// One without parts is a gap: of it nothing is known, and the zero line is broken there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    pub name: String,
    pub parts: Vec<Part>,
    /// A word below it, where there is room.
    pub tick: Option<String>,
}

const SLOT: i32 = 10;
const GAP: i32 = 1;
const FEWEST: usize = 7;
const KEY_PITCH: i32 = 22;
const KEY_RADIUS: i32 = 5;
const KEYS_ACROSS: i32 = 2;

/// Columns from zero in the given order, and below them a key for each label; `title` is the chart's accessible name.
/// Without columns, an empty text. Amounts are not below zero.
pub fn stacks(title: &str, stacks: &[Stack], numbers: Numbers) -> String {
    let parts = || stacks.iter().flat_map(|it| &it.parts);
    let mut keys: Vec<(&str, Hue)> = Vec::new();
    for part in parts() {
        if keys.iter().all(|(label, _)| *label != part.label) {
            keys.push((&part.label, part.hue));
        }
    }
    let kind = parts().next().map(|it| it.amount);
    let whole = |it: &Stack| it.parts.iter().map(|it| it.amount.units()).sum::<i128>();
    let (Some(kind), Some(highest), Ok(slots)) = (
        kind,
        stacks.iter().max_by_key(|it| whole(it)),
        i32::try_from(stacks.len().max(FEWEST)),
    ) else {
        return String::new();
    };
    let total = kind.with_units(whole(highest)).full(numbers);
    let all = i32::try_from(keys.len()).unwrap_or(i32::MAX / WIDTH);
    // Side by side where none is cut for it.
    let in_half = |(label, _): &(&str, Hue)| glyphs::width(label, LETTER) <= key_room(KEYS_ACROSS);
    let keys_across = if keys.iter().all(in_half) {
        all.clamp(1, KEYS_ACROSS)
    } else {
        1
    };
    let lines = (all + keys_across - 1) / keys_across;
    let levels = ticks(0, whole(highest), kind.least_step(), MOST_STEPS);
    let (Some(&bottom), Some(&top)) = (levels.first(), levels.last()) else {
        return String::new();
    };
    let is_deep = is_deep(&levels, kind, numbers);
    let head = Head {
        kind: "stacks",
        is_deep,
        title,
        description: &t!(
            "The highest column is {name}: {amount}.",
            name = highest.name,
            amount = total
        ),
        height: HEIGHT + lines * KEY_PITCH,
    };
    let across = slots.saturating_mul(SLOT);
    render(&head, |root| {
        let plot = plot(root, across, bottom, top);
        draw_levels(root, &plot, across, &levels, Some(kind), numbers)?;
        for (stack, slot) in stacks.iter().zip(0..) {
            let (left, right) = (slot * SLOT + GAP, (slot + 1) * SLOT - GAP);
            let mut from: i128 = 0;
            for part in stack.parts.iter().filter(|it| it.amount.units() > 0) {
                let to = from + part.amount.units();
                let name = format!("{}, {}: {}", stack.name, part.label, part.text);
                plot.draw(&Mark {
                    name: &name,
                    href: part.href.as_deref(),
                    hue: part.hue,
                    reach: [(left, from), (right, to)],
                    shape: Some([(left, from), (right, to)]),
                    dot: None,
                    key: None,
                    words: vec![Words {
                        role: Role::Tip,
                        anchor: HPos::Right,
                        at: (WIDTH, TIP_BASELINE),
                        text: name.clone(),
                    }],
                })?;
                from = to;
            }
        }
        // From gap to gap, and from the last one to the end.
        let gaps = stacks.iter().zip(0..).filter(|(it, _)| it.parts.is_empty());
        let mut begun = 0;
        for end in gaps.map(|(_, slot)| slot).chain([slots]) {
            if begun < end {
                let line = [(begun * SLOT, 0), (end.saturating_mul(SLOT), 0)];
                plot.draw(&PathElement::new(line, Role::Zero))?;
            }
            begun = end + 1;
        }
        let words: Vec<_> = stacks
            .iter()
            .zip(0..)
            .filter_map(|(it, slot)| Some((WIDTH * slot / slots, it.tick.clone()?)))
            .collect();
        draw_ticks(root, &words, is_deep)?;
        for ((label, hue), at) in keys.iter().zip(0..) {
            let x = WIDTH / keys_across * (at % keys_across);
            let y = HEIGHT + at / keys_across * KEY_PITCH + KEY_PITCH / 2;
            root.draw(&Circle::new((x, y), KEY_RADIUS, Role::Mark(*hue)))?;
            let text = glyphs::cut(label, LETTER, key_room(keys_across));
            root.draw_text(&text, &text_style(Role::KeyLabel, HPos::Left), (x, y + 5))?;
        }
        Ok(())
    })
}

/// Pixels for a key's words where the chart is narrowest, less the margin before the marks and its circle.
const fn key_room(keys_across: i32) -> u32 {
    NARROWEST / keys_across.unsigned_abs() - if keys_across > 1 { 60 } else { 100 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Amount;

    fn part(count: u64) -> Part {
        Part {
            label: "Open".into(),
            amount: Amount::Count(count),
            text: count.to_string(),
            hue: Hue::Exception,
            href: None,
        }
    }

    #[test]
    fn a_column_of_nothing_has_no_mark() {
        let stack = |name: &str, count| Stack {
            name: name.into(),
            parts: vec![part(count)],
            tick: None,
        };
        let svg = stacks("Two", &[stack("a", 0), stack("b", 2)], Numbers::Indian);
        assert_eq!(svg.matches("class=\"mark\"").count(), 1);
        assert!(svg.contains("b, Open: 2"));
    }

    #[test]
    fn keys_stand_below_one_another_where_side_by_side_they_would_be_cut() {
        let check = |labels: [&str; 2], lines: i32| {
            let parts = labels.map(|label| Part {
                label: label.into(),
                ..part(1)
            });
            let stack = Stack {
                name: "a".into(),
                parts: parts.into(),
                tick: None,
            };
            let svg = stacks("Some", &[stack], Numbers::Indian);
            for label in labels {
                assert!(svg.contains(&format!(">{label}<")), "{label}: {svg}");
            }
            let height = HEIGHT + lines * KEY_PITCH;
            assert!(svg.contains(&format!("height=\"{height}\">")), "{svg}");
        };
        check(["Open", "Waived"], 1);
        check(["A required value is missing", "Data quality"], 2);
    }

    #[test]
    fn the_zero_line_is_broken_where_nothing_is_known() {
        let check = |counts: [Option<u64>; 4], expected: usize| {
            let stack = |count: &Option<u64>| Stack {
                name: "a".into(),
                parts: count.iter().map(|it| part(*it)).collect(),
                tick: None,
            };
            let all: Vec<_> = counts.iter().map(stack).collect();
            let svg = stacks("Some", &all, Numbers::Indian);
            assert_eq!(svg.matches("class=\"zero\"").count(), expected, "{svg}");
        };
        check([Some(1), Some(0), Some(0), Some(1)], 1);
        check([Some(1), None, None, Some(1)], 2);
        check([None, Some(1), None, Some(0)], 2);
    }
}
