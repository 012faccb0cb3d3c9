//! What a mark or a line stands for. plotters passes colours to a backend; here a colour is a number that
//! names a role, and the canvas writes the role's class.

use plotters::style::Color;
use plotters_backend::BackendColor;

/// What a mark stands for, and so its colour: the same thing has the same one on every page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hue {
    /// The one series of a chart.
    Accent,
    Accepted,
    Exception,
    Warning,
    Held,
    /// What counts for nothing: layout, the rest.
    Quiet,
    Series1,
    Series2,
    Series3,
    Series4,
    Series5,
    /// All that is in none of the five.
    SeriesOther,
    /// Shades of a heat map, from nothing to the most.
    Heat0,
    Heat1,
    Heat2,
    Heat3,
    Heat4,
    Heat5,
}

const SERIES: [Hue; 5] = [
    Hue::Series1,
    Hue::Series2,
    Hue::Series3,
    Hue::Series4,
    Hue::Series5,
];
const REGIONS: [&str; 5] = ["North", "South", "East", "West", "Central"];
const CATEGORIES: [&str; 5] = [
    "Sauces & Ketchup",
    "Ready-to-Eat Meals",
    "Dairy Products",
    "Snacks",
    "Beverages",
];

impl Hue {
    pub fn of_region(region: &str) -> Self {
        Self::in_order(&REGIONS, region)
    }

    pub fn of_category(category: &str) -> Self {
        Self::in_order(&CATEGORIES, category)
    }

    fn in_order(names: &[&str], name: &str) -> Self {
        let mut series = names.iter().zip(SERIES);
        series
            .find(|(it, _)| **it == name)
            .map_or(Self::SeriesOther, |(_, hue)| hue)
    }
}

/// What is drawn. The class of each is styled in `style/charts.css`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Mark(Hue),
    /// Where the pointer finds a mark.
    Reach,
    Zero,
    Grid,
    /// A word on an axis.
    Tick,
    /// One for which there is room only where the chart is wide.
    RoomyTick,
    /// A word in the margin before the chart.
    Gutter,
    Label,
    /// A label cut short to a step of the chart's width, shown until the next step is reached.
    LabelAt(usize),
    /// As much of a label as is ever shown, from a step on.
    LabelFrom(usize),
    /// A label that stands behind a key.
    KeyLabel,
    Value,
    /// Shown while its mark has the pointer or the focus.
    Tip,
    /// The stretches of a line, and of its moving average.
    Line,
    Average,
    /// A line that others are measured by, and its words.
    Limit,
    LimitLabel,
    /// A point of a line, shown with its tip, and one that has no neighbours, shown always.
    Dot,
    LoneDot,
    /// A point that is no part of the line.
    PartDot,
    /// Words within a cell of a heat map.
    OnDark,
    OnLight,
}

const CLASSES: [(Role, &str); 47] = [
    (Role::Mark(Hue::Accent), "accent"),
    (Role::Mark(Hue::Accepted), "accepted"),
    (Role::Mark(Hue::Exception), "exception"),
    (Role::Mark(Hue::Warning), "warning"),
    (Role::Mark(Hue::Held), "held"),
    (Role::Mark(Hue::Quiet), "quiet"),
    (Role::Mark(Hue::Series1), "series-1"),
    (Role::Mark(Hue::Series2), "series-2"),
    (Role::Mark(Hue::Series3), "series-3"),
    (Role::Mark(Hue::Series4), "series-4"),
    (Role::Mark(Hue::Series5), "series-5"),
    (Role::Mark(Hue::SeriesOther), "series-other"),
    (Role::Reach, "reach"),
    (Role::Zero, "zero"),
    (Role::Grid, "grid"),
    (Role::Tick, "tick"),
    (Role::RoomyTick, "tick roomy"),
    (Role::Gutter, "tick gutter"),
    (Role::Label, "label"),
    (Role::LabelAt(0), "label at-328"),
    (Role::LabelAt(1), "label at-360"),
    (Role::LabelAt(2), "label at-400"),
    (Role::LabelAt(3), "label at-480"),
    (Role::LabelAt(4), "label at-560"),
    (Role::LabelFrom(1), "label from-360"),
    (Role::LabelFrom(2), "label from-400"),
    (Role::LabelFrom(3), "label from-480"),
    (Role::LabelFrom(4), "label from-560"),
    (Role::LabelFrom(5), "label from-640"),
    (Role::KeyLabel, "label keyed"),
    (Role::Value, "value"),
    (Role::Tip, "tip"),
    (Role::Mark(Hue::Heat0), "heat-0"),
    (Role::Mark(Hue::Heat1), "heat-1"),
    (Role::Mark(Hue::Heat2), "heat-2"),
    (Role::Mark(Hue::Heat3), "heat-3"),
    (Role::Mark(Hue::Heat4), "heat-4"),
    (Role::Mark(Hue::Heat5), "heat-5"),
    (Role::Line, "line"),
    (Role::Average, "average"),
    (Role::Limit, "limit"),
    (Role::LimitLabel, "limit-label"),
    (Role::Dot, "dot"),
    (Role::LoneDot, "dot alone"),
    (Role::PartDot, "dot part"),
    (Role::OnDark, "cell roomy on-dark"),
    (Role::OnLight, "cell roomy"),
];

impl Role {
    /// The class for a colour that came from a role; any other colour is a line of the grid.
    pub(crate) fn class(color: BackendColor) -> &'static str {
        CLASSES
            .get(usize::from(color.rgb.0))
            .map_or("grid", |(_, class)| class)
    }
}

impl Color for Role {
    fn to_backend_color(&self) -> BackendColor {
        let number = (0..).zip(CLASSES).find(|(_, (role, _))| role == self);
        BackendColor {
            rgb: (number.map_or(u8::MAX, |(number, _)| number), 0, 0),
            alpha: 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_keeps_its_place_in_the_palette() {
        assert_eq!(Hue::of_region("North"), Hue::Series1);
        assert_eq!(Hue::of_region("Central"), Hue::Series5);
        assert_eq!(Hue::of_category("Beverages"), Hue::Series5);
        assert_eq!(Hue::of_category("Other"), Hue::SeriesOther);
    }

    #[test]
    fn a_role_survives_the_way_through_plotters() {
        for (role, class) in CLASSES {
            assert_eq!(Role::class(role.to_backend_color()), class);
        }
    }
}
