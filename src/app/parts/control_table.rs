//! Every control of the contract, with how it ended. One that did not run says why.

use crate::{
    format,
    parts::{
        problems::found,
        words::{control_state, severity_class},
    },
};
use maud::{Markup, html};
use model::t;
use model::{
    control::{ControlResult, Status},
    verdict::Verdict,
};

/// `help` is the address of the catalogue, `page` the one that the rows are shown under.
pub(crate) fn control_table(verdict: &Verdict, help: &str, page: &str) -> Markup {
    html! {
        div class="wide" tabindex="0" role="region" aria-label=(t!("Controls")) {
            table class="controls" {
                thead {
                    tr {
                        th scope="col" { (t!("Control")) }
                        th scope="col" { (t!("What it finds")) }
                        th scope="col" { (t!("Status")) }
                        th scope="col" class="number" { (t!("Evaluated")) }
                        th scope="col" class="number" { (t!("Failed")) }
                        th scope="col" { span class="hidden" { (t!("Share that failed, as a bar")) } }
                    }
                }
                tbody {
                    @for control in &verdict.controls { (line(verdict, control, help, page)) }
                }
            }
        }
    }
}

fn line(verdict: &Verdict, control: &ControlResult, help: &str, page: &str) -> Markup {
    let reason = control
        .reason
        .as_ref()
        .filter(|_| control.status == Status::NotRun);
    html! {
        tr {
            th scope="row" { a href={ (help) "#" (control.code) } { (control.code) } }
            td {
                (control.summary)
                @if let Some(reason) = reason { span class="reason" { (reason) } }
            }
            td { (control_state(control.status)) }
            td class="number" { (format::count(control.evaluated)) }
            td class="number" { (found(verdict, control, page, &format::count(control.failed))) }
            td class="bar" {
                svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
                    rect class="all" width="1000" height="10" {}
                    rect
                        class=(severity_class(control.severity))
                        width=(format::per_mille(control.failed, control.evaluated))
                        height="10" {}
                }
            }
        }
    }
}
