//! What the server rendered stands in the page when the browser's program takes that over. The data that come with the page
//! for the program name its fragments, so that no page comes twice.

use crate::{json::Json, queries::QueryError};
use codee::{Decoder, Encoder};

/// An answer with fragments of HTML in it.
pub(crate) trait Shows {
    fn fragments(&mut self) -> Vec<&mut String>;
}

impl Shows for String {
    fn fragments(&mut self) -> Vec<&mut String> {
        vec![self]
    }
}

impl<T: Shows> Shows for Result<T, QueryError> {
    fn fragments(&mut self) -> Vec<&mut String> {
        self.as_mut().map(T::fragments).unwrap_or_default()
    }
}

/// JSON in which each fragment is the id of the element that holds it.
pub(crate) struct InPage;

impl<T: Shows + Clone> Encoder<T> for InPage
where
    Json: Encoder<T>,
{
    type Error = <Json as Encoder<T>>::Error;
    type Encoded = <Json as Encoder<T>>::Encoded;

    fn encode(answer: &T) -> Result<Self::Encoded, Self::Error> {
        let mut answer = answer.clone();
        for html in answer.fragments() {
            *html = name(html);
        }
        Json::encode(&answer)
    }
}

impl<T: Shows> Decoder<T> for InPage
where
    Json: Decoder<T>,
{
    type Error = <Json as Decoder<T>>::Error;
    type Encoded = <Json as Decoder<T>>::Encoded;

    fn decode(text: &Self::Encoded) -> Result<T, Self::Error> {
        #[cfg_attr(
            not(target_arch = "wasm32"),
            expect(unused_mut, reason = "the page is in the browser")
        )]
        let mut answer = Json::decode(text)?;
        #[cfg(target_arch = "wasm32")]
        for html in answer.fragments() {
            let element = leptos::prelude::document().get_element_by_id(html);
            *html = element.map(|it| it.inner_html()).unwrap_or_default();
        }
        Ok(answer)
    }
}

/// The id of the element that holds this HTML, in a page that the server renders.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn name(html: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};

    let mut hasher = DefaultHasher::new();
    html.hash(&mut hasher);
    format!("f{:016x}", hasher.finish())
}

/// Nothing is rendered for another browser here.
#[cfg(target_arch = "wasm32")]
fn name(_html: &str) -> String {
    String::new()
}
