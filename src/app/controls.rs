//! Controls: the catalogue. Each control's page is also its executed test, so what stands here is so.

use crate::{
    frame::PageHead,
    icons::icon,
    parts::{
        notice::{loading, trouble},
        words::{severity_class, severity_icon},
    },
    queries::{self, ControlHelp},
};
use leptos::prelude::*;
use model::control::{Dimension, Scope, Severity};

#[component]
pub(crate) fn ControlsPage() -> impl IntoView {
    let catalogue = Resource::new(|| (), |()| queries::catalogue());
    view! {
        <PageHead title="Controls" lead="What each control finds, with examples that are run as tests."/>
        <Transition fallback=loading>
            {move || Suspend::new(async move {
                match catalogue.await {
                    Ok(list) => controls(list),
                    Err(error) => trouble(&error),
                }
            })}
        </Transition>
    }
    .into_any()
}

fn controls(list: Vec<ControlHelp>) -> AnyView {
    let mut groups: Vec<(Dimension, Vec<ControlHelp>)> = Vec::new();
    for help in list {
        let dimension = help.page.dimension;
        match groups.iter_mut().find(|(it, _)| *it == dimension) {
            Some((_, group)) => group.push(help),
            None => groups.push((dimension, vec![help])),
        }
    }
    groups
        .into_iter()
        .map(|(dimension, group)| {
            let items: Vec<_> = group.into_iter().map(control).collect();
            view! {
                <section class="dimension">
                    <h2>{title(dimension)}</h2>
                    {items}
                </section>
            }
        })
        .collect_view()
        .into_any()
}

fn control(help: ControlHelp) -> AnyView {
    let page = help.page;
    let severity = match page.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let scope = match page.scope {
        Scope::File => "in the browser and on the server",
        Scope::Server => "on the server alone, with the ledger",
    };
    let category = page.category.map(|it| format!(" · {}", it.title()));
    let id = page.code.clone();
    view! {
        <details class="control" id=id>
            <summary>
                <h3>
                    <span class="code">{page.code}</span>
                    " "
                    {page.summary}
                </h3>
                <p class="quiet">
                    <span class=format!("state {}", severity_class(page.severity))>
                        {icon(severity_icon(page.severity))} {severity}
                    </span>
                    {category}
                    " · "
                    {scope}
                    " · "
                    {page.name}
                </p>
            </summary>
            <div class="doc" inner_html=help.html></div>
        </details>
    }
    .into_any()
}

const fn title(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Schema => "Schema",
        Dimension::Completeness => "Completeness",
        Dimension::Validity => "Validity",
        Dimension::Reference => "Reference",
        Dimension::Uniqueness => "Uniqueness",
        Dimension::Timeliness => "Timeliness",
        Dimension::Consistency => "Consistency",
        Dimension::Volume => "Volume",
        Dimension::Distribution => "Distribution",
    }
}
