//! Every control in words, by dimension. On the server only: the browser gets it rendered.

use crate::{
    icons::icon,
    markdown,
    parts::words::{severity_class, severity_icon},
};
use leptos::prelude::*;
use model::control::{ControlPage, Dimension, Scope, Severity};

pub(crate) fn catalogue(list: Vec<ControlPage>) -> AnyView {
    let mut groups: Vec<(Dimension, Vec<ControlPage>)> = Vec::new();
    for help in list {
        let dimension = help.dimension;
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

fn control(page: ControlPage) -> AnyView {
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
    let doc = markdown::html(&page.doc);
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
            <div class="doc" inner_html=doc></div>
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
