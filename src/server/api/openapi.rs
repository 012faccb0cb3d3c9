//! The document of the API (OpenAPI 3.1), made of the types and of what stands at each handler.

use super::{audit, contracts, download, events, rows, runs, upload};
use crate::problem::ProblemDocument;
use axum::Json;
use std::sync::LazyLock;
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        self, ContentBuilder, Ref, RefOr,
        path::{Operation, ParameterIn},
        response::{Response, ResponseBuilder},
    },
};

/// Bytes as they are.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct File(());

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tarazu",
        description = "Files are judged, their rows kept in the ledger or among the exceptions, and every step \
                       written down. What goes wrong is told as a problem document (RFC 9457)."
    ),
    paths(
        document,
        runs::list,
        upload::submit,
        runs::one,
        runs::findings,
        runs::by_digest,
        events::follow,
        rows::exceptions_csv,
        rows::exceptions_workbook,
        rows::accepted_csv,
        rows::accepted_workbook,
        download::summary_json,
        download::summary_csv,
        download::raw_file,
        audit::export,
        contracts::list,
        contracts::of_run_json,
        contracts::of_run_yaml,
    ),
    components(schemas(ProblemDocument, model::options::Choice)),
    modifiers(&Problems)
)]
struct Document;

static DOCUMENT: LazyLock<openapi::OpenApi> = LazyLock::new(Document::openapi);

/// This document.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "get_document",
    tag = "document",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
pub async fn document() -> Json<&'static openapi::OpenApi> {
    Json(&DOCUMENT)
}

/// Adds to every operation what may go wrong with any of its kind, and says that each error is a problem document.
struct Problems;

impl Modify for Problems {
    fn modify(&self, openapi: &mut openapi::OpenApi) {
        for item in openapi.paths.paths.values_mut() {
            let changing = [
                &mut item.post,
                &mut item.put,
                &mut item.patch,
                &mut item.delete,
            ];
            for operation in changing.into_iter().flatten() {
                add(
                    operation,
                    "403",
                    "The request came from another site's page",
                );
                add_common(operation);
            }
            item.get.iter_mut().for_each(add_common);
        }
    }
}

fn add_common(operation: &mut Operation) {
    let parameters = operation.parameters.iter().flatten();
    let places: Vec<bool> = parameters
        .map(|it| matches!(it, RefOr::T(it) if it.parameter_in == ParameterIn::Path))
        .collect();
    if places.contains(&true) {
        add(operation, "404", "There is no such thing in this workspace");
    }
    if places.contains(&false) {
        add(operation, "400", "The request makes no sense as it is");
    }
    add(
        operation,
        "500",
        "Something went wrong on the server, which logged it",
    );
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let schema = Ref::from_schema_name("Problem");
            let content = ContentBuilder::new().schema(Some(schema)).build();
            let kind = "application/problem+json".to_owned();
            response.content.insert(kind, RefOr::T(content));
        }
    }
}

fn add(operation: &mut Operation, status: &str, what: &str) {
    let response: Response = ResponseBuilder::new().description(what).build();
    let all = &mut operation.responses.responses;
    all.entry(status.to_owned()).or_insert(RefOr::T(response));
}
