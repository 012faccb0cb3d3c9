//! How the file was read, and which of its columns the contract uses.

use crate::parts::phrase::phrase;
use crate::parts::words::reading_words;
use maud::{Markup, html};
use model::options::Options;
use model::t;

pub(crate) fn reading(options: &Options) -> Markup {
    html! {
        details class="reading" {
            summary { (phrase!("Read as {options}", options = reading_words(options))) }
            table class="figures" {
                thead {
                    tr {
                        th scope="col" { (t!("Column in the file")) }
                        th scope="col" { (t!("Used as")) }
                    }
                }
                tbody {
                    @for column in &options.columns {
                        tr {
                            th scope="row" { (column.header) }
                            @match &column.column {
                                Some(name) => td { (name) },
                                None => td class="quiet" { (t!("not used")) },
                            }
                        }
                    }
                }
            }
        }
    }
}
