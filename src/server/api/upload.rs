//! `POST /api/v1/runs`: the file as raw body, or as multipart with what is said of it.

use super::{
    extract::{Asked, InWorkspace, NamedRun, flag, workspace},
    openapi::File,
};
use crate::{
    backend::Pages,
    clock,
    contracts::Contracts,
    exception::Who,
    panic,
    problem::Problem,
    run::{Runs, Submitted, instant},
    state::AppState,
    upload::{Cut, Details, Received, UploadError},
};
use app::backend::Backend;
use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Multipart, Request, multipart::Field},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT, LOCATION},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use engine::contract::Contract;
use futures::{Stream, StreamExt, TryStreamExt};
use model::{
    id::{RunId, WorkspaceId},
    options::Choice,
    receipt::Receipt,
    run::{Admission, Run, Way},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use utoipa::{IntoParams, ToSchema};

/// The most that a text field of a form may hold: room for tens of thousands of corrections.
const FIELD_BYTES: usize = 8 * 1024 * 1024;
const NOTE_CHARS: usize = 2_000;
const NAME_CHARS: usize = 255;

/// How long the rest of a refused file is read and thrown away. A sender that is still sending would see a
/// broken connection instead of the reason.
const DRAIN: Duration = Duration::from_secs(30);

/// What a sender says of a file, in the address or as fields of a form.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub struct Said {
    /// The file's name; of a path, the last part.
    filename: Option<String>,
    /// The workspace; `main` where none is named.
    #[param(value_type = Option<WorkspaceId>)]
    workspace: Option<String>,
    /// Judges the file anew, although it was judged already.
    #[param(value_type = Option<bool>)]
    again: Option<String>,
    /// As of when dates are judged: RFC 3339, taken unless it is too far from the server's clock.
    #[param(format = DateTime)]
    evaluated_at: Option<String>,
    /// A remark that stays with the run.
    note: Option<String>,
    /// What the sender made of the file.
    #[param(value_type = Option<Receipt>)]
    receipt: Option<String>,
    /// How the file is to be read.
    #[param(value_type = Option<Choice>)]
    choice: Option<String>,
    /// A sheet of a workbook; several are read as one file, in this order.
    sheet: Option<Vec<String>>,
    /// One of the server's contracts, by name or fingerprint; where none is named, the one that fits the header.
    contract: Option<String>,
    /// What lets rows enter the ledger: `passing` ones, the others being exceptions; all rows of the file or none; or
    /// nothing until the run is released.
    #[param(value_type = Option<Admission>)]
    admission: Option<String>,
    /// A run that the file's takes the place of: its rows leave the ledger when those of the file enter.
    #[param(value_type = Option<RunId>)]
    replaces: Option<String>,
}

/// Takes a file, and begins its run unless this workspace judged the same bytes under the same contract already.
#[utoipa::path(
    post,
    path = "/api/v1/runs",
    operation_id = "submit_file",
    tag = "runs",
    params(Said),
    request_body(content((File = "text/csv"), (File = "application/octet-stream"), (File = "multipart/form-data")),
        description = "The file as it is, or a form in which it stands behind `workspace`"),
    responses(
        (
            status = 202,
            description = "The run has begun",
            body = Run,
            headers(("location" = String, description = "The address of the run")),
        ),
        (status = 200, description = "These bytes were judged under this contract already: the earlier run", body = Run),
        (status = 413, description = "The file is larger than this server takes; `limit_bytes` says how large that is"),
        (status = 507, description = "The server's disk is full; nothing was kept"),
    ),
)]
pub async fn submit(pages: Pages, said: Said, request: Request) -> Result<Response, Problem> {
    let (run, begun) = accept(&pages, said, request, Form::Api).await?;
    if !begun {
        return Ok((StatusCode::OK, Json(run)).into_response());
    }
    let address = format!(
        "/api/v1/runs/{}?workspace={}",
        run.summary.id, run.summary.workspace
    );
    Ok((StatusCode::ACCEPTED, [(LOCATION, address)], Json(run)).into_response())
}

/// Which door the file came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Api,
    /// The plain form of the page Check.
    Page,
}

/// Takes the file of a request, and gives its run and whether that was begun now.
pub async fn accept(
    pages: &Pages,
    said: Said,
    request: Request,
    form: Form,
) -> Result<(Run, bool), Problem> {
    let state = pages.state().clone();
    // A task of its own: when the sender goes, its handler is dropped, and the file must still be cleared
    // away and get its entry.
    let taken = panic::apart(async move {
        if is_multipart(request.headers()) {
            take_multipart(&state, said, request, form).await
        } else {
            take_raw(&state, said, request).await
        }
    });
    let submitted = taken.await.map_err(Problem::stopped)??;
    match submitted {
        Submitted::Begun(run) => Ok((*run, true)),
        Submitted::Earlier(earlier) => {
            Ok((pages.run(&earlier.workspace, &earlier.id).await?, false))
        }
    }
}

/// Reads the file of a run again, in the way that is said, without it being sent: the new run takes the place of that one.
#[utoipa::path(
    post,
    path = "/api/v1/runs/{id}/again",
    operation_id = "submit_again",
    tag = "runs",
    params(InWorkspace, NamedRun),
    request_body(content = Option<Said>, content_type = "multipart/form-data",
        description = "What is said of the file, as of `POST /api/v1/runs`, if anything"),
    responses(
        (status = 202, description = "The run has begun", body = Run),
        (status = 400, description = "What is said of the file makes no sense"),
        (status = 409, description = "The run goes on, has failed, was withdrawn before, or corrects another one"),
    ),
)]
pub async fn again(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
    request: Request,
) -> Result<Response, Problem> {
    let who = Who::of(request.headers());
    let broken = |_| Problem::invalid("The form cannot be read. No run was begun; send it again.");
    let mut said = Said::default();
    // Nothing need be said, and then there need be no form.
    if request.headers().contains_key(CONTENT_TYPE) {
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| {
            Problem::invalid(
                "The body is said to be a form, but has no boundary that tells its parts.",
            )
        })?;
        while let Some(mut part) = parts.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            said.set(&name, text(&mut part).await?)?;
        }
    }
    said.workspace = Some(workspace.to_string());
    said.replaces = Some(id.to_string());
    let runs = &pages.server().runs;
    let before = pages.run(&workspace, &id).await?;
    let name = Some(before.summary.file_name.clone());
    let media_type = Some(before.media_type.clone());
    let details = said.details(runs, who, name, media_type).await?;
    let store = &pages.server().store;
    let digest = before.summary.file_digest.clone();
    let received = Received {
        local: store.raw().local(&workspace, &digest).await?,
        bytes: before.summary.file_bytes,
        blake3: digest,
        sha256: before.file_sha256.clone(),
    };
    match runs.begin(details, received).await? {
        Submitted::Begun(run) => Ok((StatusCode::ACCEPTED, Json(run)).into_response()),
        // Whatever replaces another run is judged anew.
        Submitted::Earlier(_) => Err(Problem::internal()),
    }
}

async fn take_raw(state: &AppState, said: Said, request: Request) -> Result<Submitted, Problem> {
    let headers = request.headers().clone();
    let number = |it: &str| it.parse::<u64>().ok();
    let length = headers.get(CONTENT_LENGTH);
    let expected = length.and_then(|it| it.to_str().ok()).and_then(number);
    let media_type = media_type(headers.get(CONTENT_TYPE));
    let runs = &state.server.runs;
    let details = said.details(runs, Who::of(&headers), None, media_type);
    let details = details.await?;
    let mut body = request.into_body().into_data_stream().map_err(|_| Cut);
    let submitted = runs.submit(details, &mut body, expected).await;
    if submitted.is_err() && !headers.contains_key(EXPECT) {
        drain(body).await;
    }
    Ok(submitted?)
}

async fn take_multipart(
    state: &AppState,
    mut said: Said,
    request: Request,
    form: Form,
) -> Result<Submitted, Problem> {
    let headers = request.headers().clone();
    let broken = |_| Problem::invalid("The form cannot be read. No run was begun; send it again.");
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| {
        Problem::invalid("The body is said to be a form, but has no boundary that tells its parts.")
    })?;
    while let Some(mut part) = parts.next_field().await.map_err(broken)? {
        if part.name() != Some("file") {
            let name = part.name().unwrap_or_default().to_owned();
            said.set(&name, text(&mut part).await?)?;
            continue;
        }
        let name = part.file_name().unwrap_or_default().to_owned();
        if form == Form::Page && name.is_empty() {
            return Err(Problem::invalid(
                "No file was chosen. Go back, choose a CSV file, and submit it again.",
            ));
        }
        let kind = part.content_type().map(str::to_owned);
        let kind = clean(kind.as_deref(), NAME_CHARS);
        let runs = &state.server.runs;
        let details = async |said: Said| {
            let (name, kind) = (Some(name.clone()), kind.clone());
            let details = said.details(runs, Who::of(&headers), name, kind);
            let mut details = details.await?;
            if form == Form::Page {
                details.way = Way::Browser;
            }
            Ok::<_, Problem>(details)
        };
        let before = details(said.clone()).await?;
        let mut body = part.map_err(|_| Cut).boxed();
        let received = runs.receive(&before, &mut body, None).await;
        if received.is_err() {
            drain(&mut body).await;
        }
        let received = received?;
        drop(body);
        let behind = async {
            while let Some(mut part) = parts.next_field().await.map_err(broken)? {
                let name = part.name().unwrap_or_default().to_owned();
                if name == "workspace" {
                    return Err(Problem::invalid(
                        "`workspace` has to stand before the file. No run was begun.",
                    ));
                }
                said.set(&name, text(&mut part).await?)?;
            }
            details(said).await
        };
        let details = match behind.await {
            Ok(details) => details,
            Err(problem) => {
                let who = (&before.workspace, &*before.actor);
                runs.refuse_received(who, &received, "invalid-request")
                    .await;
                return Err(problem);
            }
        };
        return Ok(runs.begin(details, received).await?);
    }
    Err(Problem::invalid(
        "The form has no part named `file`. Nothing was kept.",
    ))
}

/// Reads the rest of what is refused, for some time, and throws it away.
pub(crate) async fn drain(mut body: impl Stream<Item = Result<Bytes, Cut>> + Unpin) {
    // Whether all of it came does not matter any more.
    let _ = tokio::time::timeout(DRAIN, async {
        while let Some(Ok(_)) = body.next().await {}
    })
    .await;
}

async fn text(part: &mut Field<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    let broken = |_| Problem::invalid("The form was cut in a field. No run was begun.");
    while let Some(chunk) = part.chunk().await.map_err(broken)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > FIELD_BYTES {
            return Err(Problem::invalid(
                "A field of the form is longer than 8 MiB.",
            ));
        }
    }
    String::from_utf8(bytes).map_err(|_| Problem::invalid("A field of the form is no text."))
}

impl<S: Send + Sync> FromRequestParts<S> for Said {
    type Rejection = Problem;

    /// Of the address, where each name but that of a sheet stands once.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let pairs = Asked::<Vec<(String, String)>>::from_request_parts(parts, state);
        let Asked(pairs) = pairs.await?;
        let mut said = Self::default();
        let mut names = BTreeSet::new();
        for (name, value) in pairs {
            said.set(&name, value)?;
            if name != "sheet" && !names.insert(name.clone()) {
                return Err(Problem::invalid(format!(
                    "The address says `{name}` twice. Nothing was kept."
                )));
            }
        }
        Ok(said)
    }
}

impl Said {
    /// The name that the file gets, where no part of a form has one.
    pub(super) fn file_name(&self) -> String {
        file_name(self.filename.as_deref())
    }

    pub(super) fn set(&mut self, name: &str, value: String) -> Result<(), Problem> {
        let field = match name {
            "filename" => &mut self.filename,
            "workspace" => &mut self.workspace,
            "again" => &mut self.again,
            "evaluated_at" => &mut self.evaluated_at,
            "note" => &mut self.note,
            "receipt" => &mut self.receipt,
            "choice" => &mut self.choice,
            "sheet" => {
                self.sheet.get_or_insert_default().push(value);
                return Ok(());
            }
            "contract" => &mut self.contract,
            "admission" => &mut self.admission,
            "replaces" => &mut self.replaces,
            _ => {
                return Err(Problem::invalid(
                    "There is a field that nobody knows; known are workspace, which stands before the file, \
                     receipt, choice, sheet, contract, evaluated_at, note, again, admission, replaces, filename, and \
                     one file.",
                ));
            }
        };
        *field = Some(value);
        Ok(())
    }

    pub(crate) async fn details(
        self,
        runs: &Runs,
        who: Who,
        part_name: Option<String>,
        media_type: Option<String>,
    ) -> Result<Details, Problem> {
        let receipt: Option<Receipt> =
            match self.receipt.filter(|it| !it.is_empty()) {
                None => None,
                Some(text) => Some(serde_json::from_str(&text).map_err(|_| {
                    Problem::invalid("`receipt` is not a receipt. Nothing was kept.")
                })?),
            };
        let workspace = workspace(self.workspace)?;
        let contracts = &runs.contracts(&workspace).await?;
        let mut choice = choice(self.choice.as_deref(), contracts)?;
        let mut sheets = self.sheet.unwrap_or_default();
        sheets.retain(|it| !it.is_empty());
        if !sheets.is_empty() {
            choice.sheets = sheets;
        }
        let contract = match self.contract.as_deref().filter(|it| !it.is_empty()) {
            None => None,
            Some(name) => Some(contract(name, contracts, &choice)?),
        };
        let judged_at = instant::judged_at(self.evaluated_at.as_deref(), clock::now())
            .map_err(|error| Problem::invalid(format!("{error}. Nothing was kept.")))?;
        let again = flag(self.again.as_deref(), "again")?;
        let replaces = self.replaces.filter(|it| !it.is_empty());
        let replaces = replaces.map(RunId::try_from).transpose();
        let replaces = replaces.map_err(|_| Problem::invalid("`replaces` is not a run's id."))?;
        let name = self.filename.or(part_name);
        Ok(Details {
            workspace,
            file_name: file_name(name.as_deref()),
            media_type: media_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
            way: if receipt.is_some() {
                Way::Browser
            } else {
                who.way
            },
            actor: who.actor,
            note: clean(self.note.as_deref(), NOTE_CHARS),
            again,
            admission: admission(self.admission.as_deref())?,
            replaces,
            judged_at,
            choice,
            contract,
            browser_receipt: receipt,
        })
    }
}

fn admission(text: Option<&str>) -> Result<Admission, Problem> {
    match text {
        None | Some("" | "passing") => Ok(Admission::Passing),
        Some("all-or-none") => Ok(Admission::AllOrNone),
        Some("after-confirmation") => Ok(Admission::AfterConfirmation),
        Some(_) => Err(Problem::invalid(
            "`admission` is passing, all-or-none or after-confirmation.",
        )),
    }
}

/// How a file is to be read, as JSON; nothing is laid down where it is absent.
pub(super) fn choice(text: Option<&str>, contracts: &Contracts) -> Result<Choice, Problem> {
    let Some(text) = text.filter(|it| !it.is_empty()) else {
        return Ok(Choice::default());
    };
    let choice: Choice = serde_json::from_str(text)
        .map_err(|_| Problem::invalid("`choice` is not a choice of how to read a file."))?;
    contracts
        .check(&choice)
        .map_err(|error| Problem::invalid(format!("`choice`: {error}.")))?;
    Ok(choice)
}

/// The contract that a sender names, under which the choice can be made.
fn contract(name: &str, contracts: &Contracts, choice: &Choice) -> Result<Arc<Contract>, Problem> {
    let Some(contract) = contracts.called(name) else {
        return Err(Problem::invalid(
            "`contract` is none of this server's contracts, by name or fingerprint: GET /api/v1/contracts lists \
             them. Nothing was kept.",
        ));
    };
    engine::choice::check(choice, contract)
        .map_err(|error| Problem::invalid(format!("`choice`: {error}.")))?;
    Ok(Arc::clone(contract))
}

/// The last part of a path, without what no name holds.
pub fn file_name(given: Option<&str>) -> String {
    let last = given.and_then(|it| it.rsplit(['/', '\\']).next());
    clean(last, NAME_CHARS).unwrap_or_else(|| "unnamed".to_owned())
}

/// Without control characters and outer spaces, at most so many characters; None where nothing is left.
fn clean(text: Option<&str>, chars: usize) -> Option<String> {
    let kept = text?.chars().filter(|it| !it.is_control()).take(chars);
    let text = kept.collect::<String>().trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn media_type(header: Option<&axum::http::HeaderValue>) -> Option<String> {
    clean(header.and_then(|it| it.to_str().ok()), NAME_CHARS)
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    kind.is_some_and(|it| {
        it.trim_start()
            .to_ascii_lowercase()
            .starts_with("multipart/form-data")
    })
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::TooLarge { limit } => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                "The file is larger than this server takes",
                format!(
                    "Files of up to {limit} bytes are taken. Nothing was kept. Split the file, or have the \
                     limit raised: TARAZU_MAX_UPLOAD or --max-upload."
                ),
            )
            .with("limit_bytes", limit)
            .with("setting", "TARAZU_MAX_UPLOAD"),
            UploadError::Cut(_) => Self::new(
                StatusCode::BAD_REQUEST,
                "upload-cut",
                "The connection was cut in the middle of the file",
                "Nothing of it was kept. Send the file again.",
            ),
            UploadError::Full(error) => disk_full().caused_by(&error),
            UploadError::NotReplaceable => Self::new(
                StatusCode::CONFLICT,
                "not-replaceable",
                "That run cannot be replaced",
                "`replaces` names a run that is going on, has failed, or was withdrawn. Nothing was kept.",
            ),
            UploadError::Gone => Self::new(
                StatusCode::CONFLICT,
                "cleared-away",
                "The file was cleared away while it came",
                "The same bytes came from somebody else, and were refused. Nothing was kept. Send the file again.",
            ),
            UploadError::Store(error) => error.into(),
        }
    }
}

/// For every request that the disk has no room for.
pub fn disk_full() -> Problem {
    Problem::new(
        StatusCode::INSUFFICIENT_STORAGE,
        "disk-full",
        "The server's disk is full",
        "Nothing of this was kept, and what was there before is untouched. Free some space where the data folder and \
         the database lie, then send the file again.",
    )
}

/// The workspace of a run's page in the address.
pub fn page_of(run: &Run) -> String {
    let workspace: WorkspaceId = run.summary.workspace.clone();
    app::place::Place::new(workspace).run(&run.summary.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_the_last_part_of_a_path_and_never_empty() {
        for (given, expected) in [
            (None, "unnamed"),
            (Some(""), "unnamed"),
            (Some("../../etc/passwd"), "passwd"),
            (Some("C:\\sales\\april.csv"), "april.csv"),
            (Some("a\r\nb\0.csv"), "ab.csv"),
            (Some("अप्रैल.csv"), "अप्रैल.csv"),
        ] {
            assert_eq!(file_name(given), expected);
        }
        assert_eq!(file_name(Some(&"x".repeat(999))).len(), NAME_CHARS);
    }
}
