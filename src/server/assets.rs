//! What browsers fetch besides pages: the programs that `cargo xtask` built, the style sheet and the icon. All of it is
//! read into memory at start. Most names carry no hash, so every answer has an ETag and is asked for again.

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
            VARY,
        },
    },
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Embedded, in the order in which they build on one another.
const STYLE: &str = concat!(
    include_str!("../../style/tokens.css"),
    include_str!("../../style/base.css"),
    include_str!("../../style/frame.css"),
    include_str!("../../style/parts.css"),
    include_str!("../../style/charts.css"),
    include_str!("../../style/pages.css"),
    include_str!("../../style/dashboard.css"),
    include_str!("../../style/sheet.css"),
    include_str!("../../style/stewards.css"),
    include_str!("../../style/work_sheet.css"),
    include_str!("../../style/book.css"),
    include_str!("../../style/shelf.css"),
    include_str!("../../style/lists.css"),
    include_str!("../../style/locale.css"),
    include_str!("../../style/flow.css"),
    include_str!("../../style/print.css"),
);
const ICON: &str = include_str!("../../public/favicon.svg");

/// By path as a browser asks for it.
#[derive(Debug, Default)]
pub struct Assets(BTreeMap<String, Asset>);

#[derive(Debug)]
struct Asset {
    media_type: &'static str,
    plain: Variant,
    /// From the `.br` file beside it.
    brotli: Option<Variant>,
}

#[derive(Debug)]
struct Variant {
    bytes: Bytes,
    etag: String,
}

impl Variant {
    fn new(bytes: Bytes) -> Self {
        let digest = blake3::hash(&bytes).to_hex();
        let etag = format!("\"{}\"", digest.chars().take(32).collect::<String>());
        Self { bytes, etag }
    }
}

impl Assets {
    /// Reads the folder of the programs; one that does not exist is an empty one.
    ///
    /// # Errors
    /// Where the folder or a file in it cannot be read.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        if folder.is_dir() {
            collect(folder, "/pkg", &mut files)?;
        }
        let mut assets = Self::default();
        for (path, file) in &files {
            let Some(media_type) = media_type(path) else {
                continue;
            };
            let brotli = match files.get(&format!("{path}.br")) {
                Some(file) => Some(Variant::new(fs::read(file)?.into())),
                None => None,
            };
            let plain = Variant::new(fs::read(file)?.into());
            assets.0.insert(
                path.clone(),
                Asset {
                    media_type,
                    plain,
                    brotli,
                },
            );
        }
        for (path, text) in [("/style.css", STYLE), ("/favicon.svg", ICON)] {
            let asset = Asset {
                media_type: media_type(path).unwrap_or("application/octet-stream"),
                plain: Variant::new(Bytes::from_static(text.as_bytes())),
                brotli: None,
            };
            assets.0.insert(path.to_owned(), asset);
        }
        Ok(assets)
    }

    /// Whether pages can start the browser program.
    pub fn has_programs(&self) -> bool {
        self.0.contains_key("/pkg/browser.js")
    }

    /// The file at a path, in the smallest form that the asking side takes; None where there is none.
    pub fn answer(&self, path: &str, asked: &HeaderMap) -> Option<Response> {
        let asset = self.0.get(path)?;
        let brotli = asset.brotli.as_ref().filter(|_| takes_brotli(asked));
        let variant = brotli.unwrap_or(&asset.plain);
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(etag) = HeaderValue::from_str(&variant.etag) {
            headers.insert(ETAG, etag);
        }
        if has_it_already(asked, &variant.etag) {
            return Some((StatusCode::NOT_MODIFIED, headers).into_response());
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
        if brotli.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        Some((headers, Body::from(variant.bytes.clone())).into_response())
    }
}

fn collect(folder: &Path, prefix: &str, into: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = format!("{prefix}/{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, into)?;
        } else {
            into.insert(path, entry.path());
        }
    }
    Ok(())
}

/// None for what browsers do not ask for by this name, such as the `.br` files.
fn media_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        _ => return None,
    })
}

fn takes_brotli(asked: &HeaderMap) -> bool {
    let values = asked.get_all(ACCEPT_ENCODING).iter();
    values
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','))
        .any(|it| {
            let mut parts = it.split(';').map(str::trim);
            let named = parts.next() == Some("br");
            named && !parts.any(|it| matches!(it, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
}

fn has_it_already(asked: &HeaderMap, etag: &str) -> bool {
    let values = asked.get_all(IF_NONE_MATCH).iter();
    values
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','))
        .map(|it| it.trim().trim_start_matches("W/"))
        .any(|it| it == etag || it == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: axum::http::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    fn folder() -> Assets {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("browser.js"), "plain").unwrap();
        fs::write(folder.path().join("browser.js.br"), "small").unwrap();
        fs::write(folder.path().join("index.html"), "not served").unwrap();
        Assets::read(folder.path()).unwrap()
    }

    #[test]
    fn brotli_goes_to_those_who_take_it() {
        let assets = folder();
        for (encodings, expected) in [
            ("gzip, br", Some("br")),
            ("br;q=1.0", Some("br")),
            ("gzip", None),
            ("br;q=0", None),
        ] {
            let answer = assets
                .answer("/pkg/browser.js", &asked(ACCEPT_ENCODING, encodings))
                .unwrap();
            let encoding = answer.headers().get(CONTENT_ENCODING);
            assert_eq!(encoding.map(|it| it.to_str().unwrap()), expected);
        }
    }

    #[test]
    fn the_same_bytes_are_not_sent_twice() {
        let assets = folder();
        let first = assets.answer("/style.css", &HeaderMap::new()).unwrap();
        let etag = first.headers()[ETAG].to_str().unwrap().to_owned();
        let second = assets
            .answer("/style.css", &asked(IF_NONE_MATCH, &format!("W/{etag}")))
            .unwrap();
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(first.headers()[CACHE_CONTROL], "no-cache");
    }

    #[test]
    fn only_known_kinds_of_file_are_served() {
        let assets = folder();
        for path in [
            "/pkg/index.html",
            "/pkg/browser.js.br",
            "/pkg/../Cargo.toml",
        ] {
            assert!(assets.answer(path, &HeaderMap::new()).is_none(), "{path}");
        }
        assert!(assets.has_programs());
        assert!(
            !Assets::read(Path::new("no such folder"))
                .unwrap()
                .has_programs()
        );
    }
}
