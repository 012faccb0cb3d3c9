//! A big file goes by tus (<https://tus.io/protocols/resumable-upload>): what arrived stays, whatever cuts the connection,
//! and the rest follows when the server answers again, or when the same file is submitted later.

use super::{desk::Sending, driver::Driver, keep};
use crate::web::http::{self, Answer, whole};
use js_sys::Promise;
use leptos::prelude::*;
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, XmlHttpRequest};

/// Bytes above which a file goes piecemeal.
pub(super) const FROM: u64 = 8 << 20;

/// Bytes of what is said of a file that fit the head of a request.
const SAID: usize = 24 << 10;

const VERSION: (&str, &str) = ("Tus-Resumable", "1.0.0");

/// Milliseconds until it is tried again, at first and at most.
const WAIT: (i32, i32) = (1_000, 30_000);

pub(super) enum Ended {
    /// The address of the run that it became.
    Run(String),
    Stopped,
    Refused(Answer),
    /// What is said of the file does not fit.
    TooMuchSaid,
}

/// Sends `file`, of which these fields are said. `key` names file and way of reading among what this browser keeps.
pub(super) async fn send(
    driver: &Rc<Driver>,
    file: &Blob,
    said: &[(&str, String)],
    key: &str,
) -> Result<Ended, JsValue> {
    let turn = driver.sending.get();
    let stopped = || driver.sending.get() != turn;
    let total = whole(file.size());
    let sending = driver.desk.sending;
    let mut wait = WAIT.0;
    let mut address = keep::upload(key);
    let mut offset = None;
    while !stopped() {
        let (Some(to), Some(at)) = (&address, offset) else {
            let answer = match &address {
                Some(to) => stand(driver, to).await,
                None => match announce(driver, said, total).await? {
                    Some(answer) => answer,
                    None => return Ok(Ended::TooMuchSaid),
                },
            };
            let Some((answer, request)) = answer else {
                wait_for(driver, &mut wait, total).await?;
                continue;
            };
            match (answer.status, &address) {
                (200, Some(_)) => offset = number(&request, "Upload-Offset"),
                (201, None) => {
                    address = request.get_response_header("Location")?;
                    keep::put_upload(key, address.as_deref());
                    offset = Some(0);
                }
                // What arrived earlier is gone by now.
                (404 | 410, Some(_)) => {
                    address = None;
                    keep::put_upload(key, None);
                }
                (500.., _) => wait_for(driver, &mut wait, total).await?,
                _ => return Ok(Ended::Refused(answer)),
            }
            continue;
        };
        sending.set(Sending::Uploading {
            sent: at,
            total,
            rate: None,
        });
        let Some((answer, request)) = append(driver, to, file, at, total).await? else {
            if stopped() {
                break;
            }
            offset = None;
            wait_for(driver, &mut wait, total).await?;
            continue;
        };
        match answer.status {
            204 => {
                wait = WAIT.0;
                offset = number(&request, "Upload-Offset");
                if let Some(run) = request.get_response_header("Tarazu-Run-Location")? {
                    keep::put_upload(key, None);
                    return Ok(Ended::Run(run));
                }
            }
            // Another connection went further, or the server is about to end one that is dead.
            400 | 409 | 500.. => {
                offset = None;
                wait_for(driver, &mut wait, total).await?;
            }
            404 | 410 => {
                address = None;
                offset = None;
                keep::put_upload(key, None);
            }
            _ => return Ok(Ended::Refused(answer)),
        }
    }
    // Stopped by its owner: what arrived goes.
    if let Some(address) = address {
        keep::put_upload(key, None);
        let request = XmlHttpRequest::new()?;
        // What cannot be removed now is after 24 hours.
        let _ = http::send(&request, ("DELETE", &address), &[VERSION], None, |_| {}).await;
    }
    Ok(Ended::Stopped)
}

type Heard = Option<(Answer, XmlHttpRequest)>;

/// None where there was no connection.
async fn ask(
    driver: &Driver,
    to: (&str, &str),
    headers: &[(&str, &str)],
    body: Option<&Blob>,
    progress: impl Fn(u64) + 'static,
) -> Heard {
    let request = XmlHttpRequest::new().ok()?;
    driver.upload.replace(Some(request.clone()));
    let answer = http::send(&request, to, headers, body, progress).await;
    driver.upload.take();
    let answer = answer.ok().filter(|it| it.status != 0)?;
    Some((answer, request))
}

/// None where what is said does not fit.
async fn announce(
    driver: &Driver,
    said: &[(&str, String)],
    total: u64,
) -> Result<Option<Heard>, JsValue> {
    let fields = said.iter().map(|(name, value)| {
        // A text of bytes, as the browser wants it.
        let bytes: String = value.bytes().map(char::from).collect();
        Ok(format!("{name} {}", window().btoa(&bytes)?))
    });
    let said = fields.collect::<Result<Vec<_>, JsValue>>()?.join(",");
    if said.len() > SAID {
        return Ok(None);
    }
    let length = total.to_string();
    let headers = [
        VERSION,
        ("Upload-Length", &length),
        ("Upload-Metadata", &said),
    ];
    Ok(Some(
        ask(driver, ("POST", "/api/v1/uploads"), &headers, None, |_| {}).await,
    ))
}

/// How much of it arrived.
async fn stand(driver: &Driver, address: &str) -> Heard {
    ask(driver, ("HEAD", address), &[VERSION], None, |_| {}).await
}

async fn append(
    driver: &Driver,
    address: &str,
    file: &Blob,
    at: u64,
    total: u64,
) -> Result<Heard, JsValue> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "places in a file lie below 2^53"
    )]
    let rest = file.slice_with_f64_and_f64(at as f64, total as f64)?;
    let offset = at.to_string();
    let headers = [
        VERSION,
        ("Upload-Offset", offset.as_str()),
        ("Content-Type", "application/offset+octet-stream"),
    ];
    let sending = driver.desk.sending;
    let (begun, told) = (js_sys::Date::now(), Cell::new(0.0));
    let progress = move |sent: u64| {
        let now = js_sys::Date::now();
        let milliseconds = whole(now - begun);
        // Often enough to be seen, and not more often.
        if now - told.get() > 100.0 {
            told.set(now);
            sending.set(Sending::Uploading {
                sent: at + sent,
                total,
                rate: (milliseconds > 500).then(|| sent * 1_000 / milliseconds),
            });
        }
    };
    Ok(ask(driver, ("PATCH", address), &headers, Some(&rest), progress).await)
}

/// Each time twice as long.
async fn wait_for(driver: &Driver, wait: &mut i32, total: u64) -> Result<(), JsValue> {
    let sending = driver.desk.sending;
    let sent = match sending.get_untracked() {
        Sending::Uploading { sent, .. } | Sending::Waiting { sent, .. } => sent,
        _ => 0,
    };
    if sending.get_untracked() != Sending::Not {
        sending.set(Sending::Waiting { sent, total });
    }
    let milliseconds = std::mem::replace(wait, (*wait * 2).min(WAIT.1));
    let time = Promise::new(&mut |resolve, _| {
        // Where there is no timer, it is tried at once.
        let _ =
            window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
    });
    JsFuture::from(time).await?;
    Ok(())
}

fn number(request: &XmlHttpRequest, header: &str) -> Option<u64> {
    request.get_response_header(header).ok()??.parse().ok()
}
