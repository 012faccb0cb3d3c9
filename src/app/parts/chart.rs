//! Charts with their table behind them. The drawing is `charts`'; here data is given its words.

use crate::{format, window::RowWindow};
use charts::{Amount, Bar, Hue, bars};
use leptos::prelude::*;
use model::{
    control::{ControlResult, Severity},
    money::Money,
    ratio::Ratio,
    sales::Slice,
};

/// A drawing under its title, and the same figures as a table. `heads` name the table's columns; all but the
/// first hold numbers.
pub(crate) fn figure(
    title: &str,
    svg: String,
    heads: &[&'static str],
    lines: Vec<Vec<String>>,
) -> AnyView {
    let heads: Vec<_> = heads
        .iter()
        .enumerate()
        .map(|(at, head)| view! { <th scope="col" class:number=at != 0>{*head}</th> })
        .collect();
    let lines: Vec<_> = lines.into_iter().map(line).collect();
    let summary = format!("Table: {title}");
    view! {
        <figure class="figure">
            <figcaption>
                <h3>{title.to_owned()}</h3>
            </figcaption>
            <div class="plot" inner_html=svg></div>
            <details>
                <summary aria-label=summary>"Table"</summary>
                <table class="figures">
                    <thead>
                        <tr>{heads}</tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </details>
        </figure>
    }
    .into_any()
}

fn line(cells: Vec<String>) -> AnyView {
    let cells: Vec<_> = cells
        .into_iter()
        .enumerate()
        .map(|(at, text)| match at {
            0 => view! { <th scope="row">{text}</th> }.into_any(),
            _ => view! { <td class="number">{text}</td> }.into_any(),
        })
        .collect();
    view! { <tr>{cells}</tr> }.into_any()
}

/// What failed, most frequent first. With `page`, a bar leads to its rows there.
pub(crate) fn failures(controls: &[ControlResult], page: Option<&str>) -> AnyView {
    let mut failing: Vec<_> = controls.iter().filter(|it| it.failed > 0).collect();
    failing.sort_by(|a, b| b.failed.cmp(&a.failed).then_with(|| a.code.cmp(&b.code)));
    if failing.is_empty() {
        return ().into_any();
    }
    let title = "Failures by control";
    let marks: Vec<_> = failing
        .iter()
        .map(|it| Bar {
            label: format!("{} {}", it.code, it.summary.trim_end_matches('.')),
            amount: Amount::Count(it.failed),
            text: format::count(it.failed),
            hue: match it.severity {
                Severity::Error => Hue::Exception,
                Severity::Warning => Hue::Warning,
            },
            href: page.map(|page| RowWindow::with_code(&it.code).href(page)),
        })
        .collect();
    let lines = failing.iter().map(|it| {
        vec![
            format!("{} {}", it.code, it.summary),
            format::count(it.evaluated),
            format::count(it.failed),
        ]
    });
    figure(
        title,
        bars(title, &marks),
        &["Control", "Evaluated", "Failed"],
        lines.collect(),
    )
}

pub(crate) fn regions(slices: &[Slice], title: &str) -> AnyView {
    self::slices(slices, title, "Region", Hue::of_region)
}

/// Revenue as bars, in the given order. `what` names what a slice is.
pub(crate) fn slices(
    slices: &[Slice],
    title: &str,
    what: &'static str,
    hue: fn(&str) -> Hue,
) -> AnyView {
    if slices.is_empty() {
        return ().into_any();
    }
    let whole = slices.iter().map(|it| it.revenue).sum();
    let marks: Vec<_> = slices
        .iter()
        .map(|it| Bar {
            label: it.label.clone(),
            amount: it.revenue.into(),
            text: match share(it.revenue, whole) {
                Some(share) => format!("{} · {}", it.revenue.indian(), format::percent(share)),
                None => it.revenue.indian(),
            },
            hue: hue(&it.label),
            href: None,
        })
        .collect();
    let lines = slices.iter().map(|it| slice_line(&it.label, it));
    figure(
        title,
        bars(title, &marks),
        &[what, "Rows", "Units", "Revenue"],
        lines.collect(),
    )
}

pub(crate) fn slice_line(label: &str, slice: &Slice) -> Vec<String> {
    vec![
        label.to_owned(),
        format::count(slice.rows),
        format::signed(slice.units),
        slice.revenue.indian(),
    ]
}

/// None where a part is below zero or the whole is not above it: such shares say nothing.
fn share(part: Money, whole: Money) -> Option<Ratio> {
    let part = u128::try_from(part.0).ok()?;
    let whole = u128::try_from(whole.0).ok().filter(|it| *it > 0)?;
    let millionths = part.checked_mul(1_000_000)?.checked_div(whole)?;
    Some(Ratio::from_millionths(u32::try_from(millionths).ok()?))
}
