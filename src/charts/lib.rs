//! Charts: aggregates in, SVG text out, the same text on every target. What a mark is stands in its class;
//! `style/charts.css` gives it its colour. No chart has a width: lengths across are per cent, heights and
//! letters pixels, so that a chart fills its place and its words keep their size from 360 px to 1920 px.

mod amount;
mod axis;
mod bars;
mod canvas;
mod days;
mod glyphs;
mod heat;
mod hue;
mod line;
mod mark;
mod period;
mod scale;
mod split;
mod stacks;

pub use amount::Amount;
pub use bars::{Bar, bars};
pub use days::{Day, column, days};
pub use heat::{HeatCell, HeatRow, heat};
pub use hue::Hue;
pub use line::{Limit, Point, line};
pub use period::{Span, written};
pub use split::{Part, split};
pub use stacks::{Stack, stacks};
