//! The contracts of a workspace. On the server only.

use crate::{clock::time_and_age, format, icons::Icon, parts::words::state, place::Place};
use maud::{Markup, html};
use model::contract::ContractCard;

pub(crate) fn shelf(contracts: &[ContractCard], place: &Place) -> Markup {
    html! {
        section {
            h2 id="contracts" { "Contracts" }
            p class="quiet" {
                "What a file must satisfy. Of several, a file is judged under the one that fits its header."
            }
            div class="wide" tabindex="0" role="region" aria-label="Contracts" {
                table class="shelf" {
                    thead {
                        tr {
                            th scope="col" { "Name" }
                            th scope="col" { "State" }
                            th scope="col" { "Version" }
                            th scope="col" { "In force since" }
                            th scope="col" { "Drafts" }
                        }
                    }
                    tbody { @for it in contracts { (line(it, place)) } }
                }
            }
        }
        h2 id="catalogue" { "The catalogue of controls" }
    }
}

fn line(card: &ContractCard, place: &Place) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(place.contract(&card.contract.name)) { (card.contract.name) } }
            td {
                @match (card.in_force, &card.retired) {
                    (Some(_), _) => (state("accepted", Icon::Met, "In force")),
                    (None, Some(_)) => (state("quiet", Icon::NotRun, "Retired")),
                    (None, None) => (state("quiet", Icon::NotRun, "Drafts alone")),
                }
            }
            td { (card.contract.version) }
            td {
                @match (&card.since, card.in_force) {
                    (Some((at, by)), _) => { (time_and_age(at)) span class="quiet" { " by " (by) } },
                    (None, Some(_)) => span class="quiet" { "as the server was started" },
                    (None, None) => @match &card.retired {
                        Some(it) => { "retired " (time_and_age(&it.at)) span class="quiet" { " by " (it.by) } },
                        None => "–",
                    },
                }
            }
            td {
                @match card.drafts {
                    0 => span class="quiet" { "none" },
                    count => (state("warning", Icon::Held, &format::counted(count, "draft waits", "drafts wait"))),
                }
            }
        }
    }
}
