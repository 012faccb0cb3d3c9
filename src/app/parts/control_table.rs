//! Every control of the contract, with how it ended. One that did not run says why.

use crate::{
    format,
    parts::words::{control_state, severity_class},
};
use leptos::prelude::*;
use model::control::{ControlResult, Status};

/// `help` is the address of the catalogue.
pub(crate) fn control_table(controls: &[ControlResult], help: &str) -> AnyView {
    let most = controls.iter().map(|it| it.failed).max().unwrap_or(0);
    let lines: Vec<_> = controls.iter().map(|it| line(it, most, help)).collect();
    view! {
        <div class="wide" tabindex="0" role="region" aria-label="Controls">
            <table class="controls">
                <thead>
                    <tr>
                        <th scope="col">"Control"</th>
                        <th scope="col">"What it finds"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col" class="number">
                            "Evaluated"
                        </th>
                        <th scope="col" class="number">
                            "Failed"
                        </th>
                        <th scope="col">
                            <span class="hidden">"Failed, as a bar"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn line(control: &ControlResult, most: u64, help: &str) -> AnyView {
    let href = format!("{help}#{}", control.code);
    let class = severity_class(control.severity);
    let reason = control
        .reason
        .clone()
        .filter(|_| control.status == Status::NotRun);
    view! {
        <tr>
            <th scope="row">
                <a href=href>{control.code.clone()}</a>
            </th>
            <td>
                {control.summary.clone()}
                {reason.map(|it| view! { <span class="reason">{it}</span> })}
            </td>
            <td>{control_state(control.status)}</td>
            <td class="number">{format::count(control.evaluated)}</td>
            <td class="number">{format::count(control.failed)}</td>
            <td class="bar">
                <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="all" width="1000" height="10"></rect>
                    <rect
                        class=class
                        width=format::per_mille(control.failed, most)
                        height="10"
                    ></rect>
                </svg>
            </td>
        </tr>
    }
    .into_any()
}
