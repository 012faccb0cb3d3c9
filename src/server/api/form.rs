//! `POST /check`: the plain form of the page Check, for browsers without scripts.

use super::upload::{Form, Said, accept, page_of};
use crate::{backend::Pages, problem::Problem};
use axum::{extract::Request, response::Redirect};

/// Sends the browser on to the page of the file's run, whether begun now or earlier.
pub async fn submit(pages: Pages, request: Request) -> Result<Redirect, Problem> {
    let (run, _) = accept(&pages, Said::default(), request, Form::Page).await?;
    Ok(Redirect::to(&page_of(&run)))
}
