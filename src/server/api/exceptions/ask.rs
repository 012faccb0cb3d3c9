//! What the handlers of exceptions take from a request.

use crate::problem::Problem;
use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use model::id::RunId;
use utoipa::IntoParams;

/// A record of a run, as the address names it.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct NamedException {
    /// The run's id.
    #[param(rename = "id")]
    pub run: RunId,
    /// The row's record in the run, from 1.
    pub record: u64,
}

impl<S: Send + Sync> FromRequestParts<S> for NamedException {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let named = Path::<(String, u64)>::from_request_parts(parts, state).await;
        let Path((run, record)) = named.map_err(|_| Problem::not_found("exception"))?;
        let run = RunId::try_from(run).map_err(|_| Problem::not_found("run"))?;
        if i64::try_from(record).is_err() {
            return Err(Problem::not_found("exception"));
        }
        Ok(Self { run, record })
    }
}
