//! Every route of the server, on one page.

use crate::{
    api::{
        audit, contracts, download, events, exception_list, exceptions, figures, file, form,
        health, known, ledger, lineage, lists, openapi, proof, rows, runs, search, shelf, upload,
        uploads, withdrawals,
    },
    failure, once, pages, request,
    state::AppState,
};
use app::App;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    response::Redirect,
    routing::{any, get, post},
};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use std::sync::LazyLock;

/// The pages' own routes, in the main workspace and in others. Whatever page is made while Leptos looks for them waits for
/// ever for its data, in any router of the process: so they are looked for once, before the first page.
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| {
    let mut pages = generate_route_list(App);
    let of_workspaces = pages.iter().map(|it| {
        let path = format!("/w/{{workspace}}{}", it.path().trim_end_matches('/'));
        AxumRouteListing::new(path, it.mode().clone(), it.methods(), Vec::new())
    });
    pages.extend(of_workspaces.collect::<Vec<_>>());
    pages
});

pub fn router(state: AppState) -> Router {
    let piecemeal = Router::new()
        .route(
            "/api/v1/uploads",
            get(uploads::list)
                .post(uploads::announce)
                .options(uploads::abilities),
        )
        .route(
            "/api/v1/uploads/{id}",
            get(uploads::one)
                .head(uploads::stand)
                .patch(uploads::append)
                .delete(uploads::cancel)
                .options(uploads::abilities),
        )
        .layer(middleware::map_response(uploads::with_version));
    // An upload has a limit of its own, counted while it streams.
    let uploads = Router::new()
        .merge(piecemeal)
        .route("/api/v1/runs", post(upload::submit))
        .route("/check", post(form::submit))
        .layer(DefaultBodyLimit::disable());
    let drafts = Router::new()
        .route("/api/v1/contracts/drafts", post(shelf::draft))
        .route(
            "/controls/contracts/{name}/{act}",
            post(shelf::form::submit),
        )
        .route(
            "/api/v1/contracts/{name}/lists/{list}/entries.csv",
            get(lists::csv).post(lists::upload),
        )
        .route("/lists/file", post(lists::upload_form))
        .layer(DefaultBodyLimit::max(shelf::LARGEST));

    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/api/v1/openapi.json", get(openapi::document))
        .route("/api/v1/runs", get(runs::list))
        .route("/api/v1/runs/{id}", get(runs::one))
        .route("/api/v1/runs/{id}/findings", get(runs::findings))
        .route("/api/v1/runs/{id}/withdrawal", post(withdrawals::withdraw))
        .route("/api/v1/runs/{id}/again", post(upload::again))
        .route("/api/v1/runs/{id}/release", post(withdrawals::release))
        .route("/api/v1/runs/{id}/difference", get(withdrawals::differing))
        .route("/api/v1/runs/{id}/events", get(events::follow))
        .route(
            "/api/v1/runs/{id}/exceptions.csv",
            get(rows::exceptions_csv),
        )
        .route(
            "/api/v1/runs/{id}/exceptions.xlsx",
            get(rows::exceptions_workbook),
        )
        .route("/api/v1/runs/{id}/accepted.csv", get(rows::accepted_csv))
        .route(
            "/api/v1/runs/{id}/accepted.xlsx",
            get(rows::accepted_workbook),
        )
        .route(
            "/api/v1/runs/{id}/summary.json",
            get(download::summary_json),
        )
        .route("/api/v1/runs/{id}/summary.csv", get(download::summary_csv))
        .route("/api/v1/runs/{id}/file", get(download::raw_file))
        .route(
            "/api/v1/runs/{id}/contract.json",
            get(contracts::of_run_json),
        )
        .route(
            "/api/v1/runs/{id}/contract.yaml",
            get(contracts::of_run_yaml),
        )
        .route("/api/v1/runs/{id}/replay-check", post(proof::replay_check))
        .route("/api/v1/runs/{id}/evidence.zip", get(proof::evidence_zip))
        .route("/api/v1/runs/{id}/lineage", get(lineage::of_run))
        .route(
            "/api/v1/runs/{id}/rows/{record}/lineage",
            get(lineage::of_row),
        )
        .route(
            "/api/v1/runs/{id}/openlineage.json",
            get(lineage::openlineage),
        )
        .route("/api/v1/audit/coverage", get(audit::coverage))
        .route("/api/v1/audit/entries", get(audit::entries))
        .route("/api/v1/audit/entries/{sequence}", get(audit::entry))
        .route(
            "/api/v1/runs/{id}/exceptions/{record}",
            get(exceptions::one),
        )
        .route(
            "/api/v1/runs/{id}/exceptions/{record}/corrections",
            post(exceptions::correct),
        )
        .route(
            "/api/v1/runs/{id}/exceptions/{record}/waivers",
            post(exceptions::waive),
        )
        .route(
            "/api/v1/runs/{id}/exceptions/{record}/rejections",
            post(exceptions::reject),
        )
        .route(
            "/api/v1/runs/{id}/exceptions/{record}/assignment",
            post(exceptions::assign),
        )
        .route(
            "/api/v1/runs/{id}/exceptions/{record}/comments",
            post(exceptions::comment),
        )
        .route(
            "/api/v1/runs/{id}/exceptions/{record}/reopen",
            post(exceptions::reopen),
        )
        .route(
            "/api/v1/runs/{id}/exceptions/{record}/settlement",
            post(exceptions::settle),
        )
        .route(
            "/api/v1/runs/{id}/exceptions/{record}/replay",
            post(exceptions::replay),
        )
        .route("/api/v1/exceptions/bulk", post(exceptions::bulk))
        .route(
            "/api/v1/exceptions/corrections",
            post(exceptions::correct_each),
        )
        .route("/api/v1/exceptions/preview", post(exceptions::preview))
        .route("/api/v1/exceptions/overview", get(exception_list::overview))
        .route("/api/v1/evidence.zip", get(proof::evidence_of_period))
        .route("/api/v1/audit/export", get(audit::export))
        .route(
            "/api/v1/runs/{id}/accepted.parquet",
            get(ledger::of_run_parquet),
        )
        .route(
            "/api/v1/runs/{id}/exceptions.parquet",
            get(exception_list::of_run_parquet),
        )
        .route("/api/v1/search", get(search::search))
        .route("/api/v1/rows", get(ledger::list))
        .route("/api/v1/rows.csv", get(ledger::rows_csv))
        .route("/api/v1/rows.parquet", get(ledger::rows_parquet))
        .route("/api/v1/exceptions", get(exception_list::list))
        .route("/api/v1/exceptions.csv", get(exception_list::csv))
        .route("/api/v1/exceptions.parquet", get(exception_list::parquet))
        .route("/api/v1/sales", get(figures::sales))
        .route("/api/v1/sales/basis", get(figures::basis))
        .route("/api/v1/sales/choices", get(figures::choices))
        .route("/api/v1/quality", get(figures::quality))
        .route("/api/v1/quality/pairs", get(figures::pairs))
        .route("/api/v1/quality/unknowns", get(figures::unknowns))
        .route("/api/v1/controls", get(contracts::catalogue))
        .route("/api/v1/contracts", get(contracts::list))
        .route("/api/v1/contracts/{name}/lists/{list}", get(lists::one))
        .route(
            "/api/v1/contracts/{name}/lists/{list}/edits",
            post(lists::edit),
        )
        .route("/lists", post(lists::edit_form))
        .route("/api/v1/contracts/{name}/versions", get(shelf::versions))
        .route(
            "/api/v1/contracts/{name}/versions/{number}",
            get(shelf::version),
        )
        .route(
            "/api/v1/contracts/{name}/versions/{number}/contract.json",
            get(shelf::version_json),
        )
        .route(
            "/api/v1/contracts/{name}/versions/{number}/contract.yaml",
            get(shelf::version_yaml),
        )
        .route(
            "/api/v1/contracts/{name}/versions/{number}/difference",
            get(shelf::difference),
        )
        .route(
            "/api/v1/contracts/{name}/versions/{number}/adoption",
            post(shelf::adopt),
        )
        .route(
            "/api/v1/contracts/{name}/versions/{number}/discard",
            post(shelf::discard),
        )
        .route(
            "/api/v1/contracts/{name}/versions/{number}/restoration",
            post(shelf::restore),
        )
        .route(
            "/api/v1/contracts/{name}/versions/{number}/retirement",
            post(shelf::retire),
        )
        .route(
            "/api/v1/contracts/{name}/versions/{number}/return",
            post(shelf::bring_back),
        )
        .route("/api/v1/digests/{digest}", get(runs::by_digest))
        .route("/api/{*rest}", any(pages::no_such_address))
        .route("/exceptions", post(exceptions::form::submit))
        .route("/runs/{id}/withdrawal", post(withdrawals::withdraw_form))
        .route("/runs/{id}/release", post(withdrawals::release_form))
        .route("/runs/{id}/replay", post(proof::replay_form))
        .route("/check", get(|| async { Redirect::to("/") }))
        .route("/display", post(pages::choose_display))
        .route("/style.css", get(file::asset))
        .route("/favicon.svg", get(file::asset))
        .route("/pkg/{*name}", get(file::asset))
        .merge(uploads)
        .merge(drafts)
        .leptos_routes_with_context(
            &state,
            PAGES.clone(),
            pages::context(state.clone()),
            pages::shell(state.clone()),
        )
        .fallback(pages::missing)
        .method_not_allowed_fallback(pages::no_such_method)
        .layer(middleware::from_fn(known::refuse_unknown))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            pages::of_a_workspace,
        ))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            pages::lead_back,
        ))
        .layer(middleware::from_fn(request::catch))
        .layer(middleware::from_fn_with_state(state.clone(), once::once))
        .layer(middleware::from_fn(request::refuse_other_sites))
        .layer(middleware::from_fn_with_state(state.clone(), failure::note))
        .layer(middleware::from_fn(request::answer))
        .with_state(state)
}
