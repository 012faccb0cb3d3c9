//! By what a repeated request is known: method, address, kind of content and content.

use axum::{
    extract::Request,
    http::{HeaderMap, header::CONTENT_TYPE},
};
use memchr::memmem;

/// Grows with the content. A form's boundary is drawn anew each time it is sent, and does not count.
pub(super) struct RequestDigest {
    hasher: blake3::Hasher,
    boundary: Option<Vec<u8>>,
    /// The end of a form so far, which may be the beginning of a boundary.
    held: Vec<u8>,
}

/// What ends a form behind its last boundary. A reader may stop in front of it.
const END: &[u8] = b"--\r\n";

impl RequestDigest {
    pub(super) fn of(request: &Request) -> Self {
        let uri = request.uri();
        let address = uri.path_and_query().map_or(uri.path(), |it| it.as_str());
        let (kind, boundary) = content_type(request.headers());
        let mut hasher = blake3::Hasher::new();
        for part in [request.method().as_str(), address, &kind] {
            hasher.update(part.as_bytes());
            hasher.update(b"\n");
        }
        Self {
            hasher,
            boundary: boundary.map(String::into_bytes),
            held: Vec::new(),
        }
    }

    pub(super) fn update(&mut self, chunk: &[u8]) {
        let Some(boundary) = &self.boundary else {
            self.hasher.update(chunk);
            return;
        };
        self.held.extend_from_slice(chunk);
        let mut from = 0;
        while let Some(at) = memmem::find(&self.held[from..], boundary) {
            self.hasher.update(&self.held[from..from + at]);
            self.hasher.update(b"\0boundary\0");
            from += at + boundary.len();
        }
        let hold = END.len().max(boundary.len() - 1);
        let until = self.held.len().saturating_sub(hold).max(from);
        self.hasher.update(&self.held[from..until]);
        self.held.drain(..until);
    }

    /// In hexadecimal.
    pub(super) fn finish(&mut self) -> String {
        if !END.starts_with(&self.held) {
            self.hasher.update(&self.held);
        }
        self.held.clear();
        self.hasher.finalize().to_hex().to_string()
    }
}

/// The kind without its parameters, and a form's boundary.
fn content_type(headers: &HeaderMap) -> (String, Option<String>) {
    let text = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let mut parts = text.unwrap_or_default().split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let boundary = parts.find_map(|it| {
        let (name, value) = it.split_once('=')?;
        let value = value.trim_matches('"');
        (name.eq_ignore_ascii_case("boundary") && !value.is_empty()).then(|| value.to_owned())
    });
    let boundary = boundary.filter(|_| kind.starts_with("multipart/"));
    (kind, boundary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn digest(boundary: &str, pieces: &[&[u8]]) -> String {
        let kind = format!("multipart/form-data; boundary={boundary}");
        let request = Request::post("/api/v1/runs?again=true").header(CONTENT_TYPE, kind);
        let mut digest = RequestDigest::of(&request.body(Body::empty()).unwrap());
        pieces.iter().for_each(|it| digest.update(it));
        digest.finish()
    }

    #[test]
    fn a_form_is_the_same_under_another_boundary_and_in_other_pieces() {
        let form = |edge: &str, cell: &str| {
            format!("--{edge}\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n{cell}\r\n--{edge}--\r\n")
                .into_bytes()
        };
        let whole = digest("edge", &[&form("edge", "a-e")]);
        let other = form("another-edge-7", "a-e");
        let single: Vec<&[u8]> = other.chunks(1).collect();
        assert_eq!(whole, digest("another-edge-7", &single));
        // Read up to its last boundary alone.
        let short = &other[..other.len() - 4];
        assert_eq!(whole, digest("another-edge-7", &[short]));
        assert_ne!(whole, digest("edge", &[&form("edge", "a-e\n")]));
        assert_ne!(whole, digest("edge", &[&form("edge", "a")]));
    }
}
