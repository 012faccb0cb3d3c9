//! The browser's programs, the style sheet and the icon.

use crate::{problem::Problem, state::AppState};
use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};

pub async fn asset(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let answer = state.server.assets.answer(uri.path(), &headers);
    answer.ok_or_else(|| Problem::not_found("file"))
}
