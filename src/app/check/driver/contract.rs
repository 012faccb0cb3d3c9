//! Hands a contract that was proposed over to the server, so that it judges the files to come.

use super::Driver;
use crate::{
    check::desk::{Keeping, Proposing, Step},
    json,
    web::http::{self, Answer},
};
use js_sys::Array;
use leptos::prelude::*;
use model::t;
use model::{contract::ContractVersion, id::WorkspaceId};
use serde_json::Value;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{Blob, XmlHttpRequest};

const LOST: &str =
    t!("The connection to the server was lost. Nothing of the file was sent: try it again.");

/// How the server calls that whoever made a draft cannot put it in force.
const SECOND_PERSON: u16 = 403;

impl Driver {
    /// The names of the server's contracts, as far as they were learned.
    fn names(&self) -> Vec<String> {
        let contracts = self.contracts.borrow();
        let texts = contracts.iter().flatten();
        let names = texts.filter_map(|it| {
            let contract: Value = serde_json::from_str(it).ok()?;
            Some(contract.get("name")?.as_str()?.to_owned())
        });
        names.collect()
    }

    /// A name that none of the server's contracts has, so that keeping it replaces none of them.
    pub(super) fn free_name(&self, name: &str) -> String {
        let taken = self.names();
        let mut free = name.to_owned();
        let mut number = 2;
        while taken.contains(&free) {
            free = format!("{name}-{number}");
            number += 1;
        }
        free
    }
}

pub(super) async fn keep(driver: Rc<Driver>) {
    let desk = driver.desk;
    let Proposing::Done(proposal) = desk.proposal.get_untracked() else {
        return;
    };
    let Step::Judged { file } = desk.step.get_untracked() else {
        return;
    };
    if desk.keeping.get_untracked() == Keeping::Going {
        return;
    }
    let name = proposal.name().to_owned();
    if driver.names().contains(&name) {
        let text = t!(
            "The server has a contract called {name} already, which this would replace. Give it another name below.",
            name = name
        );
        return desk.keeping.set(Keeping::Failed(text));
    }
    let workspace = driver.workspace();
    desk.keeping.set(Keeping::Going);
    let reason = format!("kept on Check, drawn up from {}", file.name);
    let kept = handed_over(&workspace, &name, &proposal.contract(), &reason).await;
    match kept {
        Ok(Keeping::Done(name)) => {
            driver.forget_proposal();
            // What was laid down of the columns goes by the names that it had under the contract of before.
            driver.read_so(super::text_alone(&desk.choice.get_untracked()));
            desk.keeping.set(Keeping::Done(name));
        }
        Ok(other) => desk.keeping.set(other),
        Err(_) => desk.keeping.set(Keeping::Failed(LOST.to_owned())),
    }
}

/// A draft first, and then in force, unless the server asks a second person for that.
async fn handed_over(
    workspace: &WorkspaceId,
    name: &str,
    contract: &str,
    reason: &str,
) -> Result<Keeping, JsValue> {
    let drafts = format!("/api/v1/contracts/drafts?workspace={workspace}");
    let drafted = post(&drafts, contract).await?;
    if drafted.status != 201 {
        return Ok(refused(&drafted));
    }
    let Some(version) = json::read::<ContractVersion>(&drafted.text) else {
        return Ok(refused(&drafted));
    };
    let number = version.number;
    let encoded = String::from(js_sys::encode_uri_component(name));
    let adoption =
        format!("/api/v1/contracts/{encoded}/versions/{number}/adoption?workspace={workspace}");
    let reason = serde_json::json!({ "reason": reason }).to_string();
    let adopted = post(&adoption, &reason).await?;
    Ok(match adopted.status {
        200 => Keeping::Done(name.to_owned()),
        SECOND_PERSON => Keeping::Waits(name.to_owned()),
        _ => refused(&adopted),
    })
}

async fn post(url: &str, json: &str) -> Result<Answer, JsValue> {
    let request = XmlHttpRequest::new()?;
    let body = Blob::new_with_str_sequence(&Array::of1(&json.into()))?;
    let kind = [("content-type", "application/json")];
    http::send(&request, ("POST", url), &kind, Some(&body), |_| {}).await
}

fn refused(answer: &Answer) -> Keeping {
    let problem: Option<Value> = serde_json::from_str(&answer.text).ok();
    let detail = problem.as_ref().and_then(|it| it.get("detail")?.as_str());
    Keeping::Failed(detail.unwrap_or(LOST).to_owned())
}
