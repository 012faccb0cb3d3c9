//! For whoever watches the server.

use crate::{problem::Problem, state::AppState};
use axum::{extract::State, http::StatusCode};

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// The database answers and takes a write.
pub async fn ready(State(state): State<AppState>) -> Result<&'static str, Problem> {
    state.server.store.ready().await.map_err(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "the store is not ready"
        );
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not-ready",
            "The store does not take anything now",
            "Nothing is lost. Look at the disk's free space and at the server's log.",
        )
    })?;
    Ok("ready\n")
}
