//! How the file was read, and which of its columns the contract uses.

use crate::parts::words::reading_words;
use leptos::prelude::*;
use model::options::{ColumnMapping, Options};

pub(crate) fn reading(options: &Options) -> AnyView {
    let columns: Vec<_> = options.columns.iter().map(column).collect();
    view! {
        <details class="reading">
            <summary>"Read as " {reading_words(options)}</summary>
            <table class="figures">
                <thead>
                    <tr>
                        <th scope="col">"Column in the file"</th>
                        <th scope="col">"Used as"</th>
                    </tr>
                </thead>
                <tbody>{columns}</tbody>
            </table>
        </details>
    }
    .into_any()
}

fn column(mapping: &ColumnMapping) -> AnyView {
    let used = match &mapping.column {
        Some(name) => view! { <td>{name.clone()}</td> }.into_any(),
        None => view! { <td class="quiet">"not used"</td> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{mapping.header.clone()}</th>
            {used}
        </tr>
    }
    .into_any()
}
