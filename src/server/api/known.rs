//! Refuses a parameter that the API's document does not name: a filter that is misspelt would answer with everything.

use super::openapi;
use crate::problem::Problem;
use axum::{
    extract::{MatchedPath, Query, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};

pub async fn refuse_unknown(request: Request, next: Next) -> Response {
    match unknown(&request) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}

fn unknown(request: &Request) -> Option<Problem> {
    let path = request.extensions().get::<MatchedPath>()?;
    let known = openapi::asked_of(path.as_str(), request.method())?;
    // What cannot be read is told of by whoever reads it.
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()).ok()?;
    let (name, _) = pairs
        .into_iter()
        .find(|(name, _)| !known.contains(&name.as_str()))?;
    let may = if known.is_empty() {
        "It takes no parameters.".to_owned()
    } else {
        format!("It takes {}.", known.join(", "))
    };
    Some(Problem::invalid(format!(
        "This address has no parameter `{name}`. {may}"
    )))
}
