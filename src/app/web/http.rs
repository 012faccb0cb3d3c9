//! Requests with progress, which `fetch` does not report for what is sent.

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FormData, ProgressEvent, XmlHttpRequest, XmlHttpRequestResponseType};

pub(crate) struct Answer {
    /// 0 where the connection was lost or the request stopped.
    pub(crate) status: u16,
    pub(crate) text: String,
}

pub(crate) async fn get(url: &str) -> Result<Answer, JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open_with_async("GET", url, true)?;
    request.send()?;
    ended(&request).await
}

/// The body as it is; None where the answer is another one than 200.
pub(crate) async fn get_blob(url: &str) -> Result<Option<Blob>, JsValue> {
    get_long_blob(url, |_, _| {}).await
}

/// As `get_blob`; `progress` hears how many bytes have come, of how many; of 0 where the server does not say.
pub(crate) async fn get_long_blob(
    url: &str,
    progress: impl Fn(u64, u64) + 'static,
) -> Result<Option<Blob>, JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open_with_async("GET", url, true)?;
    request.set_response_type(XmlHttpRequestResponseType::Blob);
    let on_progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        progress(whole(event.loaded()), whole(event.total()));
    });
    request.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    request.send()?;
    let end = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    JsFuture::from(end).await?;
    request.set_onprogress(None);
    let body = request.response()?.dyn_into::<Blob>().ok();
    Ok(body.filter(|_| request.status() == Ok(200)))
}

/// Sends a form; `progress` hears how many bytes are on their way, of how many.
pub(crate) async fn post(
    request: &XmlHttpRequest,
    url: &str,
    form: &FormData,
    progress: impl Fn(u64, u64) + 'static,
) -> Result<Answer, JsValue> {
    request.open_with_async("POST", url, true)?;
    let on_progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        progress(whole(event.loaded()), whole(event.total()));
    });
    let upload = request.upload()?;
    upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    request.send_with_opt_form_data(Some(form))?;
    let answer = ended(request).await;
    upload.set_onprogress(None);
    answer
}

/// As `post`, of a method with these headers, and the bytes as they are; none where there is no body.
pub(crate) async fn send(
    request: &XmlHttpRequest,
    (method, url): (&str, &str),
    headers: &[(&str, &str)],
    body: Option<&Blob>,
    progress: impl Fn(u64) + 'static,
) -> Result<Answer, JsValue> {
    request.open_with_async(method, url, true)?;
    for (name, value) in headers {
        request.set_request_header(name, value)?;
    }
    let on_progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        progress(whole(event.loaded()));
    });
    let upload = request.upload()?;
    upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    match body {
        Some(body) => request.send_with_opt_blob(Some(body))?,
        None => request.send()?,
    }
    let answer = ended(request).await;
    upload.set_onprogress(None);
    answer
}

async fn ended(request: &XmlHttpRequest) -> Result<Answer, JsValue> {
    let end = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    JsFuture::from(end).await?;
    Ok(Answer {
        status: request.status()?,
        text: request.response_text()?.unwrap_or_default(),
    })
}

/// A number of bytes as JavaScript counts them.
pub(crate) fn whole(number: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes are whole, not negative, and below 2^53"
    )]
    let number = number as u64;
    number
}
