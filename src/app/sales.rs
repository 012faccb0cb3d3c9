//! Sales: what the ledger of this workspace holds, over all runs that count.

use crate::{
    format,
    frame::PageHead,
    parts::{
        chart,
        notice::{loading, trouble},
    },
    place::{Page, Place, use_place},
    queries,
};
use leptos::prelude::*;
use model::sales::SalesFigures;

#[component]
pub(crate) fn SalesPage() -> impl IntoView {
    let place = use_place();
    let sales = Resource::new(move || place.get(), |place| queries::sales(place.workspace));
    view! {
        <PageHead title="Sales" lead="All rows in the ledger, over every complete run of this workspace."/>
        <Transition fallback=loading>
            {move || Suspend::new(async move {
                match sales.await {
                    Ok(sales) if sales.rows == 0 => empty(&place.get_untracked()),
                    Ok(sales) => figures(&sales),
                    Err(error) => trouble(&error),
                }
            })}
        </Transition>
    }
    .into_any()
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
            <div class="span">{chart::revenue_per_day(&sales.by_day)}</div>
            {chart::regions(&sales.by_region, "Revenue by region")}
            {chart::categories(&sales.by_category, "Revenue by category")}
            {chart::products(&sales.by_product, "Revenue by product")}
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
