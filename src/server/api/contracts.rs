//! The contracts in force, and the one that a run was judged under.

use super::{
    download::{noted, verdict},
    extract::{InWorkspace, NamedRun},
};
use crate::{backend::Pages, contracts, problem::Problem};
use app::backend::Backend;
use axum::{
    Json,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use engine::contract::{Contract, odcs};
use model::{control::ControlPage, id::WorkspaceId, run::Run};
use serde::Serialize;
use utoipa::ToSchema;

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
    /// In our own form.
    #[schema(value_type = Object)]
    contract: Contract,
}

/// The contracts in force: what files of this workspace are judged under now.
#[utoipa::path(
    get,
    path = "/api/v1/contracts",
    operation_id = "list_contracts",
    tag = "contracts",
    params(InWorkspace),
    responses(
        (status = 200, description = "The contracts, whole", body = ContractList),
    ),
)]
pub async fn list(
    pages: Pages,
    InWorkspace(workspace): InWorkspace,
) -> Result<Json<ContractList>, Problem> {
    let all = pages.server().runs.contracts(&workspace).await?;
    let contracts = all.iter().map(|it| {
        let reference = it.reference();
        Listed {
            name: reference.name,
            version: reference.version,
            fingerprint: reference.fingerprint,
            contract: Contract::clone(it),
        }
    });
    Ok(Json(ContractList {
        contracts: contracts.collect(),
    }))
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
