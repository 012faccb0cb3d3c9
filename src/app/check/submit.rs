//! Submit: the digest first, then the file with its receipt, then the run's stages until it has ended.

use super::{
    desk::{Sending, Step, Trouble},
    driver::Driver,
    piecemeal::{self, Ended},
};
use crate::{
    format, json,
    web::{
        follow::{Follow, News},
        http::{self, Answer},
    },
};
use leptos::prelude::*;
use model::t;
use model::{
    id::WorkspaceId,
    options::Choice,
    run::{Admission, RunStatus, RunSummary},
    verdict::Verdict,
};
use serde::Deserialize;
use std::{rc::Rc, sync::Arc};
use wasm_bindgen::JsValue;
use web_sys::{File, FormData, XmlHttpRequest};

const STILL_HERE: &str = t!("The file and its verdict are still here.");

/// An RFC 9457 document, as far as it is shown.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    title: Option<String>,
    detail: Option<String>,
}

pub(super) async fn send(driver: Rc<Driver>, workspace: WorkspaceId, again: bool) {
    let Step::Judged { file: info } = driver.desk.step.get_untracked() else {
        return;
    };
    let Some(verdict) = driver.desk.verdict.get_untracked() else {
        return;
    };
    let file = driver.file.borrow().clone();
    let Some((file, sample)) = file else { return };
    let workspace = if sample {
        WorkspaceId::sample()
    } else {
        workspace
    };
    let sending = driver.desk.sending;
    if let Some(origin) = driver.desk.origin.get_untracked() {
        sending.set(Sending::Asking);
        return match read_again(&driver, &origin, &verdict).await {
            Ok(run) => {
                driver.submitted(&verdict);
                follow(&driver, run);
            }
            Err(trouble) => sending.set(Sending::Failed(trouble)),
        };
    }

    let choice = driver.desk.choice.get_untracked();
    // With corrections it is another submission, whatever became of the file.
    if !again && choice.corrections.is_empty() {
        sending.set(Sending::Asking);
        match ask_digest(&verdict, &workspace, &choice).await {
            Ok(None) => {}
            Ok(Some(run)) => return sending.set(Sending::Known(Box::new(run))),
            Err(trouble) => return sending.set(Sending::Failed(trouble)),
        }
        // Stopped while the server was asked.
        if sending.get_untracked() != Sending::Asking {
            return;
        }
    }
    sending.set(Sending::Uploading {
        sent: 0,
        total: info.bytes,
        rate: None,
    });
    let sent = if info.bytes > piecemeal::FROM {
        in_pieces(&driver, &file, &verdict, &workspace, again).await
    } else {
        upload(&driver, &file, &verdict, &workspace, again).await
    };
    match sent {
        Ok(Sent::New(run)) => {
            driver.submitted(&verdict);
            follow(&driver, run);
        }
        Ok(Sent::Known(run)) => sending.set(Sending::Known(Box::new(run))),
        Ok(Sent::Stopped) => {}
        Err(trouble) => sending.set(Sending::Failed(trouble)),
    }
}

/// The earlier run of these bytes under this contract, in this workspace.
async fn ask_digest(
    verdict: &Verdict,
    workspace: &WorkspaceId,
    choice: &Choice,
) -> Result<Option<RunSummary>, Trouble> {
    let receipt = &verdict.receipt;
    let mut url = format!(
        "/api/v1/digests/{}?workspace={workspace}&contract={}",
        receipt.file_digest, receipt.contract
    );
    if *choice != Choice::default()
        && let Ok(text) = serde_json::to_string(choice)
    {
        url.push_str("&choice=");
        url.push_str(&String::from(js_sys::encode_uri_component(&text)));
    }
    let nothing_sent = t!(
        "Nothing was sent but the file's digest. {STILL_HERE}",
        STILL_HERE = STILL_HERE
    );
    // Whether the digest arrived is not known.
    let answer = http::get(&url).await.map_err(|_| lost(STILL_HERE))?;
    match answer.status {
        200 => json::read(&answer.text)
            .map(Some)
            .ok_or_else(|| unreadable(&nothing_sent)),
        404 => Ok(None),
        0 => Err(lost(STILL_HERE)),
        _ => Err(refused(&answer, &nothing_sent)),
    }
}

enum Sent {
    New(RunSummary),
    Known(RunSummary),
    Stopped,
}

async fn upload(
    driver: &Rc<Driver>,
    file: &File,
    verdict: &Arc<Verdict>,
    workspace: &WorkspaceId,
    again: bool,
) -> Result<Sent, Trouble> {
    let form = form(driver, file, verdict, workspace, again).map_err(|_| lost(STILL_HERE))?;
    let request = XmlHttpRequest::new().map_err(|_| lost(STILL_HERE))?;
    driver.upload.replace(Some(request.clone()));
    let sending = driver.desk.sending;
    let answer = http::post(&request, "/api/v1/runs", &form, move |sent, total| {
        sending.set(Sending::Uploading {
            sent,
            total,
            rate: None,
        });
    })
    .await;
    // Whoever stops an upload takes the request away first.
    if driver.upload.take().is_none() {
        return Ok(Sent::Stopped);
    }
    let so_far = match sending.get_untracked() {
        Sending::Uploading { sent, total, .. } => t!(
            "{sent} of {total} were on their way. The server keeps nothing of a file that did not arrive whole. {STILL_HERE}",
            sent = format::bytes(sent),
            total = format::bytes(total),
            STILL_HERE = STILL_HERE
        ),
        _ => STILL_HERE.to_owned(),
    };
    let answer = answer.map_err(|_| lost(&so_far))?;
    let run = || json::read(&answer.text).ok_or_else(|| unreadable(STILL_HERE));
    match answer.status {
        202 => Ok(Sent::New(run()?)),
        200 => Ok(Sent::Known(run()?)),
        0 => Err(lost(&so_far)),
        _ => Err(refused(&answer, STILL_HERE)),
    }
}

/// The server has the file of that run, so that only what is said of it is sent.
async fn read_again(
    driver: &Driver,
    origin: &RunSummary,
    verdict: &Verdict,
) -> Result<RunSummary, Trouble> {
    let lost = |_| lost(STILL_HERE);
    let form = FormData::new().map_err(lost)?;
    let said = said(driver, verdict, &origin.workspace, false).map_err(lost)?;
    for (name, value) in said {
        form.append_with_str(name, &value).map_err(lost)?;
    }
    let request = XmlHttpRequest::new().map_err(lost)?;
    let url = format!(
        "/api/v1/runs/{}/again?workspace={}",
        origin.id, origin.workspace
    );
    let answer = http::post(&request, &url, &form, |_, _| {})
        .await
        .map_err(lost)?;
    match answer.status {
        202 => json::read(&answer.text).ok_or_else(|| unreadable(STILL_HERE)),
        _ => Err(refused(&answer, STILL_HERE)),
    }
}

/// Piecemeal, or at once where too much is said of the file for that.
async fn in_pieces(
    driver: &Rc<Driver>,
    file: &File,
    verdict: &Arc<Verdict>,
    workspace: &WorkspaceId,
    again: bool,
) -> Result<Sent, Trouble> {
    let lost = |_| lost(STILL_HERE);
    let mut said = said(driver, verdict, workspace, again).map_err(lost)?;
    said.push(("filename", file.name()));
    said.push(("filetype", file.type_()));
    let receipt = &verdict.receipt;
    let key = format!("{workspace}.{}.{}", receipt.file_digest, receipt.digest);
    let ended = piecemeal::send(driver, file, &said, &key).await;
    let address = match ended.map_err(lost)? {
        Ended::Run(address) => address,
        Ended::Stopped => return Ok(Sent::Stopped),
        Ended::Refused(answer) => return Err(refused(&answer, STILL_HERE)),
        Ended::TooMuchSaid => return upload(driver, file, verdict, workspace, again).await,
    };
    let answer = http::get(&address).await.map_err(lost)?;
    let run = json::read(&answer.text).ok_or_else(|| unreadable(STILL_HERE))?;
    Ok(Sent::New(run))
}

/// What is said of the file, by the fields' names.
fn said(
    driver: &Driver,
    verdict: &Verdict,
    workspace: &WorkspaceId,
    again: bool,
) -> Result<Vec<(&'static str, String)>, JsValue> {
    let json = |it: serde_json::Result<String>| it.map_err(|it| JsValue::from_str(&it.to_string()));
    let mut said = vec![
        ("receipt", json(serde_json::to_string(&verdict.receipt))?),
        ("evaluated_at", driver.evaluated_at.borrow().clone()),
        ("workspace", workspace.to_string()),
    ];
    let choice = driver.desk.choice.get_untracked();
    if choice != Choice::default() {
        said.push(("choice", json(serde_json::to_string(&choice))?));
    }
    let admission = driver.desk.admission.get_untracked();
    if admission != Admission::default() {
        said.push(("admission", admission.as_str().to_owned()));
    }
    if again {
        said.push(("again", "true".to_owned()));
    }
    Ok(said)
}

/// The file stands last: what comes before it tells the server what to do with it.
fn form(
    driver: &Driver,
    file: &File,
    verdict: &Verdict,
    workspace: &WorkspaceId,
    again: bool,
) -> Result<FormData, JsValue> {
    let form = FormData::new()?;
    for (name, value) in said(driver, verdict, workspace, again)? {
        form.append_with_str(name, &value)?;
    }
    form.append_with_blob_and_filename("file", file, &file.name())?;
    Ok(form)
}

fn follow(driver: &Rc<Driver>, run: RunSummary) {
    let sending = driver.desk.sending;
    sending.set(Sending::Following {
        run: Box::new(run.clone()),
        status: RunStatus::Running,
        stages: Vec::new(),
    });
    let heard = {
        let (driver, run) = (Rc::downgrade(driver), run.clone());
        move |news| {
            let Some(driver) = driver.upgrade() else {
                return;
            };
            match news {
                News::Stage(live) => sending.set(Sending::Following {
                    run: Box::new(run.clone()),
                    status: live.status,
                    stages: live.stages,
                }),
                // The run's page follows on by itself where the server fell silent.
                News::End | News::Silence => {
                    sending.set(Sending::Done(Box::new(run.clone())));
                    driver.open_run(&run.workspace, &run.id);
                }
            }
        }
    };
    match Follow::run(&run.workspace, &run.id, heard) {
        Ok(follow) => {
            driver.follow.replace(Some(follow));
        }
        Err(_) => {
            sending.set(Sending::Done(Box::new(run.clone())));
            driver.open_run(&run.workspace, &run.id);
        }
    }
}

fn lost(kept: &str) -> Trouble {
    Trouble {
        title: t!("The connection to the server was lost").to_owned(),
        detail: t!("The file did not arrive.").to_owned(),
        kept: kept.to_owned(),
        next: t!("See whether the network is there and the file still stands where it did, then submit again.")
            .to_owned(),
    }
}

fn unreadable(kept: &str) -> Trouble {
    Trouble {
        title: t!("The server's answer could not be read").to_owned(),
        detail: t!("Page and server may be of different versions.").to_owned(),
        kept: kept.to_owned(),
        next: t!("Look at the runs to see whether the file arrived, then reload this page.")
            .to_owned(),
    }
}

fn refused(answer: &Answer, kept: &str) -> Trouble {
    if answer.status == 0 {
        return lost(kept);
    }
    let problem: Problem = json::read(&answer.text).unwrap_or_default();
    Trouble {
        title: problem
            .title
            .unwrap_or_else(|| t!("The server did not take the file").to_owned()),
        detail: problem
            .detail
            .unwrap_or_else(|| t!("It answered with status {status}.", status = answer.status)),
        kept: kept.to_owned(),
        next: match answer.status {
            400..500 => t!("Change what the message names, then submit again."),
            _ => t!("Wait a moment, then submit again."),
        }
        .to_owned(),
    }
}
