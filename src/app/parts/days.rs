//! Revenue over time. On the server only: Check has no chart over days.

use crate::{
    format,
    parts::chart::{Leads, leading, slice_line},
};
use charts::{Day, column, days};
use maud::{Markup, html};
use model::sales::Slice;
use model::t;

/// `rows` is the address of a list of these rows, in which a column and a line lead to their own.
pub(crate) fn revenue_per_day(slices: &[Slice], rows: &str) -> Markup {
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
    let of_days = |from: &str, to: &str| format!("{rows}&from={from}&to={to}");
    let with_rows = slices.iter().filter(|it| it.rows > 0);
    let (lines, to): (Vec<_>, Vec<_>) = with_rows
        .map(|it| {
            let line = slice_line(&format::day(&it.label), it);
            (line, Some(of_days(&it.label, &it.label)))
        })
        .unzip();
    let leads = Leads {
        lines: &to,
        ..Leads::default()
    };
    leading(
        title,
        days(
            title,
            &marks,
            format::locale(),
            Some(&|from, to| of_days(&from.to_string(), &to.to_string())),
        ),
        &[t!("Day"), t!("Rows"), t!("Units"), t!("Revenue")],
        &lines,
        &leads,
    )
}
