//! What the ledger holds, as figures and charts. On the server only: the browser gets them rendered.

use crate::{
    format,
    parts::{chart, days::revenue_per_day},
    place::{Page, Place},
};
use charts::Hue;
use leptos::prelude::*;
use model::sales::SalesFigures;

pub(crate) fn sales(sales: &SalesFigures, place: &Place) -> AnyView {
    if sales.rows == 0 {
        empty(place)
    } else {
        figures(sales)
    }
}

fn empty(place: &Place) -> AnyView {
    view! {
        <section class="notice empty">
            <p>"The ledger is empty. Submit a file; the rows that pass are counted here."</p>
            <p>
                <a class="button main" href=place.href(Page::Check)>
                    "Check a file"
                </a>
            </p>
        </section>
    }
    .into_any()
}

fn figures(sales: &SalesFigures) -> AnyView {
    let span = sales.by_day.first().zip(sales.by_day.last());
    let span = span.map(|(first, last)| {
        format!(
            "{} to {}",
            format::day(&first.label),
            format::day(&last.label)
        )
    });
    view! {
        <dl class="goals">
            {key_figure("Revenue", sales.revenue.indian(), span)}
            {key_figure("Rows", format::count(sales.rows), None)}
            {key_figure("Units", format::signed(sales.units), None)}
        </dl>
        <div class="charts">
            <div class="span">{revenue_per_day(&sales.by_day)}</div>
            {chart::regions(&sales.by_region, "Revenue by region")}
            {chart::slices(&sales.by_category, "Revenue by category", "Category", Hue::of_category)}
            {chart::slices(&sales.by_product, "Revenue by product", "Product", |_| Hue::Accent)}
        </div>
    }
    .into_any()
}

fn key_figure(name: &'static str, value: String, note: Option<String>) -> AnyView {
    view! {
        <div class="goal">
            <dt>{name}</dt>
            <dd>
                <strong class="key">{value}</strong>
                {note.map(|it| view! { <span class="quiet">{it}</span> })}
            </dd>
        </div>
    }
    .into_any()
}
