//! Revenue over time. On the server only: Check has no chart over days.

use crate::{
    format,
    parts::chart::{figure, slice_line},
};
use charts::{Day, column, days};
use maud::{Markup, html};
use model::sales::Slice;
use model::t;

pub(crate) fn revenue_per_day(slices: &[Slice]) -> Markup {
    if slices.is_empty() {
        return html! {};
    }
    let marks: Vec<_> = slices
        .iter()
        .filter_map(|it| Day::new(&it.label, it.revenue))
        .collect();
    // A long time is drawn in columns of weeks or months, and says so.
    let title = &t!(
        "Revenue per {marks}",
        marks = column(&marks).unwrap_or(t!("day"))
    );
    let with_rows = slices.iter().filter(|it| it.rows > 0);
    let lines: Vec<_> = with_rows
        .map(|it| slice_line(&format::day(&it.label), it))
        .collect();
    figure(
        title,
        days(title, &marks, format::locale()),
        &[t!("Day"), t!("Rows"), t!("Units"), t!("Revenue")],
        &lines,
    )
}
