//! The document of the API (OpenAPI 3.1), made of the types and of what stands at each handler.

use super::{
    audit, contracts, download, events, exception_list, exceptions, figures, ledger, lineage,
    lists, proof, rows, runs, search, shelf, upload, uploads, withdrawals,
};
use crate::problem::ProblemDocument;
use axum::{Json, http::Method};
use model::{
    exception::{ExceptionOrder, Standing, TrendBy, TrendStep},
    finding::FindingOrder,
    options::Choice,
    receipt::Receipt,
    sales::SalesBy,
};
use std::sync::LazyLock;
use utoipa::{
    Modify, OpenApi, PartialSchema, ToSchema,
    openapi::{
        self, Content, ObjectBuilder, Ref, RefOr, Required,
        path::{Operation, ParameterBuilder, ParameterIn, PathItem},
        response::ResponseBuilder,
        schema::{Schema, Type},
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
        upload::again,
        uploads::announce,
        uploads::list,
        uploads::one,
        uploads::append,
        uploads::cancel,
        runs::one,
        runs::findings,
        withdrawals::withdraw,
        withdrawals::release,
        withdrawals::differing,
        runs::by_digest,
        events::follow,
        exceptions::one,
        exceptions::correct,
        exceptions::waive,
        exceptions::reject,
        exceptions::assign,
        exceptions::comment,
        exceptions::reopen,
        exceptions::settle,
        exceptions::replay,
        exceptions::bulk,
        exceptions::correct_each,
        exceptions::preview,
        exception_list::overview,
        rows::exceptions_csv,
        rows::exceptions_workbook,
        rows::accepted_csv,
        rows::accepted_workbook,
        download::summary_json,
        download::summary_csv,
        download::raw_file,
        audit::export,
        audit::coverage,
        audit::entries,
        audit::entry,
        lineage::of_run,
        lineage::of_row,
        lineage::openlineage,
        proof::replay_check,
        proof::evidence_zip,
        proof::evidence_of_period,
        contracts::list,
        contracts::catalogue,
        contracts::of_run_json,
        contracts::of_run_yaml,
        lists::one,
        lists::csv,
        lists::upload,
        lists::edit,
        shelf::versions,
        shelf::version,
        shelf::version_json,
        shelf::version_yaml,
        shelf::difference,
        shelf::draft,
        shelf::adopt,
        shelf::discard,
        shelf::restore,
        shelf::retire,
        shelf::bring_back,
        exception_list::list,
        exception_list::csv,
        exception_list::parquet,
        exception_list::of_run_parquet,
        ledger::list,
        search::search,
        ledger::rows_csv,
        ledger::rows_parquet,
        ledger::of_run_parquet,
        figures::sales,
        figures::basis,
        figures::choices,
        figures::quality,
        figures::pairs,
        figures::unknowns,
    ),
    components(schemas(ProblemDocument, events::Progress, Choice, Receipt, figures::Against, FindingOrder, ExceptionOrder, Standing, TrendBy, TrendStep, SalesBy)),
    modifiers(&Parameters, &Problems)
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

/// The names that a request of `method` at `path`, as the router has it, may have in its query; nothing where the document
/// does not tell of such a request.
pub fn asked_of(path: &str, method: &Method) -> Option<Vec<&'static str>> {
    let item = DOCUMENT.paths.paths.get(path)?;
    let operation = match *method {
        Method::GET | Method::HEAD => &item.get,
        Method::POST => &item.post,
        Method::PUT => &item.put,
        Method::PATCH => &item.patch,
        Method::DELETE => &item.delete,
        _ => &None,
    };
    let parameters = operation.as_ref()?.parameters.iter().flatten();
    let names = parameters.filter_map(|it| match it {
        RefOr::T(it) if it.parameter_in == ParameterIn::Query => Some(it.name.as_str()),
        _ => None,
    });
    Some(names.collect())
}

/// Says what derived parameters cannot: that some hold JSON, that a file may come in a form with all of them, and that
/// a request may bear a key.
struct Parameters;

impl Modify for Parameters {
    fn modify(&self, openapi: &mut openapi::OpenApi) {
        for item in openapi.paths.paths.values_mut() {
            item.post.iter_mut().for_each(as_form);
            item.post.iter_mut().for_each(may_bear_a_key);
            operations(item).for_each(as_json);
        }
    }
}

/// Every POST may bear a key. See `once`.
fn may_bear_a_key(operation: &mut Operation) {
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Names this request: sent again under the same key within 24 hours, it is answered as it was and not \
             done again. 1 to 255 letters, digits and signs, such as a UUID.",
        ))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some(r"^[!#-\[\]-~]{1,255}$")),
        ));
    let parameters = operation.parameters.get_or_insert_default();
    parameters.push(RefOr::T(key.build()));
    let responses = &mut operation.responses.responses;
    for (status, what) in [
        ("409", "A request with this key is still being done"),
        ("422", "Another request bore this key"),
    ] {
        let response = ResponseBuilder::new().description(what).build();
        let stated = responses.entry(status.to_owned());
        stated.or_insert(RefOr::T(response));
    }
}

fn as_form(operation: &mut Operation) {
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    let Some(RefOr::T(form)) = body.content.get_mut("multipart/form-data") else {
        return;
    };
    let mut fields = ObjectBuilder::new();
    for parameter in operation.parameters.iter().flatten() {
        if let RefOr::T(it) = parameter
            && let Some(schema) = &it.schema
        {
            fields = fields.property(&it.name, schema.clone());
        }
    }
    let fields = fields.property("file", File::schema()).required("file");
    form.schema = Some(RefOr::T(Schema::Object(fields.build())));
    // No body is a file without bytes.
    body.required = Some(Required::False);
}

fn as_json(operation: &mut Operation) {
    let json = [Choice::name(), Receipt::name()].map(|it| Ref::from_schema_name(it).ref_location);
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(it) = parameter
            && matches!(&it.schema, Some(RefOr::Ref(to)) if json.contains(&to.ref_location))
        {
            let content = Content::new(it.schema.take());
            let kind = "application/json".to_owned();
            it.content.insert(kind, RefOr::T(content));
        }
    }
}

/// Adds to every operation what may go wrong with any of its kind, and says that each error is a problem document.
struct Problems;

impl Modify for Problems {
    fn modify(&self, openapi: &mut openapi::OpenApi) {
        for item in openapi.paths.paths.values_mut() {
            item.get.iter_mut().for_each(|it| may_fail(it, false));
            let PathItem {
                post,
                put,
                patch,
                delete,
                ..
            } = item;
            let changing = [post, put, patch, delete].into_iter().flatten();
            changing.for_each(|it| may_fail(it, true));
        }
    }
}

fn may_fail(operation: &mut Operation, changes: bool) {
    let is_in = |place| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|it| matches!(it, RefOr::T(it) if it.parameter_in == place))
    };
    let common = [
        (true, "400", "The request makes no sense as it is"),
        (changes, "403", "A page of another site sent this request"),
        (
            is_in(ParameterIn::Path),
            "404",
            "There is no such thing in this workspace",
        ),
        (
            true,
            "500",
            "Something went wrong on the server, which logged it",
        ),
        (true, "503", "The database does not answer now; try again"),
    ];
    let responses = &mut operation.responses.responses;
    for (_, status, what) in common.into_iter().filter(|it| it.0) {
        let response = ResponseBuilder::new().description(what).build();
        let stated = responses.entry(status.to_owned());
        stated.or_insert(RefOr::T(response));
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let content = Content::new(Some(Ref::from_schema_name("Problem")));
            let kind = "application/problem+json".to_owned();
            response.content.insert(kind, RefOr::T(content));
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem {
        get,
        post,
        put,
        patch,
        delete,
        ..
    } = item;
    [get, post, put, patch, delete].into_iter().flatten()
}
