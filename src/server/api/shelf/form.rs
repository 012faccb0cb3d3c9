//! `POST /controls/contracts/NAME/…`: the plain forms of a contract's page, which need no scripts.

use super::shelf;
use crate::{
    api::extract::workspace,
    backend::Pages,
    exception::Who,
    problem::Problem,
    shelf::edit::{Fields, edited},
};
use app::{place::Place, refused::Back};
use axum::{
    Form,
    extract::{Path, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use engine::contract::Contract;
use model::{id::WorkspaceId, t};
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
    let done = match act.as_str() {
        "draft" => sent.draft().await,
        "text" => sent.text().await,
        "adoption" | "discard" | "restoration" | "retirement" | "return" => sent.decide(&act).await,
        _ => return Err(Problem::not_found("form")),
    };
    done.map_err(|it| it.leading_back(sent.back(&act)))
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
        let versions = store.contract_versions(&self.workspace, Some(name)).await?;
        let used = versions.iter().map(|it| it.contract.version.as_str());
        let started = shelf.started().iter().filter(|it| it.name == name);
        let used: Vec<&str> = used.chain(started.map(|it| it.version.as_str())).collect();
        let contract = edited(&base, &self.fields, &used).map_err(|faults| {
            let said: Vec<String> = faults
                .iter()
                .map(|it| format!("{}: {}", it.place, it.text))
                .collect();
            let detail = format!("{}. Nothing was kept.", said.join("; "));
            Problem::new(
                StatusCode::BAD_REQUEST,
                "contract-faulty",
                "This cannot be kept as it is",
                detail,
            )
            .of_faults(faults)
        })?;
        let in_force = shelf.in_force(store, &self.workspace).await?;
        let in_force = in_force.iter().find(|it| it.name == name);
        let same = in_force.is_some_and(|it| {
            let version = it.version.clone();
            **it == Contract {
                version,
                ..contract.clone()
            }
        });
        if same {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "nothing-changed",
                "Nothing was changed in the form",
                "It says what is in force already, but for the version, so that nothing was kept. Change what is to be \
                 different, or go back without saving.",
            ));
        }
        self.keep(&contract).await
    }

    async fn text(&self) -> Result<Response, Problem> {
        let given = self.fields.get("text").copied().unwrap_or_default();
        let contract = super::contract(given.as_bytes())?;
        super::sensible(&contract)?;
        self.keep(&contract).await
    }

    /// The page that held a form.
    fn back(&self, act: &str) -> Back {
        let (name, number) = self.version;
        let own = Place::new(self.workspace.clone()).contract(name);
        let (form, view) = match act {
            "draft" | "text" => (act.to_owned(), "edit"),
            _ => (format!("{act}-{number}"), "version"),
        };
        let fields = self.fields.iter();
        // Where it was decided on meanwhile there is no such form any more.
        let reason = self
            .fields
            .get("reason")
            .filter(|it| view == "version" && !it.trim().is_empty());
        Back {
            href: format!("{own}?{view}={number}"),
            typed: reason
                .map(|it| (t!("Reason").to_owned(), (*it).to_owned()))
                .into_iter()
                .collect(),
            form,
            fields: fields
                .map(|(name, it)| ((*name).to_owned(), (*it).to_owned()))
                .collect(),
        }
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
