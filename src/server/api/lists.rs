//! The lists of the contracts in force: seen, taken away as CSV, and changed, which makes a version of their contract.

use super::{
    download::noted,
    extract::{InWorkspace, Sent, workspace},
    openapi::File,
    shelf::faulty,
};
use crate::{
    backend::Pages,
    exception::Who,
    problem::Problem,
    shelf::{Approval, Shelf},
};
use app::{backend::Backend, place::Place, refused::Back};
use axum::{
    Form, Json,
    body::Bytes,
    extract::{FromRequestParts, Multipart, Path},
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
        request::Parts,
    },
    response::{IntoResponse, Redirect, Response},
};
use engine::{
    contract::{
        Contract, List,
        list::{EditError, ListError},
    },
    source::Memory,
};
use model::{
    contract::{ContractVersion, VersionState},
    id::WorkspaceId,
    list::{ListEdit, WholeList},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};
use utoipa::{IntoParams, ToSchema};

/// Characters of a value, a synonym or a reason.
const TEXT_CHARS: usize = 2_000;

/// A list of a contract in force.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct NamedList {
    /// The contract's name.
    pub name: String,
    /// The list's name.
    pub list: String,
}

impl<S: Send + Sync> FromRequestParts<S> for NamedList {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let named = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((name, list)) = named.map_err(|_| Problem::not_found("list"))?;
        Ok(Self { name, list })
    }
}

#[derive(Deserialize, ToSchema)]
pub struct ListChange {
    #[serde(flatten)]
    edit: ListEdit,
    reason: Option<String>,
}

/// A list of a contract in force, with what is proposed for it.
#[utoipa::path(
    get,
    path = "/api/v1/contracts/{name}/lists/{list}",
    operation_id = "get_list",
    tag = "contracts",
    params(InWorkspace, NamedList),
    responses(
        (status = 200, description = "Its values with synonyms and attributes", body = WholeList),
    ),
)]
pub async fn one(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedList { name, list }: NamedList,
) -> Result<Json<WholeList>, Problem> {
    Ok(Json(pages.list(&workspace, &name, &list).await?))
}

/// A list as CSV: `value`, `synonyms` with `|` between them, and a column for each attribute.
#[utoipa::path(
    get,
    path = "/api/v1/contracts/{name}/lists/{list}/entries.csv",
    operation_id = "get_list_csv",
    tag = "contracts",
    params(InWorkspace, NamedList),
    responses(
        (status = 200, description = "The list", body = File, content_type = "text/csv"),
    ),
)]
pub async fn csv(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedList { name, list }: NamedList,
) -> Result<Response, Problem> {
    let (contract, list) = found(&pages, &workspace, &name, &list).await?;
    let list = contract.list(&list).ok_or_else(no_list)?;
    noted(&pages, &workspace, None, "list", "csv").await?;
    let file = format!("attachment; filename=\"{}.csv\"", file_name(&list.name));
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, file),
    ];
    Ok((headers, list.to_csv()).into_response())
}

/// Makes a draft of the contract with this list in the place of the one in force. Put it in force when you have seen
/// what is different.
#[utoipa::path(
    post,
    path = "/api/v1/contracts/{name}/lists/{list}/entries.csv",
    operation_id = "draft_list",
    tag = "contracts",
    params(InWorkspace, NamedList),
    request_body(content = File, content_type = "text/csv"),
    responses(
        (status = 201, description = "The draft", body = ContractVersion),
        (status = 400, description = "The file is no list, says what is in force, or makes no contract"),
    ),
)]
pub async fn upload(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedList { name, list }: NamedList,
    who: Who,
    body: Bytes,
) -> Result<(StatusCode, Json<ContractVersion>), Problem> {
    let draft = drafted(&pages, &workspace, (&name, &list), &body, &who).await?;
    Ok((StatusCode::CREATED, Json(draft)))
}

/// Changes one entry of a list: a version of its contract, in force at once, or a draft where this server asks a second
/// person.
#[utoipa::path(
    post,
    path = "/api/v1/contracts/{name}/lists/{list}/edits",
    operation_id = "edit_list",
    tag = "contracts",
    params(InWorkspace, NamedList),
    request_body = ListChange,
    responses(
        (status = 201, description = "The version", body = ContractVersion),
        (status = 400, description = "The list cannot be changed so"),
        (status = 409, description = "Another version was put in force at the same time"),
    ),
)]
pub async fn edit(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedList { name, list }: NamedList,
    who: Who,
    Sent(change): Sent<ListChange>,
) -> Result<(StatusCode, Json<ContractVersion>), Problem> {
    let reason = change.reason.unwrap_or_default();
    let made = edited(
        &pages,
        &workspace,
        (&name, &list),
        &change.edit,
        &reason,
        &who,
    );
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// `POST /lists`: the plain forms of a list's page.
#[derive(Deserialize)]
pub struct EditForm {
    workspace: Option<String>,
    contract: String,
    list: String,
    #[serde(flatten)]
    edit: ListEdit,
    #[serde(default)]
    reason: String,
}

/// Changes one entry, and sends the browser back to the list.
pub async fn edit_form(
    pages: Pages,
    who: Who,
    Form(form): Form<EditForm>,
) -> Result<Redirect, Problem> {
    let workspace = workspace(form.workspace)?;
    let named = (form.contract.as_str(), form.list.as_str());
    let page = Place::new(workspace.clone()).list(named.0, named.1);
    let (did, value, synonym) = match &form.edit {
        ListEdit::AddValue { value } => ("add-value", value, None),
        ListEdit::RemoveValue { value } => ("remove-value", value, None),
        ListEdit::AddSynonym { value, synonym } => ("add-synonym", value, Some(synonym)),
        ListEdit::RemoveSynonym { value, synonym } => ("remove-synonym", value, Some(synonym)),
    };
    let made = edited(&pages, &workspace, named, &form.edit, &form.reason, &who).await;
    let made = made.map_err(|problem| {
        let said = [
            ("value", Some(value)),
            ("synonym", synonym),
            ("reason", Some(&form.reason)),
        ];
        let said = said.into_iter();
        let fields = said.filter_map(|(name, it)| Some((name.to_owned(), it?.clone())));
        problem.leading_back(Back {
            href: page.clone(),
            form: did.to_owned(),
            fields: fields.collect(),
            ..Back::default()
        })
    })?;
    let state = match made.state {
        VersionState::InForce => "in-force",
        _ => "draft",
    };
    Ok(Redirect::to(&format!(
        "{page}?did={did}&version={}&state={state}",
        made.number
    )))
}

/// `POST /lists/file`: a list's file from the plain form of its page. Sends the browser on to the draft, which says what
/// is different.
pub async fn upload_form(pages: Pages, who: Who, mut form: Multipart) -> Result<Redirect, Problem> {
    let mut sent = SentFile::default();
    let read = sent.read(&mut form).await;
    let workspace = workspace(sent.fields.get("workspace").cloned())?;
    let field = |name: &str| sent.fields.get(name).map_or("", String::as_str);
    let named = (field("contract"), field("list"));
    let place = Place::new(workspace.clone());
    let made = match read {
        Ok(()) => drafted(&pages, &workspace, named, &sent.file, &who).await,
        Err(problem) => Err(problem),
    };
    let draft = made.map_err(|mut problem| {
        for fault in problem.faults_mut() {
            fault.place = format!("{}, {}", sent.file_name, fault.place.to_lowercase());
        }
        problem.leading_back(Back {
            href: place.list(named.0, named.1),
            form: "file".to_owned(),
            ..Back::default()
        })
    })?;
    Ok(Redirect::to(&place.contract_version(named.0, draft.number)))
}

/// A form with a file, as far as it came.
#[derive(Default)]
struct SentFile {
    fields: BTreeMap<String, String>,
    file_name: String,
    file: Bytes,
}

impl SentFile {
    async fn read(&mut self, form: &mut Multipart) -> Result<(), Problem> {
        let broken = |_| {
            Problem::invalid(
                "The form did not come whole, or its file is too large. Nothing was kept.",
            )
        };
        while let Some(field) = form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "file" {
                self.file_name = field.file_name().unwrap_or_default().to_owned();
                self.file = field.bytes().await.map_err(broken)?;
            } else {
                let bytes = field.bytes().await.map_err(broken)?;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                self.fields.insert(name, text);
            }
        }
        Ok(())
    }
}

async fn drafted(
    pages: &Pages,
    workspace: &WorkspaceId,
    (name, list): (&str, &str),
    file: &[u8],
    who: &Who,
) -> Result<ContractVersion, Problem> {
    let (contract, list) = found(pages, workspace, name, list).await?;
    let list = List::from_file(&list, &Memory(file)).map_err(|error| match error {
        ListError::Faults(faults) => faulty("list-faulty", "This is no list", &faults),
        ListError::Source(_) => Problem::internal(),
    })?;
    let note = format!("the list {} from a file", list.name);
    let (shelf, store) = shelf(pages);
    let contract = contract.with_list(list);
    checked(&contract)?;
    let draft = shelf.draft(store, workspace, &contract, None, Some(note), who);
    Ok(draft.await?)
}

async fn edited(
    pages: &Pages,
    workspace: &WorkspaceId,
    (name, list): (&str, &str),
    edit: &ListEdit,
    reason: &str,
    who: &Who,
) -> Result<ContractVersion, Problem> {
    let (contract, list) = found(pages, workspace, name, list).await?;
    let mut list = contract.list(&list).ok_or_else(no_list)?.clone();
    let words = said(&list.name, edit);
    let reason = match reason.trim() {
        "" => words.clone(),
        reason => format!("{words}: {reason}"),
    };
    if reason.chars().count() > TEXT_CHARS || reason.contains('\0') {
        return Err(Problem::invalid(
            "That is too long, or holds what is no text. Nothing was changed.",
        ));
    }
    list.edit(edit).map_err(|error| match error {
        EditError::NoValue(_) | EditError::NoSynonym(..) => Problem::invalid(format!(
            "{error}, by now. Nothing was changed: look at the list as it is."
        )),
        error => Problem::invalid(format!(
            "It cannot be changed so: {error}. Nothing was changed."
        )),
    })?;
    let contract = contract.with_list(list);
    checked(&contract)?;
    let (shelf, store) = shelf(pages);
    let draft = shelf.draft(store, workspace, &contract, None, Some(reason.clone()), who);
    let draft = draft.await?;
    match shelf.approval() {
        Approval::SecondPerson => Ok(draft),
        Approval::Anybody => {
            let adopted = shelf.adopt(store, workspace, (name, draft.number), &reason, who);
            Ok(adopted.await?)
        }
    }
}

/// What an edit does, for the version's history.
fn said(list: &str, edit: &ListEdit) -> String {
    match edit {
        ListEdit::AddValue { value } => format!("{list}: new value {value}"),
        ListEdit::RemoveValue { value } => format!("{list}: value {value} removed"),
        ListEdit::AddSynonym { value, synonym } => {
            format!("{list}: {synonym} is a synonym of {value}")
        }
        ListEdit::RemoveSynonym { value, synonym } => {
            format!("{list}: {synonym} is no synonym of {value} any more")
        }
    }
}

/// A contract's controls may ask something of its lists.
fn checked(contract: &Contract) -> Result<(), Problem> {
    let again = Contract::from_json(&contract.canonical());
    again.map(drop).map_err(|error| {
        Problem::invalid(format!(
            "That makes no contract: {error}. Nothing was kept."
        ))
    })
}

/// The contract in force, and the list's name in it.
async fn found(
    pages: &Pages,
    workspace: &WorkspaceId,
    name: &str,
    list: &str,
) -> Result<(Arc<Contract>, String), Problem> {
    let (shelf, store) = shelf(pages);
    let all = shelf.in_force(store, workspace).await?;
    let contract = all.iter().find(|it| it.name == name);
    let contract = contract.ok_or_else(|| Problem::not_found("contract"))?;
    let list = contract.list(list).ok_or_else(no_list)?;
    Ok((Arc::clone(contract), list.name.clone()))
}

fn no_list() -> Problem {
    Problem::not_found("list")
}

fn shelf(pages: &Pages) -> (&Shelf, &store::Store) {
    let server = pages.server();
    (server.runs.shelf(), &server.store)
}

/// Of letters, digits and what else every system takes.
fn file_name(list: &str) -> String {
    utf8_percent_encode(list, NON_ALPHANUMERIC)
        .to_string()
        .replace('%', "_")
}
