//! The contracts of a workspace, and the one that a run was judged under.

use super::{
    download::{noted, verdict},
    extract::{Asked, InWorkspace, NamedRun, flag},
};
use crate::{backend::Pages, contracts, problem::Problem};
use app::backend::Backend;
use axum::{
    Json,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use engine::contract::{Contract, odcs};
use model::{contract::Retirement, control::ControlPage, id::WorkspaceId, run::Run};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContractsQuery {
    /// Behind those in force, those of which nothing is: what was retired, and what is only drafted.
    #[param(value_type = Option<bool>)]
    all: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ContractList {
    /// The first is the one that files are judged under which fit none.
    contracts: Vec<Listed>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ListedContract)]
struct Listed {
    name: String,
    version: String,
    fingerprint: String,
    state: ContractState,
    /// When, by whom and why it was retired; None of any other.
    retired: Option<Retirement>,
    /// In our own form.
    #[schema(value_type = Object)]
    contract: Contract,
}

impl Listed {
    fn new(contract: &Contract, state: ContractState, retired: Option<Retirement>) -> Self {
        let reference = contract.reference();
        Self {
            name: reference.name,
            version: reference.version,
            fingerprint: reference.fingerprint,
            state,
            retired,
            contract: contract.clone(),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum ContractState {
    /// Files are judged under it.
    InForce,
    /// It was in force, and nothing took its place.
    Retired,
    /// Nothing of its name was ever in force: it is the newest draft.
    Draft,
}

/// The contracts in force: what files of this workspace are judged under now.
#[utoipa::path(
    get,
    path = "/api/v1/contracts",
    operation_id = "list_contracts",
    tag = "contracts",
    params(InWorkspace, ContractsQuery),
    responses(
        (status = 200, description = "The contracts, whole", body = ContractList),
    ),
)]
pub async fn list(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    Asked(query): Asked<ContractsQuery>,
) -> Result<Json<ContractList>, Problem> {
    let server = pages.server();
    let in_force = server.runs.contracts(&workspace).await?;
    let in_force = in_force.iter();
    let mut contracts: Vec<Listed> = in_force
        .map(|it| Listed::new(it, ContractState::InForce, None))
        .collect();
    if flag(query.all.as_deref(), "all")? {
        let cards = pages.contracts(&workspace).await?.into_iter();
        for card in cards.filter(|it| it.in_force.is_none()) {
            let (shelf, fingerprint) = (server.runs.shelf(), &card.contract.fingerprint);
            let contract = shelf.read(&server.store, &workspace, fingerprint).await?;
            let state = match card.retired {
                Some(_) => ContractState::Retired,
                None => ContractState::Draft,
            };
            contracts.push(Listed::new(&contract, state, card.retired));
        }
    }
    Ok(Json(ContractList { contracts }))
}

#[derive(Serialize, ToSchema)]
pub struct Catalogue {
    /// By code.
    controls: Vec<ControlPage>,
}

/// Every control that the engine knows, with its page of the catalogue in Markdown.
#[utoipa::path(
    get,
    path = "/api/v1/controls",
    operation_id = "list_controls",
    tag = "contracts",
    responses((status = 200, description = "The catalogue", body = Catalogue)),
)]
pub async fn catalogue(pages: Pages) -> Result<Json<Catalogue>, Problem> {
    Ok(Json(Catalogue {
        controls: pages.catalogue().await?,
    }))
}

/// What a run was judged under, in our own form, which the fingerprint is taken of.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/contract.json",
    operation_id = "get_contract",
    tag = "contracts",
    params(InWorkspace, NamedRun),
    responses(
        (status = 200, description = "The contract", body = Object),
        (status = 409, description = "The run has no verdict: it is going on, or it failed"),
    ),
)]
pub async fn of_run_json(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Json<Contract>, Problem> {
    let run = pages.run(&workspace, &id).await?;
    let contract = of_run(&pages, &workspace, &run).await?;
    noted(&pages, &workspace, Some(&id), "contract", "json").await?;
    Ok(Json(contract))
}

/// What a run was judged under, as a file of the Open Data Contract Standard.
#[utoipa::path(
    get,
    path = "/api/v1/runs/{id}/contract.yaml",
    operation_id = "get_contract_yaml",
    tag = "contracts",
    params(InWorkspace, NamedRun),
    responses(
        (status = 200, description = "The contract", body = Object, content_type = "application/yaml"),
        (status = 409, description = "The run has no verdict: it is going on, or it failed"),
    ),
)]
pub async fn of_run_yaml(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
    NamedRun(id): NamedRun,
) -> Result<Response, Problem> {
    let run = pages.run(&workspace, &id).await?;
    let contract = of_run(&pages, &workspace, &run).await?;
    noted(&pages, &workspace, Some(&id), "contract", "yaml").await?;
    // RFC 9512.
    let kind = [(CONTENT_TYPE, "application/yaml")];
    Ok((kind, odcs::write(&contract)).into_response())
}

/// What a run was judged under.
pub(super) async fn of_run(
    pages: &Pages,
    workspace: &WorkspaceId,
    run: &Run,
) -> Result<Contract, Problem> {
    let fingerprint = &verdict(run)?.contract.fingerprint;
    let text = pages
        .server()
        .store
        .contract(workspace, fingerprint)
        .await?;
    contracts::of_run(text.as_deref(), fingerprint).ok_or_else(|| Problem::not_found("contract"))
}
