//! From the file's columns to the contract's and on to the ledger's, drawn as lines of three places with what happens
//! between them. It reads in both directions. On the server only.

use crate::parts::phrase::phrase;
use crate::{format, icons::Icon};
use maud::{Markup, html};
use model::t;
use model::{lineage::ColumnLineage, row::LedgerRow};

/// With the values of a row where there is one. What the file does not have is said not to be used.
pub(crate) fn way(columns: &[&ColumnLineage], row: Option<&LedgerRow>) -> Markup {
    // What the file does not have may be filled by another of its columns.
    let filled = |it: &ColumnLineage| {
        let mut others = columns.iter().filter(|other| other.file.is_some());
        // A key of several columns is none where one of them is missing.
        let may_be = it.ledger.as_deref().is_some_and(|it| it != "row_key");
        it.file.is_none() && may_be && others.any(|other| other.ledger == it.ledger)
    };
    html! {
        section aria-labelledby="way" {
            h2 id="way" { (t!("From the file's columns to the ledger's, and back")) }
            div class="wide" tabindex="0" role="region" aria-label=(t!("Columns and what becomes of them")) {
                table class="way" {
                    thead {
                        tr {
                            th scope="col" { (Icon::File) " " (t!("File")) }
                            th scope="col" { (Icon::Sliders) " " (t!("Contract")) }
                            th scope="col" { (t!("What happens")) }
                            th scope="col" { (Icon::List) " " (t!("Ledger")) }
                        }
                    }
                    tbody {
                        @for (at, column) in columns.iter().enumerate() {
                            // A column that goes to several places begins once.
                            @let again = at > 0 && columns.get(at - 1).is_some_and(|before| {
                                before.file == column.file && before.contract == column.contract
                            });
                            (line(column, again, filled(column), row))
                        }
                    }
                }
            }
        }
    }
}

fn line(column: &ColumnLineage, again: bool, filled: bool, row: Option<&LedgerRow>) -> Markup {
    let ends = column.ledger.is_none();
    html! {
        tr class=[ends.then_some("ends")] {
            td class="stop" {
                @if again {
                    span class="hidden" { (column.file.as_ref().map_or("", |(_, name)| name)) }
                } @else {
                    @match &column.file {
                        Some((at, name)) => { span class="node" { (name) } " " span class="quiet" { (phrase!("column {at}", at = at)) } }
                        None => span class="quiet" { (t!("not in the file")) },
                    }
                }
            }
            td class="stop" {
                @if again {
                    span class="hidden" { (column.contract.as_deref().unwrap_or_default()) }
                } @else {
                    @match &column.contract {
                        Some(name) => span class="node" { (name) },
                        None => span class="quiet" { (t!("unknown")) },
                    }
                }
            }
            td class="between" {
                @if column.file.is_some() { (column.transformation) } @else { (t!("not used in this file")) }
            }
            td class="stop" {
                @match &column.ledger {
                    Some(_) if filled => span class="quiet" { (t!("filled from another column")) },
                    Some(name) => {
                        span class="node" { (name) }
                        @if let Some(value) = row.and_then(|it| value(it, name)) { " " strong { (value) } }
                    }
                    None => span class="quiet" { (t!("nowhere")) },
                }
            }
        }
    }
}

/// What a column of the ledger holds for a row.
fn value(row: &LedgerRow, name: &str) -> Option<String> {
    match name {
        "row_key" => row.key.as_deref().map(|it| it.replace('\u{1f}', ", ")),
        "day" => row.day.clone().map(String::from),
        "region" => row.region.clone().map(String::from),
        "product" => row.product.clone().map(String::from),
        "sku" => row.sku.clone().map(String::from),
        "category" => row.category.clone().map(String::from),
        "quantity" => row.quantity.map(|it| it.to_string()),
        "unit_price" => row.unit_price.map(format::money),
        "money" => row.money.map(format::money),
        _ => None,
    }
}
