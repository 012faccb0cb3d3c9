//! What the ledger holds, as figures and charts. On the server only: the browser gets them rendered.

use crate::{
    format,
    parts::{chart, days::revenue_per_day},
    place::{Page, Place},
};
use charts::Hue;
use maud::{Markup, html};
use model::sales::SalesFigures;

pub(crate) fn sales(sales: &SalesFigures, place: &Place) -> Markup {
    if sales.rows == 0 {
        empty(place)
    } else {
        figures(sales)
    }
}

fn empty(place: &Place) -> Markup {
    html! {
        section class="notice empty" {
            p { "The ledger is empty. Submit a file; the rows that pass are counted here." }
            p { a class="button main" href=(place.href(Page::Check)) { "Check a file" } }
        }
    }
}

fn figures(sales: &SalesFigures) -> Markup {
    let span = sales.by_day.first().zip(sales.by_day.last());
    let span = span.map(|(first, last)| {
        format!(
            "{} to {}",
            format::day(&first.label),
            format::day(&last.label)
        )
    });
    html! {
        dl class="goals" {
            (key_figure("Revenue", &sales.revenue.indian(), span.as_deref()))
            (key_figure("Rows", &format::count(sales.rows), None))
            (key_figure("Units", &format::signed(sales.units), None))
        }
        section aria-labelledby="charts" {
            h2 id="charts" class="hidden" { "Charts" }
            div class="charts" {
                div class="span" { (revenue_per_day(&sales.by_day)) }
                (chart::regions(&sales.by_region, "Revenue by region"))
                (chart::slices(&sales.by_category, "Revenue by category", "Category", Hue::of_category))
                (chart::slices(&sales.by_product, "Revenue by product", "Product", |_| Hue::Accent))
            }
        }
    }
}

fn key_figure(name: &str, value: &str, note: Option<&str>) -> Markup {
    html! {
        div class="goal" {
            dt { (name) }
            dd {
                strong class="key" { (value) }
                @if let Some(note) = note { " " span class="quiet" { (note) } }
            }
        }
    }
}
