//! The shelf of contracts: their versions, drafts, and what is in force.

pub mod form;

use super::{
    download::noted,
    extract::{Asked, InWorkspace, Sent},
    withdrawals::Reason,
};
use crate::{
    backend::Pages,
    exception::Who,
    problem::Problem,
    shelf::{ActError, Shelf, view::changes},
};
use app::refused;
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequestParts, Path},
    http::{
        StatusCode,
        header::{CONTENT_TYPE, LOCATION},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use engine::contract::{Contract, odcs, text, yaml::Fault};
use model::{
    contract::{ContractChange, ContractVersion, Retirement, VersionState},
    id::WorkspaceId,
    verdict::ContractRef,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Store, StoreError};
use utoipa::{IntoParams, ToSchema};

/// Bytes of a contract, lists and all.
pub const LARGEST: usize = 16 * 1024 * 1024;

const NOTE_CHARS: usize = 2_000;

/// A contract's name.
#[derive(IntoParams)]
#[into_params(names("name"), parameter_in = Path)]
pub struct NamedContract(
    /// The contract's name.
    pub String,
);

impl<S: Send + Sync> FromRequestParts<S> for NamedContract {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(name) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found("contract"))?;
        named(name).map(Self)
    }
}

/// One of its versions.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct NamedVersion {
    /// The contract's name.
    pub name: String,
    /// The version's number; 0 is the contract that the server was started with.
    pub number: u64,
}

impl<S: Send + Sync> FromRequestParts<S> for NamedVersion {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((name, number)) = Path::<(String, u64)>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found("version of a contract"))?;
        let name = named(name)?;
        Ok(Self { name, number })
    }
}

/// No text of a database holds a NUL character.
fn named(name: String) -> Result<String, Problem> {
    match name.contains('\0') {
        true => Err(Problem::not_found("contract")),
        false => Ok(name),
    }
}

/// A contract and how it came to be what it is.
#[derive(Serialize, ToSchema)]
pub struct ContractHistory {
    name: String,
    /// What files are judged under now; None while there are drafts alone.
    in_force: Option<ContractRef>,
    /// The version that was in force last, where it was retired.
    retired: Option<Retirement>,
    /// What the server was started with under this name: version 0.
    started: Option<ContractRef>,
    /// Newest first.
    versions: Vec<ContractVersion>,
}

/// The versions of a contract: drafts, the one in force, and earlier ones.
#[utoipa::path(
    get,
    path = "/api/v1/contracts/{name}/versions",
    operation_id = "list_contract_versions",
    tag = "contracts",
    params(InWorkspace, NamedContract),
    responses(
        (status = 200, description = "Newest first", body = ContractHistory),
    ),
)]
pub async fn versions(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedContract(name): NamedContract,
) -> Result<Json<ContractHistory>, Problem> {
    let (shelf, store) = shelf(&pages);
    let versions = store.contract_versions(&workspace, Some(&name)).await?;
    let in_force = shelf.in_force(store, &workspace).await?;
    let of = |it: &Arc<Contract>| (it.name == name).then(|| it.reference());
    let started = shelf.started().iter().find_map(of);
    if versions.is_empty() && started.is_none() {
        return Err(Problem::not_found("contract"));
    }
    let mut retired = store.retired_contracts(&workspace).await?;
    Ok(Json(ContractHistory {
        in_force: in_force.iter().find_map(of),
        retired: retired.remove(&name),
        started,
        versions,
        name,
    }))
}

/// One version of a contract, and what became of it.
#[utoipa::path(
    get,
    path = "/api/v1/contracts/{name}/versions/{number}",
    operation_id = "get_contract_version",
    tag = "contracts",
    params(InWorkspace, NamedVersion),
    responses(
        (status = 200, description = "Who made it, who decided on it, and its state", body = ContractVersion),
    ),
)]
pub async fn version(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    version: NamedVersion,
) -> Result<Json<ContractVersion>, Problem> {
    let (_, store) = shelf(&pages);
    let NamedVersion { name, number } = version;
    let found = store.contract_version(&workspace, &name, number).await;
    Ok(Json(found.map_err(missing)?))
}

/// One version of a contract, whole, in our own form.
#[utoipa::path(
    get,
    path = "/api/v1/contracts/{name}/versions/{number}/contract.json",
    operation_id = "get_contract_version_json",
    tag = "contracts",
    params(InWorkspace, NamedVersion),
    responses(
        (status = 200, description = "The contract", body = Object),
    ),
)]
pub async fn version_json(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    version: NamedVersion,
) -> Result<Json<Arc<Contract>>, Problem> {
    let contract = of_version(&pages, &workspace, &version).await?;
    noted(&pages, &workspace, None, "contract", "json").await?;
    Ok(Json(contract))
}

/// One version of a contract, whole, as a file of the Open Data Contract Standard.
#[utoipa::path(
    get,
    path = "/api/v1/contracts/{name}/versions/{number}/contract.yaml",
    operation_id = "get_contract_version_yaml",
    tag = "contracts",
    params(InWorkspace, NamedVersion),
    responses(
        (status = 200, description = "The contract", body = Object, content_type = "application/yaml"),
    ),
)]
pub async fn version_yaml(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    version: NamedVersion,
) -> Result<Response, Problem> {
    let contract = of_version(&pages, &workspace, &version).await?;
    noted(&pages, &workspace, None, "contract", "yaml").await?;
    let kind = [(CONTENT_TYPE, "application/yaml")];
    Ok((kind, odcs::write(&contract)).into_response())
}

async fn of_version(
    pages: &Pages,
    workspace: &WorkspaceId,
    NamedVersion { name, number }: &NamedVersion,
) -> Result<Arc<Contract>, Problem> {
    let (shelf, store) = shelf(pages);
    let found = shelf.version(store, workspace, name, *number).await;
    found.map_err(missing)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DifferenceQuery {
    /// The version that it is compared with; what is in force where it is absent.
    from: Option<u64>,
}

/// What a version says otherwise than another.
#[derive(Serialize, ToSchema)]
pub struct ContractDifference {
    from: ContractRef,
    to: ContractRef,
    changes: Vec<ContractChange>,
}

/// What a version of a contract says otherwise than another one.
#[utoipa::path(
    get,
    path = "/api/v1/contracts/{name}/versions/{number}/difference",
    operation_id = "compare_contract_versions",
    tag = "contracts",
    params(InWorkspace, NamedVersion, DifferenceQuery),
    responses(
        (status = 200, description = "Every change in words; none where both say the same", body = ContractDifference),
    ),
)]
pub async fn difference(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    version: NamedVersion,
    Asked(query): Asked<DifferenceQuery>,
) -> Result<Json<ContractDifference>, Problem> {
    let to = of_version(&pages, &workspace, &version).await?;
    let from = match query.from {
        Some(number) => {
            let name = version.name;
            of_version(&pages, &workspace, &NamedVersion { name, number }).await?
        }
        None => {
            let (shelf, store) = shelf(&pages);
            let all = shelf.in_force(store, &workspace).await?;
            let found = all.iter().find(|it| it.name == version.name);
            let found = found.map(Arc::clone);
            found.ok_or_else(|| Problem::not_found("contract in force"))?
        }
    };
    Ok(Json(ContractDifference {
        changes: changes(&from, &to),
        from: from.reference(),
        to: to.reference(),
    }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DraftQuery {
    /// Why it is drafted; stays with the version.
    note: Option<String>,
    /// Fingerprint of what it was made from; what is in force now where it is absent.
    based_on: Option<String>,
}

/// Keeps a contract as a draft: a new version of its name. What is in force stays so.
#[utoipa::path(
    post,
    path = "/api/v1/contracts/drafts",
    operation_id = "draft_contract",
    tag = "contracts",
    params(InWorkspace, DraftQuery),
    request_body(content((Object = "application/json"), (String = "application/yaml")),
        description = "The contract, in our own form or as a file of the Open Data Contract Standard"),
    responses(
        (status = 201, description = "The draft", body = ContractVersion,
            headers(("location" = String, description = "The address of the version"))),
        (status = 400, description = "It is no contract: `faults` says what is wrong in which line and column. Or it says \
                                      what is in force already"),
        (status = 413, description = "It is larger than 16 MiB"),
    ),
)]
pub async fn draft(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    Asked(query): Asked<DraftQuery>,
    who: Who,
    body: Bytes,
) -> Result<Response, Problem> {
    let contract = contract(&body)?;
    sensible(&contract)?;
    let (shelf, store) = shelf(&pages);
    let note = note(query.note)?;
    let based_on = query.based_on.filter(|it| !it.is_empty());
    let made = shelf.draft(store, &workspace, &contract, based_on, note, &who);
    let made = made.await?;
    let name = percent_encoding::utf8_percent_encode(&made.contract.name, PATH);
    let address = format!(
        "/api/v1/contracts/{name}/versions/{}?workspace={workspace}",
        made.number
    );
    Ok((StatusCode::CREATED, [(LOCATION, address)], Json(made)).into_response())
}

fn note(text: Option<String>) -> Result<Option<String>, Problem> {
    let text = text.map(|it| it.trim().to_owned());
    let text = text.filter(|it| !it.is_empty());
    match &text {
        Some(it) if it.chars().count() > NOTE_CHARS || it.contains('\0') => {
            Err(Problem::invalid("`note` is at most 2,000 characters."))
        }
        _ => Ok(text),
    }
}

const PATH: &percent_encoding::AsciiSet = percent_encoding::NON_ALPHANUMERIC;

/// A contract in either of its forms.
pub fn contract(body: &[u8]) -> Result<Contract, Problem> {
    let text = str::from_utf8(body)
        .map_err(|_| Problem::invalid("The contract is no text in UTF-8. Nothing was kept."))?;
    let reading = text::read(text)
        .map_err(|faults| faulty("contract-faulty", "This is no contract", &faults))?;
    Ok(reading.contract)
}

/// Every fault of a text, by line.
pub(super) fn faulty(kind: &'static str, title: &'static str, faults: &[Fault]) -> Problem {
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let places = faults.iter().map(|it| refused::Fault {
        field: None,
        place: format!("Line {}, column {}", it.mark.line, it.mark.column),
        text: it.text.clone(),
    });
    let places = places.collect();
    let faults = faults
        .iter()
        .map(|it| json!({"line": it.mark.line, "column": it.mark.column, "text": it.text}));
    Problem::new(
        StatusCode::BAD_REQUEST,
        kind,
        title,
        format!("{}. Nothing was kept.", said.join("; ")),
    )
    .with("faults", Value::Array(faults.collect()))
    .of_faults(places)
}

/// What nobody can mean is not drafted.
fn sensible(contract: &Contract) -> Result<(), Problem> {
    let all = contract.contradictions();
    let all: Vec<String> = all.iter().map(ToString::to_string).collect();
    match all.is_empty() {
        true => Ok(()),
        false => Err(Problem::invalid(format!(
            "The contract contradicts itself: {}. Nothing was kept.",
            all.join("; ")
        ))),
    }
}

/// Puts a draft in force: from now on, files of this workspace are judged under it.
#[utoipa::path(
    post,
    path = "/api/v1/contracts/{name}/versions/{number}/adoption",
    operation_id = "adopt_contract",
    tag = "contracts",
    params(InWorkspace, NamedVersion),
    request_body = Reason,
    responses(
        (status = 200, description = "The version, in force", body = ContractVersion),
        (status = 403, description = "Who drafted it cannot put it in force on this server"),
        (status = 409, description = "It is no draft any more, or another version was put in force since it was drafted"),
    ),
)]
pub async fn adopt(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedVersion { name, number }: NamedVersion,
    who: Who,
    Sent(reason): Sent<Reason>,
) -> Result<Json<ContractVersion>, Problem> {
    let reason = reason.checked()?;
    let (shelf, store) = shelf(&pages);
    let done = shelf.adopt(store, &workspace, (&name, number), &reason, &who);
    Ok(Json(done.await?))
}

/// Discards a draft. It stays among the versions.
#[utoipa::path(
    post,
    path = "/api/v1/contracts/{name}/versions/{number}/discard",
    operation_id = "discard_contract",
    tag = "contracts",
    params(InWorkspace, NamedVersion),
    request_body = Reason,
    responses(
        (status = 200, description = "The version, discarded", body = ContractVersion),
        (status = 409, description = "It is no draft any more"),
    ),
)]
pub async fn discard(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedVersion { name, number }: NamedVersion,
    who: Who,
    Sent(reason): Sent<Reason>,
) -> Result<Json<ContractVersion>, Problem> {
    let reason = reason.checked()?;
    let (shelf, store) = shelf(&pages);
    let done = shelf.discard(store, &workspace, (&name, number), &reason, &who);
    Ok(Json(done.await?))
}

/// Retires the version in force of a contract that this server was not started with: no file is judged under it from now
/// on. Runs of the past keep it, and it can be brought back.
#[utoipa::path(
    post,
    path = "/api/v1/contracts/{name}/versions/{number}/retirement",
    operation_id = "retire_contract",
    tag = "contracts",
    params(InWorkspace, NamedVersion),
    request_body = Reason,
    responses(
        (status = 200, description = "It is retired", body = Retirement),
        (status = 409, description = "It is not in force, or the server was started with it"),
    ),
)]
pub async fn retire(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedVersion { name, number }: NamedVersion,
    who: Who,
    Sent(reason): Sent<Reason>,
) -> Result<Json<Retirement>, Problem> {
    let reason = reason.checked()?;
    let (shelf, store) = shelf(&pages);
    let done = shelf.retire(store, &workspace, (&name, number), &reason, &who);
    Ok(Json(done.await?))
}

/// Brings back a version that was retired: it is in force again.
#[utoipa::path(
    post,
    path = "/api/v1/contracts/{name}/versions/{number}/return",
    operation_id = "return_contract",
    tag = "contracts",
    params(InWorkspace, NamedVersion),
    request_body = Reason,
    responses(
        (status = 200, description = "The version, in force", body = ContractVersion),
        (status = 403, description = "Who drafted it cannot put it in force on this server"),
        (status = 409, description = "It is not retired"),
    ),
)]
pub async fn bring_back(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedVersion { name, number }: NamedVersion,
    who: Who,
    Sent(reason): Sent<Reason>,
) -> Result<Json<ContractVersion>, Problem> {
    let reason = reason.checked()?;
    let (shelf, store) = shelf(&pages);
    let done = shelf.bring_back(store, &workspace, (&name, number), &reason, &who);
    Ok(Json(done.await?))
}

/// Goes back to an earlier version, as a new one with its text: in force at once, or a draft where this server asks a
/// second person.
#[utoipa::path(
    post,
    path = "/api/v1/contracts/{name}/versions/{number}/restoration",
    operation_id = "restore_contract",
    tag = "contracts",
    params(InWorkspace, NamedVersion),
    request_body = Reason,
    responses(
        (status = 201, description = "The new version", body = ContractVersion),
        (status = 400, description = "It says what is in force already"),
        (status = 409, description = "Another version was put in force at the same time"),
    ),
)]
pub async fn restore(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedVersion { name, number }: NamedVersion,
    who: Who,
    Sent(reason): Sent<Reason>,
) -> Result<(StatusCode, Json<ContractVersion>), Problem> {
    let reason = reason.checked()?;
    let (shelf, store) = shelf(&pages);
    let done = shelf.restore(store, &workspace, (&name, number), &reason, &who);
    Ok((StatusCode::CREATED, Json(done.await?)))
}

fn shelf(pages: &Pages) -> (&Shelf, &Store) {
    let server = pages.server();
    (server.runs.shelf(), &server.store)
}

fn missing(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound => Problem::not_found("version of a contract"),
        other => other.into(),
    }
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Store(error) => missing(error),
            ActError::Name => Self::invalid(
                "A contract's name is 1 to 100 characters, without slashes and outer blanks. Nothing was kept.",
            ),
            ActError::Same => Self::invalid(
                "It says exactly what is in force already, so that there is nothing to keep.",
            ),
            ActError::Decided(state) => Self::new(
                StatusCode::CONFLICT,
                "no-draft",
                "This version is no draft any more",
                match state {
                    VersionState::Discarded => {
                        "It was discarded meanwhile. Nothing was changed: draft its text anew to go on with it."
                    }
                    _ => {
                        "It was put in force meanwhile. Nothing was changed: look at the contract's versions."
                    }
                },
            ),
            ActError::Overtaken => Self::new(
                StatusCode::CONFLICT,
                "overtaken",
                "Another version was put in force since this was drafted",
                "Putting this draft in force would undo what that version changed. Nothing was changed: compare the \
                 two, and draft the text anew on what is in force now.",
            ),
            ActError::Started => Self::new(
                StatusCode::CONFLICT,
                "started-with",
                "The server was started with a contract of this name",
                "It would be in force in place of this one. Nothing was changed: start the server without it, or put \
                 another version in force.",
            ),
            ActError::State => Self::new(
                StatusCode::CONFLICT,
                "not-in-force",
                "The version is not in the state that this needs",
                "Only what is in force can be retired, and only what is retired brought back. Nothing was changed: look \
                 at the contract's versions.",
            ),
            ActError::SamePerson => Self::new(
                StatusCode::FORBIDDEN,
                "second-person-needed",
                "A second person has to put this in force",
                "On this server, whoever drafted a version of a contract cannot put it in force. Nothing was changed: \
                 ask somebody else to look at the draft.",
            ),
        }
    }
}
