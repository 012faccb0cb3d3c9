//! `POST /exceptions`: the plain forms of an exception's page, which need no scripts.

use crate::{
    api::extract::workspace,
    backend::Pages,
    exception::{Act, Edit, Exceptions, Picked, Settlement, Who},
    problem::Problem,
};
use app::place::Place;
use axum::{Form, response::Redirect};
use model::id::RunId;
use std::collections::BTreeMap;

/// Does what a form says, and sends the browser back to the exception.
pub async fn submit(
    pages: Pages,
    who: Who,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Result<Redirect, Problem> {
    let field = |name: &str| fields.get(name).cloned();
    let number = |name: &str| field(name)?.parse::<u64>().ok();
    let workspace = workspace(field("workspace"))?;
    let run = field("run").and_then(|it| RunId::try_from(it).ok());
    let (Some(run), Some(record), Some(version)) = (run, number("record"), number("version"))
    else {
        return Err(Problem::invalid(
            "The form does not say which exception it is about.",
        ));
    };
    let act = act(&fields)?;
    super::said(&act)?;
    let picked = Picked::One { record, version };
    let server = pages.server();
    Exceptions::new(&server.store, server.runs.contracts())
        .act(&workspace, &run, &picked, &act, &who)
        .await?;
    server.runs.ring();
    Ok(Redirect::to(&Place::new(workspace).exception(&run, record)))
}

fn act(fields: &BTreeMap<String, String>) -> Result<Act, Problem> {
    let text = |name: &str| {
        fields
            .get(name)
            .map(|it| it.trim())
            .unwrap_or_default()
            .to_owned()
    };
    let reason = text("reason");
    let some = |it: String| (!it.is_empty()).then_some(it);
    Ok(match text("act").as_str() {
        "correct" => {
            let cells = (0..).map_while(|at| fields.get(&format!("cell-{at}")).cloned());
            let edit = Edit {
                row: Some(cells.collect()),
                ..Edit::default()
            };
            let reason = some(reason);
            Act::Correct { edit, reason }
        }
        "waive" => Act::Waive { reason },
        "reject" => Act::Reject { reason },
        "assign" => Act::Assign {
            assignee: some(reason),
        },
        "comment" => Act::Comment { text: reason },
        "reopen" => Act::Reopen { reason },
        "replay" => Act::Replay,
        "settle" => Act::Settle {
            settlement: match text("settlement").as_str() {
                "take-place" => Settlement::TakePlace,
                _ => Settlement::KeepHolder,
            },
            reason,
            edit: Edit::default(),
        },
        _ => {
            return Err(Problem::invalid(
                "The form asks for something that nobody knows.",
            ));
        }
    })
}
