//! The contracts of a workspace. On the server only.

use crate::parts::phrase::phrase;
use crate::{clock::time_and_age, format, icons::Icon, parts::words::state, place::Place};
use maud::{Markup, html};
use model::contract::ContractCard;
use model::t;

pub(crate) fn shelf(contracts: &[ContractCard], place: &Place) -> Markup {
    html! {
        section {
            h2 id="contracts" { (t!("Contracts")) }
            p class="quiet" {
                (t!("What a file must satisfy. Of several, a file is judged under the one that fits its header."))
            }
            div class="wide" tabindex="0" role="region" aria-label=(t!("Contracts")) {
                table class="shelf" {
                    thead {
                        tr {
                            th scope="col" { (t!("Name")) }
                            th scope="col" { (t!("Status")) }
                            th scope="col" { (t!("Version")) }
                            th scope="col" { (t!("In force since")) }
                            th scope="col" { (t!("Drafts")) }
                        }
                    }
                    tbody { @for it in contracts { (line(it, place)) } }
                }
            }
        }
        h2 id="catalogue" { (t!("The catalogue of controls")) }
    }
}

fn line(card: &ContractCard, place: &Place) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(place.contract(&card.contract.name)) { (card.contract.name) } }
            td {
                @match (card.in_force, &card.retired) {
                    (Some(_), _) => (state("accepted", Icon::Met, t!("In force"))),
                    (None, Some(_)) => (state("quiet", Icon::NotRun, t!("Retired"))),
                    (None, None) => (state("quiet", Icon::NotRun, t!("Drafts alone"))),
                }
            }
            td { (card.contract.version) }
            td {
                @match (&card.since, card.in_force) {
                    (Some((at, by)), _) => { (time_and_age(at)) span class="quiet" { " " (phrase!("by {by}", by = by)) } },
                    (None, Some(_)) => span class="quiet" { (t!("as the server was started")) },
                    (None, None) => @match &card.retired {
                        Some(it) => { (phrase!("retired {at}{by}", at = time_and_age(&it.at), by = html! { span class="quiet" { " " (phrase!("by {by}", by = it.by)) } })) },
                        None => "–",
                    },
                }
            }
            td {
                @match card.drafts {
                    0 => span class="quiet" { (t!("none")) },
                    count => (state("warning", Icon::Held, &format::counted(count, t!("draft waits"), t!("drafts wait")))),
                }
            }
        }
    }
}
