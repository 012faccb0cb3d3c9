//! Revenue over time. On the server only: Check has no chart over days.

use crate::{
    format,
    parts::chart::{figure, slice_line},
};
use charts::{Day, days};
use maud::{Markup, html};
use model::sales::Slice;

pub(crate) fn revenue_per_day(slices: &[Slice]) -> Markup {
    if slices.is_empty() {
        return html! {};
    }
    let title = "Revenue per day";
    let marks: Vec<_> = slices
        .iter()
        .filter_map(|it| Day::new(&it.label, it.revenue))
        .collect();
    let with_rows = slices.iter().filter(|it| it.rows > 0);
    let lines: Vec<_> = with_rows
        .map(|it| slice_line(&format::day(&it.label), it))
        .collect();
    figure(
        title,
        days(title, &marks),
        &["Day", "Rows", "Units", "Revenue"],
        &lines,
    )
}
