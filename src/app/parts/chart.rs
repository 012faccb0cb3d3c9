//! Charts with their table behind them. The drawing is `charts`'; here data is given its words.

use crate::parts::phrase::phrase;
use crate::{format, parts::words::stated, window::RowWindow};
use charts::{Amount, Bar, Hue, bars};
use leptos_router::location::Url;
use maud::{Markup, PreEscaped, html};
use model::t;
use model::{
    control::{ControlResult, Severity},
    ledger::NOT_STATED,
    money::Money,
    ratio::Ratio,
    sales::Slice,
};

/// A drawing under its title, and the same figures as a table. `heads` name the table's columns; all but the
/// first hold numbers. With each line comes where it leads, if anywhere.
pub(crate) fn figure(
    title: &str,
    svg: String,
    heads: &[&str],
    lines: (&[Vec<String>], &[Option<String>]),
) -> Markup {
    noted(title, html! {}, svg, heads, lines)
}

/// As `figure`, with something between the title and the drawing.
pub(crate) fn noted(
    title: &str,
    note: Markup,
    svg: String,
    heads: &[&str],
    (lines, leads): (&[Vec<String>], &[Option<String>]),
) -> Markup {
    let leads = Leads {
        lines: leads,
        ..Leads::default()
    };
    drawn((title, note, svg), heads, lines, &leads)
}

/// Where a figure and what is in it can be reached, and where that leads.
#[derive(Default)]
pub(crate) struct Leads<'a> {
    /// Of the figure.
    pub(crate) id: Option<&'a str>,
    /// The table is unfolded.
    pub(crate) open: bool,
    /// Of each line of the table, if anywhere: more lines may stand there than are drawn.
    pub(crate) lines: &'a [Option<String>],
}

/// On the server only: as `figure`, with where it can be reached.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn leading(
    title: &str,
    svg: String,
    heads: &[&str],
    lines: &[Vec<String>],
    leads: &Leads<'_>,
) -> Markup {
    drawn((title, html! {}, svg), heads, lines, leads)
}

fn drawn(
    (title, note, svg): (&str, Markup, String),
    heads: &[&str],
    lines: &[Vec<String>],
    leads: &Leads<'_>,
) -> Markup {
    html! {
        figure class="figure" id=[leads.id] {
            figcaption {
                h3 { (title) }
                span class="copies" {
                    (t!("Copy")) " "
                    @for (kind, name) in [("png", "PNG"), ("svg", "SVG")] {
                        button type="button" class="link" data-copy=(kind) aria-label={ (phrase!("Copy as {name}: {title}", name = name, title = title)) } {
                            (name)
                        }
                    }
                }
            }
            (note)
            div class="plot" { (PreEscaped(svg)) }
            details open[leads.open] {
                summary aria-label={ (phrase!("Table: {title}", title = title)) } { (t!("Table")) }
                table class="figures" {
                    thead {
                        tr {
                            @for (at, head) in heads.iter().enumerate() {
                                th scope="col" class=[(at > 0).then_some("number")] { (head) }
                            }
                        }
                    }
                    tbody {
                        @for (at, line) in lines.iter().enumerate() {
                            (table_line(line, leads.lines.get(at).and_then(Option::as_deref)))
                        }
                    }
                }
            }
        }
    }
}

fn table_line(cells: &[String], to: Option<&str>) -> Markup {
    html! {
        tr {
            @for (at, cell) in cells.iter().enumerate() {
                @match (at, to) {
                    (0, Some(to)) => th scope="row" { a href=(to) { (cell) } },
                    (0, None) => th scope="row" { (cell) },
                    _ => td class="number" { (cell) },
                }
            }
        }
    }
}

/// What failed, most frequent first. With `page`, a bar leads to its rows there.
pub(crate) fn failures(controls: &[ControlResult], page: Option<&str>) -> Markup {
    let mut failing: Vec<_> = controls.iter().filter(|it| it.failed > 0).collect();
    failing.sort_by(|a, b| b.failed.cmp(&a.failed).then_with(|| a.code.cmp(&b.code)));
    if failing.is_empty() {
        return html! {};
    }
    let title = t!("Failures by control");
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
    let leads: Vec<_> = marks.iter().map(|it| it.href.clone()).collect();
    let lines: Vec<_> = failing
        .iter()
        .map(|it| {
            vec![
                format!("{} {}", it.code, it.summary),
                format::count(it.evaluated),
                format::count(it.failed),
            ]
        })
        .collect();
    figure(
        title,
        bars(title, &marks),
        &[t!("Control"), t!("Evaluated"), t!("Failed")],
        (&lines, &leads),
    )
}

/// Revenue as bars, in the given order. With `rows`, the address of a list of these rows, a bar leads to its own there.
pub(crate) fn regions(slices: &[Slice], title: &str, rows: Option<&str>) -> Markup {
    // A contract without such a column states it nowhere.
    if slices.iter().all(|it| it.label == NOT_STATED) {
        return html! {};
    }
    let whole = slices.iter().map(|it| it.revenue).sum();
    let marks: Vec<_> = slices
        .iter()
        .map(|it| Bar {
            label: stated(&it.label).to_owned(),
            amount: it.revenue.into(),
            text: match share(it.revenue, whole) {
                Some(share) => {
                    format!("{} · {}", format::money(it.revenue), format::percent(share))
                }
                None => format::money(it.revenue),
            },
            hue: Hue::of_region(&it.label),
            href: rows.map(|rows| format!("{rows}&region={}", Url::escape(&it.label))),
        })
        .collect();
    let leads: Vec<_> = marks.iter().map(|it| it.href.clone()).collect();
    let lines: Vec<_> = slices
        .iter()
        .map(|it| slice_line(stated(&it.label), it))
        .collect();
    figure(
        title,
        bars(title, &marks),
        &[t!("Region"), t!("Rows"), t!("Units"), t!("Revenue")],
        (&lines, &leads),
    )
}

pub(crate) fn slice_line(label: &str, slice: &Slice) -> Vec<String> {
    vec![
        label.to_owned(),
        format::count(slice.rows),
        format::signed(slice.units),
        format::money(slice.revenue),
    ]
}

/// None where a part is below zero or the whole is not above it: such shares say nothing.
pub(crate) fn share(part: Money, whole: Money) -> Option<Ratio> {
    let part = u128::try_from(part.0).ok()?;
    let whole = u128::try_from(whole.0).ok().filter(|it| *it > 0)?;
    let millionths = part.checked_mul(1_000_000)?.checked_div(whole)?;
    Some(Ratio::from_millionths(u32::try_from(millionths).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_table_leads_to_its_rows_and_one_that_leads_nowhere_is_plain() {
        let line = |name: &str| vec![name.to_owned(), "7".to_owned()];
        let lines = [line("Milk 1L"), line("Not stated")];
        let lines_to = [Some("/sales?product=Milk".to_owned()), None];
        let leads = Leads {
            id: Some("by-product"),
            open: true,
            lines: &lines_to,
        };
        let figure = leading(
            "By product",
            String::new(),
            &["Product", "Rows"],
            &lines,
            &leads,
        );
        let figure = figure.into_string();
        assert!(
            figure.contains(r#"<th scope="row"><a href="/sales?product=Milk">Milk 1L</a></th>"#),
            "{figure}"
        );
        assert!(
            figure.contains(r#"<th scope="row">Not stated</th>"#),
            "{figure}"
        );
        assert!(
            figure.contains(r#"id="by-product""#) && figure.contains("<details open>"),
            "{figure}"
        );
    }
}
