//! `POST /controls/contracts/NAME/…`: the plain forms of a contract's page, which need no scripts.

use super::shelf;
use crate::{
    api::extract::workspace,
    backend::Pages,
    exception::Who,
    problem::Problem,
    shelf::edit::{Fields, edited},
};
use app::{controls::faulty, place::Place};
use axum::{
    Form,
    extract::{Path, rejection::PathRejection},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use engine::contract::{Contract, text};
use model::id::WorkspaceId;
use std::collections::BTreeMap;

/// Does what a form says, and sends the browser to the page of the version that it made or changed.
pub async fn submit(
    pages: Pages,
    named: Result<Path<(String, String)>, PathRejection>,
    who: Who,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let Path((name, act)) = named.map_err(|_| Problem::not_found("form"))?;
    let name = super::named(name)?;
    let fields: BTreeMap<&str, &str> = fields
        .iter()
        .map(|(name, it)| (name.as_str(), it.as_str()))
        .collect();
    let workspace = workspace(fields.get("workspace").map(|it| (*it).to_owned()))?;
    let number = fields.get("number").and_then(|it| it.parse().ok());
    let number: u64 = number
        .ok_or_else(|| Problem::invalid("The form does not say which version it is about."))?;
    let sent = Sent {
        pages: &pages,
        workspace,
        version: (&name, number),
        who,
        fields,
    };
    match act.as_str() {
        "draft" => sent.draft().await,
        "text" => sent.text().await,
        "adoption" | "discard" | "restoration" | "retirement" | "return" => sent.decide(&act).await,
        _ => Err(Problem::not_found("form")),
    }
}

struct Sent<'a> {
    pages: &'a Pages,
    workspace: WorkspaceId,
    /// The version that the form is about.
    version: (&'a str, u64),
    who: Who,
    fields: Fields<'a>,
}

impl Sent<'_> {
    async fn draft(&self) -> Result<Response, Problem> {
        let (shelf, store) = shelf(self.pages);
        let (name, number) = self.version;
        let base = shelf.version(store, &self.workspace, name, number).await;
        let base = base.map_err(super::missing)?;
        let contract = edited(&base, &self.fields).map_err(|error| {
            Problem::invalid(format!(
                "{error}. Nothing was kept: go back, where what you wrote still stands, and correct it."
            ))
        })?;
        self.keep(&contract).await
    }

    async fn text(&self) -> Result<Response, Problem> {
        let given = self.fields.get("text").copied().unwrap_or_default();
        let reading = match text::read(given) {
            Ok(reading) => reading,
            Err(faults) => {
                let faults = faults.into_iter();
                let faults = faults.map(|it| (it.mark.line, it.mark.column, it.text));
                let hidden = ["workspace", "number", "based_on", "note"];
                let hidden =
                    hidden.map(|it| (it, self.fields.get(it).copied().unwrap_or_default()));
                let own = Place::new(self.workspace.clone()).contract(self.version.0);
                let page = faulty::page(given, &faults.collect::<Vec<_>>(), &hidden, &own);
                return Ok((StatusCode::BAD_REQUEST, Html(page)).into_response());
            }
        };
        self.keep(&reading.contract).await
    }

    /// Based on what was in force when the form was opened, so that nothing that came in force since is undone unseen.
    async fn keep(&self, contract: &Contract) -> Result<Response, Problem> {
        let (shelf, store) = shelf(self.pages);
        let field = |name: &str| self.fields.get(name).map(|it| (*it).to_owned());
        let note = super::note(field("note"))?;
        let same_name = contract.name == self.version.0;
        let based_on = field("based_on").filter(|it| same_name && !it.is_empty());
        let made = shelf.draft(store, &self.workspace, contract, based_on, note, &self.who);
        let made = made.await?;
        Ok(self.to(&made.contract.name, Some(made.number), "drafted"))
    }

    async fn decide(&self, act: &str) -> Result<Response, Problem> {
        let reason = self.fields.get("reason").copied().unwrap_or_default();
        let reason = super::Reason::of(reason)?;
        let (shelf, store) = shelf(self.pages);
        let (name, number) = self.version;
        let at = (name, number);
        let (workspace, who) = (&self.workspace, &self.who);
        Ok(match act {
            "discard" => {
                shelf.discard(store, workspace, at, &reason, who).await?;
                self.to(name, Some(number), "discarded")
            }
            "retirement" => {
                shelf.retire(store, workspace, at, &reason, who).await?;
                self.to(name, None, "retired")
            }
            "return" => {
                shelf.bring_back(store, workspace, at, &reason, who).await?;
                self.to(name, None, "returned")
            }
            "adoption" => {
                shelf.adopt(store, workspace, at, &reason, who).await?;
                self.to(name, None, "adopted")
            }
            _ => {
                let made = shelf.restore(store, workspace, at, &reason, who).await?;
                match made.decided_at {
                    Some(_) => self.to(name, None, "adopted"),
                    None => self.to(name, Some(made.number), "drafted"),
                }
            }
        })
    }

    fn to(&self, name: &str, version: Option<u64>, done: &str) -> Response {
        let own = Place::new(self.workspace.clone()).contract(name);
        let version = version.map_or(String::new(), |it| format!("version={it}&"));
        Redirect::to(&format!("{own}?{version}done={done}")).into_response()
    }
}
